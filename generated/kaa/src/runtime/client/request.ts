/** Requests, from what a function of an endpoint was called with. */
import { encode } from "../api/codec.js";
import type { ValidationError } from "../api/descriptor.js";
import type { Session } from "./session.js";
import { TopicsmithError } from "../errors.js";
import type { Request } from "./in-flight-request.js";
import { formatErrors } from "../api/format-errors.js";
import { redactTexts } from "../api/redact.js";
import type { HandleOptions, ObserveOptions } from "../options.js";
import type { Resource } from "../api/resource.js";
import { buildTopic, type TopicValues } from "../topics/topic.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** The resources of an extension at one endpoint. */
export interface EndpointContext {
  readonly session: Session;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly bound: TopicValues;
}

/** Where requests of one resource go, once all parameters have values. */
export interface RequestTarget {
  readonly resource: Resource;
  readonly values: TopicValues;
  /** The request topic without an id. */
  readonly base: string;
  /** The same as answers are subscribed to: with wildcards for what is shared by all endpoints. */
  readonly responseTopicBase: string;
  /** Filters for the answers to requests with an id. */
  readonly responseFilters: readonly string[];
  /** What ids are unique within. */
  readonly scope: string;
}

/** What a function of a resource was called with. */
export interface CallArguments {
  readonly values: TopicValues;
  /** Throws `invalid-topic`. */
  readonly target: () => RequestTarget;
  /** The request payload, or a handler. */
  readonly value: unknown;
  readonly options: HandleOptions & ObserveOptions;
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
