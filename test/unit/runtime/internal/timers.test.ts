import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MAX_TIMER_MS, TimeLimit, waitAtMost } from "../../../../src/runtime/internal/timers.js";

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

describe("a time limit", () => {
  test("is over on time, exactly once, and can be started again", () => {
    const over = vi.fn();
    const limit = new TimeLimit(over);
    limit.start(100);
    limit.start(1);
    vi.advanceTimersByTime(99);
    expect(over).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(over).toHaveBeenCalledTimes(1);
    limit.start(100);
    limit.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("whose timer fires late lets the event loop read its sockets first", () => {
    const over = vi.fn();
    const limit = new TimeLimit(over);
    limit.start(100);
    // A blocked event loop: the clock goes on, and the timer fires after its time.
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 400);
    vi.advanceTimersByTime(100);
    expect(over).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(1);
    limit.stop();
    expect(vi.getTimerCount()).toBe(0);
    vi.restoreAllMocks();
  });

  test("ends although the event loop is blocked again", () => {
    const over = vi.fn();
    const limit = new TimeLimit(over);
    limit.start(100);
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 400);
    vi.advanceTimersByTime(100);
    vi.advanceTimersByTime(100);
    expect(over).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
  });

  test("that is late waits for 32 turns of the loop, together with others, one of which may be stopped", () => {
    const over = [vi.fn(), vi.fn(), vi.fn()];
    const limits = over.map((each) => new TimeLimit(each));
    for (const limit of limits) limit.start(100);
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 400);
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(1);
    limits[1]!.stop();
    for (let turn = 1; turn <= 32; turn += 1) {
      expect(over.map((each) => each.mock.calls.length)).toEqual([0, 0, 0]);
      vi.advanceTimersToNextTimer();
    }
    expect(over.map((each) => each.mock.calls.length)).toEqual([1, 0, 1]);
    expect(vi.getTimerCount()).toBe(0);
    vi.restoreAllMocks();
  });

  test("that is late can be stopped by another one of the same turn, even if that throws", () => {
    const over = vi.fn();
    const last = vi.fn();
    const stopped = new TimeLimit(over);
    const first = new TimeLimit(() => {
      stopped.stop();
      throw new Error("mine");
    });
    for (const limit of [first, stopped, new TimeLimit(last)]) limit.start(100);
    vi.spyOn(performance, "now").mockReturnValue(performance.now() + 400);
    vi.advanceTimersByTime(100);
    expect(() => vi.advanceTimersByTime(100)).toThrow("mine");
    vi.advanceTimersByTime(100);
    expect([over.mock.calls.length, last.mock.calls.length, vi.getTimerCount()]).toEqual([0, 1, 0]);
    vi.restoreAllMocks();
  });

  test("that is late waits for one turn only if turns are long", () => {
    const over = vi.fn();
    const now = performance.now();
    const clock = vi.spyOn(performance, "now").mockReturnValue(now);
    new TimeLimit(over).start(100);
    clock.mockReturnValue(now + 400);
    vi.advanceTimersByTime(100);
    clock.mockReturnValue(now + 1_400);
    vi.advanceTimersToNextTimer();
    expect(over).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
  });

  test("does not depend on the system's clock", () => {
    const over = vi.fn();
    new TimeLimit(over).start(100);
    vi.setSystemTime(Date.now() + 86_400_000);
    vi.advanceTimersByTime(99);
    expect(over).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(over).toHaveBeenCalledTimes(1);
  });
});
