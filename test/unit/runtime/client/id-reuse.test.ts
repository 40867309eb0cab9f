/** The reuse of request ids after their requests have ended. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  connectTo,
  defineProtocol,
  memoryBroker,
} from "../../../../src/runtime/index.js";
import { inMemoryDevice, outcome, tick } from "../in-memory-device.js";
import { climate, protocol, type Unit } from "../greenhouse-api.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const idOf = (published: { topic: string } | undefined): number => Number(published?.topic.split("/").at(-1));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("request ids", () => {
  test("are not shared by requests in flight, and are granted first in, first out", async () => {
    const { unit, published, publish, client } = await inMemoryDevice();
    const calls = Array.from({ length: 5 }, (_, index) => outcome(unit.set({ index })));
    await tick();
    expect(published).toHaveLength(3);
    expect(new Set(published.map(idOf)).size).toBe(3);
    expect(client.stats()).toMatchObject({ inFlight: 3, queued: 2 });
    await publish(`${published[1]?.topic}/ok`);
    expect(published[3]).toMatchObject({ text: '{"index":3}', topic: published[1]?.topic });
    await publish(`${published[0]?.topic}/ok`);
    expect(published[4]).toMatchObject({ text: '{"index":4}', topic: published[0]?.topic });
    for (const { topic } of published.slice(2)) await publish(`${topic}/ok`);
    expect(calls.every(({ state }) => state === "resolved")).toBe(true);
  });

  test("that are exhausted in one scope do not delay another scope", async () => {
    const { client, unit, published } = await inMemoryDevice();
    for (let count = 0; count < 5; count += 1) void outcome(unit.read());
    void outcome(client.endpoint({ unit: "other" }).climate.read());
    await tick();
    expect(published.filter(({ topic }) => topic.includes("/other/"))).toHaveLength(1);
  });

  test("fail the call with queue-full if maxQueued calls are waiting", async () => {
    const { unit, client } = await inMemoryDevice({ maxQueued: 2 });
    const calls = Array.from({ length: 6 }, () => outcome(unit.read()));
    await tick();
    expect(calls.map(({ error }) => error && (error as { code?: string }).code)).toEqual([
      ...Array.from({ length: 5 }, () => undefined),
      "queue-full",
    ]);
    expect(client.stats()).toMatchObject({ inFlight: 3, queued: 2 });
  });

  test("are quarantined after a timeout if the call was sent, and unused if it was queued", async () => {
    const { unit, published, client } = await inMemoryDevice({ idQuarantineMs: 3_000 });
    const calls = Array.from({ length: 4 }, () => outcome(unit.set({}, { timeoutMs: 1_000 })));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls.every(({ state }) => state === "rejected")).toBe(true);
    expect(calls[3]?.error).toMatchObject({ message: expect.stringContaining("all request ids are in use") });
    expect(client.stats()).toMatchObject({ inFlight: 0, queued: 0, quarantined: 3 });
    const next = outcome(unit.read({ timeoutMs: 60_000 }));
    await vi.advanceTimersByTimeAsync(2_999);
    expect(published).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(published).toHaveLength(4);
    expect(next.state).toBe("pending");
  });

  test("are quarantined for the call's timeout, at least five seconds", async () => {
    for (const [timeoutMs, idQuarantineMs] of [
      [100, 5_000],
      [20_000, 20_000],
    ] as const) {
      const { unit, client } = await inMemoryDevice();
      void outcome(unit.read({ timeoutMs }));
      await vi.advanceTimersByTimeAsync(timeoutMs + idQuarantineMs - 1);
      expect(client.stats().quarantined).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(client.stats().quarantined).toBe(0);
    }
  });
});

describe("if all three ids are in use and another call waits", () => {
  async function saturated(options: ClientOptions = {}) {
    const world = await inMemoryDevice(options);
    const calls = [1, 2, 3].map(() => outcome(world.unit.read()));
    const next = outcome(world.unit.read({ timeoutMs: 60_000 }));
    await tick();
    expect(world.published).toHaveLength(3);
    return { ...world, calls, next, topic: `${world.published[0]!.topic}/ok` };
  }

  test("a call that was sent twice keeps its id until both responses have arrived", async () => {
    const { memory, published, calls, next, topic, publish, client } = await saturated();
    memory.drop();
    memory.restore();
    await tick();
    expect(published).toHaveLength(6);
    await publish(topic, { value: 1 });
    expect(calls[0]!.value).toEqual({ value: 1 });
    await after(5);
    await publish(topic, { value: 1 });
    expect(next.state).toBe("pending");
    expect(client.stats()).toMatchObject({ duplicate: 1, quarantined: 0 });
    await after(5);
    expect(published).toHaveLength(7);
  });

  test("a call that was sent twice keeps its id until its quarantine is over", async () => {
    const { memory, published, topic, publish } = await saturated({ idQuarantineMs: 1_000 });
    memory.drop();
    memory.restore();
    await tick();
    await publish(topic, { value: 1 });
    await after(999);
    expect(published).toHaveLength(6);
    await after(1);
    expect(published).toHaveLength(7);
  });

  test("a call that was sent twice and timed out keeps its id until both responses have arrived", async () => {
    const { memory, next, topic, publish } = await saturated({ timeoutMs: 100 });
    memory.drop();
    memory.restore();
    await after(100);
    await publish(topic, { value: 1 });
    await after(5);
    await publish(topic, { value: 1 });
    expect(next.state).toBe("pending");
  });

  test("a late response that arrives twice is not matched to the next call", async () => {
    const { next, topic, inject, client } = await saturated({ timeoutMs: 100 });
    await after(100);
    for (let time = 0; time < 2; time += 1) inject({ topic, payload: bytes('{"value":1}') });
    await tick();
    expect(next.state).toBe("pending");
    expect(client.stats()).toMatchObject({ late: 1, duplicate: 1, unmatched: 0 });
  });

  test("a retained message does not end the quarantine of an id", async () => {
    const { next, topic, inject, publish, client } = await saturated({ timeoutMs: 100 });
    await after(100);
    inject({ topic, payload: bytes('{"value":0}'), retain: true });
    await tick();
    await publish(topic, { value: 1 });
    expect(next.state).toBe("pending");
    expect(client.stats()).toMatchObject({ late: 1, quarantined: 2 });
  });
});

describe("a call without a timeout", () => {
  test("that is aborted has its id quarantined for a limited time", async () => {
    const { unit, client } = await inMemoryDevice();
    const abort = new AbortController();
    void outcome(unit.read({ timeoutMs: Infinity, signal: abort.signal }));
    await tick();
    abort.abort();
    await tick();
    expect(client.stats().quarantined).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.stats().quarantined).toBe(0);
  });
});

describe("10,000 calls at once through 99 ids", () => {
  test("get their own responses in any order, and are sent in the order of the calls", async () => {
    const ids = { ...protocol.requestId!, send: { minimum: 1, maximum: 99 } };
    const api = { protocol: defineProtocol({ ...protocol, requestId: ids }), extensions: [climate] };
    const broker = memoryBroker();
    const platform = broker.transport();
    const [waiting, order]: [(() => void)[], number[]] = [[], []];
    let inFlight = 0;
    await platform.subscribe(["gh/+/climate/+/picture/+"], 1);
    platform.onMessage(({ topic, payload }) => {
      order.push(Number(new TextDecoder().decode(payload)));
      inFlight = Math.max(inFlight, waiting.length + 1);
      waiting.push(() => {
        for (const _ of [1, 2]) void platform.publish(`${topic}/ok`, payload, { qos: 0 });
      });
    });
    const client = await connectTo<Unit, string>(api, broker.transport(), { site: "north" } as ClientOptions);
    const { picture } = client.endpoint("s3cret").climate;
    const calls = Array.from({ length: 10_000 }, async (_, index) =>
      picture(new TextEncoder().encode(String(index))),
    );
    const answers = outcome(Promise.all(calls));
    while (answers.state === "pending") {
      await tick();
      // Respond to half of the pending requests, the newest first.
      for (const respond of waiting.splice(waiting.length >> 1).toReversed()) respond();
    }
    expect(answers.value?.map((body) => new TextDecoder().decode(body))).toEqual(
      calls.map((_, index) => String(index)),
    );
    expect(inFlight).toBe(99);
    expect(order).toEqual(calls.map((_, index) => index));
    await tick();
    expect(client.stats()).toMatchObject({
      inFlight: 0,
      queued: 0,
      quarantined: 0,
      duplicate: 10_000,
      late: 0,
      unmatched: 0,
    });
  });
});
