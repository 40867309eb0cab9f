import { describe, expect, test } from "vitest";
import { mqttTransport } from "../../../../src/runtime/index.js";
import { checkOptions } from "../../../../src/runtime/internal/check-options.js";

describe("checkOptions", () => {
  test.each([
    [{ timeoutMs: "10" }, 'timeoutMs must be a number from 0 on, not "10"'],
    [{ maxQueued: null }, "maxQueued must be a number from 0 on, not null"],
    [{ concurrency: 0 }, "concurrency must be a number from 1 on, not 0"],
    [{ maxSubscriptions: 0 }, "maxSubscriptions must be a number from 1 on, not 0"],
    [{ backoff: 500 }, "backoff must be an object with minMs or maxMs, not 500"],
    [{ backoff: null }, "backoff must be an object with minMs or maxMs, not null"],
    [{ backoff: { maxMs: NaN } }, "backoff.maxMs must be a number from 1 on, not NaN"],
    [{ backoff: { maxMs: 0 } }, "backoff.maxMs must be a number from 1 on, not 0"],
    [{ backoff: { minMs: 500, maxMs: 100 } }, "backoff.maxMs must be a number from 500 on, not 100"],
    [{ qos: "1" }, 'qos must be 0 or 1 or 2, not "1"'],
    [{ qos: 1.5 }, "qos must be 0 or 1 or 2, not 1.5"],
    [{ mqtt: 5 }, 'mqtt must be "3.1.1" or "5", not 5'],
    [{ overflow: "drop" }, 'overflow must be "drop-oldest" or "drop-newest" or "error", not "drop"'],
    [{ signal: {} }, "signal must be an AbortSignal, not an object"],
    [{ timeoutMs: Object.create(null) }, "timeoutMs must be a number from 0 on, not an object"],
    [{ lazy: "no" }, 'lazy must be true or false, not "no"'],
    [{ credentials: "s3cret" }, /^credentials must be an object, or a function that returns one$/],
    [{ middleware: "log" }, 'middleware must be functions or objects of hooks, not "log"'],
    [{ middleware: [null] }, "middleware must be functions or objects of hooks, not a list"],
    [{ middleware: { request: 5 } }, "middleware must be functions or objects of hooks, not an object"],
    [{ onError: 5 }, "onError must be a function, not 5"],
  ])("refuses %o", (options, message) => {
    expect(() => checkOptions(options)).toThrow(message);
  });

  test.each<object>([
    { timeoutMs: Infinity, maxQueued: 0, concurrency: 1, buffer: 0, qos: 0, mqtt: "5" },
    { timeoutMs: undefined, backoff: undefined, signal: undefined },
    { backoff: { minMs: undefined, maxMs: 1 } },
    { backoff: { minMs: 60_000 } },
    { signal: new AbortController().signal, onError: () => undefined },
    { middleware: [() => Promise.resolve(), { message: undefined }] },
    // Parameters of topics have names of their own.
    { clientId: "7", maximum: undefined, maxDevices: "ten", constructor: "me", handler: "x" },
  ])("accepts %o", (options) => {
    expect(() => checkOptions(options)).not.toThrow();
  });

  test("takes rules for further options", () => {
    expect(() => checkOptions({ unhandled: "ignored" }, { unhandled: ["reject", "ignore"] })).toThrow(
      'unhandled must be "reject" or "ignore", not "ignored"',
    );
  });
});

test("a transport refuses a pause that is not a number before it connects", () => {
  const options = { backoff: { maxMs: NaN } };
  expect(() => mqttTransport("mqtt://127.0.0.1:1", options)).toThrow("backoff.maxMs must be a number");
});
