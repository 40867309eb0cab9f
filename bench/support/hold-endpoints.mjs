// `node --expose-gc hold-endpoints.mjs <who> <port> <how many>`: has every endpoint ask once; prints the heap that each then keeps.
import mqtt from "mqtt";
import { connect } from "kaa-device-client";

const [, , name, port, count] = process.argv;
const url = `mqtt://127.0.0.1:${port}`;
const tokens = Array.from({ length: Number(count) }, (_, index) => `token${index}`);

function heap() {
  for (let time = 0; time < 4; time++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

async function bare() {
  const client = await mqtt.connectAsync(url, { protocolVersion: 4 });
  const waiting = new Map();
  client.on("message", (topic, payload) => {
    waiting.get(topic)?.(JSON.parse(payload.toString()));
    waiting.delete(topic);
  });
  return {
    async ask(token) {
      const base = `kp1/demo-v1/epmx/${token}/get`;
      await client.subscribeAsync([`${base}/+/status`, `${base}/+/error`], { qos: 1 });
      await new Promise((resolve) => {
        waiting.set(`${base}/1/status`, resolve);
        client.publish(`${base}/1`, '{"keys":["name"]}', { qos: 0 });
      });
      return token;
    },
  };
}

async function generated(subscribe) {
  const kaa = await connect(url, { appVersion: "demo-v1", subscribe, timeoutMs: 60_000 });
  return {
    async ask(token) {
      const endpoint = kaa.endpoint(token);
      await endpoint.epmx.get({ keys: ["name"] });
      return endpoint;
    },
  };
}

const asker = name.startsWith("bare")
  ? await bare()
  : await generated(name.includes("all-endpoints") ? "all-endpoints" : "auto");
await asker.ask("first");
const before = heap();
const begin = performance.now();
const kept = await Promise.all(tokens.map((token) => asker.ask(token)));
const seconds = (performance.now() - begin) / 1000;
// What was asked for and is over has left the event loop, too.
await new Promise((resolve) => setTimeout(resolve, 200));
console.log(JSON.stringify({ bytes: (heap() - before) / kept.length, seconds }));
process.exit(0);
