// `node time-out-endpoints.mjs <how many>`: calls of that many endpoints time out together, over the in-memory broker. Prints
// the seconds from the moment when all are due until all have failed.
import { connect, memoryBroker } from "kaa-device-client";

const count = Number(process.argv[2]);
const timeoutMs = 4_000;
const client = await connect(memoryBroker().transport(), { appVersion: "demo-v1", timeoutMs });
const endpoints = Array.from({ length: count }, (_, index) => client.endpoint(`token${index}`));
let failed = 0;
const calls = endpoints.map(async (endpoint) => {
  try {
    await endpoint.dcx.json({});
  } catch {
    failed += 1;
  }
});
const startedAt = performance.now();
// Lets all be sent, then blocks the event loop until all are due.
await new Promise((resolve) => setTimeout(resolve, 1_000));
while (performance.now() < startedAt + timeoutMs + 100);
const dueAt = performance.now();
await Promise.all(calls);
console.log(JSON.stringify({ seconds: (performance.now() - dueAt) / 1_000, failed }));
process.exit(failed === count ? 0 : 1);
