import { mapMaybePromise } from "../internal/maybe-promise.js";

/** Must neither throw nor reject. */
type Job = () => void | Promise<void>;

/** Runs at most `concurrency` jobs at a time, in order of arrival, and queues at most `maxQueued` more. */
export class RequestQueue {
  readonly #queue: Job[] = [];
  readonly #limits: { readonly concurrency: number; readonly maxQueued: number };
  #running = 0;
  #isStarting = false;
  #onIdle: (() => void)[] = [];

  constructor(limits: { readonly concurrency: number; readonly maxQueued: number }) {
    this.#limits = limits;
  }

  /** Runs or queues a job. Returns false if the queue is full. */
  add(job: Job): boolean {
    if (this.#running < this.#limits.concurrency) this.#run(job);
    else if (this.#queue.length < this.#limits.maxQueued) this.#queue.push(job);
    else return false;
    return true;
  }

  /** Resolves when no job is running or queued. */
  async idle(): Promise<void> {
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  /** Removes the queued jobs. */
  clear(): void {
    this.#queue.length = 0;
  }

  #run(job: Job): void {
    this.#running += 1;
    void mapMaybePromise(job(), () => {
      this.#running -= 1;
      this.#runQueued();
    });
  }

  #runQueued(): void {
    // A loop with a guard instead of recursion: synchronous jobs would otherwise start each other, deeper and deeper.
    if (this.#isStarting) return;
    this.#isStarting = true;
    while (this.#queue.length > 0 && this.#running < this.#limits.concurrency)
      this.#run(this.#queue.shift()!);
    this.#isStarting = false;
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
