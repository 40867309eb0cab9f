import { callHook } from "../internal/call-hook.js";
import type { IncomingMessage, TransportState } from "./transport.js";

/**
 * The state and the listeners of a transport: the part that does not depend on what carries the messages. Public methods of transports
 * are properties of the object, so that users can wrap a transport with `{ ...transport, publish }`. An exception of a listener is
 * rethrown in a microtask, so that it stops neither the transport nor other listeners.
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
    const state = this.#state;
    if (state) callHook(() => listener(state));
    return () => void this.#stateListeners.delete(listener);
  };

  protected emitMessage(message: IncomingMessage): void {
    for (const listener of this.#messageListeners) callHook(() => listener(message));
  }

  protected emitState(state: TransportState): void {
    this.#state = state;
    for (const listener of this.#stateListeners) callHook(() => listener(state));
  }
}
