// `node ask.mjs <asker> <port> <qos> <in flight> <milliseconds>`: asks for so long; prints answers a second and their median time.
import { askers } from "./askers.mjs";
import { median } from "./measure.mjs";

const [, , name, port, qos, inFlight, milliseconds] = process.argv;
const asker = await askers[name](Number(port), qos === "default" ? undefined : Number(qos));
// Warm: subscribed, and compiled.
for (let until = performance.now() + Number(milliseconds) / 4; performance.now() < until; ) await asker.ask();

const times = [];
const begin = performance.now();
const end = begin + Number(milliseconds);
await Promise.all(
  Array.from({ length: Number(inFlight) }, async () => {
    for (let at = performance.now(); at < end; ) {
      await asker.ask();
      const now = performance.now();
      times.push(now - at);
      at = now;
    }
  }),
);
const seconds = (performance.now() - begin) / 1000;
console.log(JSON.stringify({ perSecond: times.length / seconds, median: median(times) }));
await asker.end();
process.exit(0);
