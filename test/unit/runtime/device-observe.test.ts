import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { base, greenhouse, outcome, tick } from "./greenhouse.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Takes values in the background until the end. */
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
  test("asks with `push.on` and an id, and yields the answer and every later success, with or without the id", async () => {
    const { unit, published, subscribed, say, answer } = await greenhouse();
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
    await answer([{ id: 1 }]);
    expect(ready.state).toBe("resolved");
    await say(`${base}/mode/roof/ok`, [{ id: 2 }]);
    await answer([]);
    expect(seen.values).toEqual([[{ id: 1 }], [{ id: 2 }], []]);
    await watching.return();
    await tick();
    expect(seen).toMatchObject({ ended: true });
    expect(seen.error).toBeUndefined();
  });

  test("does not yield what means nothing, nor what is refused by the schema, which is reported", async () => {
    const { unit, say, answer, events } = await greenhouse();
    const seen = collect(unit.plan.observe({ variant: "winter" }));
    await tick();
    await answer("");
    await say(`${base}/plan/winter/ok`, "null");
    await say(`${base}/plan/winter/ok`, "{}");
    await say(`${base}/plan/winter/ok`, [1]);
    await say(`${base}/plan/winter/ok`, { version: "2" });
    await say(`${base}/plan/ok`, { version: "for another variant" });
    expect(seen.values).toEqual([{ version: "2" }]);
    expect(events.map(([name]) => name)).toEqual(["invalid-response", "unmatched-response"].slice(0, 1));
  });

  test("only subscribes where nothing need be asked", async () => {
    const { unit, published, subscribed, say } = await greenhouse();
    const watching = unit.alarm.observe();
    const seen = collect(watching);
    await watching.ready;
    expect(subscribed).toEqual([[`${base}/alarm/ok`]]);
    expect(published).toEqual([]);
    await say(`${base}/alarm/ok`, "fire");
    await say(`${base}/alarm/ok`, "");
    expect(seen.values).toEqual(["fire", ""]);
  });

  test("keeps its id until the end, and lets it rest then", async () => {
    const { unit, answer, client } = await greenhouse();
    const watching = [unit.mode.observe("a"), unit.mode.observe("b"), unit.mode.observe("c")];
    await tick();
    for (const back of [1, 2, 3]) await answer([], { back });
    const reading = outcome(unit.read({ timeoutMs: 10_001 }));
    await tick();
    expect(client.stats()).toMatchObject({ inFlight: 0, queued: 1 });
    await watching[2]?.return();
    // What is pushed with the id after the end does not free it: there may be more.
    await answer([]);
    expect(client.stats()).toMatchObject({ queued: 1, quarantined: 1, late: 1 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.stats()).toMatchObject({ inFlight: 1, queued: 0, quarantined: 0 });
    expect(reading.state).toBe("pending");
  });

  test.each([
    ["drop-oldest", [[3], [4]]],
    ["drop-newest", [[1], [2]]],
  ] as const)("with %s keeps what fits its buffer", async (overflow, kept) => {
    const { unit, say, answer } = await greenhouse({ buffer: 64 });
    const watching = unit.mode.observe("roof", { buffer: 2, overflow });
    await tick();
    await answer([1]);
    for (const value of [[2], [3], [4]]) await say(`${base}/mode/roof/ok`, value);
    expect([await watching.next(), await watching.next()].map(({ value }) => value)).toEqual(kept);
    const next = outcome(watching.next());
    await say(`${base}/mode/roof/ok`, [5]);
    expect(next.value).toEqual({ done: false, value: [5] });
  });

  test("with overflow `error` ends in one, after the values that it has", async () => {
    const { unit, say, answer, client } = await greenhouse({ buffer: 1, overflow: "error" });
    const watching = unit.mode.observe("roof");
    await tick();
    await answer([1]);
    await say(`${base}/mode/roof/ok`, [2]);
    const seen = collect(watching);
    await tick();
    expect(seen).toMatchObject({
      values: [[1]],
      ended: true,
      error: { code: "overflow", resource: "climate.mode" },
    });
    expect(client.stats().inFlight).toBe(0);
  });

  test("ends quietly with its signal", async () => {
    const { unit, answer, client } = await greenhouse();
    const controller = new AbortController();
    const watching = unit.mode.observe("roof", { signal: controller.signal });
    const seen = collect(watching);
    await tick();
    await answer([1]);
    controller.abort();
    await tick();
    expect(seen).toEqual({ values: [[1]], ended: true });
    const before = unit.mode.observe("roof", { signal: controller.signal });
    const ready = outcome(before.ready);
    expect(await before.next()).toEqual({ done: true, value: undefined });
    expect(ready.error).toMatchObject({ code: "aborted" });
    expect(client.stats()).toMatchObject({ queued: 0, inFlight: 0 });
  });

  test("ends with an error where it is refused, not answered, or can not be asked; told once, by `ready` too", async () => {
    const { unit, answer, broker } = await greenhouse({ timeoutMs: 300 });
    const refused = unit.mode.observe("roof");
    await tick();
    await answer({ code: 403 }, { suffix: "/failed" });
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

  test("does not make an unhandled rejection of what nobody looks at", async () => {
    const { unit, answer } = await greenhouse();
    const unhandled = vi.fn();
    process.once("unhandledRejection", unhandled);
    unit.mode.observe("no/zone");
    unit.mode.observe("roof");
    await tick();
    await answer({ code: 403 }, { suffix: "/failed" });
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test("asks the platform to stop at its end if told to, once nobody else observes the same", async () => {
    const { unit, published, answer } = await greenhouse();
    const first = unit.mode.observe("roof", { stopPushesOnEnd: true });
    const second = unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await answer([]);
    await answer([], { back: 2 });
    await first.return();
    expect(published).toHaveLength(2);
    await second.return();
    expect(published[2]).toMatchObject({ topic: `${base}/mode/roof`, text: '{"watch":false}' });
    const plain = unit.mode.observe("roof");
    await tick();
    await answer([]);
    await plain.return();
    expect(published).toHaveLength(4);
  });

  test("stops with an id where the resource wants one", async () => {
    const { unit, published, answer } = await greenhouse();
    const watching = unit.plan.observe({ stopPushesOnEnd: true });
    await tick();
    await answer({ version: "1" });
    const ended = outcome(watching.return());
    await tick();
    expect(published[1]).toMatchObject({
      topic: expect.stringMatching(/\/plan\/[123]$/),
      text: '{"watch":false}',
    });
    await answer();
    expect(ended.state).toBe("resolved");
  });

  test("is armed again after a lost session, and keeps asking until there is an answer", async () => {
    const { unit, memory, published, answer, say, subscribed } = await greenhouse({ timeoutMs: 1_000 });
    const watching = unit.mode.observe("roof");
    const seen = collect(watching);
    await tick();
    await answer([1]);
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
    await answer([2]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(published).toHaveLength(4);
    await say(`${base}/mode/roof/ok`, [3]);
    expect(seen).toEqual({ values: [[1], [2], [3]], ended: false });
  });

  test("of the same place as another both see what is pushed", async () => {
    const { unit, say, answer } = await greenhouse();
    const seen = [collect(unit.mode.observe("roof")), collect(unit.mode.observe("roof"))];
    await tick();
    await answer([1]);
    await answer([2], { back: 2 });
    await say(`${base}/mode/roof/ok`, [3]);
    expect(seen.map(({ values }) => values)).toEqual([
      [[2], [3]],
      [[1], [3]],
    ]);
  });
});
