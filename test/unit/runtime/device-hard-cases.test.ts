/** What went wrong once, in pairs of features: each case is one that a reader of the code would not have thought of. */
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  connectTo,
  defineExtension,
  defineObservable,
  defineProtocol,
  defineResource,
  defineTopic,
  type IncomingMessage,
  type Observation,
  type Transport,
} from "../../../src/runtime/index.js";
import { memoryBroker } from "../../../src/runtime/transport/memory-transport.js";
import { base, greenhouse, outcome, tick } from "./greenhouse.js";
import { api, climate, protocol, type Unit, validator } from "./greenhouse-api.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("with three ids, all in use, and one more call that waits", () => {
  async function saturated(options: ClientOptions = {}) {
    const world = await greenhouse(options);
    const calls = [1, 2, 3].map(() => outcome(world.unit.read()));
    const next = outcome(world.unit.read({ timeoutMs: 60_000 }));
    await tick();
    expect(world.published).toHaveLength(3);
    return { ...world, calls, next, topic: `${world.published[0]!.topic}/ok` };
  }

  test("a call that was sent twice keeps its id until both answers have come", async () => {
    const { memory, published, calls, next, topic, say, client } = await saturated();
    memory.drop();
    memory.restore();
    await tick();
    expect(published).toHaveLength(6);
    await say(topic, { value: 1 });
    expect(calls[0]!.value).toEqual({ value: 1 });
    await after(5);
    await say(topic, { value: 1 });
    expect(next.state).toBe("pending");
    expect(client.stats()).toMatchObject({ duplicate: 1, quarantined: 0 });
    await after(5);
    expect(published).toHaveLength(7);
  });

  test("or until its rest is over", async () => {
    const { memory, published, topic, say } = await saturated({ idQuarantineMs: 1_000 });
    memory.drop();
    memory.restore();
    await tick();
    await say(topic, { value: 1 });
    await after(999);
    expect(published).toHaveLength(6);
    await after(1);
    expect(published).toHaveLength(7);
  });

  test("a call that was sent twice and timed out, as well", async () => {
    const { memory, next, topic, say } = await saturated({ timeoutMs: 100 });
    memory.drop();
    memory.restore();
    await after(100);
    await say(topic, { value: 1 });
    await after(5);
    await say(topic, { value: 1 });
    expect(next.state).toBe("pending");
  });

  test("a late answer that comes twice at once is not the next one's", async () => {
    const { next, topic, inject, client } = await saturated({ timeoutMs: 100 });
    await after(100);
    for (let time = 0; time < 2; time += 1) inject({ topic, payload: bytes('{"value":1}') });
    await tick();
    expect(next.state).toBe("pending");
    expect(client.stats()).toMatchObject({ late: 1, duplicate: 1, unmatched: 0 });
  });

  test("a retained message does not end the rest of an id", async () => {
    const { next, topic, inject, say, client } = await saturated({ timeoutMs: 100 });
    await after(100);
    inject({ topic, payload: bytes('{"value":0}'), retain: true });
    await tick();
    await say(topic, { value: 1 });
    expect(next.state).toBe("pending");
    expect(client.stats()).toMatchObject({ late: 1, quarantined: 2 });
  });
});

describe("counting", () => {
  test("what was aborted before it was sent was not answered", async () => {
    const { unit, memory, client, say } = await greenhouse();
    await memory.subscribe(["gh/#"], 1);
    vi.spyOn(memory, "subscribe").mockImplementation(() => new Promise(() => undefined));
    const abort = new AbortController();
    const call = outcome(unit.read({ signal: abort.signal }));
    await tick();
    abort.abort();
    await tick();
    for (const id of [1, 2, 3]) await say(`${base}/read/${id}/ok`, { value: 1 });
    expect(call.state).toBe("rejected");
    expect(client.stats()).toMatchObject({ duplicate: 0, unmatched: 3 });
  });
});

describe("handling", () => {
  test("goes on when the listener for its errors throws", async () => {
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
    const { unit, answer, say } = await greenhouse();
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
    await answer({});
    await say(`${base}/plan/ok`, { version: "a" });
    await say(`${base}/plan/ok`, { version: "b" });
    await after(100);
    const stopped = outcome(serving.value!.stop());
    await after(100);
    expect({ ran, stopped: stopped.state }).toEqual({ ran: 2, stopped: "resolved" });
    // On its own time, for whoever looks after such things.
    expect(thrown.map(String)).toContain("Error: the listener");
    vi.restoreAllMocks();
  });

  test("can be stopped twice, and both settle", async () => {
    const { unit, answer, say } = await greenhouse();
    let finish = (): void => undefined;
    const serving = outcome(
      unit.mode.handle("roof", () => new Promise((resolve) => (finish = () => resolve({ code: 0 })))),
    );
    await tick();
    await answer([]);
    await say(`${base}/mode/roof/ok`, [{ id: 1 }]);
    const stops = [outcome(serving.value!.stop()), outcome(serving.value!.stop())];
    await tick();
    finish();
    await after(20_000);
    expect(stops.map(({ state }) => state)).toEqual(["resolved", "resolved"]);
  });

  test("remembers its last thousand answers however many items wait", async () => {
    const { unit, answer, say } = await greenhouse();
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
    await answer([]);
    const list = Array.from({ length: 1_600 }, (_, id) => ({ id }));
    await say(`${base}/mode/roof/ok`, list);
    await after(100);
    expect(ran).toHaveLength(500);
    await say(`${base}/mode/roof/ok`, list.slice(0, 500));
    await after(100);
    while (gates.length > 0) {
      for (const gate of gates.splice(0)) gate();
      await after(1);
    }
    expect(ran).toHaveLength(1_600);
  });

  test("takes items however few calls may wait for an id", async () => {
    const { unit, answer } = await greenhouse({ maxQueued: 0 });
    const ran: number[] = [];
    void outcome(unit.mode.handle("roof", ({ id }) => (ran.push(id), { code: 0 })));
    await tick();
    await answer([{ id: 1 }, { id: 2 }]);
    await after(10);
    expect(ran).toEqual([1, 2]);
  });

  test.each(["its signal", "a forced close", "a refusal for good"])(
    "begins with no further item after %s",
    async (way) => {
      const { unit, answer, client, memory } = await greenhouse();
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
      await answer([{ id: 1 }, { id: 2 }, { id: 3 }]);
      if (way === "its signal") abort.abort();
      else if (way === "a forced close") await client.close({ force: true });
      else memory.giveUp(new Error("no"));
      await tick();
      for (const gate of gates) gate();
      await after(10);
      expect(ran).toEqual([1]);
    },
  );

  test("a failure that the schema refuses is told, and takes nobody's answer with it", async () => {
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
    const own = { protocol, extensions: [defineExtension({ key: "climate", name: "climate", resources })] };
    const broker = memoryBroker();
    const platform = broker.transport();
    const got: string[] = [];
    await platform.subscribe(["gh/#"], 1);
    platform.onMessage(({ topic: asked, payload }) => {
      if (asked.endsWith("/ok")) return;
      if (asked.includes("/results")) got.push(new TextDecoder().decode(payload));
      else void platform.publish(`${asked}/ok`, bytes('[{"id":1},{"id":2}]'), { qos: 1 });
    });
    const client = await connectTo<Jobs, string>(own, broker.transport(), { site: "north" } as ClientOptions);
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

  test("answers at the QoS that it was told, and through the middleware", async () => {
    const seen: string[] = [];
    const middleware: ClientOptions["middleware"] = (request, next) => {
      seen.push(`${request.kind} ${request.resource}`);
      return next();
    };
    const { unit, answer, published } = await greenhouse({ middleware });
    void outcome(unit.mode.handle("roof", () => ({ code: 0 }), { qos: 2 }));
    await tick();
    await answer([{ id: 1 }]);
    await after(10);
    expect(published.map(({ topic, qos }) => [topic.split("/")[4], qos])).toEqual([
      ["mode", 2],
      ["done", 2],
    ]);
    expect(seen).toEqual(["send climate.done"]);
  });
});

describe("an observation", () => {
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
  const own = {
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
    const client = await connectTo<Feed, string>(own, transport, { site: "north" } as ClientOptions);
    const watching = client.endpoint("s3cret").climate.feed.observe();
    const say = async (suffix: string, body: string): Promise<void> => {
      await platform.publish(`${base}/feed${suffix}`, bytes(body), { qos: 1 });
      await tick();
    };
    return { memory, listeners, watching, say };
  }

  test("that asks without an id is ended by an error as long as nothing else has come, and not later", async () => {
    const first = await feeding();
    const refused = outcome(first.watching.next());
    await tick();
    await first.say("/failed", '{"code":4}');
    expect(refused).toMatchObject({ state: "rejected", error: { code: "rejected" } });

    const { memory, watching, say } = await feeding();
    const values = [outcome(watching.next()), outcome(watching.next())];
    await tick();
    await say("/ok", "[1]");
    // A session that goes on has not forgotten us: nothing is asked again.
    memory.drop();
    memory.restore({ sessionPresent: true });
    await tick();
    await say("/failed", '{"code":4}');
    expect(values).toMatchObject([{ value: { value: [1] } }, { state: "pending" }]);
  });

  test("is not ended by an error that was retained", async () => {
    const { listeners, watching } = await feeding();
    const next = outcome(watching.next());
    await tick();
    const old = { topic: `${base}/feed/failed`, payload: bytes('{"code":4}'), qos: 1, retain: true } as const;
    for (const listener of listeners) listener(old);
    await tick();
    expect(next.state).toBe("pending");
  });

  test("asks for an end of the pushes, even if the broker has not acknowledged that it asked for them", async () => {
    const { unit, broker, published, say } = await greenhouse();
    broker.onPublish = ({ topic }) =>
      topic.includes("/mode/") && !topic.endsWith("/ok")
        ? new Promise((resolve) => setTimeout(resolve, 50))
        : undefined;
    const watching = unit.mode.observe("roof", { stopPushesOnEnd: true, qos: 1 });
    await tick();
    await say(`${published[0]!.topic}/ok`, []);
    await watching.ready;
    void watching.return();
    await after(100);
    expect(published.map(({ text }) => text)).toEqual(['{"watch":true}', '{"watch":false}']);
  });

  test("has the pushes end with the last observer, if any of them wanted that", async () => {
    const { unit, published, answer } = await greenhouse();
    const first = unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await answer([]);
    const second = unit.mode.observe("roof");
    await tick();
    await answer([]);
    await first.return();
    expect(published).toHaveLength(2);
    await second.return();
    expect(published.at(-1)?.text).toBe('{"watch":false}');
  });

  test("asks again after a lost session without haste, however short its time is", async () => {
    const { unit, memory, published, answer } = await greenhouse();
    const watching = unit.mode.observe("roof", { timeoutMs: 1 });
    await tick();
    await answer([]);
    await watching.ready;
    memory.drop();
    memory.restore();
    await after(10_000);
    expect(published.length).toBeGreaterThan(5);
    expect(published.length).toBeLessThan(20);
  });
});

describe("a connection", () => {
  test("a close that waits can be forced", async () => {
    const { unit, client } = await greenhouse();
    const call = outcome(unit.read());
    await tick();
    const graceful = outcome(client.close());
    const forced = outcome(client.close({ force: true }));
    await after(10);
    expect([graceful.state, forced.state, call.state]).toEqual(["resolved", "resolved", "rejected"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("one that is lost as soon as it is there was there", async () => {
    const transport = memoryBroker().transport({ connected: false });
    const connecting = outcome(connectTo(api, transport, { site: "north" } as ClientOptions));
    await tick();
    transport.restore();
    transport.drop();
    await tick();
    expect(connecting.state).toBe("resolved");
  });

  test("a validator that overflows its stack makes an answer that can not be read", async () => {
    const deep = (value: unknown): boolean => !Array.isArray(value) || value.every(deep);
    const odd = defineResource(
      defineTopic<Record<string, string>>(protocol, {
        extension: "climate",
        resource: "odd",
        template: "gh/{site}/climate/{unit}/odd[/{requestId}]",
      }),
      { requestId: "required", qos: 1, response: { type: "json", validate: validator(deep, "is odd") } },
    );
    const own = {
      protocol,
      extensions: [defineExtension({ key: "climate", name: "climate", resources: { odd } })],
    };
    const broker = memoryBroker();
    const platform = broker.transport();
    await platform.subscribe(["gh/#"], 1);
    platform.onMessage(({ topic }) => {
      const body = bytes("[".repeat(200_000) + "]".repeat(200_000));
      if (!topic.endsWith("/ok")) void platform.publish(`${topic}/ok`, body, { qos: 1 });
    });
    const options = { site: "north", maxDepth: 1_000_000 } as ClientOptions;
    const client = await connectTo<{ climate: { odd(): Promise<unknown> } }, string>(
      own,
      broker.transport(),
      options,
    );
    const call = outcome(client.endpoint("s3cret").climate.odd());
    await tick();
    expect(call).toMatchObject({ state: "rejected", error: { code: "malformed-response" } });
  });
});

describe("secrets do not show", () => {
  test("in the cause of a lost connection", async () => {
    const { memory, events } = await greenhouse();
    memory.drop(new Error("user s3cret was kicked"));
    await tick();
    expect(inspect(events, { depth: 9 })).toContain("user *** was kicked");
    expect(inspect(events, { depth: 9 })).not.toContain("s3cret");
  });

  test("as the name of a member that is refused, on the way out or in", async () => {
    const { unit, events, answer } = await greenhouse();
    const out: unknown = await unit.set({ s3cret: Number.NaN }).catch((error: unknown) => error);
    expect(inspect(out, { depth: 9 })).not.toContain("s3cret");
    const call = outcome(unit.read());
    await tick();
    await answer('{"s3cret":1}');
    expect(call.state).toBe("rejected");
    expect(inspect([call.error, events], { depth: 9 })).not.toContain("s3cret");
  });

  test("when they are short and not ASCII", async () => {
    const { client, memory, say } = await greenhouse();
    await memory.subscribe(["#"], 1);
    const seen: unknown[] = [];
    client.on("rejected", ({ payload }) => seen.push(payload));
    await say(`gh/north/climate/日本/set/failed`, { code: 1, why: "日本 is unknown" });
    expect(seen).toMatchObject([{ why: "*** is unknown" }]);
  });

  test.each([
    "wss://me:p@ss55@host:999999/mqtt",
    "wss://host:999999/mqtt?token=ss55",
    "wss://host:999999/mqtt?a=1&key=ss55",
  ])("in what is wrong with %s", async (url) => {
    vi.useRealTimers();
    const options = { site: "north", connectTimeoutMs: 50 } as ClientOptions;
    const error: unknown = await connectTo(api, url, options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ cause: expect.any(Error) });
    expect(inspect(error)).not.toContain("ss55");
  });
});

describe("ten thousand of anything cost ten thousand times one", () => {
  /** Does not end within the test's time where it costs the square. */
  test("values of a path parameter at one endpoint", async () => {
    const ids = { ...protocol.requestId!, send: { minimum: 1, maximum: 99_999 } };
    const own = { protocol: defineProtocol({ ...protocol, requestId: ids }), extensions: [climate] };
    const broker = memoryBroker();
    const client = await connectTo<Unit, string>(own, broker.transport(), { site: "north" } as ClientOptions);
    const { done } = client.endpoint("x").climate;
    const calls = Array.from({ length: 10_000 }, (_, index) => outcome(done(`zone${index}`, [])));
    await tick();
    expect(client.stats()).toMatchObject({ inFlight: 10_000, subscriptions: 20_000 });
    await client.close({ force: true });
    expect(new Set(calls.map(({ state }) => state))).toEqual(new Set(["rejected"]));
  });

  test("endpoints within a budget", async () => {
    const { client, platform } = await greenhouse({
      maxSubscriptions: 20_000,
      timeoutMs: 1e6,
      subscriptionKeepMs: 1e9,
    });
    await platform.subscribe(["gh/+/climate/+/+/+"], 1);
    platform.onMessage(({ topic }) => {
      void platform.publish(`${topic}/ok`, bytes('{"value":1}'), { qos: 0 });
    });
    for (const what of ["read", "set"] as const) {
      const calls = Array.from({ length: 10_000 }, (_, index) => {
        const { climate: unit } = client.endpoint(`unit${index}`);
        return what === "read" ? unit.read() : unit.set({});
      });
      const all = outcome(Promise.all<unknown>(calls));
      while (all.state === "pending") await after(1);
      expect(all.state).toBe("resolved");
      expect(client.stats().subscriptions).toBe(20_000);
    }
  });

  test("calls at a close, and subscriptions that nobody needs any more: a few packets", async () => {
    const { client, platform, memory } = await greenhouse({ timeoutMs: 1e6, subscriptionKeepMs: 200 });
    await platform.subscribe(["gh/+/climate/+/read/+"], 1);
    platform.onMessage(({ topic }) => {
      void platform.publish(`${topic}/ok`, bytes('{"value":1}'), { qos: 0 });
    });
    const unsubscribing = vi.spyOn(memory, "unsubscribe");
    await Promise.all(
      Array.from({ length: 10_000 }, (_, index) => client.endpoint(`unit${index}`).climate.read()),
    );
    await after(10_000);
    expect(client.stats().subscriptions).toBe(0);
    expect(unsubscribing.mock.calls.length).toBeLessThan(20);
    const calls = Array.from({ length: 10_000 }, (_, index) =>
      outcome(client.endpoint(`unit${index}`).climate.set({})),
    );
    await tick();
    const closing = outcome(client.close());
    await after(5_000);
    expect(closing.state).toBe("resolved");
    expect(new Set(calls.map(({ state }) => state))).toEqual(new Set(["rejected"]));
    expect(vi.getTimerCount()).toBe(0);
  });
});
