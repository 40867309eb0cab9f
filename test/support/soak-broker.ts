/**
 * Sends many requests over a real connection that is cut now and then, and prints as JSON what remains of them. `runSoak` runs it in
 * a process of its own, because it needs `--expose-gc`: `node --expose-gc soak-broker.mjs <port> <requests>`.
 */
import { getEventListeners } from "node:events";
import { setTimeout } from "node:timers/promises";
import { type ClientOptions, connectTo } from "../../src/runtime/index.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";
import type { Measures, SoakReport } from "./soak.js";
import { endWith } from "./soak-report.js";

const [port, total] = process.argv.slice(2).map(Number) as [number, number];
const endpoints = 100;
const inFlight = 64;

const { signal } = new AbortController();
const client = await connectTo<Unit, string>(api, `mqtt://127.0.0.1:${port}`, {
  site: "north",
  timeoutMs: 2_000,
  idQuarantineMs: 100,
  subscriptionKeepMs: 200,
  backoff: { minMs: 5, maxMs: 20 },
} as ClientOptions);
const units = Array.from({ length: endpoints }, (_, index) => client.endpoint(`unit${index}`).climate);
const outcomes = { answered: 0, timeout: 0, other: 0 };
let [wrong, reconnects, asked] = [0, 0, 0];
client.on("disconnected", () => (reconnects += 1));

async function ask(index: number): Promise<void> {
  const unit = units[index % endpoints]!;
  try {
    // Every second request is not idempotent, so it is not sent again.
    if (index % 2 === 0) {
      const { value } = await unit.read({ signal });
      if (value !== index % endpoints) wrong += 1;
    } else {
      const answer = await unit.picture(Buffer.from(`call ${index}`), { signal, timeoutMs: 500 });
      if (Buffer.from(answer).toString() !== `call ${index}`) wrong += 1;
    }
    outcomes.answered += 1;
  } catch (error) {
    const timedOut = Reflect.get(Object(error), "code") === "timeout";
    outcomes[timedOut ? "timeout" : "other"] += 1;
  }
}

async function askMany(until: number): Promise<void> {
  const work = async (): Promise<void> => {
    while (asked < until) await ask((asked += 1));
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

function leftovers(): Measures["stats"] {
  const { inFlight: running, queued, quarantined, subscriptions } = client.stats();
  return { inFlight: running, queued, quarantined, subscriptions };
}

async function measure(): Promise<Measures> {
  // Quarantined ids and idle subscriptions go by themselves. If they stay, the report shows it.
  for (let polls = 0; polls < 500 && Object.values(leftovers()).some((count) => count > 0); polls += 1)
    await setTimeout(10);
  let heap = Infinity;
  for (let time = 0; time < 5; time += 1) {
    globalThis.gc?.();
    heap = Math.min(heap, process.memoryUsage().heapUsed);
    await setTimeout(50);
  }
  return {
    heap,
    timers: process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length,
    listeners: getEventListeners(signal, "abort").length,
    stats: leftovers(),
  };
}

// With fewer requests, memory of the JIT compiler would count as a leak.
await askMany(Math.max(total / 10, 5_000));
const before = await measure();
await askMany(total);
const report: SoakReport = { outcomes, wrong, reconnects, before, after: await measure() };
endWith(report);
