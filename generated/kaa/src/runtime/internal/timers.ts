/** Waits for `work`, but not longer than this; its failure is not of interest. */
export async function waitAtMost(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    // Longer ones overflow a timer, which then fires at once.
    if (ms < 2 ** 31) timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), over]);
  clearTimeout(timer);
}
