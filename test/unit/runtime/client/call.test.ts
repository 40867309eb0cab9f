/** Calls and sends of a client. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  connectTo,
  defineExtension,
  defineResource,
  defineTopic,
  RejectedError,
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

const idOf = (published: { topic: string } | undefined): number => Number(published?.topic.split("/").at(-1));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a call", () => {
  test("subscribes with a wildcard for the id, and publishes only after the SUBACK", async () => {
    const { unit, broker, published, subscribed, respond } = await inMemoryDevice();
    const acknowledge: (() => void)[] = [];
    broker.onSubscribe = (_filter, qos) => new Promise((resolve) => acknowledge.push(() => resolve(qos)));
    const reading = outcome(unit.read());
    await tick();
    expect(subscribed).toEqual([[`${base}/read/+/ok`, `${base}/read/+/failed`]]);
    expect(published).toEqual([]);
    for (const one of acknowledge) one();
    await tick();
    expect(published).toHaveLength(1);
    await respond({ value: 1 });
    expect(reading).toMatchObject({ state: "resolved", value: { value: 1 } });
  });

  test("resolves with the response's payload, or with undefined if responses are empty", async () => {
    const { unit, published, respond, subscribed } = await inMemoryDevice();
    const reading = unit.read();
    await tick();
    expect(published[0]?.topic).toMatch(/^gh\/north\/climate\/s3cret\/read\/[123]$/);
    await respond({ value: 21 });
    expect(await reading).toEqual({ value: 21 });
    const set = unit.set({ target: 20 });
    await tick();
    expect(published[1]).toMatchObject({ text: '{"target":20}' });
    await respond("a body that comes anyway");
    expect(await set).toBeUndefined();
    expect(subscribed).toHaveLength(2);
  });

  test("is sent at QoS 0 if it is idempotent, else at the spec's QoS, unless the caller sets one", async () => {
    const { unit, published } = await inMemoryDevice();
    void outcome(unit.read());
    void outcome(unit.set({}));
    void outcome(unit.set({}, { qos: 2 }));
    await tick();
    expect(published.map(({ topic, qos }) => [topic.split("/")[4], qos])).toEqual([
      ["read", 0],
      ["set", 1],
      ["set", 2],
    ]);
  });

  test("rejects with the platform's error payload", async () => {
    const { unit, published, respond } = await inMemoryDevice();
    const reading = outcome(unit.read());
    await tick();
    await respond({ code: 404, why: "no sensor" }, { suffix: "/failed" });
    const { error } = reading;
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({
      code: "rejected",
      resource: "climate.read",
      requestId: idOf(published[0]),
    });
    expect((error as RejectedError).payload).toEqual({ code: 404, why: "no sensor" });
    expect((error as RejectedError).raw).toBeUndefined();
    expect(String(error)).toBe('RejectedError: climate.read: rejected with {"code":404,"why":"no sensor"}');
  });

  test("rejects with the raw body if it does not match the error schema", async () => {
    const { unit, respond } = await inMemoryDevice();
    const reading = outcome(unit.read());
    await tick();
    await respond("oops", { suffix: "/failed" });
    const error = reading.error as RejectedError;
    expect(error.payload).toBeUndefined();
    expect(new TextDecoder().decode(error.raw)).toBe("oops");
  });

  test.each([
    ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "malformed-response", "is not UTF-8"],
    ["not JSON", '{"value":', "malformed-response", "is not JSON"],
    ["empty though it must not be", "", "malformed-response", "is not JSON"],
    ["nested too deep", "[".repeat(50) + "]".repeat(50), "malformed-response", "deeper than 20"],
    ["refused by the schema", { value: "warm" }, "invalid-response", "must have a value"],
  ])("rejects and reports a response that is %s", async (_name, body, code, message) => {
    const { unit, respond, events } = await inMemoryDevice({ maxDepth: 20 });
    const reading = outcome(unit.read());
    await tick();
    await respond(body);
    expect(reading.error).toMatchObject({
      code,
      resource: "climate.read",
      message: expect.stringContaining(message),
    });
    expect(events).toEqual([
      [
        "invalid-response",
        { resource: "climate.read", errors: [expect.objectContaining({ instancePath: "" })] },
      ],
    ]);
  });

  test("delivers an invalid response if responses are only reported or not checked", async () => {
    for (const [responses, reports] of [
      ["report", 1],
      ["off", 0],
    ] as const) {
      const { unit, respond, events } = await inMemoryDevice({ responses });
      const reading = outcome(unit.read());
      await tick();
      await respond({ value: "warm" });
      expect(reading.value).toEqual({ value: "warm" });
      expect(events).toHaveLength(reports);
    }
  });

  test("resolves with undefined for a body that counts as empty", async () => {
    const { unit, respond } = await inMemoryDevice();
    for (const body of ["", "null", "{}"]) {
      const plan = outcome(unit.plan({ version: "1" }));
      await tick();
      await respond(body);
      expect(plan).toEqual({ state: "resolved", value: undefined });
    }
  });

  test("sends and receives binary bodies unchanged", async () => {
    const { unit, broker, publish, published } = await inMemoryDevice();
    const seen: unknown[] = [];
    broker.onPublish = ({ payload }) => void seen.push([...payload]);
    const picture = outcome(unit.picture(new Uint8Array([0, 255, 1])));
    await tick();
    await publish(`${published[0]?.topic}/ok`, new Uint8Array([254]));
    expect(seen[0]).toEqual([0, 255, 1]);
    expect([...(picture.value ?? [])]).toEqual([254]);
  });

  test("puts path parameters and optional levels into the topic", async () => {
    const { unit, published } = await inMemoryDevice();
    void outcome(unit.mode("roof", { watch: true }));
    void outcome(unit.plan(undefined, { variant: "winter" }));
    await tick();
    expect(published.map(({ topic, text }) => [topic.replace(/\d$/, "n"), text])).toEqual([
      [`${base}/mode/roof/n`, '{"watch":true}'],
      [`${base}/plan/winter/n`, ""],
    ]);
  });

  test("rejects illegal topics and invalid payloads, and sends nothing", async () => {
    const { unit, published, client } = await inMemoryDevice();
    await expect(unit.mode("Roof!")).rejects.toMatchObject({
      code: "invalid-topic",
      message: expect.stringContaining("zone"),
    });
    await expect(unit.mode("42")).rejects.toMatchObject({ code: "invalid-topic" });
    await expect(unit.set([])).rejects.toMatchObject({ code: "invalid-request", resource: "climate.set" });
    await expect(unit.set({ a: [1, Number.NaN] })).rejects.toMatchObject({
      message: expect.stringContaining("/a/1 must not be NaN"),
    });
    expect(() => client.endpoint("a/b")).toThrow(
      expect.objectContaining({ code: "invalid-topic", message: expect.stringContaining("unit") }),
    );
    expect(published).toEqual([]);
    expect(client.stats()).toMatchObject({ inFlight: 0, queued: 0, subscriptions: 0 });
  });

  test("times out with a message that describes how far the request got", async () => {
    const { unit, broker, memory, respond } = await inMemoryDevice({ timeoutMs: 700 });
    const sent = outcome(unit.set({}));
    await vi.advanceTimersByTimeAsync(699);
    expect(sent.state).toBe("pending");
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.error).toMatchObject({
      code: "timeout",
      message: "climate.set: no response within 700 ms (sent, acknowledged)",
    });

    broker.onSubscribe = () => new Promise(() => undefined);
    const subscribing = outcome(unit.read({ timeoutMs: 50 }));
    await vi.advanceTimersByTimeAsync(50);
    expect(subscribing.error).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("(not sent, waiting for the subscription)"),
    });

    memory.drop();
    const offline = outcome(unit.set({}, { timeoutMs: 50 }));
    await vi.advanceTimersByTimeAsync(50);
    expect(offline.error).toMatchObject({
      code: "disconnected",
      message: expect.stringContaining("(not sent, not connected)"),
    });
    await respond();
  });

  test.each([
    [Number.NaN, "NaN"],
    [-1, "-1"],
    ["500", '"500"'],
  ])("with the timeoutMs %j is refused", async (timeoutMs, shown) => {
    const { unit, published } = await inMemoryDevice();
    const refused = {
      code: "invalid-option",
      message: `timeoutMs must be a number from 0 on, not ${shown}`,
    };
    const options = { timeoutMs } as { timeoutMs: number };
    await expect(unit.read(options)).rejects.toMatchObject(refused);
    await expect(unit.set.send({}, options)).rejects.toMatchObject(refused);
    await expect(unit.mode.handle("roof", () => ({ code: 0 }), options)).rejects.toMatchObject(refused);
    await expect(unit.mode.observe("roof", options).ready).rejects.toMatchObject(refused);
    expect(published).toEqual([]);
  });

  test.each([{ qos: "1" }, { qos: 3 }, { qos: Number.NaN }, { signal: {} }])(
    "with the options %o is refused before anything is sent",
    async (illegal) => {
      const { unit, published, client } = await inMemoryDevice();
      const options = illegal as object;
      const refused = { code: "invalid-option" };
      await expect(unit.read(options)).rejects.toMatchObject(refused);
      await expect(unit.set.send({}, options)).rejects.toMatchObject(refused);
      await expect(unit.mode.observe("roof", options).ready).rejects.toMatchObject(refused);
      expect([published, client.stats().inFlight]).toEqual([[], 0]);
    },
  );

  test("is not handled by what is no function", async () => {
    const { unit } = await inMemoryDevice();
    const handler = 5 as unknown as () => { code: number };
    await expect(unit.mode.handle("roof", handler)).rejects.toMatchObject({
      code: "invalid-option",
      message: "handler must be a function, not 5",
    });
  });

  test("has no timeout if timeoutMs is Infinity or beyond the range of a timer", async () => {
    const { unit, respond } = await inMemoryDevice();
    const readings = [
      outcome(unit.read({ timeoutMs: Infinity })),
      outcome(unit.set({}, { timeoutMs: 2 ** 33 })),
    ];
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(readings.map(({ state }) => state)).toEqual(["pending", "pending"]);
    await respond({ value: 1 });
    await respond({ value: 1 }, { back: 2 });
    expect(readings.map(({ state }) => state)).toEqual(["resolved", "resolved"]);
  });

  test("rejects when its signal is aborted, at once if it already was", async () => {
    const { unit, published, client } = await inMemoryDevice();
    const controller = new AbortController();
    const reading = outcome(unit.read({ signal: controller.signal }));
    await tick();
    const reason = new Error("no more interest");
    controller.abort(reason);
    await tick();
    expect(reading.error).toMatchObject({ code: "aborted", cause: reason });
    const another = outcome(unit.set({}, { signal: controller.signal }));
    await tick();
    expect(another.error).toMatchObject({ code: "aborted", cause: reason });
    expect(published).toHaveLength(1);
    expect(client.stats()).toMatchObject({ inFlight: 0, quarantined: 1 });
  });

  test("rejects a response whose validator overflows the stack as malformed", async () => {
    const deep = (value: unknown): boolean => !Array.isArray(value) || value.every(deep);
    const odd = defineResource(
      defineTopic<Record<string, string>>(protocol, {
        extension: "climate",
        resource: "odd",
        template: "gh/{site}/climate/{unit}/odd[/{requestId}]",
      }),
      { requestId: "required", qos: 1, response: { type: "json", validate: validator(deep, "is odd") } },
    );
    const testApi = {
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
      testApi,
      broker.transport(),
      options,
    );
    const call = outcome(client.endpoint("s3cret").climate.odd());
    await tick();
    expect(call).toMatchObject({ state: "rejected", error: { code: "malformed-response" } });
  });
});

describe("a send", () => {
  test("resolves on the broker's acknowledgement, without an id and without a subscription", async () => {
    const { unit, broker, published, subscribed } = await inMemoryDevice();
    let acknowledge = (): void => undefined;
    broker.onPublish = () => new Promise((resolve) => (acknowledge = resolve));
    const sending = outcome(unit.log.send("roof", 21.5));
    await tick();
    expect(published).toEqual([{ topic: `${base}/log/roof`, text: "21.5", qos: 1 }]);
    expect(sending.state).toBe("pending");
    acknowledge();
    await tick();
    expect(sending.state).toBe("resolved");
    expect(subscribed).toEqual([]);
  });

  test("is the only method of a resource without request ids", async () => {
    const { unit } = await inMemoryDevice();
    expect(typeof unit.log).toBe("object");
    expect(Object.keys(unit.log)).toEqual(["send"]);
  });

  test("rejects with publish-refused if the broker refuses the message", async () => {
    const { unit, broker } = await inMemoryDevice();
    broker.onPublish = ({ topic }) => {
      throw new Error(`not allowed: ${topic}`);
    };
    const error = await unit.set.send({}).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "publish-refused",
      resource: "climate.set",
      cause: expect.objectContaining({ message: "not allowed: gh/north/climate/***/set" }),
    });
  });

  test("waits for a connection until its timeout", async () => {
    const { unit, memory, published } = await inMemoryDevice();
    memory.drop();
    const first = outcome(unit.set.send({ n: 1 }, { timeoutMs: 500 }));
    const second = outcome(unit.set.send({ n: 2 }));
    await vi.advanceTimersByTimeAsync(500);
    expect(first.error).toMatchObject({
      code: "disconnected",
      message: expect.stringContaining("not connected"),
      sent: false,
      offline: true,
      cause: expect.objectContaining({ message: "the connection was lost" }),
    });
    memory.restore();
    await tick();
    expect(second.state).toBe("resolved");
    expect(published.map(({ text }) => text)).toEqual(['{"n":2}']);
  });

  test("subscribes to errors without an id once the event `rejected` has a listener", async () => {
    const { client, unit, subscribed, publish } = await inMemoryDevice();
    const rejected: unknown[] = [];
    client.on("rejected", (detail) => rejected.push(detail));
    await unit.log.send("roof", "hot");
    expect(subscribed).toEqual([[`${base}/log/roof/failed`]]);
    await publish(`${base}/log/roof/failed`, { code: 400, token: "t0k", why: "s3cret is unknown" });
    await publish(`${base}/log/roof/failed`, "nonsense");
    const parameters = { site: "north", unit: "***", zone: "roof" };
    expect(rejected).toEqual([
      { resource: "climate.log", parameters, payload: { code: 400, token: "***", why: "*** is unknown" } },
      { resource: "climate.log", parameters, payload: undefined },
    ]);
  });
});

describe("a send whose errors are observed", () => {
  test("is sent even if the broker refuses the subscription to its errors", async () => {
    const { client, unit, broker, published } = await inMemoryDevice();
    client.on("rejected", () => undefined);
    broker.onSubscribe = () => 128;
    const sending = outcome(unit.set.send({}));
    await tick();
    expect(published).toHaveLength(1);
    expect(sending.state).toBe("resolved");
  });

  test("is sent even if the subscription limit does not allow the one to its errors", async () => {
    const { client, unit, published } = await inMemoryDevice({ maxSubscriptions: 2 });
    client.on("rejected", () => undefined);
    void outcome(unit.read());
    await tick();
    await unit.set.send({});
    expect(published).toHaveLength(2);
  });
});
