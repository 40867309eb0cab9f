import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isRefusal, Reconnector } from "../../../../src/runtime/transport/reconnector.js";

beforeEach(() => void vi.useFakeTimers());

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The pauses before so many attempts, in milliseconds, where Math.random returns `random`. */
function pauses(reconnector: Reconnector, attempt: ReturnType<typeof vi.fn>, count: number): number[] {
  return Array.from({ length: count }, () => {
    const [began, before] = [Date.now(), attempt.mock.calls.length];
    reconnector.schedule();
    while (attempt.mock.calls.length === before) vi.advanceTimersToNextTimer();
    return Date.now() - began;
  });
}

describe("Reconnector", () => {
  test.each([
    { backoff: undefined, random: 1, expected: [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] },
    { backoff: undefined, random: 0, expected: [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000] },
    { backoff: { minMs: 10 }, random: 1, expected: [10, 20, 40] },
    { backoff: { minMs: 10, maxMs: 15 }, random: 1, expected: [10, 15, 15] },
    { backoff: { minMs: 100, maxMs: 10 }, random: 1, expected: [10, 10] },
    { backoff: { minMs: 0 }, random: 1, expected: [1, 2, 4] },
    // Timers with a longer delay fire at once.
    { backoff: { minMs: Infinity, maxMs: Infinity }, random: 1, expected: [2 ** 31 - 1] },
    { backoff: { minMs: undefined, maxMs: undefined }, random: 1, expected: [500, 1_000] },
  ])("pauses $expected ms with backoff $backoff and random $random", ({ backoff, random, expected }) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    const attempt = vi.fn();
    expect(pauses(new Reconnector(attempt, backoff), attempt, expected.length)).toEqual(expected);
  });

  test("keeps the longest pause however many attempts fail", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const attempt = vi.fn();
    expect(pauses(new Reconnector(attempt), attempt, 2_000).at(-1)).toBe(30_000);
  });

  test("does not lengthen the pause for an attempt that does not count", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const attempt = vi.fn();
    const reconnector = new Reconnector(attempt);
    reconnector.schedule({ grow: false });
    expect(pauses(reconnector, attempt, 2)).toEqual([500, 1_000]);
  });

  test("pauses longest where it is asked to", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const attempt = vi.fn();
    const reconnector = new Reconnector(attempt);
    const began = Date.now();
    reconnector.schedule({ longest: true });
    vi.advanceTimersToNextTimer();
    expect(Date.now() - began).toBe(30_000);
  });

  test("starts over with the shortest pause after reset", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const attempt = vi.fn();
    const reconnector = new Reconnector(attempt);
    pauses(reconnector, attempt, 3);
    reconnector.reset();
    expect(pauses(reconnector, attempt, 2)).toEqual([500, 1_000]);
  });

  test("attempts once if it is scheduled twice", () => {
    const attempt = vi.fn();
    const reconnector = new Reconnector(attempt);
    reconnector.schedule();
    reconnector.schedule();
    vi.runAllTimers();
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  test("attempts nothing after stop", () => {
    const attempt = vi.fn();
    const reconnector = new Reconnector(attempt);
    reconnector.stop();
    reconnector.schedule();
    reconnector.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(attempt).not.toHaveBeenCalled();
  });
});

test.each([
  // CONNACK of MQTT 3.1.1: 3 is "server unavailable".
  ...[1, 2, 4, 5].map((code) => ({ code, refusal: true })),
  { code: 3, refusal: false },
  // MQTT 5: unspecified error, server unavailable, server busy, quota exceeded, connection rate exceeded.
  ...[128, 136, 137, 151, 159].map((code) => ({ code, refusal: false })),
  // MQTT 5: version, client id, password, authorization, banned, authentication method, session taken over.
  ...[132, 133, 134, 135, 138, 140, 142].map((code) => ({ code, refusal: true })),
  { code: undefined, refusal: false },
  { code: "ECONNREFUSED", refusal: false },
])("isRefusal($code) is $refusal", ({ code, refusal }) => {
  expect(isRefusal(code)).toBe(refusal);
});
