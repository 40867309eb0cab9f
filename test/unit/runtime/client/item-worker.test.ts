/** The state table in the head of item-worker.ts, and the outbox. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ItemWorker, type ItemWorkerOptions } from "../../../../src/runtime/client/item-worker.js";
import { Outbox } from "../../../../src/runtime/client/outbox.js";
import { fakeSession } from "./fake-session.js";
import { tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Run {
  readonly item: unknown;
  readonly signal: AbortSignal;
  resolve(response: unknown): void;
  reject(error: unknown): void;
}

/** A worker whose handler ends when the test says so. */
function create(options: Partial<ItemWorkerOptions> = {}) {
  const runs: Run[] = [];
  const sent: unknown[] = [];
  const errors: unknown[] = [];
  const worker = new ItemWorker(fakeSession(), {
    handler: (item, { signal }) =>
      new Promise((resolve, reject) => runs.push({ item, signal, resolve, reject })),
    concurrency: 1,
    key: "id",
    failure: { code: 500, text: "{message}" },
    check: () => undefined,
    respond: async (payload) => void sent.push(payload),
    onError: (error) => errors.push(error),
    ...options,
  });
  return { worker, runs, sent, errors };
}

describe("the transitions of an item", () => {
  test.each<
    [state: string, prepare: (fixture: ReturnType<typeof create>) => void, runs: number, sent: unknown[]]
  >([
    ["new", () => undefined, 1, []],
    ["running", ({ worker }) => worker.take([{ id: 1 }]), 1, []],
    ["queued", ({ worker }) => worker.take([{ id: 0 }, { id: 1 }]), 1, []],
    [
      "answered",
      ({ worker, runs }) => {
        worker.take([{ id: 1 }]);
        runs[0]!.resolve({ code: 0 });
      },
      1,
      [[{ code: 0, id: 1 }], [{ code: 0, id: 1 }]],
    ],
    [
      "answered with a failure",
      ({ worker, runs }) => {
        worker.take([{ id: 1 }]);
        runs[0]!.reject(new Error("stuck"));
      },
      1,
      [[{ code: 500, text: "stuck", id: 1 }], [{ code: 500, text: "stuck", id: 1 }]],
    ],
  ])("that is %s and arrives again", async (_state, prepare, runs, sent) => {
    const fixture = create();
    prepare(fixture);
    await tick();
    fixture.worker.take([{ id: 1 }]);
    await tick();
    expect(fixture.runs).toHaveLength(runs);
    expect(fixture.sent).toEqual(sent);
  });

  test("is a failure if its handler throws a value without a string form, and the next item runs", async () => {
    const { worker, runs, sent } = create();
    worker.take([{ id: 1 }]);
    worker.take([{ id: 2 }]);
    runs[0]!.reject(Object.create(null));
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([[{ code: 500, text: "unknown error", id: 1 }]]);
    expect(runs.length).toBe(2);
  });

  test("has the response and the key that it had when its handler ended, whatever the handler changes", async () => {
    const state = { count: 0 };
    const { worker, sent } = create({
      handler: async (item) => {
        Object.assign(item as object, { id: 77 });
        state.count += 1;
        return state;
      },
    });
    worker.take([{ id: 1 }, { id: 2 }]);
    await tick();
    worker.take([{ id: 1 }]);
    await tick();
    const first = { count: 1, id: 1 };
    expect(sent.flat()).toEqual([first, { count: 2, id: 2 }, first]);
  });

  test("that failed without a failure response begin anew", async () => {
    const { worker, runs, sent, errors } = create({ failure: undefined });
    worker.take({ id: 1 });
    runs[0]!.reject(new Error("stuck"));
    await tick();
    worker.take({ id: 1 });
    expect(runs).toHaveLength(2);
    expect(sent).toEqual([]);
    expect(errors).toEqual([new Error("stuck")]);
  });

  test.each([
    ["the response", { code: 1 }, [{ code: 500, text: "bad code 1", id: 1 }], 1],
    ["the response and the failure", { code: 2 }, [], 2],
  ])("whose check refuses %s", async (_name, response, sent, reports) => {
    const check = (payload: unknown): void => {
      const { code } = payload as { code: number };
      if (code === response.code || reports === 2) throw new Error(`bad code ${code}`);
    };
    const fixture = create({ check });
    fixture.worker.take({ id: 1 });
    fixture.runs[0]!.resolve(response);
    await tick();
    expect(fixture.sent).toEqual(sent);
    expect(fixture.errors).toHaveLength(reports);
  });
});

describe("a worker", () => {
  test.each([1, 2])("with concurrency %i runs so many items at once", (concurrency) => {
    const { worker, runs } = create({ concurrency });
    worker.take([{ id: 1 }, { id: 2 }, { id: 3 }]);
    expect(runs).toHaveLength(concurrency);
  });

  test("queues 10,000 items and reports further ones", () => {
    const { worker, errors } = create();
    worker.take(Array.from({ length: 10_002 }, (_, id) => ({ id })));
    expect(errors).toHaveLength(2);
    expect(errors[0]).toMatchObject({ code: "overflow" });
  });

  test.each([
    ["a list", true, 1_000],
    ["single values", false, 1],
  ])("of %s (%s) caches %i responses", async (_name, list, capacity) => {
    const handler = vi.fn(() => ({ code: 0 }));
    const { worker } = create({ handler, concurrency: 2_000 });
    for (let id = 0; id <= capacity; id += 1) {
      worker.take(list ? [{ id }] : { id });
      await Promise.resolve();
    }
    await tick();
    const calls = handler.mock.calls.length;
    worker.take(list ? [{ id: capacity }] : { id: capacity });
    expect(handler).toHaveBeenCalledTimes(calls);
    worker.take(list ? [{ id: 0 }] : { id: 0 });
    expect(handler).toHaveBeenCalledTimes(calls + 1);
  });

  test("handles items without a key each time, and tells the keys 1 and '1' apart", () => {
    const handler = vi.fn(() => ({}));
    const { worker } = create({ handler, concurrency: 9 });
    worker.take([{ id: 1 }, { id: "1" }, {}, {}]);
    expect(handler).toHaveBeenCalledTimes(4);
  });

  test("that ends drops its queue, aborts the signal, and still sends the responses of running items", async () => {
    const { worker, runs, sent } = create();
    worker.take([{ id: 1 }, { id: 2 }]);
    worker.end();
    expect(runs[0]!.signal.aborted).toBe(true);
    let idle = false;
    void worker.whenIdle().then(() => (idle = true));
    await tick();
    expect(idle).toBe(false);
    runs[0]!.resolve({ code: 0 });
    await tick();
    expect(idle).toBe(true);
    expect(runs).toHaveLength(1);
    expect(sent).toEqual([[{ code: 0, id: 1 }]]);
  });
});

describe("an outbox", () => {
  function createOutbox(send: (payload: unknown) => Promise<unknown>) {
    const errors: unknown[] = [];
    return { outbox: new Outbox(fakeSession(), { send, onError: (error) => errors.push(error) }), errors };
  }

  test.each<[name: string, responses: [response: number, list: boolean][], messages: unknown[]]>([
    [
      "list responses",
      [
        [1, true],
        [2, true],
      ],
      [[1, 2]],
    ],
    [
      "single responses",
      [
        [1, false],
        [2, false],
      ],
      [1, 2],
    ],
    [
      "both in turn",
      [
        [1, true],
        [2, true],
        [3, false],
        [4, true],
      ],
      [[1, 2], 3, [4]],
    ],
  ])("combines waiting %s as far as they are lists", async (_name, responses, messages) => {
    const sent: unknown[] = [];
    const { outbox } = createOutbox(async (payload) => void sent.push(payload));
    for (const [response, list] of responses) outbox.enqueueResponse(response, list);
    await vi.runAllTimersAsync();
    expect(sent).toEqual(messages);
  });

  test.each(Array.from({ length: 8 }, (_, turns) => turns))(
    "sends a response that comes %d turns after the last one was sent",
    async (turns) => {
      const sent: unknown[] = [];
      let later: Promise<void> | undefined;
      const { outbox } = createOutbox(async (payload) => {
        sent.push(payload);
        later ??= (async () => {
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          outbox.enqueueResponse(2, false);
        })();
      });
      outbox.enqueueResponse(1, false);
      await vi.runAllTimersAsync();
      await outbox.whenEmpty();
      expect(sent).toEqual([1, 2]);
    },
  );

  test("sends one message at a time, in order, and goes on after an error", async () => {
    const pending: { payload: unknown; reject: (error: unknown) => void }[] = [];
    const { outbox, errors } = createOutbox(
      (payload) => new Promise((_, reject) => pending.push({ payload, reject })),
    );
    outbox.enqueueResponse(1, false);
    outbox.enqueueResponse(2, false);
    await vi.runAllTimersAsync();
    expect(pending.map(({ payload }) => payload)).toEqual([1]);
    pending[0]!.reject("refused");
    await vi.runAllTimersAsync();
    expect(pending.map(({ payload }) => payload)).toEqual([1, 2]);
    expect(errors).toEqual(["refused"]);
  });
});
