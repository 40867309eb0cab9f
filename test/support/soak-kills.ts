/**
 * Makes calls and sends over a real broker until it was killed a number of times, and prints as JSON how they ended and what remains of
 * them. `runSoak` runs it in a process of its own, because it needs `--expose-gc`: `node --expose-gc soak-kills.mjs <port> <kills>`.
 */
import { setTimeout } from "node:timers/promises";
import { type ClientOptions, connectTo } from "../../src/runtime/index.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";
import { endWith } from "./soak-report.js";

/** The output of the process. */
export interface KillsReport {
  /** How many calls and sends were begun, and how often one of them ended. */
  readonly begun: number;
  readonly settled: number;
  readonly wrong: number;
  /** Of calls, by `answered` or the code of the error. */
  readonly calls: Readonly<Record<string, number>>;
  /** The numbers of the sends that resolved, by QoS. */
  readonly delivered: Readonly<Record<1 | 2, readonly number[]>>;
  /** The codes of the sends that failed. */
  readonly failed: Readonly<Record<string, number>>;
  readonly before: { readonly heap: number; readonly stats: object };
  readonly after: { readonly heap: number; readonly stats: object };
}

const [port, kills] = process.argv.slice(2).map(Number) as [number, number];
const endpoints = 200;

const client = await connectTo<Unit, string>(api, `mqtt://127.0.0.1:${port}`, {
  site: "north",
  clientId: "soak",
  timeoutMs: 20_000,
  // The broker keeps responses while it restarts. A response that is later than the quarantine would be taken for the next call's.
  idQuarantineMs: 5_000,
  subscriptionKeepMs: 200,
  backoff: { minMs: 5, maxMs: 50 },
  mqttOptions: { clean: false },
} as ClientOptions);
const units = Array.from({ length: endpoints }, (_, index) => client.endpoint(`unit${index}`).climate);
let [begun, settled, wrong, losses] = [0, 0, 0, 0];
const calls: Record<string, number> = {};
const failed: Record<string, number> = {};
const delivered: Record<1 | 2, number[]> = { 1: [], 2: [] };
client.on("disconnected", () => (losses += 1));

const codeOf = (error: unknown): string => String(Reflect.get(Object(error), "code"));
function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

async function call(work: Promise<boolean>): Promise<void> {
  try {
    if (!(await work)) wrong += 1;
    count(calls, "answered");
  } catch (error) {
    count(calls, codeOf(error));
  }
}

async function operate(index: number): Promise<void> {
  const unit = units[index % endpoints]!;
  if (index % 4 === 0) return call(unit.read().then(({ value }) => value === index % endpoints));
  if (index % 4 === 1) {
    const text = `call ${index}`;
    // Not idempotent, so it is not sent again.
    const answer = unit.picture(Buffer.from(text), { timeoutMs: 500 });
    return call(answer.then((bytes) => Buffer.from(bytes).toString() === text));
  }
  const qos = index % 4 === 2 ? 1 : 2;
  try {
    await unit.log.send("roof", index, { qos });
    delivered[qos].push(index);
  } catch (error) {
    count(failed, codeOf(error));
  }
}

/** Keeps operations going until `isOver`. */
async function operateUntil(isOver: () => boolean): Promise<void> {
  const work = async (): Promise<void> => {
    while (!isOver()) {
      begun += 1;
      await operate(begun);
      settled += 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, work));
}

async function measure(): Promise<KillsReport["before"]> {
  const stats = (): object => {
    const { inFlight, queued, quarantined, subscriptions } = client.stats();
    return { inFlight, queued, quarantined, subscriptions };
  };
  // Quarantined ids and idle subscriptions go by themselves. If they stay, the report shows it.
  for (let polls = 0; polls < 1_000 && Object.values(stats()).some((left) => left > 0); polls += 1)
    await setTimeout(10);
  let heap = Infinity;
  for (let time = 0; time < 5; time += 1) {
    globalThis.gc?.();
    heap = Math.min(heap, process.memoryUsage().heapUsed);
    await setTimeout(50);
  }
  return { heap, stats: stats() };
}

// With fewer operations, memory of the JIT compiler would count as a leak.
await operateUntil(() => begun >= 10_000);
const before = await measure();
console.error("warm");
await operateUntil(() => losses >= kills);
const after = await measure();
const report: KillsReport = { begun, settled, wrong, calls, delivered, failed, before, after };
endWith(report);
