/** Handlers of a client. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  connectTo,
  defineExtension,
  defineObservable,
  defineResource,
  defineTopic,
  memoryBroker,
} from "../../../../src/runtime/index.js";
import { base, inMemoryDevice, outcome, tick } from "../in-memory-device.js";
import { protocol, validator } from "../greenhouse-api.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Registers a handler of `mode` for the roof; `first` is the response to its request. */
async function handling(
  handler: Parameters<Awaited<ReturnType<typeof inMemoryDevice>>["unit"]["mode"]["handle"]>[1],
  options = {},
  first: unknown = [],
) {
  const house = await inMemoryDevice();
  const errors: unknown[] = [];
  const starting = outcome(
    house.unit.mode.handle("roof", handler, { onError: (error) => errors.push(error), ...options }),
  );
  await tick();
  await house.respond(first);
  expect(starting.state).toBe("resolved");
  const answers = () =>
    house.published.filter(({ topic }) => topic.includes("/done/")).map(({ text }) => JSON.parse(text));
  const push = (...items: object[]) => house.publish(`${base}/mode/roof/ok`, items);
  return { ...house, errors, answers, push, serving: starting.value! };
}

describe("a handler", () => {
  test("calls the handler once for each item, and sends lists of responses with the key filled in", async () => {
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

  test("sends the failure if the handler throws", async () => {
    const { push, answers, errors } = await handling(() => {
      throw new Error("stuck {message}");
    });
    await push({ id: 7 });
    expect(answers()).toEqual([[{ code: 500, text: "stuck {message}", id: 7 }]]);
    expect(errors).toEqual([new Error("stuck {message}")]);
  });

  test("sends the failure if the response is invalid", async () => {
    const { push, answers, errors } = await handling(() => ({ code: "fine" }) as never);
    await push({ id: 7 });
    expect(answers()).toMatchObject([[{ code: 500, id: 7 }]]);
    expect(errors).toMatchObject([{ code: "invalid-request" }]);
  });

  test("does not handle an item again, but sends its cached or pending response", async () => {
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

  test("distinguishes the keys 1 and '1', and handles items without a key each time", async () => {
    const handler = vi.fn(() => ({ code: 0 }));
    const { push } = await handling(handler);
    await push({ id: 1 }, { id: "1" }, { task: "a" }, { task: "a" });
    expect(handler).toHaveBeenCalledTimes(4);
  });

  test("caches the responses to the last 1,000 items of a list", async () => {
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
  ])("with concurrency %s handles %i items at once", async (concurrency, expected) => {
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

  test("of single values sends single responses, with an id if required, and caches the last one", async () => {
    const { unit, published, respond, publish } = await inMemoryDevice();
    const handler = vi.fn((plan: { steps?: unknown }) => ({ ok: plan.steps !== "bad" }));
    const starting = outcome(unit.plan.handle(handler, { variant: "winter" }));
    await tick();
    await respond({ version: "1" });
    expect(starting.state).toBe("resolved");
    expect(published[1]).toMatchObject({
      topic: expect.stringMatching(/\/applied\/winter\/[123]$/),
      text: '{"ok":true,"version":"1"}',
    });
    await respond();
    for (const [version, calls] of [
      ["1", 1],
      ["2", 2],
      ["1", 3],
    ] as const) {
      await publish(`${base}/plan/winter/ok`, { version });
      await respond();
      expect(handler).toHaveBeenCalledTimes(calls);
    }
    expect(published).toHaveLength(5);
  });

  test("without a failure response only calls `onError`, and handles the item when it arrives again", async () => {
    const { unit, published, respond, publish } = await inMemoryDevice();
    const errors: unknown[] = [];
    const handler = vi.fn(() => {
      throw new Error("no");
    });
    void outcome(unit.plan.handle(handler, { onError: (error) => errors.push(error) }));
    await tick();
    await respond({ version: "1" });
    await publish(`${base}/plan/ok`, { version: "1" });
    expect(handler).toHaveBeenCalledTimes(2);
    expect(errors).toHaveLength(2);
    expect(published).toHaveLength(1);
  });

  test("rejects if the observation is refused", async () => {
    const { unit, respond } = await inMemoryDevice();
    const starting = outcome(unit.mode.handle("roof", () => ({ code: 0 })));
    await tick();
    await respond({ code: 403 }, { suffix: "/failed" });
    expect(starting.error).toMatchObject({ code: "rejected" });
  });

  test("on stop() takes no more items, finishes the running ones, and aborts their signal", async () => {
    let signal: AbortSignal | undefined;
    let finish = (): void => undefined;
    const { push, answers, serving, publish } = await handling((_item, context) => {
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
    await publish(`${base}/mode/roof/ok`, [{ id: 3 }]);
    expect(answers()).toHaveLength(1);
  });

  test("sends the responses of running items before the client closes", async () => {
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

  test("survives a response that cannot be sent if there is no `onError`", async () => {
    const house = await inMemoryDevice({ timeoutMs: 500 });
    const starting = outcome(house.unit.mode.handle("roof", () => ({ code: 1 })));
    await tick();
    await house.respond([]);
    expect(starting.state).toBe("resolved");
    house.broker.onPublish = ({ topic }) => {
      if (topic.includes("/done/")) throw new Error("refused");
    };
    await house.publish(`${base}/mode/roof/ok`, [{ id: 1 }]);
    house.broker.onPublish = undefined;
    await house.publish(`${base}/mode/roof/ok`, [{ id: 1 }]);
    expect(house.published.filter(({ topic }) => topic.includes("/done/")).map(({ text }) => text)).toEqual([
      '[{"code":1,"id":1}]',
      '[{"code":1,"id":1}]',
    ]);
  });

  test("combines responses that are ready at the same time in one list", async () => {
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

describe("the end of a handler", () => {
  test("is reported by `done`, which rejects unless the program has ended it", async () => {
    const stopping = await handling(() => ({ code: 0 }));
    const done = outcome(stopping.serving.done);
    await tick();
    expect(done.state).toBe("pending");
    await stopping.serving.stop();
    await tick();
    expect(done.state).toBe("resolved");
    const failing = await handling(() => ({ code: 0 }));
    const ended: unknown[] = [];
    failing.client.on("observation-ended", (detail) => ended.push(detail));
    const failed = outcome(failing.serving.done);
    failing.memory.giveUp(new Error("banned"));
    await tick();
    expect(failed.error).toMatchObject({ code: "connection-refused" });
    expect(ended).toMatchObject([{ resource: "climate.mode", parameters: { zone: "roof", unit: "***" } }]);
    expect(failing.errors).toMatchObject([{ code: "connection-refused" }]);
  });

  test("by `await using` stops it", async () => {
    const { serving, push, answers } = await handling(() => ({ code: 0 }));
    await serving[Symbol.asyncDispose]();
    await push({ id: 1 });
    expect(answers()).toEqual([]);
  });

  test("does not come when its renewal is refused once: the commands after it are handled", async () => {
    const { push, answers, memory, respond, serving } = await handling(() => ({ code: 0 }));
    const done = outcome(serving.done);
    memory.drop();
    memory.restore();
    await tick();
    await respond({ code: 503 }, { suffix: "/failed" });
    await after(2_000);
    await respond([]);
    await push({ id: 9 });
    expect(answers()).toEqual([[{ code: 0, id: 9 }]]);
    expect(done.state).toBe("pending");
  });
});

describe("a second handler of a topic", () => {
  const quiet = () => ({ code: 0 });

  test("is refused while the first one is starting, running, or has running items", async () => {
    let finish = (): void => undefined;
    const { unit, client, serving, push, respond } = await handling(
      () => new Promise<{ code: number }>((resolve) => (finish = () => resolve({ code: 0 }))),
    );
    const refused = { code: "already-handled", resource: "climate.mode" };
    await expect(unit.mode.handle("roof", quiet)).rejects.toMatchObject(refused);
    const again = client.endpoint("s3cret").climate;
    await expect(again.mode.handle("roof", quiet)).rejects.toMatchObject(refused);
    await push({ id: 1 });
    const stopped = outcome(serving.stop());
    await tick();
    await expect(unit.mode.handle("roof", quiet)).rejects.toMatchObject(refused);
    finish();
    await tick();
    expect(stopped.state).toBe("resolved");
    const next = outcome(unit.mode.handle("roof", quiet));
    await tick();
    await expect(unit.mode.handle("roof", quiet)).rejects.toMatchObject(refused);
    await respond([]);
    expect(next.state).toBe("resolved");
  });

  test("is registered after the first one was refused, and beside those of other topics", async () => {
    const { unit, respond } = await inMemoryDevice();
    const first = outcome(unit.mode.handle("roof", quiet));
    await tick();
    await respond({ code: 403 }, { suffix: "/failed" });
    expect(first.error).toMatchObject({ code: "rejected" });
    const second = outcome(unit.mode.handle("roof", quiet));
    await tick();
    await respond([]);
    const other = outcome(unit.mode.handle("cellar", quiet));
    await tick();
    await respond([]);
    expect([second.state, other.state]).toEqual(["resolved", "resolved"]);
  });
});

describe("a handler that replaces a refused one at once", () => {
  test("is registered, and is the only one", async () => {
    const { unit, respond } = await inMemoryDevice();
    const handle = () => unit.mode.handle("roof", () => ({ code: 0 }));
    const retrying = outcome(handle().catch(handle));
    await tick();
    await respond({ code: 503 }, { suffix: "/failed" });
    await respond([]);
    expect(retrying.state).toBe("resolved");
    await expect(handle()).rejects.toMatchObject({ code: "already-handled" });
  });
});

test("a handler is registered again by the listener that learns of its end", async () => {
  const { unit, client, respond } = await inMemoryDevice();
  const handle = () => unit.mode.handle("roof", () => ({ code: 0 }));
  const again: Promise<unknown>[] = [];
  client.on("observation-ended", () => again.push(handle()));
  const first = outcome(handle());
  await tick();
  await respond({ code: 503 }, { suffix: "/failed" });
  expect(first.error).toMatchObject({ code: "rejected" });
  await respond([]);
  await expect(Promise.all(again)).resolves.toHaveLength(1);
});

test("a handler that is refused while it runs an item rejects at once, and the topic is free afterwards", async () => {
  let finish = (): void => undefined;
  const { unit, respond, publish } = await inMemoryDevice();
  const run = () => new Promise<{ code: number }>((resolve) => (finish = () => resolve({ code: 0 })));
  const starting = outcome(unit.mode.handle("roof", run));
  await tick();
  await publish(`${base}/mode/roof/ok`, [{ id: 1 }]);
  await respond({ code: 503 }, { suffix: "/failed" });
  expect(starting.error).toMatchObject({ code: "rejected" });
  await expect(unit.mode.handle("roof", run)).rejects.toMatchObject({ code: "already-handled" });
  finish();
  await tick();
  const again = outcome(unit.mode.handle("roof", run));
  await tick();
  await respond([]);
  expect(again.state).toBe("resolved");
});

describe("a handler in rare conditions", () => {
  test("that closes the client before its first await still sends its response", async () => {
    let close = async (): Promise<void> => undefined;
    const closing: Promise<void>[] = [];
    const { push, answers, client } = await handling((item) => {
      closing.push(close());
      return { code: item.id };
    });
    close = () => client.close();
    await push({ id: 1 });
    await after(10);
    expect(answers()).toEqual([[{ code: 1, id: 1 }]]);
    await Promise.all(closing);
  });

  test("continues if `onError` throws", async () => {
    const thrown: unknown[] = [];
    const real = queueMicrotask;
    vi.spyOn(globalThis, "queueMicrotask").mockImplementation((callback) =>
      real(() => {
        try {
          callback();
        } catch (error) {
          thrown.push(error);
        }
      }),
    );
    const { unit, respond, publish } = await inMemoryDevice();
    let ran = 0;
    const serving = outcome(
      unit.plan.handle(
        async () => {
          ran += 1;
          throw new Error("no");
        },
        {
          onError() {
            throw new Error("the listener");
          },
        },
      ),
    );
    await tick();
    await respond({});
    await publish(`${base}/plan/ok`, { version: "a" });
    await publish(`${base}/plan/ok`, { version: "b" });
    await after(100);
    const stopped = outcome(serving.value!.stop());
    await after(100);
    expect({ ran, stopped: stopped.state }).toEqual({ ran: 2, stopped: "resolved" });
    // The error of `onError` is rethrown in a microtask, like that of an event listener.
    expect(thrown.map(String)).toContain("Error: the listener");
    vi.restoreAllMocks();
  });

  test("can be stopped twice, and both calls resolve", async () => {
    const { unit, respond, publish } = await inMemoryDevice();
    let finish = (): void => undefined;
    const serving = outcome(
      unit.mode.handle("roof", () => new Promise((resolve) => (finish = () => resolve({ code: 0 })))),
    );
    await tick();
    await respond([]);
    await publish(`${base}/mode/roof/ok`, [{ id: 1 }]);
    const stops = [outcome(serving.value!.stop()), outcome(serving.value!.stop())];
    await tick();
    finish();
    await after(20_000);
    expect(stops.map(({ state }) => state)).toEqual(["resolved", "resolved"]);
  });

  test("caches its last 1,000 responses however many items wait", async () => {
    const { unit, respond, publish } = await inMemoryDevice();
    const ran: number[] = [];
    const gates: (() => void)[] = [];
    void outcome(
      unit.mode.handle("roof", async ({ id }) => {
        if (ran.length >= 500) await new Promise<void>((resolve) => gates.push(resolve));
        ran.push(id);
        return { code: 0 };
      }),
    );
    await tick();
    await respond([]);
    const list = Array.from({ length: 1_600 }, (_, id) => ({ id }));
    await publish(`${base}/mode/roof/ok`, list);
    await after(100);
    expect(ran).toHaveLength(500);
    await publish(`${base}/mode/roof/ok`, list.slice(0, 500));
    await after(100);
    while (gates.length > 0) {
      for (const gate of gates.splice(0)) gate();
      await after(1);
    }
    expect(ran).toHaveLength(1_600);
  });

  test("takes items even if maxQueued is 0", async () => {
    const { unit, respond } = await inMemoryDevice({ maxQueued: 0 });
    const ran: number[] = [];
    void outcome(unit.mode.handle("roof", ({ id }) => (ran.push(id), { code: 0 })));
    await tick();
    await respond([{ id: 1 }, { id: 2 }]);
    await after(10);
    expect(ran).toEqual([1, 2]);
  });

  test.each(["its signal", "a forced close", "a refusal for good"])(
    "does not begin another item after %s",
    async (way) => {
      const { unit, respond, client, memory } = await inMemoryDevice();
      const ran: number[] = [];
      const gates: (() => void)[] = [];
      const abort = new AbortController();
      const handler = async ({ id }: { id: number }): Promise<{ code: number }> => {
        ran.push(id);
        await new Promise<void>((resolve) => gates.push(resolve));
        return { code: 0 };
      };
      void outcome(unit.mode.handle("roof", handler, { signal: abort.signal }));
      await tick();
      await respond([{ id: 1 }, { id: 2 }, { id: 3 }]);
      if (way === "its signal") abort.abort();
      else if (way === "a forced close") await client.close({ force: true });
      else memory.giveUp(new Error("no"));
      await tick();
      for (const gate of gates) gate();
      await after(10);
      expect(ran).toEqual([1]);
    },
  );

  test("reports an invalid failure, and still sends the response of another item", async () => {
    const topic = (resource: string) =>
      defineTopic<Record<string, string>>(protocol, {
        extension: "climate",
        resource,
        template: `gh/{site}/climate/{unit}/${resource}[/{requestId}]`,
      });
    const short = validator(
      (value) => (value as { text?: string }[]).every(({ text = "" }) => text.length < 20),
      "is too long",
    );
    interface Jobs {
      climate: {
        jobs: { handle(handler: (item: { id: number }) => object, options: object): Promise<unknown> };
      };
    }
    const resources = {
      jobs: defineObservable(topic("jobs"), {
        requestId: "optional",
        qos: 1,
        request: { type: "json", optional: true },
        response: { type: "json" },
        push: { on: { watch: true } },
        answeredBy: { resource: "results", key: "id", failure: { code: 500, text: "{message}" } },
      }),
      results: defineResource(topic("results"), {
        requestId: "optional",
        qos: 1,
        request: { type: "json", validate: short },
        response: "empty",
      }),
    };
    const testApi = {
      protocol,
      extensions: [defineExtension({ key: "climate", name: "climate", resources })],
    };
    const broker = memoryBroker();
    const platform = broker.transport();
    const got: string[] = [];
    await platform.subscribe(["gh/#"], 1);
    platform.onMessage(({ topic: asked, payload }) => {
      if (asked.endsWith("/ok")) return;
      if (asked.includes("/results")) got.push(new TextDecoder().decode(payload));
      else void platform.publish(`${asked}/ok`, bytes('[{"id":1},{"id":2}]'), { qos: 1 });
    });
    const client = await connectTo<Jobs, string>(testApi, broker.transport(), {
      site: "north",
    } as ClientOptions);
    const errors: string[] = [];
    const { jobs } = client.endpoint("s3cret").climate;
    await jobs.handle(
      ({ id }) => {
        if (id === 1) throw new Error("a message of more than twenty characters");
        return { code: 0 };
      },
      { concurrency: 2, onError: (error: unknown) => errors.push(String(error)) },
    );
    await after(100);
    expect(got).toEqual(['[{"code":0,"id":2}]']);
    expect(errors).toEqual([
      expect.stringContaining("more than twenty"),
      expect.stringContaining("is too long"),
    ]);
  });

  test("sends responses at the caller's QoS and through the middleware", async () => {
    const seen: string[] = [];
    const middleware: ClientOptions["middleware"] = (request, next) => {
      seen.push(`${request.kind} ${request.resource}`);
      return next();
    };
    const { unit, respond, published } = await inMemoryDevice({ middleware });
    void outcome(unit.mode.handle("roof", () => ({ code: 0 }), { qos: 2 }));
    await tick();
    await respond([{ id: 1 }]);
    await after(10);
    expect(published.map(({ topic, qos }) => [topic.split("/")[4], qos])).toEqual([
      ["mode", 2],
      ["done", 2],
    ]);
    expect(seen).toEqual(["send climate.done"]);
  });
});
