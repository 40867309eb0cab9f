import { waitAtMost } from "../internal/timers.js";
import type { Transport } from "../transport/transport.js";

/** Milliseconds to wait for a connection, when a response has cost the one before, or is ready while there is none. */
const NEXT_CONNECTION_MS = 60_000;

/** Waits for connections, until it is stopped. */
export class NextConnection {
  readonly #transport: Transport;
  /** One for each wait. */
  readonly #ends = new Set<() => void>();
  #stopped = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Ends all waits, and the later ones at once. */
  stop(): void {
    this.#stopped = true;
    for (const end of this.#ends) end();
  }

  /** Resolves when there is a connection; with `next`, another one than now. False if there is none soon, or after a stop. */
  async wait({ next = false } = {}): Promise<boolean> {
    if (this.#stopped) return false;
    let isConnected = false;
    let end = (): void => undefined;
    let removeListener = end;
    const connected = new Promise<void>((resolve) => {
      // The listener is called at once with the current state.
      let isNow = next;
      end = resolve;
      removeListener = this.#transport.onState(({ kind }) => {
        if (kind !== "connected" || isNow) return;
        isConnected = true;
        resolve();
      });
      isNow = false;
    });
    this.#ends.add(end);
    await waitAtMost(connected, NEXT_CONNECTION_MS);
    this.#ends.delete(end);
    removeListener();
    return isConnected && !this.#stopped;
  }
}
