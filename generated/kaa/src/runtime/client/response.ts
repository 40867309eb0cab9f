/** Reads the bodies of responses. */
import { decode, type ReceivedBody } from "../api/codec.js";
import type { RequestId, ValidationError } from "../api/descriptor.js";
import { formatErrors } from "../api/messages.js";
import { redactTexts } from "../api/redact.js";
import type { Resource } from "../api/resource.js";
import { type ErrorDetails, RejectedError, type RequestFacts, TopicsmithError } from "../errors.js";
import type { TopicValues } from "../topics/topic.js";
import type { ResponseKind } from "./correlation.js";
import { type Request, redactErrors } from "./request.js";
import type { Session } from "./session.js";

/** Characters of an error's payload in an error message: enough for its reason, short enough for a log line. The rest is cut off. */
const MAX_SHOWN_LENGTH = 300;

/** The content of an error response. */
export interface ErrorContent {
  readonly payload?: unknown;
  /** The body, if it does not match its schema. */
  readonly raw?: Uint8Array;
  /** The payload, redacted. */
  readonly shown?: unknown;
}

/**
 * Reads a response: returns its value, or the error that it reports or causes. Emits `invalid-response` for a body that does not
 * match its schema.
 */
export function readResponse(
  session: Session,
  {
    request: { target },
    requestId,
    facts,
  }: {
    readonly request: Request;
    readonly requestId: RequestId | undefined;
    readonly facts: RequestFacts;
  },
  kind: ResponseKind,
  body: ReceivedBody,
  /** Returns what is valid of a value that does not match its schema, if anything, and reports the rest. */
  keepValid?: (value: unknown) => { readonly value: unknown } | undefined,
): { readonly value: unknown } | TopicsmithError {
  const { resource, values } = target;
  const { settings } = session;
  const details = { resource: resource.template.name, requestId, ...facts };
  if (kind === "error") {
    const content = readError(session, resource, body, values);
    const text: string | undefined = JSON.stringify(content.shown);
    return new RejectedError(
      `rejected${text === undefined ? "" : ` with ${text.slice(0, MAX_SHOWN_LENGTH)}`}`,
      {
        ...details,
        ...content,
      },
    );
  }
  const decoded = decode(resource.response, body, settings);
  if (!decoded.fault) return decoded;
  const { fault } = decoded;
  const kept =
    fault === "invalid" && settings.responses === "reject" ? keepValid?.(decoded.value) : undefined;
  if (kept) return kept;
  const error = reportFault(session, target, fault, decoded.errors, details);
  return fault === "invalid" && settings.responses === "report" ? decoded : error;
}

/** Emits `invalid-response`, and returns the error of a response with these problems. */
export function reportFault(
  session: Session,
  target: Request["target"],
  fault: "malformed" | "invalid",
  found: readonly ValidationError[],
  details?: ErrorDetails,
): TopicsmithError {
  const errors = redactErrors(session, target, found);
  const report = { resource: target.resource.template.name, errors };
  session.events.emit("invalid-response", report);
  const message = `the response ${formatErrors(errors)}`;
  return new TopicsmithError(`${fault}-response`, message, { ...details, ...report });
}

/** Reads the body of an error response to a request with these topic values. */
export function readError(
  { settings, redact }: Session,
  { template, error = template.protocol.errorPayload }: Resource,
  body: ReceivedBody,
  values: TopicValues,
): ErrorContent {
  const { value: payload, fault } = decode(error, body, settings);
  if (fault) return { raw: "bytes" in body ? body.bytes : body };
  const redactText = (text: string): string => redact(text, template, values);
  const shown = error?.redact ? error.redact(payload, error.sensitive) : payload;
  return { payload, shown: redactTexts(shown, redactText) };
}
