/** Observations of a client. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  connectTo,
  defineExtension,
  defineObservable,
  defineTopic,
  type IncomingMessage,
  type Observation,
  type Transport,
  memoryBroker,
} from "../../../../src/runtime/index.js";
import { base, inMemoryDevice, outcome, tick } from "../in-memory-device.js";
import { climate, protocol } from "../greenhouse-api.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Reads an observation to its end. */
function collect<T>(values: AsyncIterable<T>) {
  const seen: { values: T[]; ended: boolean; error?: unknown } = { values: [], ended: false };
  const take = async (): Promise<void> => {
    for await (const value of values) seen.values.push(value);
  };
  take().then(
    () => (seen.ended = true),
    (error: unknown) => Object.assign(seen, { ended: true, error }),
  );
  return seen;
}

describe("an observation", () => {
  test("sends `push.on` with an id, and yields the response and all later successes with or without the id", async () => {
    const { unit, published, subscribed, publish, respond } = await inMemoryDevice();
    const watching = unit.mode.observe("roof");
    const ready = outcome(watching.ready);
    const seen = collect(watching);
    await tick();
    expect(subscribed).toEqual([
      [`${base}/mode/roof/ok`, `${base}/mode/roof/+/ok`, `${base}/mode/roof/+/failed`],
    ]);
    expect(published).toMatchObject([
      { topic: expect.stringMatching(/\/mode\/roof\/[123]$/), text: '{"watch":true}', qos: 0 },
    ]);
    expect(ready.state).toBe("pending");
    await respond([{ id: 1 }]);
    expect(ready.state).toBe("resolved");
    await publish(`${base}/mode/roof/ok`, [{ id: 2 }]);
    await respond([]);
    expect(seen.values).toEqual([[{ id: 1 }], [{ id: 2 }], []]);
    await watching.return();
    await tick();
    expect(seen).toMatchObject({ ended: true });
    expect(seen.error).toBeUndefined();
  });

  test("does not yield empty responses, and reports invalid ones instead of yielding them", async () => {
    const { unit, publish, respond, events } = await inMemoryDevice();
    const seen = collect(unit.plan.observe({ variant: "winter" }));
    await tick();
    await respond("");
    await publish(`${base}/plan/winter/ok`, "null");
    await publish(`${base}/plan/winter/ok`, "{}");
    await publish(`${base}/plan/winter/ok`, [1]);
    await publish(`${base}/plan/winter/ok`, { version: "2" });
    await publish(`${base}/plan/ok`, { version: "for another variant" });
    expect(seen.values).toEqual([{ version: "2" }]);
    expect(events.map(([name]) => name)).toEqual(["invalid-response", "unmatched-response"].slice(0, 1));
  });

  test("only subscribes if the resource pushes without a request", async () => {
    const { unit, published, subscribed, publish } = await inMemoryDevice();
    const watching = unit.alarm.observe();
    const seen = collect(watching);
    await watching.ready;
    expect(subscribed).toEqual([[`${base}/alarm/ok`]]);
    expect(published).toEqual([]);
    await publish(`${base}/alarm/ok`, "fire");
    await publish(`${base}/alarm/ok`, "");
    expect(seen.values).toEqual(["fire", ""]);
  });

  test("keeps its id until the end, and then has it quarantined", async () => {
    const { unit, respond, client } = await inMemoryDevice();
    const watching = [unit.mode.observe("a"), unit.mode.observe("b"), unit.mode.observe("c")];
    await tick();
    for (const back of [1, 2, 3]) await respond([], { back });
    const reading = outcome(unit.read({ timeoutMs: 10_001 }));
    await tick();
    expect(client.stats()).toMatchObject({ inFlight: 0, queued: 1 });
    await watching[2]?.return();
    // A push with the id does not free it, because further ones may follow.
    await respond([]);
    expect(client.stats()).toMatchObject({ queued: 1, quarantined: 1, late: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.stats()).toMatchObject({ inFlight: 1, queued: 0, quarantined: 0 });
    expect(reading.state).toBe("pending");
  });

  test.each([
    ["drop-oldest", [[3], [4]]],
    ["drop-newest", [[1], [2]]],
  ] as const)("with %s keeps what fits its buffer", async (overflow, kept) => {
    const { unit, publish, respond } = await inMemoryDevice({ buffer: 64 });
    const watching = unit.mode.observe("roof", { buffer: 2, overflow });
    await tick();
    await respond([1]);
    for (const value of [[2], [3], [4]]) await publish(`${base}/mode/roof/ok`, value);
    expect([await watching.next(), await watching.next()].map(({ value }) => value)).toEqual(kept);
    const next = outcome(watching.next());
    await publish(`${base}/mode/roof/ok`, [5]);
    expect(next.value).toEqual({ done: false, value: [5] });
  });

  test("with overflow `error` yields the buffered values, then rejects", async () => {
    const { unit, publish, respond, client } = await inMemoryDevice({ buffer: 1, overflow: "error" });
    const watching = unit.mode.observe("roof");
    await tick();
    await respond([1]);
    await publish(`${base}/mode/roof/ok`, [2]);
    const seen = collect(watching);
    await tick();
    expect(seen).toMatchObject({
      values: [[1]],
      ended: true,
      error: { code: "overflow", resource: "climate.mode" },
    });
    expect(client.stats().inFlight).toBe(0);
  });

  test("ends without an error when its signal is aborted", async () => {
    const { unit, respond, client } = await inMemoryDevice();
    const controller = new AbortController();
    const watching = unit.mode.observe("roof", { signal: controller.signal });
    const seen = collect(watching);
    await tick();
    await respond([1]);
    controller.abort();
    await tick();
    expect(seen).toEqual({ values: [[1]], ended: true });
    const before = unit.mode.observe("roof", { signal: controller.signal });
    const ready = outcome(before.ready);
    expect(await before.next()).toEqual({ done: true, value: undefined });
    expect(ready.error).toMatchObject({ code: "aborted" });
    expect(client.stats()).toMatchObject({ queued: 0, inFlight: 0 });
  });

  test("rejects once, in `ready` and `next()`, if it is refused, times out or is illegal", async () => {
    const { unit, respond, broker } = await inMemoryDevice({ timeoutMs: 300 });
    const refused = unit.mode.observe("roof");
    await tick();
    await respond({ code: 403 }, { suffix: "/failed" });
    await expect(refused.ready).rejects.toMatchObject({ code: "rejected", payload: { code: 403 } });
    await expect(refused.next()).rejects.toMatchObject({ code: "rejected" });
    expect(await refused.next()).toEqual({ done: true, value: undefined });

    const unanswered = outcome(unit.mode.observe("roof").next());
    await vi.advanceTimersByTimeAsync(300);
    expect(unanswered.error).toMatchObject({ code: "timeout" });

    const illegal = unit.mode.observe("no/zone");
    await expect(illegal.next()).rejects.toMatchObject({ code: "invalid-topic" });

    broker.onSubscribe = () => 128;
    await expect(unit.alarm.observe().next()).rejects.toMatchObject({ code: "subscribe-refused" });
  });

  test("does not cause an unhandled rejection if it is never read", async () => {
    const { unit, respond } = await inMemoryDevice();
    const unhandled = vi.fn();
    process.once("unhandledRejection", unhandled);
    unit.mode.observe("no/zone");
    unit.mode.observe("roof");
    await tick();
    await respond({ code: 403 }, { suffix: "/failed" });
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("with stopPushesOnEnd sends `push.off` at the end of the last observer", async () => {
    const { unit, published, respond } = await inMemoryDevice();
    const first = unit.mode.observe("roof", { stopPushesOnEnd: true });
    const second = unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await respond([]);
    await respond([], { back: 2 });
    await first.return();
    expect(published).toHaveLength(2);
    await second.return();
    expect(published[2]).toMatchObject({ topic: `${base}/mode/roof`, text: '{"watch":false}' });
    const plain = unit.mode.observe("roof");
    await tick();
    await respond([]);
    await plain.return();
    expect(published).toHaveLength(4);
  });

  test("sends `push.off` with an id if the resource requires one", async () => {
    const { unit, published, respond } = await inMemoryDevice();
    const watching = unit.plan.observe({ stopPushesOnEnd: true });
    await tick();
    await respond({ version: "1" });
    const ended = outcome(watching.return());
    await tick();
    expect(published[1]).toMatchObject({
      topic: expect.stringMatching(/\/plan\/[123]$/),
      text: '{"watch":false}',
    });
    await respond();
    expect(ended.state).toBe("resolved");
  });

  test("is registered again after a lost session, and repeats the request until a response", async () => {
    const { unit, memory, published, respond, publish, subscribed } = await inMemoryDevice({
      timeoutMs: 1_000,
    });
    const watching = unit.mode.observe("roof");
    const seen = collect(watching);
    await tick();
    await respond([1]);
    memory.drop();
    memory.restore({ sessionPresent: true });
    await tick();
    expect(published).toHaveLength(1);
    memory.drop();
    memory.restore();
    await tick();
    expect(subscribed).toHaveLength(2);
    expect(published).toHaveLength(2);
    expect(published[1]).toEqual(published[0]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(published).toHaveLength(4);
    await respond([2]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(published).toHaveLength(4);
    await publish(`${base}/mode/roof/ok`, [3]);
    expect(seen).toEqual({ values: [[1], [2], [3]], ended: false });
  });

  test("shares the pushes with another observation of the same topic", async () => {
    const { unit, publish, respond } = await inMemoryDevice();
    const seen = [collect(unit.mode.observe("roof")), collect(unit.mode.observe("roof"))];
    await tick();
    await respond([1]);
    await respond([2], { back: 2 });
    await publish(`${base}/mode/roof/ok`, [3]);
    expect(seen.map(({ values }) => values)).toEqual([
      [[2], [3]],
      [[1], [3]],
    ]);
  });
});

describe("an observation in rare conditions", () => {
  interface Feed {
    climate: { feed: { observe(options?: object): Observation<unknown> } };
  }
  const feed = defineObservable(
    defineTopic<Record<string, string>>(protocol, {
      extension: "climate",
      resource: "feed",
      template: "gh/{site}/climate/{unit}/feed",
    }),
    {
      requestId: "none",
      qos: 1,
      withoutRequestId: true,
      request: { type: "json", optional: true },
      response: { type: "json" },
      push: { on: { watch: true } },
    },
  );
  const testApi = {
    protocol,
    extensions: [
      defineExtension({ key: "climate", name: "climate", resources: { ...climate.resources, feed } }),
    ],
  };

  async function feeding() {
    const broker = memoryBroker();
    const memory = broker.transport();
    const platform = broker.transport();
    const listeners: ((message: IncomingMessage) => void)[] = [];
    const transport: Transport = {
      ...memory,
      onMessage(listener) {
        listeners.push(listener);
        return memory.onMessage(listener);
      },
    };
    const client = await connectTo<Feed, string>(testApi, transport, { site: "north" } as ClientOptions);
    const watching = client.endpoint("s3cret").climate.feed.observe();
    const publish = async (suffix: string, body: string): Promise<void> => {
      await platform.publish(`${base}/feed${suffix}`, bytes(body), { qos: 1 });
      await tick();
    };
    return { memory, listeners, watching, publish };
  }

  test("without an id is ended by an error only before the first push", async () => {
    const first = await feeding();
    const refused = outcome(first.watching.next());
    await tick();
    await first.publish("/failed", '{"code":4}');
    expect(refused).toMatchObject({ state: "rejected", error: { code: "rejected" } });

    const { memory, watching, publish } = await feeding();
    const values = [outcome(watching.next()), outcome(watching.next())];
    await tick();
    await publish("/ok", "[1]");
    // The platform still knows the observer after the session resumes, so no request is sent.
    memory.drop();
    memory.restore({ sessionPresent: true });
    await tick();
    await publish("/failed", '{"code":4}');
    expect(values).toMatchObject([{ value: { value: [1] } }, { state: "pending" }]);
  });

  test("is not ended by a retained error", async () => {
    const { listeners, watching } = await feeding();
    const next = outcome(watching.next());
    await tick();
    const old = { topic: `${base}/feed/failed`, payload: bytes('{"code":4}'), qos: 1, retain: true } as const;
    for (const listener of listeners) listener(old);
    await tick();
    expect(next.state).toBe("pending");
  });

  test("sends `push.off` even if the broker has not acknowledged `push.on`", async () => {
    const { unit, broker, published, publish } = await inMemoryDevice();
    broker.onPublish = ({ topic }) =>
      topic.includes("/mode/") && !topic.endsWith("/ok")
        ? new Promise((resolve) => setTimeout(resolve, 50))
        : undefined;
    const watching = unit.mode.observe("roof", { stopPushesOnEnd: true, qos: 1 });
    await tick();
    await publish(`${published[0]!.topic}/ok`, []);
    await watching.ready;
    void watching.return();
    await after(100);
    expect(published.map(({ text }) => text)).toEqual(['{"watch":true}', '{"watch":false}']);
  });

  test("sends `push.off` at the end of the last observer if any of them asked for it", async () => {
    const { unit, published, respond } = await inMemoryDevice();
    const first = unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await respond([]);
    const second = unit.mode.observe("roof");
    await tick();
    await respond([]);
    await first.return();
    expect(published).toHaveLength(2);
    await second.return();
    expect(published.at(-1)?.text).toBe('{"watch":false}');
  });

  test("repeats its request once a second at most after a lost session, however short its timeout is", async () => {
    const { unit, memory, published, respond } = await inMemoryDevice();
    const watching = unit.mode.observe("roof", { timeoutMs: 1 });
    await tick();
    await respond([]);
    await watching.ready;
    memory.drop();
    memory.restore();
    await after(10_000);
    expect(published.length).toBeGreaterThan(5);
    expect(published.length).toBeLessThan(20);
  });
});

describe("an observation with stopPushesOnEnd", () => {
  test.each(["signal", "overflow", "close"])(
    "requests the platform to stop when it ends by %s",
    async (way) => {
      const { unit, client, published, respond, publish } = await inMemoryDevice();
      const abort = new AbortController();
      unit.mode.observe("roof", {
        stopPushesOnEnd: true,
        signal: abort.signal,
        buffer: 1,
        overflow: "error",
      });
      await tick();
      await respond([1]);
      if (way === "signal") abort.abort();
      if (way === "overflow") await publish(`${base}/mode/roof/ok`, [2]);
      if (way === "close") await client.close();
      await tick();
      expect(published[1]).toMatchObject({ topic: `${base}/mode/roof`, text: '{"watch":false}' });
      expect(published).toHaveLength(2);
    },
  );

  test("requests the platform to stop even if it has not responded yet", async () => {
    const { unit, published } = await inMemoryDevice();
    const watching = unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await watching.return();
    expect(published[1]).toMatchObject({ text: '{"watch":false}' });
  });

  test("does not request a platform that refused it to stop", async () => {
    const { unit, published, respond } = await inMemoryDevice();
    unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await respond({ code: 403 }, { suffix: "/failed" });
    expect(published).toHaveLength(1);
  });
});

describe("an observation", () => {
  test("can be used by its detached methods", async () => {
    const { unit, publish } = await inMemoryDevice();
    const observation = unit.alarm.observe();
    const { next, return: end, ready, done } = observation;
    const iterate = observation[Symbol.asyncIterator];
    await ready;
    await publish(`${base}/alarm/ok`, "fire");
    expect(await next()).toEqual({ done: false, value: "fire" });
    expect(iterate()).toBe(observation);
    await end();
    await done;
    expect(await next()).toEqual({ done: true, value: undefined });
  });

  test.each(["return", "signal", "close", "asyncDispose"])(
    "resolves `done` when it ends by %s",
    async (way) => {
      const { unit, client } = await inMemoryDevice();
      const abort = new AbortController();
      const observation = unit.alarm.observe({ signal: abort.signal });
      const done = outcome(observation.done);
      await observation.ready;
      expect(done.state).toBe("pending");
      if (way === "return") await observation.return();
      else if (way === "asyncDispose") await observation[Symbol.asyncDispose]();
      else if (way === "signal") abort.abort();
      else await client.close();
      await tick();
      expect(done.state).toBe("resolved");
    },
  );

  test("rejects `done` with the error of any other end", async () => {
    const { unit, memory } = await inMemoryDevice();
    const observation = unit.alarm.observe();
    const done = outcome(observation.done);
    await observation.ready;
    memory.giveUp(new Error("banned"));
    await tick();
    expect(done.error).toMatchObject({ code: "connection-refused" });
  });
});
