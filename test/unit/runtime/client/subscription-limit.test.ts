/** The option maxSubscriptions. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { inMemoryDevice, outcome, tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("subscriptions beyond the limit", () => {
  test("are granted in the order of the calls, until their timeouts", async () => {
    const { unit, published, publish, client } = await inMemoryDevice({ maxSubscriptions: 2 });
    const reading = outcome(unit.read());
    await tick();
    const setting = outcome(unit.set({}, { timeoutMs: 500 }));
    const doing = outcome(unit.done("roof", []));
    // This call waits as well: a steady stream of calls that share a subscription would block the queue for ever.
    const another = outcome(unit.read());
    await tick();
    expect(published).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(setting.error).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("not sent, all 2 subscriptions are in use"),
    });
    await publish(`${published[0]?.topic}/ok`, { value: 1 });
    expect(reading.state).toBe("resolved");
    expect(published.map(({ topic }) => topic.split("/")[4])).toEqual(["read", "done"]);
    await publish(`${published[1]?.topic}/ok`);
    expect(doing.state).toBe("resolved");
    expect(published).toHaveLength(3);
    await publish(`${published[2]?.topic}/ok`, { value: 2 });
    expect(another).toMatchObject({ state: "resolved", value: { value: 2 } });
    expect(client.stats()).toMatchObject({ inFlight: 0, subscriptions: 2 });
  });

  test("do not delay calls that share the subscriptions of an observation", async () => {
    const { unit, published } = await inMemoryDevice({ maxSubscriptions: 3 });
    unit.mode.observe("roof");
    await tick();
    void outcome(unit.read());
    void outcome(unit.mode("roof"));
    await tick();
    expect(published.map(({ topic }) => topic.split("/")[4])).toEqual(["mode", "mode"]);
  });

  test("are refused at once if one call needs more than the limit", async () => {
    const { unit } = await inMemoryDevice({ maxSubscriptions: 1 });
    await expect(unit.read()).rejects.toMatchObject({ code: "subscribe-refused" });
  });

  test("count a wider filter that replaces others once", async () => {
    const { unit, published, client } = await inMemoryDevice({ maxSubscriptions: 4 });
    void outcome(unit.readAll());
    void outcome(unit.mode("roof"));
    await tick();
    expect(client.stats().subscriptions).toBe(4);
    unit.plan.observe({ variant: "x" });
    await tick();
    expect(published).toHaveLength(2);
  });

  test("are no longer waited for after an abort or a close", async () => {
    const { unit, client, published } = await inMemoryDevice({ maxSubscriptions: 2 });
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
