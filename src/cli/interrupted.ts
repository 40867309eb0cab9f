/** Resolves at the first SIGINT or SIGTERM. A second signal has no listener, so it ends the process at once. */
export async function interrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}
