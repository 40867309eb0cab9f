import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MAX_TIMER_MS, waitAtMost } from "../../../src/runtime/internal/timers.js";

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => undefined);

test.each([
  { name: "work that resolves", work: async () => 1 },
  { name: "work that rejects", work: async () => Promise.reject(new Error("ignored")) },
])("waitAtMost resolves with $name, and leaves no timer", async ({ work }) => {
  await waitAtMost(work(), 1_000);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([0, 1_000, MAX_TIMER_MS])("waitAtMost gives up after %i ms", async (ms) => {
  const waiting = waitAtMost(never, ms);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(ms);
  await waiting;
});

test.each([MAX_TIMER_MS + 0.5, MAX_TIMER_MS + 1, Infinity])(
  "waitAtMost sets no timer for %d ms, which would fire at once",
  async (ms) => {
    await waitAtMost(Promise.resolve(), ms);
    void waitAtMost(never, ms);
    expect(vi.getTimerCount()).toBe(0);
  },
);
