import { waitAtMost } from "../internal/timers.js";
import type { Transport } from "../transport/transport.js";
import { Shutdown } from "./shutdown.js";

/** Milliseconds to wait for a connection, when a response has cost the one before, or is ready while there is none. */
const NEXT_CONNECTION_MS = 60_000;

/** Waits for connections, until it is stopped. */
export class NextConnection {
  readonly #transport: Transport;
  readonly #shutdown = new Shutdown();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Ends all waits, and the later ones at once. */
  stop(): void {
    this.#shutdown.begin();
  }

  /** Resolves when there is a connection; with `next`, another one than now. False if there is none soon, or after a stop. */
  async wait({ next = false } = {}): Promise<boolean> {
    if (this.#shutdown.begun) return false;
    let isConnected = false;
    let removeListener = (): void => undefined;
    const connected = new Promise<void>((resolve) => {
      // The listener is called at once with the current state.
      let isNow = next;
      removeListener = this.#transport.onState(({ kind }) => {
        if (kind !== "connected" || isNow) return;
        isConnected = true;
        resolve();
      });
      isNow = false;
    });
    await waitAtMost(this.#shutdown.until(connected), NEXT_CONNECTION_MS);
    removeListener();
    return isConnected && !this.#shutdown.begun;
  }
}
