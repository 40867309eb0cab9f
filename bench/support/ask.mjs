// `node ask.mjs <asker> <port> <qos> <in flight> <milliseconds>`: asks for so long, after a warm-up as long;
// prints answers a second and their median time in milliseconds.
import { askers } from "./askers.mjs";
import { median } from "./measure.mjs";

const [, , name, port, qos, inFlight, milliseconds] = process.argv;
const asker = await askers[name](Number(port), qos === "default" ? undefined : Number(qos));

async function askFor(duration) {
  const times = [];
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: Number(inFlight) }, async () => {
      for (let at = performance.now(); at < begin + duration;) {
        await asker.ask();
        const now = performance.now();
        times.push(now - at);
        at = now;
      }
    }),
  );
  return { perSecond: (times.length / (performance.now() - begin)) * 1000, milliseconds: median(times) };
}

await askFor(Number(milliseconds));
console.log(JSON.stringify(await askFor(Number(milliseconds))));
await asker.end();
process.exit(0);
