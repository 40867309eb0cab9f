/** Runs so many jobs at a time, keeps so many waiting, first come first served. */
export class RequestQueue {
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #limits: { readonly concurrency: number; readonly maxQueued: number };
  #running = 0;
  #onIdle: (() => void)[] = [];

  constructor(limits: { readonly concurrency: number; readonly maxQueued: number }) {
    this.#limits = limits;
  }

  /** Takes a job, which must not reject. False: there is no room, and it will not be run. */
  add(job: () => Promise<void>): boolean {
    if (this.#running < this.#limits.concurrency) this.#run(job);
    else if (this.#waiting.length < this.#limits.maxQueued) this.#waiting.push(job);
    else return false;
    return true;
  }

  /** Settles when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  /** Forgets what waits. */
  clear(): void {
    this.#waiting.length = 0;
  }

  #run(job: () => Promise<void>): void {
    this.#running += 1;
    void job().finally(() => {
      this.#running -= 1;
      const next = this.#waiting.shift();
      if (next) this.#run(next);
      else if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    });
  }
}
