import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RejectedError } from "../../../src/runtime/index.js";
import { base, greenhouse, outcome, tick } from "./greenhouse.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const idOf = (published: { topic: string } | undefined): number => Number(published?.topic.split("/").at(-1));

describe("a call", () => {
  test("subscribes to all ids at once, and publishes only when that is acknowledged", async () => {
    const { unit, broker, published, subscribed, answer } = await greenhouse();
    const acknowledge: (() => void)[] = [];
    broker.onSubscribe = (_filter, qos) => new Promise((resolve) => acknowledge.push(() => resolve(qos)));
    const reading = outcome(unit.read());
    await tick();
    expect(subscribed).toEqual([[`${base}/read/+/ok`, `${base}/read/+/failed`]]);
    expect(published).toEqual([]);
    for (const one of acknowledge) one();
    await tick();
    expect(published).toHaveLength(1);
    await answer({ value: 1 });
    expect(reading).toMatchObject({ state: "resolved", value: { value: 1 } });
  });

  test("resolves with the answer's payload, or with nothing where answers are empty", async () => {
    const { unit, published, answer, subscribed } = await greenhouse();
    const reading = unit.read();
    await tick();
    expect(published[0]?.topic).toMatch(/^gh\/north\/climate\/s3cret\/read\/[123]$/);
    await answer({ value: 21 });
    expect(await reading).toEqual({ value: 21 });
    const set = unit.set({ target: 20 });
    await tick();
    expect(published[1]).toMatchObject({ text: '{"target":20}' });
    await answer("a body that comes anyway");
    expect(await set).toBeUndefined();
    expect(subscribed).toHaveLength(2);
  });

  test("is sent at QoS 0 where it may be repeated, else at the spec's, and as told", async () => {
    const { unit, published } = await greenhouse();
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

  test("rejects with what the platform says", async () => {
    const { unit, published, answer } = await greenhouse();
    const reading = outcome(unit.read());
    await tick();
    await answer({ code: 404, why: "no sensor" }, { suffix: "/failed" });
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

  test("rejects without a payload but with the body where that is not what an error looks like", async () => {
    const { unit, answer } = await greenhouse();
    const reading = outcome(unit.read());
    await tick();
    await answer("oops", { suffix: "/failed" });
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
  ])("rejects an answer that is %s, and reports it", async (_name, body, code, message) => {
    const { unit, answer, events } = await greenhouse({ maxDepth: 20 });
    const reading = outcome(unit.read());
    await tick();
    await answer(body);
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

  test("delivers what the schema refuses where that is only reported, or not even looked at", async () => {
    for (const [responses, reports] of [
      ["report", 1],
      ["off", 0],
    ] as const) {
      const { unit, answer, events } = await greenhouse({ responses });
      const reading = outcome(unit.read());
      await tick();
      await answer({ value: "warm" });
      expect(reading.value).toEqual({ value: "warm" });
      expect(events).toHaveLength(reports);
    }
  });

  test("reads a body that means nothing as undefined", async () => {
    const { unit, answer } = await greenhouse();
    for (const body of ["", "null", "{}"]) {
      const plan = outcome(unit.plan({ version: "1" }));
      await tick();
      await answer(body);
      expect(plan).toEqual({ state: "resolved", value: undefined });
    }
  });

  test("sends and reads bytes as they are", async () => {
    const { unit, broker, say, published } = await greenhouse();
    const seen: unknown[] = [];
    broker.onPublish = ({ payload }) => void seen.push([...payload]);
    const picture = outcome(unit.picture(new Uint8Array([0, 255, 1])));
    await tick();
    await say(`${published[0]?.topic}/ok`, new Uint8Array([254]));
    expect(seen[0]).toEqual([0, 255, 1]);
    expect([...(picture.value ?? [])]).toEqual([254]);
  });

  test("puts path parameters and optional levels where they belong", async () => {
    const { unit, published } = await greenhouse();
    void outcome(unit.mode("roof", { watch: true }));
    void outcome(unit.plan(undefined, { variant: "winter" }));
    await tick();
    expect(published.map(({ topic, text }) => [topic.replace(/\d$/, "n"), text])).toEqual([
      [`${base}/mode/roof/n`, '{"watch":true}'],
      [`${base}/plan/winter/n`, ""],
    ]);
  });

  test("rejects what can not be sent, and sends nothing", async () => {
    const { unit, published, client } = await greenhouse();
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

  test("ends with its timeout, saying what is known", async () => {
    const { unit, broker, memory, answer } = await greenhouse({ timeoutMs: 700 });
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
      code: "timeout",
      message: expect.stringContaining("(not sent, not connected)"),
    });
    await answer();
  });

  test("takes Infinity, and more than a timer can count, as no timeout", async () => {
    const { unit, answer } = await greenhouse();
    const readings = [
      outcome(unit.read({ timeoutMs: Infinity })),
      outcome(unit.set({}, { timeoutMs: 2 ** 33 })),
    ];
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(readings.map(({ state }) => state)).toEqual(["pending", "pending"]);
    await answer({ value: 1 });
    await answer({ value: 1 }, { back: 2 });
    expect(readings.map(({ state }) => state)).toEqual(["resolved", "resolved"]);
  });

  test("ends with its signal, at once if that was aborted before", async () => {
    const { unit, published, client } = await greenhouse();
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
});

describe("answers", () => {
  test("match by exact topic", async () => {
    const { unit, say, published, client } = await greenhouse({ subscribe: "never" });
    const reading = outcome(unit.read());
    await tick();
    const topic = published[0]?.topic ?? "";
    client.on("unmatched-response", () => undefined);
    for (const other of [
      `${base}/read/ok`,
      `${topic}/ok/ok`,
      `${topic}x/ok`,
      `${base}/set/${idOf(published[0])}/ok`,
      `${topic}/OK`,
    ]) {
      await say(other, { value: 0 });
    }
    expect(reading.state).toBe("pending");
  });

  test("that come a second time are counted and reported, with the topic's secrets hidden", async () => {
    const { unit, answer, client, events, published } = await greenhouse();
    const reading = outcome(unit.read());
    await tick();
    await answer({ value: 1 });
    await answer({ value: 2 });
    await answer({ code: 1 }, { suffix: "/failed" });
    expect(reading.value).toEqual({ value: 1 });
    const topic = published[0]?.topic.replace("s3cret", "***");
    expect(events).toEqual([
      ["duplicate-response", { topic: `${topic}/ok`, resource: "climate.read" }],
      ["duplicate-response", { topic: `${topic}/failed`, resource: "climate.read" }],
    ]);
    expect(client.stats()).toMatchObject({ duplicate: 2, late: 0, unmatched: 0 });
  });

  test("that come late are counted and reported, and free the id", async () => {
    const { unit, answer, client, events } = await greenhouse();
    const reading = outcome(unit.read({ timeoutMs: 100 }));
    await vi.advanceTimersByTimeAsync(100);
    expect(reading.error).toMatchObject({ code: "timeout" });
    expect(client.stats().quarantined).toBe(1);
    await answer({ value: 1 });
    expect(events).toEqual([
      [
        "late-response",
        { topic: expect.stringMatching(/\/\*\*\*\/read\/\d\/ok$/), resource: "climate.read" },
      ],
    ]);
    expect(client.stats()).toMatchObject({ late: 1, quarantined: 0 });
  });

  test("to nobody's request are counted and reported; what is not of the API is not", async () => {
    const { memory, say, events, client } = await greenhouse();
    await memory.subscribe(["#"], 1);
    await say(`${base}/read/7/ok`, { value: 1 });
    await say(`${base}/read/7`);
    await say("something/else/ok");
    expect(events.map(([name]) => name)).toEqual(["unmatched-response"]);
    expect(client.stats().unmatched).toBe(1);
  });

  test("that the broker had retained, or that come before the request was sent, are not answers", async () => {
    const { unit, memory, published, inject, say } = await greenhouse();
    const payload = new TextEncoder().encode('{"value":0}');
    const reading = outcome(unit.read());
    await tick();
    inject({ topic: `${published[0]?.topic}/ok`, payload, retain: true });
    await tick();
    expect(reading.state).toBe("pending");
    memory.drop();
    const another = outcome(unit.set({}));
    for (const id of [1, 2, 3]) inject({ topic: `${base}/set/${id}/ok` });
    await tick();
    expect(another.state).toBe("pending");
    memory.restore();
    await tick();
    await say(`${published.find(({ topic }) => topic.includes("/set/"))?.topic}/ok`);
    expect(another.state).toBe("resolved");
  });
});

describe("request ids", () => {
  test("are never one in flight, and wait in a queue, first in first out", async () => {
    const { unit, published, say, client } = await greenhouse();
    const calls = Array.from({ length: 5 }, (_, index) => outcome(unit.set({ index })));
    await tick();
    expect(published).toHaveLength(3);
    expect(new Set(published.map(idOf)).size).toBe(3);
    expect(client.stats()).toMatchObject({ inFlight: 3, queued: 2 });
    await say(`${published[1]?.topic}/ok`);
    expect(published[3]).toMatchObject({ text: '{"index":3}', topic: published[1]?.topic });
    await say(`${published[0]?.topic}/ok`);
    expect(published[4]).toMatchObject({ text: '{"index":4}', topic: published[0]?.topic });
    for (const { topic } of published.slice(2)) await say(`${topic}/ok`);
    expect(calls.every(({ state }) => state === "resolved")).toBe(true);
  });

  test("of one scope do not hold up another", async () => {
    const { client, unit, published } = await greenhouse();
    for (let count = 0; count < 5; count += 1) void outcome(unit.read());
    void outcome(client.endpoint({ unit: "other" }).climate.read());
    await tick();
    expect(published.filter(({ topic }) => topic.includes("/other/"))).toHaveLength(1);
  });

  test("past the bound of the queue fail the call at once", async () => {
    const { unit, client } = await greenhouse({ maxQueued: 2 });
    const calls = Array.from({ length: 6 }, () => outcome(unit.read()));
    await tick();
    expect(calls.map(({ error }) => error && (error as { code?: string }).code)).toEqual([
      ...Array.from({ length: 5 }, () => undefined),
      "queue-full",
    ]);
    expect(client.stats()).toMatchObject({ inFlight: 3, queued: 2 });
  });

  test("of a call that gave up in the queue are not used up, and those of one that was sent rest", async () => {
    const { unit, published, client } = await greenhouse({ idQuarantineMs: 3_000 });
    const calls = Array.from({ length: 4 }, () => outcome(unit.set({}, { timeoutMs: 1_000 })));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls.every(({ state }) => state === "rejected")).toBe(true);
    expect(calls[3]?.error).toMatchObject({ message: expect.stringContaining("all request ids are in use") });
    expect(client.stats()).toMatchObject({ inFlight: 0, queued: 0, quarantined: 3 });
    const next = outcome(unit.read({ timeoutMs: 60_000 }));
    await vi.advanceTimersByTimeAsync(2_999);
    expect(published).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(published).toHaveLength(4);
    expect(next.state).toBe("pending");
  });

  test("rest for the call's timeout, at least five seconds, unless told otherwise", async () => {
    for (const [timeoutMs, idQuarantineMs] of [
      [100, 5_000],
      [20_000, 20_000],
    ] as const) {
      const { unit, client } = await greenhouse();
      void outcome(unit.read({ timeoutMs }));
      await vi.advanceTimersByTimeAsync(timeoutMs + idQuarantineMs - 1);
      expect(client.stats().quarantined).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(client.stats().quarantined).toBe(0);
    }
  });
});

describe("a send", () => {
  test("settles when the broker has it, without an id and without a subscription", async () => {
    const { unit, broker, published, subscribed } = await greenhouse();
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

  test("can not be called where there is no answer to wait for", async () => {
    const { unit } = await greenhouse();
    expect(typeof unit.log).toBe("object");
    expect(Object.keys(unit.log)).toEqual(["send"]);
  });

  test("rejects where the broker refuses the message", async () => {
    const { unit, broker } = await greenhouse();
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

  test("waits for a connection, within its time", async () => {
    const { unit, memory, published } = await greenhouse();
    memory.drop();
    const first = outcome(unit.set.send({ n: 1 }, { timeoutMs: 500 }));
    const second = outcome(unit.set.send({ n: 2 }));
    await vi.advanceTimersByTimeAsync(500);
    expect(first.error).toMatchObject({ code: "timeout", message: expect.stringContaining("not connected") });
    memory.restore();
    await tick();
    expect(second.state).toBe("resolved");
    expect(published.map(({ text }) => text)).toEqual(['{"n":2}']);
  });

  test("makes the event `rejected` of an error without an id, once somebody listens for it", async () => {
    const { client, unit, subscribed, say } = await greenhouse();
    const rejected: unknown[] = [];
    client.on("rejected", (detail) => rejected.push(detail));
    await unit.log.send("roof", "hot");
    expect(subscribed).toEqual([[`${base}/log/roof/failed`]]);
    await say(`${base}/log/roof/failed`, { code: 400, token: "t0k", why: "s3cret is unknown" });
    await say(`${base}/log/roof/failed`, "nonsense");
    const parameters = { site: "north", unit: "***", zone: "roof" };
    expect(rejected).toEqual([
      { resource: "climate.log", parameters, payload: { code: 400, token: "***", why: "*** is unknown" } },
      { resource: "climate.log", parameters, payload: undefined },
    ]);
  });
});
