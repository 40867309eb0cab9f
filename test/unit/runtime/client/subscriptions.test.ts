/** Subscriptions of a client: shared, kept, widened, dropped. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { base, inMemoryDevice, outcome, tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("subscriptions", () => {
  test("are shared, kept for subscriptionKeepMs after their last use, then unsubscribed", async () => {
    const { unit, respond, subscribed, unsubscribed, client } = await inMemoryDevice();
    for (let round = 0; round < 3; round += 1) {
      const reading = unit.read();
      await tick();
      await respond({ value: 1 });
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

  test("of one tick share a SUBSCRIBE packet", async () => {
    const { unit, subscribed } = await inMemoryDevice();
    void outcome(unit.read());
    void outcome(unit.set({}));
    void outcome(unit.mode("roof"));
    await tick();
    expect(subscribed).toHaveLength(1);
    expect(subscribed[0]).toHaveLength(6);
  });

  test("never overlap: a narrower filter shares a wider subscription", async () => {
    const { unit, subscribed, publish, respond } = await inMemoryDevice();
    const calling = outcome(unit.plan());
    await tick();
    await respond();
    expect(calling.state).toBe("resolved");
    const watching = unit.plan.observe({ variant: "winter" });
    const next = outcome(watching.next());
    await tick();
    expect(subscribed).toEqual([
      [`${base}/plan/+/ok`, `${base}/plan/+/failed`],
      [`${base}/plan/winter/+/ok`, `${base}/plan/winter/+/failed`],
    ]);
    await respond({ version: "1" });
    expect(next.value).toEqual({ done: false, value: { version: "1" } });
    await publish(`${base}/plan/winter/ok`, { version: "2" });
    expect(await watching.next()).toEqual({ done: false, value: { version: "2" } });
  });

  test("never overlap: a wider filter replaces a narrower subscription", async () => {
    const { unit, client, subscribed, unsubscribed, respond, publish } = await inMemoryDevice();
    client.on("rejected", () => undefined);
    await unit.readAll.send();
    expect(subscribed).toEqual([[`${base}/read/all/failed`]]);
    const reading = outcome(unit.read());
    await tick();
    expect(unsubscribed).toEqual([`${base}/read/all/failed`]);
    expect(subscribed[1]).toEqual([`${base}/read/+/ok`, `${base}/read/+/failed`]);
    await respond({ value: 1 });
    expect(reading.state).toBe("resolved");
    await unit.readAll.send();
    await publish("nothing");
    expect(subscribed).toHaveLength(2);
  });

  test("that the broker refuses fail the call, and are repeated by the next call", async () => {
    const { unit, broker, published, respond } = await inMemoryDevice();
    broker.onSubscribe = (filter, qos) => (filter.endsWith("/failed") ? 128 : qos);
    await expect(unit.read()).rejects.toMatchObject({ code: "subscribe-refused", resource: "climate.read" });
    broker.onSubscribe = undefined;
    const reading = outcome(unit.read());
    await tick();
    expect(published).toHaveLength(1);
    await respond({ value: 1 });
    expect(reading.state).toBe("resolved");
  });

  test("of a send are not waited for, if the broker never answers, or refuses them", async () => {
    for (const answer of [new Promise<number>(() => undefined), 128]) {
      const { unit, client, broker, published, subscribed } = await inMemoryDevice();
      client.on("rejected", () => undefined);
      broker.onSubscribe = () => answer;
      await unit.readAll.send();
      expect([subscribed, published.length]).toEqual([[[`${base}/read/all/failed`]], 1]);
    }
  });

  test("of a send that waits for the connection are not waited for either", async () => {
    const { unit, client, broker, memory, published } = await inMemoryDevice();
    client.on("rejected", () => undefined);
    memory.drop();
    const sending = outcome(unit.readAll.send());
    broker.onSubscribe = () => new Promise<number>(() => undefined);
    memory.restore();
    await tick();
    expect([sending.state, published.length]).toEqual(["resolved", 1]);
  });

  test("that the broker grants for single values only are not shared, and a handler goes on", async () => {
    const { unit, broker, published, subscribed, publish, respond } = await inMemoryDevice();
    broker.onSubscribe = (filter, qos) => (filter.includes("/mode/+/") ? 128 : qos);
    const handled: unknown[] = [];
    const handling = outcome(
      unit.mode.handle("roof", (item) => {
        handled.push(item);
        return { code: 0 };
      }),
    );
    await tick();
    await respond([]);
    expect(handling.state).toBe("resolved");
    for (const zone of ["a", "b", "c", "d", "e", "f"]) {
      const calling = outcome(unit.mode(zone));
      await tick();
      const lastOf = (each: string) => published.findLast(({ topic }) => topic.includes(`/mode/${each}/`));
      await publish(`${lastOf(zone)?.topic}/ok`, []);
      // The handler is registered again, because it was without a subscription for a moment.
      if (zone === "d") await publish(`${lastOf("roof")?.topic}/ok`, [{ id: 1 }]);
      expect([zone, calling.state]).toEqual([zone, "resolved"]);
    }
    await publish(`${base}/mode/roof/ok`, [{ id: 2 }]);
    expect(handled).toEqual([{ id: 1 }, { id: 2 }]);
    expect(published.filter(({ topic }) => /mode\/roof\/\d$/.test(topic))).toHaveLength(2);
    expect(subscribed.flat().filter((filter) => filter === `${base}/mode/+/+/ok`)).toHaveLength(1);
  });

  test("stay within maxSubscriptions: idle ones are dropped, used ones are not", async () => {
    const { unit, unsubscribed, respond, client } = await inMemoryDevice({ maxSubscriptions: 2 });
    const reading = outcome(unit.read());
    await tick();
    const early = outcome(unit.set({}, { timeoutMs: 50 }));
    await vi.advanceTimersByTimeAsync(50);
    expect(early.error).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("all 2 subscriptions are in use"),
    });
    await respond({ value: 1 });
    expect(reading.state).toBe("resolved");
    const setting = outcome(unit.set({}));
    await tick();
    expect(unsubscribed).toHaveLength(2);
    await respond();
    expect(setting.state).toBe("resolved");
    expect(client.stats().subscriptions).toBe(2);
  });

  test('are not made with subscribe: "never"', async () => {
    const { unit, memory, subscribed, published, publish } = await inMemoryDevice({ subscribe: "never" });
    await memory.subscribe(["#"], 1);
    const reading = outcome(unit.read());
    const watching = unit.alarm.observe();
    await watching.ready;
    expect(subscribed).toEqual([]);
    await publish(`${published[0]?.topic}/ok`, { value: 1 });
    expect(reading.state).toBe("resolved");
  });
});

describe("a subscription that is being dropped", () => {
  test("is repeated only after UNSUBACK if a new call needs the filter meanwhile", async () => {
    const { unit, memory, subscribed, respond, client } = await inMemoryDevice({ subscriptionKeepMs: 10 });
    const reading = outcome(unit.read());
    await tick();
    await respond({ value: 1 });
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
    await respond({ value: 2 });
    expect(again.state).toBe("resolved");
    expect(other.state).toBe("pending");
  });

  test("is unsubscribed when the session resumes if it expired while disconnected", async () => {
    const { unit, memory, unsubscribed, respond } = await inMemoryDevice({ subscriptionKeepMs: 10 });
    const reading = outcome(unit.read());
    await tick();
    await respond({ value: 1 });
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

describe("filters for all endpoints", () => {
  test("serve 1,000 endpoints with two subscriptions for each resource", async () => {
    const { client, published, subscribed, publish } = await inMemoryDevice({ subscribe: "all-endpoints" });
    const calls = Array.from({ length: 1_000 }, (_, index) =>
      client.endpoint(`unit-${index}`).climate.read(),
    );
    await tick();
    expect(subscribed).toEqual([["gh/north/climate/+/read/+/ok", "gh/north/climate/+/read/+/failed"]]);
    for (const [index, { topic }] of published.entries()) void publish(`${topic}/ok`, { value: index });
    await tick();
    const values = (await Promise.all(calls)).map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
    expect(client.stats()).toMatchObject({ subscriptions: 2, unmatched: 0 });
  });
});
