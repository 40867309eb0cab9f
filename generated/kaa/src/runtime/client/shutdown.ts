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

/** Closes a session, once. Never rejects. When `aborted` resolves, it does not wait any longer. */
export async function shutDown(
  session: ClosableSession,
  aborted: Promise<void>,
  unsubscribe = session.transport.keepsSession !== true,
): Promise<void> {
  // By `performance.now()`, which no change of the system's clock moves.
  const deadline = performance.now() + session.settings.closeTimeoutMs;
  const timeLeft = (): number => Math.max(deadline - performance.now(), 0);
  const wait = (work: Promise<unknown>): Promise<void> =>
    waitAtMost(Promise.race([work, aborted]), timeLeft());
  // Asynchronous, so that an exception of the transport's `close` is a rejection, too.
  const closeTransport = async (force: boolean): Promise<void> => {
    await session.transport.close({ force });
  };
  session.subscriptions.keepsObserved = !unsubscribe;
  // Also of a client that has failed, so that nothing revives it.
  session.terminalError = { code: "closed", message: "the client is closed" };
  for (const endObservation of session.closing) endObservation();
  if (session.connection !== undefined && !session.isIdle()) await wait(session.whenIdle());
  const graceful = session.connection !== undefined && session.isIdle();
  session.closedOnline = session.connection !== undefined;
  session.connection = undefined;
  await wait(session.terminate(graceful));
  session.detach();
  // If UNSUBSCRIBE could not be delivered in time, DISCONNECT will not be either.
  await wait(closeTransport(!graceful || timeLeft() === 0));
  if (timeLeft() === 0) await waitAtMost(closeTransport(true), 0);
}
