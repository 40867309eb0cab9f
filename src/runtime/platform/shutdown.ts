/** Ends the waits of a platform when it stops. */
export class Shutdown {
  #begun = false;
  #reason: unknown;
  /** One for each wait. */
  readonly #ends = new Set<() => void>();

  get begun(): boolean {
    return this.#begun;
  }

  /** The error of what the platform gives up. */
  get reason(): unknown {
    return this.#reason;
  }

  begin(reason?: unknown): void {
    this.#begun = true;
    this.#reason = reason;
    for (const end of this.#ends) end();
  }

  /** Settles like the first of these promises, or resolves with `undefined` if the shutdown comes first. */
  async until<T>(...work: readonly Promise<T>[]): Promise<T | undefined> {
    let end = (): void => undefined;
    const ended = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    this.#ends.add(end);
    if (this.#begun) end();
    try {
      return await Promise.race([...work, ended]);
    } finally {
      this.#ends.delete(end);
    }
  }
}
