/** Editors write a file in several steps, and several files at once. */
const DEBOUNCE_MS = 100;

/** Runs a task after a burst of calls, never twice at the same time. */
export class Debounced {
  readonly #task: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #running = Promise.resolve();

  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  /** Runs the task soon. */
  schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void (this.#running = this.#running.then(this.#task)), DEBOUNCE_MS);
  }

  /** Cancels a scheduled run, and waits for the present one. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }
}
