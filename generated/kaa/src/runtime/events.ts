import type { ValidationError } from "./api/descriptor.js";
import { uncheckedCast } from "./internal/unchecked-cast.js";

/** An answer that no request waited for. Secret levels of the topic are `***`. */
export interface UnmatchedResponse {
  readonly topic: string;
  readonly resource: string;
}

/** What a client reports, by the name of the event. */
export interface ClientEvents {
  readonly connected: { readonly sessionPresent: boolean };
  /** The transport goes on trying. */
  readonly disconnected: { readonly cause: unknown };
  /** Refused for good; everything under way has failed. */
  readonly failed: { readonly cause: unknown };
  /** To a request that had timed out or was aborted. */
  readonly "late-response": UnmatchedResponse;
  /** To a request that was answered already. */
  readonly "duplicate-response": UnmatchedResponse;
  readonly "unmatched-response": UnmatchedResponse;
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
export interface Emitter {
  on<Name extends keyof ClientEvents>(name: Name, listener: (detail: ClientEvents[Name]) => void): () => void;
  emit<Name extends keyof ClientEvents>(name: Name, detail: ClientEvents[Name]): void;
  has(name: keyof ClientEvents): boolean;
}

/** An emitter that nobody listens to yet. */
export function emitter(): Emitter {
  const listeners = new Set<{
    readonly name: keyof ClientEvents;
    readonly listener: (detail: never) => void;
  }>();
  const of = (name: keyof ClientEvents) => Array.from(listeners).filter((one) => one.name === name);
  return {
    on(name, listener) {
      const one = { name, listener };
      listeners.add(one);
      return () => void listeners.delete(one);
    },
    emit(name, detail) {
      for (const { listener } of of(name)) {
        try {
          listener(uncheckedCast<never>(detail));
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
    has: (name) => of(name).length > 0,
  };
}
