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
  /** The reason why it is not sent yet. */
  readonly missing: "request id" | "capacity" | "the subscription" | "messages before it";
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
  const { facts, request, missing } = failed;
  const { sent, acknowledged, sessionLost, offline } = facts;
  const capacity = `all ${settings.maxSubscriptions} subscriptions are in use`;
  const known =
    missing === "request id"
      ? [request.message?.hidesId ? "waiting for the call before it" : "all request ids are in use"]
      : sent
        ? ["sent", acknowledged && "acknowledged", sessionLost && "session lost"]
        : ["not sent", !offline && (missing === "capacity" ? capacity : `waiting for ${missing}`)];
  return {
    code: offline && !sent ? "disconnected" : "timeout",
    message: `no response within ${request.timeoutMs} ms (${[...known, offline && "not connected"].filter(Boolean).join(", ")})`,
    cause: offline ? lastError : undefined,
  };
}
