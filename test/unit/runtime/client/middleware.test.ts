/** The option middleware. */
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Middleware,
  type OutgoingRequest,
  type StartedObservation,
  TopicsmithError,
} from "../../../../src/runtime/index.js";
import { base, inMemoryDevice, outcome, tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a middleware", () => {
  test("wraps every call and send, and gets redacted parameters", async () => {
    const seen: unknown[] = [];
    const middleware: Middleware = async (request, next) => {
      const result = await next();
      seen.push([request, result]);
      return result;
    };
    const { unit, respond } = await inMemoryDevice({ middleware });
    const reading = outcome(unit.read());
    await tick();
    await respond({ value: 21 });
    expect(reading.value).toEqual({ value: 21 });
    await unit.log.send("roof", 1);
    const parameters = { site: "north", unit: "***" };
    expect(seen).toEqual([
      [{ resource: "climate.read", kind: "call", parameters }, { value: 21 }],
      [{ resource: "climate.log", kind: "send", parameters: { ...parameters, zone: "roof" } }, undefined],
    ]);
  });

  test("that has not called next yet is waited for by a close, as a call is", async () => {
    const { unit, client, respond } = await inMemoryDevice({
      middleware: async (_request, next) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return next();
      },
    });
    const reading = outcome(unit.read());
    const closed = outcome(client.close());
    const late = outcome(unit.read());
    await vi.advanceTimersByTimeAsync(100);
    expect([closed.state, late.error]).toMatchObject(["pending", { code: "closed" }]);
    await respond({ value: 1 });
    expect([reading.value, closed.state, vi.getTimerCount()]).toEqual([{ value: 1 }, "resolved", 0]);
  });

  test.each([{ force: true }, {}])("that never calls next ends with the close (%o)", async (options) => {
    const { unit, client } = await inMemoryDevice({ middleware: () => new Promise(() => undefined) });
    const calls = [unit.read(), unit.read({ timeoutMs: Infinity })].map(outcome);
    void client.close(options);
    await vi.advanceTimersByTimeAsync(5_000);
    for (const { error } of calls)
      expect(error).toMatchObject({ code: "closed", sent: false, offline: false });
    expect([client.stats().inFlight, vi.getTimerCount()]).toEqual([0, 0]);
  });

  test("leaves the facts in the errors of an abort and of its own timeout", async () => {
    const { unit } = await inMemoryDevice({
      middleware: async (_request, next) => {
        await next().catch(() => undefined);
        return new Promise(() => undefined);
      },
    });
    const aborting = new AbortController();
    const aborted = outcome(unit.read({ signal: aborting.signal, timeoutMs: Infinity }));
    await tick();
    aborting.abort();
    await tick();
    expect(aborted.error).toMatchObject({
      code: "aborted",
      sent: true,
      offline: false,
      requestId: expect.anything(),
    });
    const late = outcome(unit.read({ timeoutMs: 100 }));
    await vi.advanceTimersByTimeAsync(200);
    expect(late.error).toMatchObject({ code: "timeout", sent: true, requestId: expect.anything() });
  });

  test("sends the payload as it was when the call began", async () => {
    const { unit, published } = await inMemoryDevice({
      middleware: async (_, next) => {
        await Promise.resolve();
        return next();
      },
    });
    const settings = { target: 1 };
    const first = unit.set.send(settings);
    settings.target = 2;
    await Promise.all([first, unit.set.send(settings)]);
    expect(published.map(({ text }) => text)).toEqual(['{"target":1}', '{"target":2}']);
  });

  test("may repeat a request, each time with a new id and timeout", async () => {
    const middleware: Middleware = async (_request, next) => {
      for (;;) {
        try {
          return await next();
        } catch (error) {
          if (!(error instanceof TopicsmithError && error.code === "timeout")) throw error;
        }
      }
    };
    const { unit, client, published, respond } = await inMemoryDevice({ middleware, timeoutMs: 100 });
    const reading = outcome(unit.read());
    await vi.advanceTimersByTimeAsync(100);
    expect(client.stats()).toMatchObject({ quarantined: 1, inFlight: 1 });
    expect(published[1]?.topic).not.toBe(published[0]?.topic);
    await respond({ value: 2 });
    expect(reading.value).toEqual({ value: 2 });
  });

  test("gets the errors of invalid requests, and may respond itself", async () => {
    const codes: unknown[] = [];
    const middleware: Middleware = async ({ resource }, next) => {
      if (resource === "climate.read") return { value: 7 };
      return next().catch((error: unknown) => codes.push(Reflect.get(Object(error), "code")));
    };
    const { unit, published } = await inMemoryDevice({ middleware });
    await unit.set([]);
    expect(codes).toEqual(["invalid-request"]);
    expect(await unit.read()).toEqual({ value: 7 });
    expect(published).toEqual([]);
  });
});

describe("a middleware that does not come to its end", () => {
  const never = () => new Promise<never>(() => undefined);

  test.each<[name: string, middleware: Middleware]>([
    ["never calls next", never],
    [
      "does not return after next",
      async (_request, next) => {
        await next();
        return never();
      },
    ],
  ])("and %s fails the call by timeout", async (_name, middleware) => {
    const { unit, published } = await inMemoryDevice({ middleware });
    const sending = outcome(unit.set.send({}, { timeoutMs: 300 }));
    await vi.advanceTimersByTimeAsync(299);
    expect(sending.state).toBe("pending");
    await vi.advanceTimersByTimeAsync(1);
    expect(sending.error).toMatchObject({
      code: "timeout",
      message: "climate.set: the middleware has not ended within 300 ms",
    });
    expect(published.length).toBe(middleware === never ? 0 : 1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("sends nothing by a call of next that comes too late", async () => {
    const lates: unknown[] = [];
    const middleware: Middleware = async (_request, next) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return next().catch((error: unknown) => lates.push(error));
    };
    const { unit, published } = await inMemoryDevice({ middleware });
    const sending = outcome(unit.set.send({}, { timeoutMs: 300 }));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(sending.error).toMatchObject({ code: "timeout" });
    expect(lates).toEqual([sending.error]);
    expect(published).toEqual([]);
  });

  test.each(["before the call", "during the call"])(
    "is left by a signal that is aborted %s",
    async (when) => {
      const { unit } = await inMemoryDevice({ middleware: never });
      const abort = new AbortController();
      if (when === "before the call") abort.abort("enough");
      const sending = outcome(unit.set.send({}, { signal: abort.signal }));
      await tick();
      if (when === "during the call") abort.abort("enough");
      await tick();
      expect(sending.error).toMatchObject({ code: "aborted", cause: "enough" });
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test("has no time limit if the caller has none", async () => {
    const { unit } = await inMemoryDevice({ middleware: never });
    const sending = outcome(unit.set.send({}, { timeoutMs: Infinity }));
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(sending.state).toBe("pending");
  });
});

describe("a request as a middleware sees it", () => {
  test("has the payload, the id, the signal and the time that is left, and hides the payload from logs", async () => {
    let seen: OutgoingRequest | undefined;
    const left: number[] = [];
    const middleware: Middleware = async (request, next) => {
      seen = request;
      await new Promise((resolve) => setTimeout(resolve, 100));
      left.push(request.timeLeftMs);
      const result = next();
      left.push(request.timeLeftMs);
      return result;
    };
    const { unit, published, respond } = await inMemoryDevice({ middleware });
    const { signal } = new AbortController();
    const setting = outcome(unit.set({ password: "hunter2" }, { signal, timeoutMs: 400 }));
    await tick();
    expect(seen?.requestId).toBeUndefined();
    await vi.advanceTimersByTimeAsync(150);
    expect(left).toEqual([300, 400]);
    expect(seen?.timeLeftMs).toBe(350);
    expect(seen).toMatchObject({ payload: { password: "hunter2" }, timeoutMs: 400 });
    expect(seen?.signal).toBe(signal);
    expect(published[0]?.topic).toMatch(new RegExp(`/set/${seen?.requestId}$`));
    expect(inspect(seen, { getters: true }) + JSON.stringify(seen)).not.toContain("hunter2");
    await respond();
    expect(setting.state).toBe("resolved");
  });
});

describe("a list of middleware", () => {
  test("is applied from the outermost to the innermost, and passes results and errors outwards", async () => {
    const order: string[] = [];
    const named =
      (name: string): Middleware =>
      async (_request, next) => {
        order.push(`${name} begins`);
        try {
          return await next();
        } finally {
          order.push(`${name} ends`);
        }
      };
    const { unit } = await inMemoryDevice({ middleware: [named("outer"), { request: named("inner") }] });
    await unit.set.send({});
    await expect(unit.set.send([] as object)).rejects.toMatchObject({ code: "invalid-request" });
    const one = ["outer begins", "inner begins", "inner ends", "outer ends"];
    expect(order).toEqual([...one, ...one]);
  });
});

describe("the hooks of a middleware", () => {
  test("wrap the delivery of responses, pushes and errors, and may withhold them", async () => {
    const seen: unknown[] = [];
    const bodies: string[] = [];
    let withheld = false;
    const { unit, publish, respond } = await inMemoryDevice({
      middleware: {
        message(message, next) {
          seen.push(message);
          bodies.push(new TextDecoder().decode(message.body));
          if (!withheld) next();
        },
      },
    });
    const reading = outcome(unit.read());
    await tick();
    await respond({ value: 1 });
    expect(reading.value).toEqual({ value: 1 });
    const alarms = unit.alarm.observe();
    await alarms.ready;
    await publish(`${base}/alarm/ok`, "fire");
    withheld = true;
    await publish(`${base}/alarm/ok`, "smoke");
    withheld = false;
    await publish(`${base}/alarm/ok`, "clear");
    expect([(await alarms.next()).value, (await alarms.next()).value]).toEqual(["fire", "clear"]);
    const parameters = { site: "north", unit: "***" };
    expect(seen).toEqual([
      { resource: "climate.read", kind: "success", parameters, requestId: expect.any(Number) },
      ...Array.from({ length: 3 }, () => ({
        resource: "climate.alarm",
        kind: "success",
        parameters,
        requestId: undefined,
      })),
    ]);
    expect(bodies).toEqual(['{"value":1}', "fire", "smoke", "clear"]);
  });

  test("deliver a message once, however often they call next", async () => {
    const { unit, publish } = await inMemoryDevice({
      middleware: {
        message(_message, next) {
          next();
          next();
        },
      },
    });
    const alarms = unit.alarm.observe();
    await alarms.ready;
    await publish(`${base}/alarm/ok`, "fire");
    await publish(`${base}/alarm/ok`, "clear");
    expect([(await alarms.next()).value, (await alarms.next()).value]).toEqual(["fire", "clear"]);
  });

  test("get observations with their ready and done promises", async () => {
    const seen: StartedObservation[] = [];
    const { unit, client } = await inMemoryDevice({
      middleware: [{ observation: (observation) => seen.push(observation) }],
    });
    const alarms = unit.alarm.observe();
    expect(seen).toMatchObject([{ resource: "climate.alarm", parameters: { unit: "***" } }]);
    expect([seen[0]?.ready, seen[0]?.done]).toEqual([alarms.ready, alarms.done]);
    await client.close();
  });
});
