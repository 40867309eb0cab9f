/**
 * Sends many requests over the in-memory transport, and prints as JSON what remains of them. `runSoak` runs it in a process of its
 * own, because it needs `--expose-gc` and replaces the clock: `node --expose-gc --import tsx soak.ts 1000000`.
 */
import { getEventListeners } from "node:events";
import { type ClientOptions, connectTo, defineProtocol, memoryBroker } from "../../src/runtime/index.js";
import { climate, protocol, type Unit } from "../unit/runtime/greenhouse-api.js";
import { endWith } from "./soak-report.js";

/** Measurements, taken after the warm-up and at the end. */
export interface Measures {
  readonly heap: number;
  readonly timers: number;
  readonly listeners: number;
  readonly stats: Readonly<Record<string, number>>;
}

/** The output of the process. */
export interface SoakReport {
  readonly outcomes: { readonly answered: number; readonly timeout: number; readonly other: number };
  readonly wrong: number;
  readonly reconnects: number;
  readonly before: Measures;
  readonly after: Measures;
}

const endpoints = 100;
/** Concurrent requests. Each round loses the connection once, so that one loss comes to a hundred requests. */
const round = 100;

/** Replaces the timers by ones that fire when the clock is advanced. */
function fakeClock() {
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  const [began, immediately] = [Date.now(), setImmediate];
  let [now, count] = [began, 0];
  Date.now = () => now;
  performance.now = () => now - began;
  Object.assign(globalThis, {
    setTimeout(callback: () => void, ms = 0) {
      timers.set((count += 1), { at: now + ms, callback });
      return count;
    },
    clearTimeout: (id: number) => void timers.delete(id),
  });
  return {
    timers,
    /** Waits until everything has run that needs no time. */
    settle: async () => new Promise((resolve) => immediately(resolve)),
    advance(ms: number): void {
      now += ms;
      const due = Array.from(timers)
        .filter(([, { at }]) => at <= now)
        .toSorted(([, one], [, other]) => one.at - other.at);
      for (const [id, { callback }] of due) if (timers.delete(id)) callback();
    },
  };
}

const total = Number(process.argv[2] ?? 10_000);
const clock = fakeClock();
const broker = memoryBroker();
const transport = broker.transport();
const platform = broker.transport();
const { signal } = new AbortController();
const api = {
  protocol: defineProtocol({
    ...protocol,
    requestId: { ...protocol.requestId!, send: { minimum: 1, maximum: 99 } },
  }),
  extensions: [climate],
};
const client = await connectTo<Unit, string>(api, transport, {
  site: "north",
  timeoutMs: 1_000,
  subscribe: process.argv[3],
} as ClientOptions);
const units = Array.from({ length: endpoints }, (_, index) => client.endpoint(`unit${index}`).climate);

let [reconnects, wrong] = [0, 0];
const asked = new Map<string, boolean>();
const outcomes = { answered: 0, timeout: 0, other: 0 };
const encoder = new TextEncoder();

await platform.subscribe(["gh/+/climate/+/read/+"], 1);
platform.onMessage(({ topic }) => {
  // Every twentieth request gets no response, however often it is sent.
  if (!asked.has(topic)) asked.set(topic, asked.size % 20 !== 0);
  if (!asked.get(topic)) return;
  const value = Number(/unit(\d+)/.exec(topic)?.[1]);
  platform.publish(`${topic}/ok`, encoder.encode(`{"value":${value}}`), { qos: 0 }).catch(() => undefined);
});

async function ask(index: number): Promise<void> {
  try {
    const { value } = await units[index]!.read({ signal });
    outcomes.answered += 1;
    if (value !== index) wrong += 1;
  } catch (error) {
    const timedOut = Reflect.get(Object(error), "code") === "timeout";
    outcomes[timedOut ? "timeout" : "other"] += 1;
  }
}

async function askMany(requests: number): Promise<void> {
  for (let done = 0; done < requests; done += round) {
    const calls = Array.from({ length: round }, async (_, index) => ask((done + index) % endpoints));
    await clock.settle();
    transport.drop();
    transport.restore();
    reconnects += 1;
    await clock.settle();
    clock.advance(1_000);
    await Promise.all(calls);
    asked.clear();
  }
}

async function measure(): Promise<Measures> {
  // The quarantine of ids and the time to keep idle subscriptions pass.
  for (let step = 0; step < 3; step += 1) {
    clock.advance(30_000);
    await clock.settle();
  }
  // Memory of background compilation is released late.
  let heap = Infinity;
  for (let time = 0; time < 5; time += 1) {
    globalThis.gc?.();
    heap = Math.min(heap, process.memoryUsage().heapUsed);
    await clock.settle();
  }
  const { inFlight, queued, quarantined, subscriptions } = client.stats();
  return {
    heap,
    timers: clock.timers.size,
    listeners: getEventListeners(signal, "abort").length,
    stats: { inFlight, queued, quarantined, subscriptions },
  };
}

const warmUp = Math.max(total / 10, 10_000);
await askMany(warmUp);
const before = await measure();
await askMany(total - warmUp);
const report: SoakReport = { outcomes, wrong, reconnects, before, after: await measure() };
endWith(report);
