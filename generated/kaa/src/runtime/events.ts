import type { ValidationError } from "./descriptor.js";
import { vouched } from "./vouched.js";

/** An answer that no request waited for. Secret levels of the topic are `***`. */
export interface StrayResponse {
  readonly topic: string;
  readonly resource: string;
}

/** What a client reports, by the name of the event. */
export interface ClientEvents {
  readonly connected: { readonly sessionPresent: boolean };
  /** The transport goes on trying. */
  readonly disconnected: { readonly cause: unknown };
  /** Refused for good; everything under way has failed. */
  readonly "gave-up": { readonly cause: unknown };
  /** To a request that had timed out or was aborted. */
  readonly "late-response": StrayResponse;
  /** To a request that was answered already. */
  readonly "duplicate-response": StrayResponse;
  readonly "unmatched-response": StrayResponse;
  readonly "invalid-response": { readonly resource: string; readonly errors: readonly ValidationError[] };
  /** An error without a request id, which is nobody's answer; after `send`, for one. */
  readonly rejected: {
    readonly resource: string;
    readonly parameters: Readonly<Record<string, string>>;
    /** `undefined` where it fails its schema. */
    readonly payload: unknown;
  };
}

/** Who listens to what. A listener that throws does so on its own time, like an event handler of the platform's. */
export class Emitter {
  readonly #listeners = new Map<keyof ClientEvents, Set<(detail: unknown) => void>>();

  on<Name extends keyof ClientEvents>(
    name: Name,
    listener: (detail: ClientEvents[Name]) => void,
  ): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // Wrapped, so that one function added twice is two listeners.
    const own = (detail: unknown): void => listener(vouched<ClientEvents[Name]>(detail));
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  emit<Name extends keyof ClientEvents>(name: Name, detail: ClientEvents[Name]): void {
    for (const listener of Array.from(this.#listeners.get(name) ?? [])) {
      try {
        listener(detail);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  has(name: keyof ClientEvents): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }
}
