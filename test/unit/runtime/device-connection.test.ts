import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ClientOptions, connectTo } from "../../../src/runtime/index.js";
import { memoryBroker } from "../../../src/runtime/transport/memory-transport.js";
import { api, type Unit } from "./greenhouse-api.js";
import { base, greenhouse, outcome, tick } from "./greenhouse.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const site = { site: "north" } as ClientOptions;

describe("connecting", () => {
  test("resolves when there is a connection", async () => {
    const transport = memoryBroker().transport({ connected: false });
    const connecting = outcome(connectTo<Unit, string>(api, transport, site));
    await vi.advanceTimersByTimeAsync(29_000);
    expect(connecting.state).toBe("pending");
    transport.restore();
    await tick();
    expect(connecting.state).toBe("resolved");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects after its time with the last trouble, and closes the transport", async () => {
    const transport = memoryBroker().transport();
    transport.drop(new Error("no route to mqtt://me:pa55@broker"));
    const close = vi.spyOn(transport, "close");
    const connecting = outcome(connectTo(api, transport, { ...site, connectTimeoutMs: 200 }));
    await vi.advanceTimersByTimeAsync(200);
    expect(connecting.error).toMatchObject({
      code: "timeout",
      message: "no connection within 200 ms",
      cause: expect.objectContaining({ message: "no route to mqtt://***@broker" }),
    });
    expect(close).toHaveBeenCalledWith({ force: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects at once where it is refused for good, and where a client parameter is illegal", async () => {
    const transport = memoryBroker().transport({ connected: false });
    const connecting = outcome(connectTo(api, transport, site));
    const cause = new Error("Not authorized");
    transport.giveUp(cause);
    await tick();
    expect(connecting.error).toMatchObject({ code: "connection-refused", cause });
    await expect(connectTo(api, transport, {})).rejects.toMatchObject({
      code: "invalid-topic",
      message: expect.stringContaining("site"),
    });
  });
});

describe("a lost session", () => {
  test("is made good: subscriptions first, then what is idempotent and in flight, with the same id", async () => {
    const { unit, memory, published, subscribed, say, events } = await greenhouse();
    const reading = outcome(unit.read());
    const setting = outcome(unit.set({}));
    await tick();
    memory.drop(new Error("cable"));
    await vi.advanceTimersByTimeAsync(1_000);
    memory.restore();
    await tick();
    expect(subscribed[1]).toEqual(subscribed[0]);
    expect(published).toHaveLength(3);
    expect(published[2]).toEqual(published[0]);
    await say(`${published[0]?.topic}/ok`, { value: 1 });
    expect(reading.value).toEqual({ value: 1 });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(setting.error).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("(sent, acknowledged, session lost)"),
    });
    expect(events).toEqual([
      ["disconnected", { cause: expect.objectContaining({ message: "cable" }) }],
      ["connected", { sessionPresent: false }],
    ]);
  });

  test("that was not lost after all costs nothing but what may not have arrived", async () => {
    const { unit, memory, published, subscribed } = await greenhouse();
    void outcome(unit.read());
    void outcome(unit.read({ qos: 1 }));
    void outcome(unit.set({}));
    await tick();
    memory.drop();
    memory.restore({ sessionPresent: true });
    await tick();
    expect(subscribed).toHaveLength(1);
    expect(published.slice(3)).toEqual([published[0]]);
  });

  test("lets a request that was never sent be sent", async () => {
    const { unit, memory, broker, published } = await greenhouse();
    broker.onSubscribe = () => new Promise(() => undefined);
    const setting = outcome(unit.set({}));
    await tick();
    memory.drop();
    broker.onSubscribe = undefined;
    memory.restore();
    await tick();
    expect(published).toHaveLength(1);
    expect(setting.state).toBe("pending");
  });

  test("sends an idempotent message again that the broker did not acknowledge, and fails another", async () => {
    const { unit, memory, broker, published } = await greenhouse();
    broker.onPublish = () => new Promise((resolve) => setTimeout(resolve, 10));
    const idempotent = outcome(unit.done.send("roof", []));
    const other = outcome(unit.set.send({}));
    await tick();
    memory.drop();
    await vi.advanceTimersByTimeAsync(10);
    expect(other.error).toMatchObject({
      code: "disconnected",
      message: expect.stringContaining("before the broker acknowledged the message"),
    });
    memory.restore();
    await vi.advanceTimersByTimeAsync(10);
    expect(published.map(({ topic }) => topic)).toEqual([
      `${base}/done/roof`,
      `${base}/set`,
      `${base}/done/roof`,
    ]);
    expect(idempotent.state).toBe("resolved");
  });
});

describe("giving up", () => {
  test("settles everything, and whatever comes after it", async () => {
    const { unit, memory, client, events } = await greenhouse();
    const calls = Array.from({ length: 5 }, () => outcome(unit.read()));
    const next = outcome(unit.alarm.observe().next());
    await tick();
    memory.giveUp(new Error("banned"));
    await tick();
    const refused = { code: "connection-refused", cause: expect.objectContaining({ message: "banned" }) };
    for (const { error } of [...calls, next]) expect(error).toMatchObject(refused);
    await expect(unit.set.send({})).rejects.toMatchObject(refused);
    expect(events).toEqual([["failed", { cause: expect.objectContaining({ message: "banned" }) }]]);
    await client.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("closing", () => {
  test("waits for calls and sends under way, then leaves nothing behind", async () => {
    const { unit, client, answer } = await greenhouse();
    const reading = outcome(unit.read());
    await tick();
    const closed = outcome(client.close());
    await expect(unit.read()).rejects.toMatchObject({ code: "closed" });
    expect(closed.state).toBe("pending");
    await answer({ value: 1 });
    expect(reading.value).toEqual({ value: 1 });
    expect(closed.state).toBe("resolved");
    expect(vi.getTimerCount()).toBe(0);
    await client.close();
  });

  test("waits no longer than it may, and not at all by force or without a connection", async () => {
    for (const [force, drop, ms] of [
      [false, false, 5_000],
      [true, false, 0],
      [false, true, 0],
    ] as const) {
      const { unit, client, memory } = await greenhouse();
      const reading = outcome(unit.read());
      await tick();
      if (drop) memory.drop();
      const closed = outcome(client.close({ force }));
      await vi.advanceTimersByTimeAsync(Math.max(ms - 1, 0));
      if (ms > 0) expect(closed.state).toBe("pending");
      await vi.advanceTimersByTimeAsync(1);
      expect(closed.state).toBe("resolved");
      expect(reading.error).toMatchObject({ code: "closed" });
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test("ends observations quietly, and tells the platform where that was asked for", async () => {
    const { unit, client, published, answer } = await greenhouse();
    const watching = unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await answer([1]);
    await client.close();
    expect(published.at(-1)).toMatchObject({ topic: `${base}/mode/roof`, text: '{"watch":false}' });
    expect([await watching.next(), await watching.next()]).toEqual([
      { done: false, value: [1] },
      { done: true, value: undefined },
    ]);
  });

  test("is bounded even if the transport never comes back from it", async () => {
    const { client, memory } = await greenhouse({ closeTimeoutMs: 300 });
    vi.spyOn(memory, "close").mockImplementation(() => new Promise(() => undefined));
    const closed = outcome(client.close());
    await vi.advanceTimersByTimeAsync(300);
    expect(closed.state).toBe("resolved");
  });
});

describe("subscriptions", () => {
  test("are shared, kept for a while after their last use, and then given back", async () => {
    const { unit, answer, subscribed, unsubscribed, client } = await greenhouse();
    for (let round = 0; round < 3; round += 1) {
      const reading = unit.read();
      await tick();
      await answer({ value: 1 });
      await reading;
      await vi.advanceTimersByTimeAsync(29_000);
    }
    expect(subscribed).toHaveLength(1);
    expect(client.stats().subscriptions).toBe(2);
    await vi.advanceTimersByTimeAsync(999);
    expect(unsubscribed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(unsubscribed.toSorted()).toEqual([`${base}/read/+/failed`, `${base}/read/+/ok`]);
    expect(client.stats().subscriptions).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("of one tick share a SUBSCRIBE", async () => {
    const { unit, subscribed } = await greenhouse();
    void outcome(unit.read());
    void outcome(unit.set({}));
    void outcome(unit.mode("roof"));
    await tick();
    expect(subscribed).toHaveLength(1);
    expect(subscribed[0]).toHaveLength(6);
  });

  test("never overlap: who needs less shares what is there", async () => {
    const { unit, subscribed, say, answer } = await greenhouse();
    const calling = outcome(unit.plan());
    await tick();
    await answer();
    expect(calling.state).toBe("resolved");
    const watching = unit.plan.observe({ variant: "winter" });
    const next = outcome(watching.next());
    await tick();
    expect(subscribed).toEqual([
      [`${base}/plan/+/ok`, `${base}/plan/+/failed`],
      [`${base}/plan/winter/+/ok`, `${base}/plan/winter/+/failed`],
    ]);
    await answer({ version: "1" });
    expect(next.value).toEqual({ done: false, value: { version: "1" } });
    await say(`${base}/plan/winter/ok`, { version: "2" });
    expect(await watching.next()).toEqual({ done: false, value: { version: "2" } });
  });

  test("never overlap: who needs more gets a wider one in place of what is there", async () => {
    const { unit, client, subscribed, unsubscribed, answer, say } = await greenhouse();
    client.on("rejected", () => undefined);
    await unit.readAll.send();
    expect(subscribed).toEqual([[`${base}/read/all/failed`]]);
    const reading = outcome(unit.read());
    await tick();
    expect(unsubscribed).toEqual([`${base}/read/all/failed`]);
    expect(subscribed[1]).toEqual([`${base}/read/+/ok`, `${base}/read/+/failed`]);
    await answer({ value: 1 });
    expect(reading.state).toBe("resolved");
    await unit.readAll.send();
    await say("nothing");
    expect(subscribed).toHaveLength(2);
  });

  test("that the broker refuses fail the call, and are asked for anew by the next", async () => {
    const { unit, broker, published, answer } = await greenhouse();
    broker.onSubscribe = (filter, qos) => (filter.endsWith("/failed") ? 128 : qos);
    await expect(unit.read()).rejects.toMatchObject({ code: "subscribe-refused", resource: "climate.read" });
    broker.onSubscribe = undefined;
    const reading = outcome(unit.read());
    await tick();
    expect(published).toHaveLength(1);
    await answer({ value: 1 });
    expect(reading.state).toBe("resolved");
  });

  test("stay within their budget: what is out of use makes room, what is in use does not", async () => {
    const { unit, unsubscribed, answer, client } = await greenhouse({ maxSubscriptions: 2 });
    const reading = outcome(unit.read());
    await tick();
    const early = outcome(unit.set({}, { timeoutMs: 50 }));
    await vi.advanceTimersByTimeAsync(50);
    expect(early.error).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("all 2 subscriptions are in use"),
    });
    await answer({ value: 1 });
    expect(reading.state).toBe("resolved");
    const setting = outcome(unit.set({}));
    await tick();
    expect(unsubscribed).toHaveLength(2);
    await answer();
    expect(setting.state).toBe("resolved");
    expect(client.stats().subscriptions).toBe(2);
  });

  test("are not made where told so", async () => {
    const { unit, memory, subscribed, published, say } = await greenhouse({ subscribe: "never" });
    await memory.subscribe(["#"], 1);
    const reading = outcome(unit.read());
    const watching = unit.alarm.observe();
    await watching.ready;
    expect(subscribed).toEqual([]);
    await say(`${published[0]?.topic}/ok`, { value: 1 });
    expect(reading.state).toBe("resolved");
  });
});

describe("what stays", () => {
  test("of a great many calls is nothing", async () => {
    const { unit, client, broker, platform } = await greenhouse({ subscriptionKeepMs: 0 });
    broker.onPublish = ({ topic }) => {
      if (!topic.endsWith("/ok"))
        queueMicrotask(() => void platform.publish(`${topic}/ok`, new Uint8Array(), { qos: 0 }));
    };
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, "addEventListener");
    const remove = vi.spyOn(controller.signal, "removeEventListener");
    for (let round = 0; round < 20; round += 1) {
      const calls = Array.from({ length: 100 }, () => unit.set({ round }, { signal: controller.signal }));
      await Promise.all(calls);
    }
    expect(add.mock.calls.length).toBeGreaterThan(0);
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
    await vi.advanceTimersByTimeAsync(1);
    expect(client.stats()).toEqual({
      inFlight: 0,
      queued: 0,
      quarantined: 0,
      subscriptions: 0,
      late: 0,
      duplicate: 0,
      unmatched: 0,
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("what people read", () => {
  test("shows no secrets: messages, causes, events, inspect output", async () => {
    const { unit, client, broker, memory, answer, events } = await greenhouse();
    const shown: unknown[] = [];
    const keep = async (promise: Promise<unknown>): Promise<void> =>
      void shown.push(await promise.catch((error: unknown) => error));
    client.on("rejected", (detail) => shown.push(detail));
    const rejected = keep(unit.read());
    await tick();
    await answer({ code: 1, token: "hunter2", why: "unit s3cret is unknown" }, { suffix: "/failed" });
    await rejected;
    const malformed = keep(unit.set({ password: "hunter2" }));
    await tick();
    await answer('{"token": "hunter2"', { suffix: "/failed" });
    await malformed;
    const garbled = keep(unit.read());
    await tick();
    await answer('"hunter2', {});
    await garbled;
    broker.onPublish = ({ topic }) => {
      throw Object.assign(new Error(`refused ${topic}`, { cause: `unit s3cret` }), {
        packet: { topic },
        topic,
      });
    };
    await keep(unit.set({ password: "hunter2" }));
    memory.drop(new Error(`while sending to ${base}/set`));
    shown.push(events, client, client.endpoint("s3cret"), unit);
    expect(shown.length).toBeGreaterThan(7);
    for (const one of shown) {
      for (const text of [
        inspect(one, { depth: 10 }),
        String(one instanceof Error ? one.stack : ""),
        JSON.stringify(one),
      ]) {
        expect(text).not.toMatch(/hunter2|s3cret/);
      }
    }
  });

  test("shows what an error is about", async () => {
    const { unit, answer } = await greenhouse();
    const reading = outcome(unit.read());
    await tick();
    await answer({ code: 7, token: "hunter2" }, { suffix: "/failed" });
    expect(inspect(reading.error)).toMatch(
      /RejectedError: climate.read: rejected with {"code":7,"token":"\*\*\*"}/,
    );
  });
});

describe("endpoints", () => {
  test("hold their extensions and those their resources, and nothing else", async () => {
    const { client } = await greenhouse();
    const endpoint = client.endpoint({ unit: "other" });
    expect(Object.keys(endpoint)).toEqual(["climate"]);
    expect([Object.getPrototypeOf(endpoint), Object.getPrototypeOf(endpoint.climate)]).toEqual([null, null]);
    expect(endpoint.climate).toBe(endpoint.climate);
    expect(Object.keys(endpoint.climate)).toHaveLength(10);
  });

  test("of the same parameters share ids and subscriptions", async () => {
    const { client, unit, published, subscribed } = await greenhouse();
    void outcome(unit.read());
    void outcome(client.endpoint({ unit: "s3cret" }).climate.read());
    await tick();
    expect(subscribed).toHaveLength(1);
    expect(new Set(published.map(({ topic }) => topic)).size).toBe(2);
  });
});

describe("events", () => {
  test("reach every listener until it is removed, and one that throws does not stop the others", async () => {
    const { client, memory } = await greenhouse();
    const thrown = vi.fn();
    process.once("uncaughtException", thrown);
    const first = vi.fn(() => {
      throw new Error("mine");
    });
    const second = vi.fn();
    const remove = client.on("disconnected", first);
    client.on("disconnected", second);
    client.on("disconnected", second)();
    memory.drop();
    remove();
    memory.restore();
    memory.drop();
    expect(first).toHaveBeenCalledTimes(1);
    expect(second).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener("uncaughtException", thrown);
  });
});
