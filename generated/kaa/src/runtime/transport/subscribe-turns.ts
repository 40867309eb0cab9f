import { TopicsmithError } from "../errors.js";
import { TRIAL_MS } from "./message-trial.js";

/**
 * The SUBSCRIBE packets of a connection. None is on the way at the same time as messages on trial, because a broker may close the
 * connection for either: it goes after the current ones, and before the next.
 */
export class SubscribeTurns {
  readonly #isBlocked: () => boolean;
  readonly #onDone: () => void;
  /** One for each packet without a SUBACK. */
  readonly #inFlight = new Set<() => void>();
  /** Called when no message is on trial. */
  readonly #waiting: (() => void)[] = [];
  /** Counts the losses of connections. */
  #losses = 0;

  /** `isBlocked` tells whether messages are on trial. `onDone` is called after each SUBACK, or when one is late. */
  constructor(isBlocked: () => boolean, onDone: () => void) {
    this.#isBlocked = isBlocked;
    this.#onDone = onDone;
  }

  /** The broker may be at a SUBSCRIBE. */
  get active(): boolean {
    return this.#inFlight.size > 0;
  }

  /** Sends a SUBSCRIBE when it may go, and waits for its SUBACK. Rejects with `sent: false` if the connection was lost before it was sent. */
  async run<T>(send: () => Promise<T>): Promise<T> {
    const losses = this.#losses;
    const done = (): void => {
      this.#inFlight.delete(done);
      this.#onDone();
    };
    while (losses === this.#losses && this.#isBlocked())
      await new Promise<void>((resolve) => {
        this.#waiting.push(() => {
          // From now on, so that no message goes on trial before it is sent.
          this.#inFlight.add(done);
          resolve();
        });
      });
    if (losses !== this.#losses)
      throw new TopicsmithError("disconnected", "the connection was lost", { sent: false });
    this.#inFlight.add(done);
    const timer = setTimeout(done, TRIAL_MS);
    try {
      return await send();
    } finally {
      clearTimeout(timer);
      done();
    }
  }

  /** No message is on trial. */
  resume(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** The connection was lost. */
  reset(): void {
    this.#losses += 1;
    this.resume();
    this.#inFlight.clear();
  }
}
