import type { IncomingMessage, TransportState } from "./transport.js";

/**
 * The state and the listeners of a transport: the part that does not depend on what carries the messages. Public methods of transports
 * are properties of the object, so that users can wrap a transport with `{ ...transport, publish }`.
 */
export abstract class TransportEvents {
  readonly #messageListeners = new Set<(message: IncomingMessage) => void>();
  readonly #stateListeners = new Set<(state: TransportState) => void>();
  #state: TransportState | undefined;

  readonly onMessage = (listener: (message: IncomingMessage) => void): (() => void) => {
    this.#messageListeners.add(listener);
    return () => void this.#messageListeners.delete(listener);
  };

  readonly onState = (listener: (state: TransportState) => void): (() => void) => {
    this.#stateListeners.add(listener);
    if (this.#state) listener(this.#state);
    return () => void this.#stateListeners.delete(listener);
  };

  protected emitMessage(message: IncomingMessage): void {
    for (const listener of this.#messageListeners) listener(message);
  }

  protected emitState(state: TransportState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }
}
