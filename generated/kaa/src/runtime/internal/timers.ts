/**
 * The longest delay that a timer takes: about 24.8 days. Node and browsers keep the delay as a 32-bit signed integer, and fire a
 * timer with a longer one at once.
 */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Waits for `work` or `ms` milliseconds, whichever is first. Ignores rejections. Beyond {@link MAX_TIMER_MS}, waits for `work`. */
export async function waitAtMost(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => {
    if (ms <= MAX_TIMER_MS) timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
