import { mapMaybePromise } from "../internal/maybe-promise.js";

/** Must neither throw nor reject. */
type Job = () => void | Promise<void>;

/** Runs so many jobs at a time, keeps so many waiting, first come first served. */
export class RequestQueue {
  readonly #waiting: Job[] = [];
  readonly #limits: { readonly concurrency: number; readonly maxQueued: number };
  #running = 0;
  #starting = false;
  #onIdle: (() => void)[] = [];

  constructor(limits: { readonly concurrency: number; readonly maxQueued: number }) {
    this.#limits = limits;
  }

  /** Takes a job. False: there is no room, and it will not be run. */
  add(job: Job): boolean {
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

  #run(job: Job): void {
    this.#running += 1;
    void mapMaybePromise(job(), () => {
      this.#running -= 1;
      this.#goOn();
    });
  }

  #goOn(): void {
    // A loop: jobs that end at once would otherwise start one another, deeper and deeper.
    if (this.#starting) return;
    this.#starting = true;
    while (this.#waiting.length > 0 && this.#running < this.#limits.concurrency)
      this.#run(this.#waiting.shift()!);
    this.#starting = false;
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
