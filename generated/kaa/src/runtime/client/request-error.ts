/** The errors of requests in flight, with what is known about the request. */
import type { RequestId } from "../api/descriptor.js";
import { redactCause } from "../api/redact.js";
import { type ErrorCode, type RequestFacts, TopicsmithError } from "../errors.js";
import type { Request } from "./request.js";
import type { Session } from "./session.js";

/** A request in flight, as its errors describe it. */
export interface RequestSnapshot {
  readonly request: Request;
  readonly requestId: RequestId | undefined;
  readonly facts: RequestFacts;
  /** The reason why it is not sent yet. */
  readonly missing: "request id" | "subscription" | "capacity";
}

/** Creates the error of a request. */
export function requestError(
  session: Session,
  { request, requestId, facts }: RequestSnapshot,
  code: ErrorCode,
  message: string,
  cause?: unknown,
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
    // The reason of an abort is the caller's own value. Messages are made by this library and contain no secret.
    cause: code === "aborted" ? cause : redactValues(session.redactCause(cause)),
  });
}

/** Creates the error of a request whose time is over: `disconnected` if it never was sent because there is no connection. */
export function timeoutError(session: Session, snapshot: RequestSnapshot): TopicsmithError {
  const { facts, request } = snapshot;
  return requestError(
    session,
    snapshot,
    facts.offline && !facts.sent ? "disconnected" : "timeout",
    `no response within ${request.timeoutMs} ms (${describe(session, snapshot)})`,
    facts.offline ? session.lastError : undefined,
  );
}

function describe({ settings }: Session, { facts, missing, request }: RequestSnapshot): string {
  const offline = facts.offline ? ", not connected" : "";
  if (missing === "request id")
    return `${request.message?.hidesId ? "waiting for the call before it" : "all request ids are in use"}${offline}`;
  if (!facts.sent) {
    const reason =
      missing === "subscription"
        ? "waiting for the subscription"
        : `all ${settings.maxSubscriptions} subscriptions are in use`;
    return `not sent${offline || `, ${reason}`}`;
  }
  return `sent${facts.acknowledged ? ", acknowledged" : ""}${facts.sessionLost ? ", session lost" : ""}${offline}`;
}
