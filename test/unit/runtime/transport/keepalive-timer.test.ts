import { expect, onTestFinished, test, vi } from "vitest";
import { keepaliveTimer } from "../../../../src/runtime/transport/keepalive-timer.js";

test("the keepalive timer calls back again and again, until it is cleared", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const calls = vi.fn();
  const timer = keepaliveTimer.set(calls, 1_000);
  vi.advanceTimersByTime(3_500);
  expect(calls).toHaveBeenCalledTimes(3);
  keepaliveTimer.clear(timer);
  vi.advanceTimersByTime(3_500);
  expect([calls.mock.calls.length, vi.getTimerCount()]).toEqual([3, 0]);
});

test("the keepalive timer lets a blocked loop read first, so that what it reads can clear the timer", async () => {
  const calls = vi.fn();
  const timer = keepaliveTimer.set(calls, 10);
  const blockedUntil = performance.now() + 50;
  while (performance.now() < blockedUntil);
  // Read in the turn after the timers, as a PINGRESP is.
  setImmediate(() => keepaliveTimer.clear(timer));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(calls).not.toHaveBeenCalled();
});
