/** Builds requests from the arguments of a resource's methods. */
import { encode } from "../api/codec.js";
import type { ValidationError } from "../api/descriptor.js";
import { formatErrors } from "../api/messages.js";
import { redactTexts } from "../api/redact.js";
import type {
  CallArguments,
  EndpointContext,
  Purpose,
  Request,
  RequestTarget,
  Resource,
} from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { isWithinTopicLimit } from "../topics/grammar.js";
import { buildTopic, type TemplateLevel, type TopicValues } from "../topics/topic.js";
import type { Session } from "./session.js";

export type { Purpose, Request, RequestMessage } from "../api/resource.js";

/** Computes the topics of a request. Throws `invalid-topic`. */
export function targetOf(
  { session, bound }: EndpointContext,
  resource: Resource,
  values: TopicValues,
): RequestTarget {
  const { settings, protocol } = session;
  const { template } = resource;
  const path = { ...template, levels: template.path };
  const base = buildTopic(path, "request", values);
  const responseTopicBase =
    settings.subscribe === "all-endpoints"
      ? widen(base, path.levels, (name) => protocol.endpointParameters.includes(name))
      : base;
  const scopeValues: TopicValues = { extension: template.extension, resource: template.resource, ...values };
  return {
    resource,
    values,
    bound,
    base,
    responseTopicBase,
    sharedTopicBase: widen(responseTopicBase, path.levels, (name) => !Object.hasOwn(bound, name)),
    responseFilters: responseFiltersOf(responseTopicBase, resource),
    scope: JSON.stringify(protocol.requestId?.uniquePer.map((name) => scopeValues[name])),
  };
}

function responseFiltersOf(base: string, { template }: Resource): string[] {
  const filters = withSuffixes(`${base}/+`, template.protocol.success, template.protocol.error);
  if (filters.every(isWithinTopicLimit)) return filters;
  throw new TopicsmithError("invalid-topic", "the topics of responses have more than 65,535 bytes", {
    resource: template.name,
  });
}

/** A topic or a filter with each suffix that the protocol has. */
function withSuffixes(base: string, ...suffixes: readonly (string | undefined)[]): string[] {
  return suffixes.flatMap((suffix) => (suffix ? base + suffix : []));
}

/** A topic with `+` for some of its parameters. */
function widen(topic: string, levels: readonly TemplateLevel[], isWide: (name: string) => boolean): string {
  const texts = topic.split("/").map((text, index) => {
    const level = levels[index];
    return level?.kind === "parameter" && isWide(level.text) ? "+" : text;
  });
  return texts.join("/");
}

/** Builds a request. Throws `invalid-topic`, `invalid-option` or `invalid-request`. */
export function requestOf(session: Session, purpose: Purpose, input: CallArguments): Request {
  const { settings, protocol, events } = session;
  const { value, options } = input;
  const target = input.target();
  const { timeoutMs = settings.timeoutMs, qos, signal } = options;
  const { resource, responseTopicBase, responseFilters } = target;
  const observes = purpose === "observe";
  const sends = !observes || resource.push?.on !== undefined;
  const withId = sends && purpose !== "send" && resource.requestId !== "none";
  // An error without an id ends an observation without one; after a send, it can only become the event `rejected`.
  const wantsErrors = observes ? sends : events.has("rejected");
  const errorFilters = wantsErrors ? withSuffixes(responseTopicBase, protocol.error) : [];
  const filters = withId ? responseFilters : errorFilters;
  return {
    target,
    withId,
    body: sends ? encodeFor(session, target, value) : undefined,
    qos: qos ?? (purpose !== "send" && resource.idempotent ? 0 : resource.qos),
    timeoutMs,
    signal,
    filters:
      settings.subscribe === "never"
        ? []
        : observes
          ? [...withSuffixes(responseTopicBase, protocol.success), ...filters]
          : filters,
  };
}

/** Encodes a request payload. Throws `invalid-request`. */
export function encodeFor(
  session: Session,
  { resource, values }: Pick<RequestTarget, "resource" | "values">,
  value: unknown,
): Uint8Array {
  const encoded = encode(resource.request, value, session.settings.maxDepth);
  if (encoded.errors) throw payloadError(session, { resource, values }, "invalid-request", encoded.errors);
  return encoded.body;
}

/** The error of a payload that cannot be sent. */
export function payloadError(
  session: Session,
  target: Pick<RequestTarget, "resource" | "values">,
  code: "invalid-request" | "invalid-response",
  found: readonly ValidationError[],
): TopicsmithError {
  const errors = redactErrors(session, target, found);
  return new TopicsmithError(code, formatErrors(errors), { resource: target.resource.template.name, errors });
}

/** Redacts the errors of a payload. */
export function redactErrors(
  { redact }: Session,
  { resource, values }: Pick<RequestTarget, "resource" | "values">,
  errors: readonly ValidationError[],
): readonly ValidationError[] {
  return uncheckedCast(redactTexts(errors, (text) => redact(text, resource.template, values)));
}
