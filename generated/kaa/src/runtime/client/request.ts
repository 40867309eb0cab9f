/** Requests, from what a function of an endpoint was called with. */
import { encode } from "../api/codec.js";
import type { ValidationError } from "../api/descriptor.js";
import type { Session } from "./session.js";
import { TopicsmithError } from "../errors.js";
import { formatErrors } from "../api/format-errors.js";
import { redactTexts } from "../api/redact.js";
import type { CallArguments, EndpointContext, RequestTarget, Resource } from "../api/resource.js";
import { buildTopic, type TopicValues } from "../topics/topic.js";
import type { QoS } from "../transport/transport.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** A message to send, and the conditions under which to send it. */
export interface Request {
  readonly target: RequestTarget;
  readonly withId: boolean;
  /** Absent: nothing is sent, the request only subscribes. */
  readonly body?: Uint8Array | undefined;
  readonly qos: QoS;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Topic filters that must be subscribed to before the message is sent. */
  readonly filters: readonly string[];
  /** Concludes something else, so it is sent even while the client closes. */
  readonly last?: boolean | undefined;
}

/** Throws `invalid-topic`. */
export function targetOf(
  { session }: EndpointContext,
  resource: Resource,
  values: TopicValues,
): RequestTarget {
  const { settings, protocol } = session;
  const { template } = resource;
  const path = { ...template, levels: template.path };
  const base = buildTopic(path, "request", values);
  const shared = settings.subscribe === "all-endpoints";
  const any = shared ? protocol.endpointParameters.map((name) => [name, "+"]) : [];
  const heard = shared ? buildTopic(path, "request", { ...values, ...Object.fromEntries(any) }, true) : base;
  const places: TopicValues = { extension: template.extension, resource: template.resource, ...values };
  return {
    resource,
    values,
    base,
    responseTopicBase: heard,
    responseFilters: [`${heard}/+${protocol.success}`, `${heard}/+${protocol.error}`],
    scope: JSON.stringify(protocol.requestId?.uniquePer.map((name) => places[name])),
  };
}

/** What a request is made for; an observation also where it only listens. */
export type Purpose = "call" | "send" | "observe";

/** Throws `invalid-topic` or `invalid-request`. */
export function requestOf(session: Session, purpose: Purpose, input: CallArguments): Request {
  const { settings, protocol, events } = session;
  const { value, options } = input;
  const place = input.target();
  const { resource, responseTopicBase: heard, responseFilters: answers } = place;
  const watches = purpose === "observe";
  const asks = !watches || resource.push?.on !== undefined;
  const withId = asks && purpose !== "send" && resource.requestId !== "none";
  // Errors without an id are of use to those who asked without one, or who listen to the event.
  const errors = !withId && (watches ? asks : events.has("rejected")) ? [heard + protocol.error] : [];
  const filters = withId ? answers : errors;
  return {
    target: place,
    withId,
    body: asks ? encodeFor(session, place, value) : undefined,
    qos: options.qos ?? (purpose !== "send" && resource.idempotent ? 0 : resource.qos),
    timeoutMs: options.timeoutMs ?? settings.timeoutMs,
    signal: options.signal,
    filters: settings.subscribe === "never" ? [] : watches ? [heard + protocol.success, ...filters] : filters,
  };
}

/** Throws `invalid-request`. */
export function encodeFor(
  session: Session,
  { resource, values }: Pick<RequestTarget, "resource" | "values">,
  value: unknown,
): Uint8Array {
  const { request, template } = resource;
  const encoded = encode(request, value, session.settings.maxDepth);
  if (!encoded.errors) return encoded.body;
  const errors = shownErrors(session, { resource, values }, encoded.errors);
  throw new TopicsmithError("invalid-request", formatErrors(errors), { resource: template.name, errors });
}

/** What is wrong with a payload, as it may be shown. */
export function shownErrors(
  { redact: mask }: Session,
  { resource, values }: Pick<RequestTarget, "resource" | "values">,
  errors: readonly ValidationError[],
): readonly ValidationError[] {
  return uncheckedCast(redactTexts(errors, (text) => mask(text, resource.template, values)));
}
