import type { ValidationError } from "./api/descriptor.js";

/**
 * Why something failed. Codes are split where the remedy differs:
 *
 * - `rejected`: the platform answered with an error; see {@link RejectedError}
 * - `timeout`: no answer in time; the message says what is known (sent, acknowledged, session lost)
 * - `aborted`: by the caller's signal, whose reason is the `cause`
 * - `invalid-request`: the request is not JSON, or its schema refuses it; nothing was sent
 * - `invalid-response`: the answer's schema refuses it
 * - `malformed-response`: the answer is not UTF-8, not JSON, or nested too deep
 * - `invalid-topic`: a topic parameter has an illegal value; the message names the parameter
 * - `connection-refused`: the connection was refused for good (bad credentials, for one)
 * - `disconnected`: there was no connection to send on, or it was lost before the broker had the message
 * - `closed`: the client was closed
 * - `queue-full`: too many calls wait for a request id already
 * - `subscribe-refused`: the broker refused a subscription, or the budget of subscriptions is used up
 * - `publish-refused`: the broker refused the message
 * - `overflow`: nobody took the values of an observation whose `overflow` is `"error"`
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
  | "overflow";

/** What an error knows besides its code and message. */
export interface ErrorDetails {
  /** Extension and resource as the spec spells them, `cex.command`. */
  readonly resource?: string | undefined;
  readonly requestId?: number | undefined;
  readonly cause?: unknown;
  /** What is wrong with a payload, for `formatErrors`. */
  readonly errors?: readonly ValidationError[] | undefined;
}

/** What every failing promise of the runtime rejects with. Its message never shows a secret. */
export class TopicsmithError extends Error {
  readonly code: ErrorCode;
  /** Extension and resource as the spec spells them, `cex.command`. */
  declare readonly resource?: string;
  declare readonly requestId?: number;
  /** What is wrong with the payload, where that is the reason. */
  declare readonly errors?: readonly ValidationError[];

  static {
    this.prototype.name = "TopicsmithError";
  }

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(
      details.resource === undefined ? message : `${details.resource}: ${message}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    if (details.resource !== undefined) this.resource = details.resource;
    if (details.requestId !== undefined) this.requestId = details.requestId;
    if (details.errors !== undefined) this.errors = details.errors;
  }
}

/** What a platform's error answer carried. */
export interface RejectionDetails extends ErrorDetails {
  readonly payload?: unknown;
  readonly raw?: Uint8Array | undefined;
  /** The payload as it may be shown: sensitive members are `***`. */
  readonly shown?: unknown;
}

/** The platform answered with an error. */
export class RejectedError<Payload = unknown> extends TopicsmithError {
  /** What the platform said; `undefined` where that fails its schema. */
  declare readonly payload: Payload | undefined;
  /** The body as it came, only where it fails its schema. */
  declare readonly raw?: Uint8Array;

  static {
    this.prototype.name = "RejectedError";
  }

  constructor(message: string, { payload, raw, shown, ...details }: RejectionDetails = {}) {
    super("rejected", message, details);
    // Not enumerable: neither `console.log` nor `JSON.stringify` may show a sensitive member.
    Object.defineProperty(this, "payload", { value: payload });
    if (raw !== undefined) Object.defineProperty(this, "raw", { value: raw });
    Object.defineProperty(this, Symbol.for("nodejs.util.inspect.custom"), {
      value: (_depth: number, options: object, inspect?: (value: unknown, options: object) => string) =>
        `${this.stack ?? this.message} ${inspect?.({ code: this.code, requestId: this.requestId, payload: shown }, options) ?? ""}`,
    });
  }
}
