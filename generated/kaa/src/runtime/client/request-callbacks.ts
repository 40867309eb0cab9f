import type { ReceivedBody } from "../api/codec.js";
import type { TopicsmithError } from "../errors.js";
import type { ResponseKind } from "./correlation.js";

/** Callbacks and flags that make a request a call, a send or an observation. */
export interface RequestCallbacks {
  /** May be sent again with the same id. */
  readonly retryable: boolean;
  /** Outlives its response: an observation. A graceful close does not wait for it. */
  readonly longLived?: boolean;
  /** Called before the message is sent, for the first time or again. */
  onSending?(): void;
  /** Called when the transport has accepted the message, or when there was no message to send. */
  onPublished?(): void;
  /** Called for each response. */
  onResponse(kind: ResponseKind, body: ReceivedBody): void;
  /** Called when the time is over. Returns `true` to continue; otherwise the request fails with `timeout`. */
  onTimeout?(): boolean;
  /** Called when the broker has refused the message or a subscription. Returns `true` to go on, with `repeat()`; otherwise the request fails. */
  onRefused?(error: TopicsmithError): boolean;
  /** Called exactly once, when the request ends. `error` is undefined if a response ended it or its owner did. */
  onEnd(error: TopicsmithError | undefined): void;
}

/** The outcome of a request: an error, a response (for a send, the acknowledgement), or `undefined` if its owner lost interest. */
export type RequestOutcome = TopicsmithError | "answered" | undefined;
