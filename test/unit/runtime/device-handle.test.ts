import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { base, greenhouse, outcome, tick } from "./greenhouse.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Handles `mode` for the roof, armed with `first` as the answer. */
async function handling(
  handler: Parameters<Awaited<ReturnType<typeof greenhouse>>["unit"]["mode"]["handle"]>[1],
  options = {},
  first: unknown = [],
) {
  const house = await greenhouse();
  const errors: unknown[] = [];
  const starting = outcome(
    house.unit.mode.handle("roof", handler, { onError: (error) => errors.push(error), ...options }),
  );
  await tick();
  await house.answer(first);
  expect(starting.state).toBe("resolved");
  const answers = () =>
    house.published.filter(({ topic }) => topic.includes("/done/")).map(({ text }) => JSON.parse(text));
  const push = (...items: object[]) => house.say(`${base}/mode/roof/ok`, items);
  return { ...house, errors, answers, push, serving: starting.value! };
}

describe("handling", () => {
  test("calls the handler once an item and answers through the other resource, list by list, with the key filled in", async () => {
    const seen: unknown[] = [];
    const { push, answers, published } = await handling(
      (item) => {
        seen.push(item);
        return { code: item.id * 100 };
      },
      {},
      [{ id: 1, task: "open" }],
    );
    await push({ id: 2 });
    expect(seen).toEqual([{ id: 1, task: "open" }, { id: 2 }]);
    expect(answers()).toEqual([[{ code: 100, id: 1 }], [{ code: 200, id: 2 }]]);
    expect(published.at(-1)).toMatchObject({ topic: `${base}/done/roof`, qos: 1 });
  });

  test("answers what a handler throws with the failure", async () => {
    const { push, answers, errors } = await handling(() => {
      throw new Error("stuck {message}");
    });
    await push({ id: 7 });
    expect(answers()).toEqual([[{ code: 500, text: "stuck {message}", id: 7 }]]);
    expect(errors).toEqual([new Error("stuck {message}")]);
  });

  test("takes an answer that can not be sent for a failure", async () => {
    const { push, answers, errors } = await handling(() => ({ code: "fine" }) as never);
    await push({ id: 7 });
    expect(answers()).toMatchObject([[{ code: 500, id: 7 }]]);
    expect(errors).toMatchObject([{ code: "invalid-request" }]);
  });

  test("does not run an item again: it sends the stored answer, or the one to come", async () => {
    let finish = (): void => undefined;
    const handler = vi.fn(
      () =>
        new Promise<{ code: number }>(
          (resolve) => (finish = () => resolve({ code: handler.mock.calls.length })),
        ),
    );
    const { push, answers } = await handling(handler);
    await push({ id: 1 });
    await push({ id: 1 });
    expect(answers()).toEqual([]);
    finish();
    await tick();
    expect(answers()).toEqual([[{ code: 1, id: 1 }]]);
    await push({ id: 1 });
    expect(handler).toHaveBeenCalledTimes(1);
    expect(answers()).toEqual([[{ code: 1, id: 1 }], [{ code: 1, id: 1 }]]);
  });

  test("tells the keys 1 and '1' apart, and runs items without a key each time", async () => {
    const handler = vi.fn(() => ({ code: 0 }));
    const { push } = await handling(handler);
    await push({ id: 1 }, { id: "1" }, { task: "a" }, { task: "a" });
    expect(handler).toHaveBeenCalledTimes(4);
  });

  test("remembers the last 1,000 keys of a list", async () => {
    const handler = vi.fn(() => ({ code: 0 }));
    const { push } = await handling(handler, { concurrency: 2_000 });
    await push(...Array.from({ length: 1_001 }, (_, id) => ({ id })));
    await push({ id: 1 });
    expect(handler).toHaveBeenCalledTimes(1_001);
    await push({ id: 0 });
    expect(handler).toHaveBeenCalledTimes(1_002);
  });

  test.each([
    [undefined, 1],
    [2, 2],
  ])("works on %s items at once: %i", async (concurrency, expected) => {
    const waiting: (() => void)[] = [];
    const { push, answers } = await handling(
      () => new Promise((resolve) => waiting.push(() => resolve({ code: 0 }))),
      { concurrency },
    );
    await push({ id: 1 }, { id: 2 }, { id: 3 });
    expect(waiting).toHaveLength(expected);
    for (const finish of waiting) finish();
    await tick();
    expect(waiting.length).toBeGreaterThan(expected);
    for (const finish of waiting) finish();
    await tick();
    for (const finish of waiting) finish();
    await tick();
    expect(answers().flat()).toHaveLength(3);
  });

  test("of single values answers with a single value, by a call where there must be an id, and remembers the last", async () => {
    const { unit, published, answer, say } = await greenhouse();
    const handler = vi.fn((plan: { steps?: unknown }) => ({ ok: plan.steps !== "bad" }));
    const starting = outcome(unit.plan.handle(handler, { variant: "winter" }));
    await tick();
    await answer({ version: "1" });
    expect(starting.state).toBe("resolved");
    expect(published[1]).toMatchObject({
      topic: expect.stringMatching(/\/applied\/winter\/[123]$/),
      text: '{"ok":true,"version":"1"}',
    });
    await answer();
    for (const [version, calls] of [
      ["1", 1],
      ["2", 2],
      ["1", 3],
    ] as const) {
      await say(`${base}/plan/winter/ok`, { version });
      await answer();
      expect(handler).toHaveBeenCalledTimes(calls);
    }
    expect(published).toHaveLength(5);
  });

  test("without a failure to answer with tells `onError` only, and runs the item when it comes again", async () => {
    const { unit, published, answer, say } = await greenhouse();
    const errors: unknown[] = [];
    const handler = vi.fn(() => {
      throw new Error("no");
    });
    void outcome(unit.plan.handle(handler, { onError: (error) => errors.push(error) }));
    await tick();
    await answer({ version: "1" });
    await say(`${base}/plan/ok`, { version: "1" });
    expect(handler).toHaveBeenCalledTimes(2);
    expect(errors).toHaveLength(2);
    expect(published).toHaveLength(1);
  });

  test("rejects where the observation is refused", async () => {
    const { unit, answer } = await greenhouse();
    const starting = outcome(unit.mode.handle("roof", () => ({ code: 0 })));
    await tick();
    await answer({ code: 403 }, { suffix: "/failed" });
    expect(starting.error).toMatchObject({ code: "rejected" });
  });

  test("stops: takes no more, finishes what it works on, and aborts the handlers' signal", async () => {
    let signal: AbortSignal | undefined;
    let finish = (): void => undefined;
    const { push, answers, serving, say } = await handling((_item, context) => {
      signal = context.signal;
      return new Promise((resolve) => (finish = () => resolve({ code: 1 })));
    });
    await push({ id: 1 }, { id: 2 });
    const stopped = outcome(serving.stop());
    await tick();
    expect(stopped.state).toBe("pending");
    expect(signal?.aborted).toBe(true);
    finish();
    await tick();
    expect(stopped.state).toBe("resolved");
    expect(answers()).toEqual([[{ code: 1, id: 1 }]]);
    await say(`${base}/mode/roof/ok`, [{ id: 3 }]);
    expect(answers()).toHaveLength(1);
  });

  test("is finished with its answers before the client is closed", async () => {
    let finish = (): void => undefined;
    const { push, answers, client } = await handling(
      () => new Promise((resolve) => (finish = () => resolve({ code: 1 }))),
    );
    await push({ id: 1 });
    const closed = outcome(client.close());
    await tick();
    expect(closed.state).toBe("pending");
    finish();
    await tick();
    expect(closed.state).toBe("resolved");
    expect(answers()).toEqual([[{ code: 1, id: 1 }]]);
  });

  test("survives an answer that can not be sent, with nobody to tell", async () => {
    const house = await greenhouse({ timeoutMs: 500 });
    const starting = outcome(house.unit.mode.handle("roof", () => ({ code: 1 })));
    await tick();
    await house.answer([]);
    expect(starting.state).toBe("resolved");
    house.broker.onPublish = ({ topic }) => {
      if (topic.includes("/done/")) throw new Error("refused");
    };
    await house.say(`${base}/mode/roof/ok`, [{ id: 1 }]);
    house.broker.onPublish = undefined;
    await house.say(`${base}/mode/roof/ok`, [{ id: 1 }]);
    expect(house.published.filter(({ topic }) => topic.includes("/done/")).map(({ text }) => text)).toEqual([
      '[{"code":1,"id":1}]',
      '[{"code":1,"id":1}]',
    ]);
  });

  test("answers items of one list in one list, where their answers come together", async () => {
    const { push, answers } = await handling(async (item) => ({ code: item.id }));
    await push({ id: 1 }, { id: 2 }, { id: 3 });
    expect(answers()).toEqual([
      [
        { code: 1, id: 1 },
        { code: 2, id: 2 },
        { code: 3, id: 3 },
      ],
    ]);
  });
});
