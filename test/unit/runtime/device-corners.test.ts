/** Where two features meet. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ClientOptions, connectTo, defineProtocol, memoryBroker } from "../../../src/runtime/index.js";
import { base, greenhouse, outcome, tick } from "./greenhouse.js";
import { climate, protocol, type Unit } from "./greenhouse-api.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a send", () => {
  test("goes out although the broker refuses the subscription for its errors", async () => {
    const { client, unit, broker, published } = await greenhouse();
    client.on("rejected", () => undefined);
    broker.onSubscribe = () => 128;
    const sending = outcome(unit.set.send({}));
    await tick();
    expect(published).toHaveLength(1);
    expect(sending.state).toBe("resolved");
  });

  test("goes out although there is no room for the subscription for its errors", async () => {
    const { client, unit, published } = await greenhouse({ maxSubscriptions: 2 });
    client.on("rejected", () => undefined);
    void outcome(unit.read());
    await tick();
    await unit.set.send({});
    expect(published).toHaveLength(2);
  });
});

describe("an error without an id", () => {
  test.each([
    ["404", { code: 404 }, { code: "***" }],
    ["s3cret", { code: 1, a: { see: "http://x" }, mail: "a@b.c" }, undefined],
    [
      "s3cret",
      { code: 1, why: "s3cret is unknown", s3cret: 1 },
      { code: 1, why: "*** is unknown", "***": 1 },
    ],
  ])("of %s is reported with its secrets hidden, whatever they look like", async (unit, body, shown) => {
    const { client, memory, say } = await greenhouse();
    await memory.subscribe(["#"], 1);
    const seen: unknown[] = [];
    client.on("rejected", ({ payload }) => seen.push(payload));
    await say(`gh/north/climate/${unit}/set/failed`, body);
    expect(seen).toEqual([shown ?? body]);
  });
});

describe("subscriptions past their budget", () => {
  test("are waited for in the order of coming, within the call's time", async () => {
    const { unit, published, say, client } = await greenhouse({ maxSubscriptions: 2 });
    const reading = outcome(unit.read());
    await tick();
    const setting = outcome(unit.set({}, { timeoutMs: 500 }));
    const doing = outcome(unit.done("roof", []));
    // Sharing what is there would hold up those who wait, for ever if there is always one more.
    const another = outcome(unit.read());
    await tick();
    expect(published).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(setting.error).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("not sent, all 2 subscriptions are in use"),
    });
    await say(`${published[0]?.topic}/ok`, { value: 1 });
    expect(reading.state).toBe("resolved");
    expect(published.map(({ topic }) => topic.split("/")[4])).toEqual(["read", "done"]);
    await say(`${published[1]?.topic}/ok`);
    expect(doing.state).toBe("resolved");
    expect(published).toHaveLength(3);
    await say(`${published[2]?.topic}/ok`, { value: 2 });
    expect(another).toMatchObject({ state: "resolved", value: { value: 2 } });
    expect(client.stats()).toMatchObject({ inFlight: 0, subscriptions: 2 });
  });

  test("do not hold up those who share what an observation keeps anyway", async () => {
    const { unit, published } = await greenhouse({ maxSubscriptions: 3 });
    unit.mode.observe("roof");
    await tick();
    void outcome(unit.read());
    void outcome(unit.mode("roof"));
    await tick();
    expect(published.map(({ topic }) => topic.split("/")[4])).toEqual(["mode", "mode"]);
  });

  test("of a call that needs more than there can be are refused at once", async () => {
    const { unit } = await greenhouse({ maxSubscriptions: 1 });
    await expect(unit.read()).rejects.toMatchObject({ code: "subscribe-refused" });
  });

  test("count the wider one once that takes the place of others", async () => {
    const { unit, published, client } = await greenhouse({ maxSubscriptions: 4 });
    void outcome(unit.readAll());
    void outcome(unit.mode("roof"));
    await tick();
    expect(client.stats().subscriptions).toBe(4);
    unit.plan.observe({ variant: "x" });
    await tick();
    expect(published).toHaveLength(2);
  });

  test("are given up with whoever waits: by abort, and by close", async () => {
    const { unit, client, published } = await greenhouse({ maxSubscriptions: 2 });
    const abort = new AbortController();
    void outcome(unit.read());
    const first = outcome(unit.set({}, { signal: abort.signal }));
    const second = outcome(unit.set({}));
    await tick();
    abort.abort();
    await tick();
    expect(first.error).toMatchObject({ code: "aborted" });
    await client.close({ force: true });
    expect(second.error).toMatchObject({ code: "closed" });
    expect(published).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a subscription that is being given back", () => {
  test("is asked for again only after that, by a call that comes just then", async () => {
    const { unit, memory, subscribed, answer, client } = await greenhouse({ subscriptionKeepMs: 10 });
    const reading = outcome(unit.read());
    await tick();
    await answer({ value: 1 });
    expect(reading.state).toBe("resolved");
    const acknowledge: (() => void)[] = [];
    vi.spyOn(memory, "unsubscribe").mockImplementation(
      () => new Promise((resolve) => acknowledge.push(resolve)),
    );
    await vi.advanceTimersByTimeAsync(10);
    expect(client.stats().subscriptions).toBe(0);
    const again = outcome(unit.read());
    const other = outcome(unit.set({}));
    await tick();
    expect(subscribed.slice(1)).toEqual([[`${base}/set/+/ok`, `${base}/set/+/failed`]]);
    for (const one of acknowledge) one();
    await tick();
    expect(subscribed[2]).toEqual([`${base}/read/+/ok`, `${base}/read/+/failed`]);
    await answer({ value: 2 });
    expect(again.state).toBe("resolved");
    expect(other.state).toBe("pending");
  });

  test("while there is no connection is given back when the session goes on", async () => {
    const { unit, memory, unsubscribed, answer } = await greenhouse({ subscriptionKeepMs: 10 });
    const reading = outcome(unit.read());
    await tick();
    await answer({ value: 1 });
    expect(reading.state).toBe("resolved");
    memory.drop();
    await vi.advanceTimersByTimeAsync(10);
    expect(unsubscribed).toEqual([]);
    memory.restore({ sessionPresent: true });
    await tick();
    expect(unsubscribed.toSorted()).toEqual([`${base}/read/+/failed`, `${base}/read/+/ok`]);
    memory.drop();
    memory.restore({ sessionPresent: true });
    await tick();
    expect(unsubscribed).toHaveLength(2);
  });
});

describe("a call without a time limit", () => {
  test("that is aborted does not take its id with it for ever", async () => {
    const { unit, client } = await greenhouse();
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

describe("an observation that is to disarm", () => {
  test.each(["signal", "overflow", "close"])("tells the platform when it ends by %s", async (way) => {
    const { unit, client, published, answer, say } = await greenhouse();
    const abort = new AbortController();
    unit.mode.observe("roof", { stopPushesOnEnd: true, signal: abort.signal, buffer: 1, overflow: "error" });
    await tick();
    await answer([1]);
    if (way === "signal") abort.abort();
    if (way === "overflow") await say(`${base}/mode/roof/ok`, [2]);
    if (way === "close") await client.close();
    await tick();
    expect(published[1]).toMatchObject({ topic: `${base}/mode/roof`, text: '{"watch":false}' });
    expect(published).toHaveLength(2);
  });

  test("tells it also when it was asked but has not answered yet", async () => {
    const { unit, published } = await greenhouse();
    const watching = unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await watching.return();
    expect(published[1]).toMatchObject({ text: '{"watch":false}' });
  });

  test("does not tell a platform that refused it", async () => {
    const { unit, published, answer } = await greenhouse();
    unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await answer({ code: 403 }, { suffix: "/failed" });
    expect(published).toHaveLength(1);
  });
});

describe("what is lost for good", () => {
  test("leaves no timer behind, closed or not", async () => {
    const { unit, memory, answer } = await greenhouse();
    void outcome(unit.read());
    void outcome(unit.set({}, { timeoutMs: 100 }));
    unit.mode.observe("roof");
    await tick();
    await answer();
    await vi.advanceTimersByTimeAsync(100);
    memory.giveUp(new Error("banned"));
    await tick();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("is not told of a handler's answers, which fail at once", async () => {
    const { unit, client, answer, say } = await greenhouse();
    let finish = (): void => undefined;
    const errors: unknown[] = [];
    const serving = outcome(
      unit.mode.handle("roof", () => new Promise((resolve) => (finish = () => resolve({ code: 0 }))), {
        onError: (error) => errors.push(error),
      }),
    );
    await tick();
    await answer([]);
    expect(serving.state).toBe("resolved");
    await say(`${base}/mode/roof/ok`, [{ id: 1 }]);
    await client.close({ force: true });
    finish();
    await vi.advanceTimersByTimeAsync(1);
    expect(errors).toMatchObject([{ code: "closed" }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("filters for all endpoints at once", () => {
  test("serve a gateway with two subscriptions a resource", async () => {
    const { client, published, subscribed, say } = await greenhouse({ subscribe: "all-endpoints" });
    const calls = Array.from({ length: 1_000 }, (_, index) =>
      client.endpoint(`unit-${index}`).climate.read(),
    );
    await tick();
    expect(subscribed).toEqual([["gh/north/climate/+/read/+/ok", "gh/north/climate/+/read/+/failed"]]);
    for (const [index, { topic }] of published.entries()) void say(`${topic}/ok`, { value: index });
    await tick();
    const values = (await Promise.all(calls)).map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
    expect(client.stats()).toMatchObject({ subscriptions: 2, unmatched: 0 });
  });
});

describe("ten thousand calls at once through 99 ids", () => {
  test("all get their own answers, whatever the order of those, and nobody waits behind who came later", async () => {
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
      // Half of those that wait, the last first.
      for (const answer of waiting.splice(waiting.length >> 1).toReversed()) answer();
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
