/** The option middleware. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { TopicsmithError, type Middleware } from "../../../src/runtime/index.js";
import { inMemoryDevice, outcome, tick } from "./in-memory-device.js";

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
