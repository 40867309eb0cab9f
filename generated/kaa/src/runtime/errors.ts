import type { RequestId, ValidationError } from "./api/descriptor.js";
import { brandError } from "./internal/brand.js";
import { messageOf } from "./internal/message-of.js";

/**
 * The reason why an operation failed. Codes differ where the remedy differs:
 *
 * - `rejected`: the platform sent an error response, see {@link RejectedError}
 * - `timeout`: no response arrived in time; `sent`, `acknowledged` and `sessionLost` say what is known about the request
 * - `aborted`: the caller's signal was aborted; its reason is the `cause`
 * - `invalid-request`: the request is not JSON, or does not match its schema; nothing was sent
 * - `invalid-response`: the response does not match its schema
 * - `malformed-response`: the response is not UTF-8, not JSON, or nested too deep
 * - `invalid-topic`: a topic parameter has an illegal value; the message names the parameter
 * - `connection-refused`: the broker refused the connection for good, for example because of wrong credentials
 * - `disconnected`: there was no connection in time, or it was lost before the broker acknowledged the message
 * - `closed`: the client was closed
 * - `queue-full`: too many calls are waiting for a request id
 * - `subscribe-refused`: the broker refused a subscription, or `maxSubscriptions` are in use
 * - `publish-refused`: the broker refused the message; with a `size`, it never takes it
 * - `overflow`: the buffer of an observation with `overflow: "error"` is full
 * - `already-handled`: the topic has a handler already
 * - `invalid-option`: an option has an illegal value; the message names it
 * - `unknown`: not an error of this library; see {@link TopicsmithError.from}
 */
export type ErrorCode =
  | "rejected"
  | "timeout"
  | "aborted"
  | "invalid-request"
  | "invalid-response"
  | "malformed-response"
  | "invalid-topic"
  | "connection-refused"
  | "disconnected"
  | "closed"
  | "queue-full"
  | "subscribe-refused"
  | "publish-refused"
  | "overflow"
  | "already-handled"
  | "invalid-option"
  | "unknown";

/** Facts about a request that has failed. */
export interface RequestFacts {
  /** The request was written to a connection. If false, it is safe to make it again. */
  readonly sent: boolean;
  /** The broker has acknowledged the request (QoS 1 and 2). */
  readonly acknowledged: boolean;
  /** The broker has lost the session since then, so a response may have been lost too. */
  readonly sessionLost: boolean;
  /** There was no connection when the request failed. */
  readonly offline: boolean;
  /** The bytes of a message that the broker never takes: it is too large, or it cost several connections. */
  readonly size?: number | undefined;
}

/** The properties of a {@link TopicsmithError} besides its code and message. */
export interface ErrorDetails extends Partial<RequestFacts> {
  /** Extension and resource as the spec spells them, `water.valve`. */
  readonly resource?: string | undefined;
  readonly requestId?: RequestId | undefined;
  readonly cause?: unknown;
  /** The problems of a payload; `formatErrors` formats them. */
  readonly errors?: readonly ValidationError[] | undefined;
}

/**
 * The error that every failing promise rejects with. Its message contains no secrets. `instanceof` also holds for errors of another
 * generated package, and between the ES module and the CommonJS build of one.
 */
export class TopicsmithError extends Error {
  /** The reason; {@link ErrorCode} lists them. */
  readonly code: ErrorCode;
  /** Extension and resource as the spec spells them, `water.valve`. */
  declare readonly resource?: string;
  /** The id of the request, if it had one. */
  declare readonly requestId?: RequestId;
  /** The request was written to a connection. Absent, like the next three, in errors that are not about a request in flight. */
  declare readonly sent?: boolean;
  /** The broker has acknowledged the request. */
  declare readonly acknowledged?: boolean;
  /** The broker has lost the session since the request was sent. */
  declare readonly sessionLost?: boolean;
  /** There was no connection when the request failed. */
  declare readonly offline?: boolean;
  /** With `publish-refused`: the bytes of a message that the broker never takes, because of its size or its content. */
  declare readonly size?: number;
  /** The problems of a payload that does not match its schema; `formatErrors` formats them. */
  declare readonly errors?: readonly ValidationError[];

  static {
    brandError(this, "TopicsmithError");
  }

  /**
   * Converts a caught value, so that a handler can rely on `code`: returns a TopicsmithError as it is, and wraps everything else in
   * one with the code `unknown`, the same message, and the value as its `cause`.
   */
  static from(error: unknown): TopicsmithError {
    if (error instanceof TopicsmithError) return error;
    return new TopicsmithError("unknown", messageOf(error), {
      cause: error,
    });
  }

  constructor(code: ErrorCode, message: string, { cause, ...details }: ErrorDetails = {}) {
    super(
      details.resource === undefined ? message : `${details.resource}: ${message}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    for (const [name, value] of Object.entries(details))
      if (value !== undefined) Reflect.set(this, name, value);
  }
}

/** The content of an error response. */
export interface RejectionDetails extends ErrorDetails {
  readonly payload?: unknown;
  readonly raw?: Uint8Array | undefined;
  /** The payload for inspect output: sensitive properties are `***`. */
  readonly shown?: unknown;
}

/** The platform sent an error response. */
export class RejectedError<Payload = unknown> extends TopicsmithError {
  /** The payload of the error response; `undefined` if it does not match its schema. */
  declare readonly payload: Payload | undefined;
  /** The body of the error response, only if it does not match its schema. */
  declare readonly raw?: Uint8Array;

  static {
    brandError(this, "RejectedError");
  }

  constructor(message: string, { payload, raw, shown, ...details }: RejectionDetails = {}) {
    super("rejected", message, details);
    // Not enumerable, so that neither `console.log` nor `JSON.stringify` shows sensitive properties.
    Object.defineProperty(this, "payload", { value: payload });
    if (raw !== undefined) Object.defineProperty(this, "raw", { value: raw });
    Object.defineProperty(this, Symbol.for("nodejs.util.inspect.custom"), {
      value: (_depth: number, options: object, inspect?: (value: unknown, options: object) => string) =>
        `${this.stack ?? this.message} ${inspect?.({ code: this.code, requestId: this.requestId, payload: shown }, options) ?? ""}`,
    });
  }
}

/** Whether a caught value is a platform's error response. Unlike `instanceof`, narrows it to the payload of this API. */
export function isRejected<Payload = unknown>(error: unknown): error is RejectedError<Payload> {
  return error instanceof RejectedError;
}
