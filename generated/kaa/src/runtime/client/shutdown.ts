/** The close of a session: graceful as far as its time allows. */
import { waitAtMost } from "../internal/timers.js";
import type { Session } from "./session.js";

/** A session with the parts that only its shutdown uses. */
export interface ClosableSession extends Session {
  /** True if nothing is pending that a graceful close waits for. */
  isIdle(): boolean;
  /** Resolves when `isIdle()` is true. */
  whenIdle(): Promise<void>;
  /** Fails all requests in flight and everything that begins later, and releases all timers; `graceful` also unsubscribes. */
  terminate(graceful: boolean): Promise<void>;
  /** Removes the listeners from the transport. */
  detach(): void;
}

/** The shutdown of one session. Runs once, however often `close` is called. */
export class Shutdown {
  readonly #session: ClosableSession;
  #closing: Promise<void> | undefined;
  #abortWaits = (): void => undefined;
  readonly #aborted = new Promise<void>((resolve) => (this.#abortWaits = resolve));
  /** The deadline, by `performance.now()`, which no change of the system's clock moves. */
  #deadline = 0;

  constructor(session: ClosableSession) {
    this.#session = session;
  }

  /** Closes the session. Never rejects. `force` does not wait, and ends the waits of an earlier call. */
  close(force: boolean): Promise<void> {
    if (force) this.#abortWaits();
    return (this.#closing ??= this.#run());
  }

  async #run(): Promise<void> {
    const session = this.#session;
    this.#deadline = performance.now() + session.settings.closeTimeoutMs;
    session.terminalError ??= { code: "closed", message: "the client is closed" };
    for (const endObservation of session.closing) endObservation();
    if (session.connection !== undefined && !session.isIdle()) await this.#wait(session.whenIdle());
    const graceful = session.connection !== undefined && session.isIdle();
    session.connection = undefined;
    await this.#wait(session.terminate(graceful));
    session.detach();
    // If UNSUBSCRIBE could not be delivered in time, DISCONNECT will not be either.
    const force = !graceful || this.#isLate();
    await this.#wait(this.#closeTransport(force));
    if (this.#isLate()) await waitAtMost(this.#closeTransport(true), 0);
  }

  /** Asynchronous, so that an exception of the transport's `close` is a rejection, too. */
  async #closeTransport(force: boolean): Promise<void> {
    await this.#session.transport.close({ force });
  }

  #isLate(): boolean {
    return performance.now() >= this.#deadline;
  }

  /** Waits for `work` until the deadline or a forced close. */
  #wait(work: Promise<unknown>): Promise<void> {
    return waitAtMost(Promise.race([work, this.#aborted]), Math.max(this.#deadline - performance.now(), 0));
  }
}
