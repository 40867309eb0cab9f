import { callHook } from "../internal/call-hook.js";
import type { Session } from "./session.js";

/** Options of a {@link HandlerWorker}. */
export interface WorkerOptions {
  /** The number of jobs that run at the same time. */
  readonly concurrency: number;
  /** Called with errors of the handler and of responses. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Runs the jobs of one handler registration in the order of their arrival. A graceful close waits for those that run. */
export abstract class HandlerWorker<Job> {
  readonly #session: Pick<Session, "task">;
  readonly #options: WorkerOptions;
  readonly #queue: Job[] = [];
  /** Aborted when the registration ends. */
  protected readonly ended = new AbortController();
  #running = 0;
  #onIdle = (): void => undefined;

  constructor(session: Pick<Session, "task">, options: WorkerOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Runs one job. Never rejects. */
  protected abstract run(job: Job): Promise<void>;

  /** Queues a job until {@link HandlerWorker.runQueued}. Returns `false` if so many are waiting. */
  protected queue(job: Job, maximum: number): boolean {
    return this.#queue.length < maximum && this.#queue.push(job) > 0;
  }

  /** Runs what is queued, as far as the concurrency allows it. */
  protected runQueued(): void {
    while (this.#running < this.#options.concurrency && this.#queue.length > 0) {
      const job = this.#queue.shift()!;
      void this.#session.task(async () => {
        this.#running += 1;
        await this.run(job);
        this.#running -= 1;
        this.runQueued();
        if (this.#running === 0) this.#onIdle();
      });
    }
  }

  /** Drops the queue. */
  dropQueue(): void {
    for (const job of this.#queue.splice(0)) this.drop(job);
  }

  /** Drops a job that has not run. By default it does nothing, because the platform sends an item again to the next registration. */
  protected drop(_job: Job): void {
    // See above.
  }

  /** Takes no more jobs, and aborts the handlers' signal. */
  end(): void {
    this.dropQueue();
    this.ended.abort();
  }

  get idle(): boolean {
    return this.#running === 0;
  }

  /** Resolves when no job is running. */
  async whenIdle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  /** Calls `onError`. If that throws, the error is rethrown outside the worker, like that of an event listener. */
  report(error: unknown): void {
    callHook(() => this.#options.onError?.(error));
  }
}
