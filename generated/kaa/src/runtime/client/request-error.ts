/** The errors of requests in flight, with what is known about the request. */
import type { RequestId } from "../api/descriptor.js";
import { redactCause } from "../api/redact.js";
import { type ErrorCode, type RequestFacts, TopicsmithError } from "../errors.js";
import type { Request } from "./request.js";
import type { Session } from "./session.js";

/** A request in flight, as its errors describe it. */
export interface FailedRequest {
  readonly request: Request;
  readonly requestId: RequestId | undefined;
  readonly facts: RequestFacts;
  /** The subscriptions that it has, whether or not the broker has acknowledged them. */
  readonly subscriptionRefs: readonly unknown[];
  /** 0 while the message waits to be written, see `Delivery`. */
  readonly position: number | undefined;
  /** Waits for a request id. */
  queued(): boolean;
}

/** The reason why a request fails. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause?: unknown;
  /** The bytes of a message that the broker never takes. */
  readonly size?: number | undefined;
}

/** Creates the error of a request. */
export function requestError(
  session: Session,
  { request, requestId, facts }: FailedRequest,
  { code, message, cause, size }: Failure,
): TopicsmithError {
  const { resource, values } = request.target;
  const { template } = resource;
  const hasSecretPath = Object.values(template.parameters ?? {}).some(({ secret }) => secret);
  // The session knows the secrets of clients and endpoints, but not those of paths.
  const redactValues = (shown: unknown): unknown =>
    hasSecretPath ? redactCause(shown, (text) => session.redact(text, template, values)) : shown;
  return new TopicsmithError(code, message, {
    resource: template.name,
    requestId,
    ...facts,
    size,
    // The reason of an abort is the caller's own value. Messages are made by this library and contain no secret.
    cause: code === "aborted" ? cause : redactValues(session.redactCause(cause)),
  });
}

/** The failure of a request whose time is over: `disconnected` if it never was sent because there is no connection. */
export function timeoutOf({ settings, lastError }: Session, failed: FailedRequest): Failure {
  const { facts, request, subscriptionRefs, position } = failed;
  const { sent, acknowledged, sessionLost, offline } = facts;
  const idle = request.message?.hidesId ? "waiting for the call before it" : "all request ids are in use";
  const capacity = `all ${settings.maxSubscriptions} subscriptions are in use`;
  const unsubscribed = subscriptionRefs.length > 0 ? "waiting for the subscription" : capacity;
  const unsent = position === 0 ? "waiting for messages before it" : unsubscribed;
  const known = failed.queued()
    ? [idle]
    : sent
      ? ["sent", acknowledged && "acknowledged", sessionLost && "session lost"]
      : ["not sent", !offline && unsent];
  return {
    code: offline && !sent ? "disconnected" : "timeout",
    message: `no response within ${request.timeoutMs} ms (${[...known, offline && "not connected"].filter(Boolean).join(", ")})`,
    cause: offline ? lastError : undefined,
  };
}
