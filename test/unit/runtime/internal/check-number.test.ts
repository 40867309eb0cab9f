import { describe, expect, test } from "vitest";
import { mqttTransport } from "../../../../src/runtime/index.js";
import { checkNumbers } from "../../../../src/runtime/internal/check-number.js";

describe("checkNumbers", () => {
  test.each([
    [{ timeoutMs: "10" }, "timeoutMs must be a number from 0 on, not 10"],
    [{ maxQueued: null }, "maxQueued must be a number from 0 on, not null"],
    [{ concurrency: 0 }, "concurrency must be a number from 1 on, not 0"],
    [{ backoff: { maxMs: NaN } }, "backoff.maxMs must be a number from 0 on, not NaN"],
  ])("refuses %o", (options, message) => {
    expect(() => checkNumbers(options)).toThrow(message);
  });

  test.each([
    { timeoutMs: Infinity, maxQueued: 0, concurrency: 1, buffer: 0 },
    { timeoutMs: undefined, backoff: undefined },
    { backoff: { minMs: undefined, maxMs: 1 } },
    { clientId: "7", maximum: undefined },
  ])("accepts %o", (options) => {
    expect(() => checkNumbers(options)).not.toThrow();
  });
});

test("a transport refuses a pause that is not a number before it connects", () => {
  const options = { backoff: { maxMs: NaN } };
  expect(() => mqttTransport("mqtt://127.0.0.1:1", options)).toThrow("backoff.maxMs must be a number");
});
