import type { ValidationError } from "./api/descriptor.js";
import type { TopicsmithError } from "./errors.js";
import { callHook } from "./internal/call-hook.js";
import { checkOption } from "./internal/check-options.js";
import { uncheckedCast } from "./internal/unchecked-cast.js";

/** A response without a matching request in flight. */
export interface UnmatchedResponse {
  /** Secret levels are `***`. */
  readonly topic: string;
  /** Extension and resource as the spec spells them, `water.valve`. */
  readonly resource: string;
}

/** An observation, or the observation of a handler, that has failed. */
export interface ObservationProblem {
  /** Extension and resource as the spec spells them, `water.valve`. */
  readonly resource: string;
  /** The values of the topic's parameters. Secret ones are `***`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly error: TopicsmithError;
}

/** The events of a client and their details, by name. */
export interface ClientEvents {
  /** The transport is connected. `sessionPresent`: the broker has kept the session (MQTT 3.1.1, section 3.2.2.2). */
  readonly connected: { readonly sessionPresent: boolean };
  /** The connection was lost; the transport keeps trying to reconnect. */
  readonly disconnected: { readonly cause: unknown };
  /**
   * An attempt to connect has failed; the transport keeps trying. `attempt` counts from 1 since the last connection. `cause` says why:
   * the certificate, the credentials function, the broker's refusal, the network.
   */
  readonly "attempt-failed": { readonly attempt: number; readonly cause: unknown };
  /** The broker refused the connection for good. All requests in flight have failed. */
  readonly failed: { readonly cause: unknown };
  /** A response to a request that had timed out or had been aborted. */
  readonly "late-response": UnmatchedResponse;
  /** A further response to the same request. */
  readonly "duplicate-response": UnmatchedResponse;
  /** A response with a request id that is not in use, or whose other values are not those of the request. */
  readonly "unmatched-response": UnmatchedResponse;
  /**
   * An observation or a handler has ended, although neither its owner nor its signal nor `close` has ended it. It may never have been
   * registered.
   */
  readonly "observation-ended": ObservationProblem;
  /** The platform or the broker refused to register an observation again after the session was lost. It will be tried again. */
  readonly "observation-refused": ObservationProblem & {
    /** Milliseconds until the next attempt. */
    readonly retryMs: number;
  };
  /** A response, an event or a call of the platform that does not match its schema. `errors` contain no secrets. */
  readonly "invalid-response": { readonly resource: string; readonly errors: readonly ValidationError[] };
  /** An error response without a request id, for example to a `send`, unless only one call can have caused it. */
  readonly rejected: {
    readonly resource: string;
    readonly parameters: Readonly<Record<string, string>>;
    /** `undefined` if it does not match its schema. */
    readonly payload: unknown;
  };
}

/** The listeners of a client. An exception of a listener is rethrown in a microtask, so that it reaches neither the emitter nor others. */
export interface Emitter {
  /** Listens until the returned function is called. Throws `invalid-option` if the listener is not a function. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (detail: ClientEvents[Name]) => void): () => void;
  emit<Name extends keyof ClientEvents>(name: Name, detail: ClientEvents[Name]): void;
  has(name: keyof ClientEvents): boolean;
}

/** Creates an emitter without listeners. */
export function emitter(): Emitter {
  const listeners = new Set<{
    readonly name: keyof ClientEvents;
    readonly listener: (detail: never) => void;
  }>();
  const listenersOf = (name: keyof ClientEvents) =>
    Array.from(listeners).filter((entry) => entry.name === name);
  return {
    on(name, listener) {
      checkOption("listener", listener, "function");
      const entry = { name, listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    emit(name, detail) {
      for (const { listener } of listenersOf(name)) {
        callHook(() => listener(uncheckedCast<never>(detail)));
      }
    },
    has: (name) => listenersOf(name).length > 0,
  };
}
