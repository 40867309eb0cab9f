/** Requests of resources whose messages go beyond topics with suffixes. */
import type { MessageKind, RequestId, ResourceDefinition } from "../api/descriptor.js";
import type {
  CallArguments,
  EndpointContext,
  MessageSupport,
  Purpose,
  Request,
  RequestMessage,
  RequestTarget,
  Resource,
} from "../api/resource.js";
import { wrapBody } from "../api/wrapped-body.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import type { AnyTopic, TopicMessage, TopicValues } from "../topics/topic.js";
import { correlationKey } from "./message-keys.js";
import { checkValues, ownNames, parametersOf } from "./message-parameters.js";
import { readerOf, SessionReader } from "./message-reader.js";
import { encodeFor, payloadError } from "./request.js";
import type { IdSource } from "./request-ids.js";
import type { Session } from "./session.js";
import { MAX_ID_LENGTH } from "./string-ids.js";

/** Declares a resource of which the client requests something, by messages of any shape. */
export function defineMessageResource<Client, Handler = unknown, Push = unknown>(
  topic: AnyTopic,
  definition: ResourceDefinition,
): Resource<Client, Handler, Push> {
  return { ...definition, template: topic.template, support: requestSupport };
}

export const requestSupport: MessageSupport = {
  incoming: false,
  argumentLevels: parametersOf,
  targetOf,
  requestOf,
  createReader: (session, resources) => new SessionReader(session, resources),
};

/** The topics of one kind of a resource's messages, if it has them. */
export function topicOf({ template }: Resource, kind: MessageKind): TopicMessage | undefined {
  return template.messages?.[kind];
}

/** The values of a target, with `+` for those of the endpoint if the client subscribes for all endpoints at once. */
export function subscribedValues({ protocol, settings }: Session, values: TopicValues): TopicValues {
  return settings.subscribe === "all-endpoints"
    ? { ...values, ...wildcards(protocol.endpointParameters.filter((name) => values[name] !== undefined)) }
    : values;
}

/** Fills in a pinned filter. */
export function pinnedFilter(template: string, values: TopicValues): string {
  const fill = (name: string): string | number =>
    uncheckedCast<string | number | undefined>(values[name]) ?? "+";
  return template.replace(/\{([^}]*)\}/g, (_hole, name: string) => String(fill(name)));
}

function targetOf(
  { session, bound }: EndpointContext,
  resource: Resource,
  values: TopicValues,
): RequestTarget {
  const { template, requestId } = resource;
  const ids = template.protocol.requestId;
  checkValues(resource, values);
  const filterValues = subscribedValues(session, values);
  const shared = new Map<string, string>();
  const responseFilters = (["success", "error"] as const).flatMap((kind) => {
    if (kind === "success" && resource.response === undefined) return [];
    return responseFilter(resource, kind, filterValues, shared);
  });
  const scopeValues: TopicValues = { extension: template.extension, resource: template.resource, ...values };
  return {
    resource,
    values,
    bound,
    base: template.name,
    responseTopicBase: "",
    sharedTopicBase: "",
    share: (filter) => shared.get(filter) ?? filter,
    responseFilters: Array.from(new Set(responseFilters)),
    scope:
      requestId === "single"
        ? correlationKey(resource, values, undefined)
        : // A group of resources may have ids of its own.
          JSON.stringify(ids?.uniquePer.map((name) => scopeValues[name])) +
          (template.protocol === session.protocol ? "" : JSON.stringify(ids?.send)),
  };
}

/** The filter for the responses of one kind, for all ids. Adds the one that all values of the path share to `shared`. */
function responseFilter(
  resource: Resource,
  kind: "success" | "error",
  values: TopicValues,
  shared: Map<string, string>,
): string[] {
  const topic = topicOf(resource, kind);
  if (!topic) return [];
  const pinned = resource.subscribe?.[kind];
  if (pinned !== undefined) return [pinnedFilter(pinned, values)];
  const filter = topic.build({ ...values, requestId: "+" }, true);
  const own = ownNames(resource).filter((name) => values[name] !== undefined);
  shared.set(filter, topic.build({ ...values, ...wildcards(own), requestId: "+" }, true));
  return [filter];
}

function wildcards(names: readonly string[]): TopicValues {
  return Object.fromEntries(names.map((name) => [name, "+"]));
}

function requestOf(session: Session, purpose: Purpose, input: CallArguments): Request {
  const { settings, events } = session;
  const { value, options } = input;
  const target = input.target();
  const { timeoutMs = settings.timeoutMs, qos, signal } = options;
  const { resource, values } = target;
  const withId = purpose === "call" && resource.requestId !== "none";
  const body = encodeFor(session, target, value);
  const message = messageOf(session, target, { withId, body });
  // After a send, an error response can only become the event `rejected`.
  const wants = withId || events.has("rejected");
  return {
    target,
    withId,
    body,
    message,
    qos: qos ?? (withId && resource.idempotent ? 0 : resource.qos),
    retain: isRetained(resource, options),
    timeoutMs,
    signal,
    filters:
      settings.subscribe === "never" || !wants
        ? []
        : withId
          ? target.responseFilters
          : errorFilters(session, target),
    pinned: pinnedFilters(resource, ["success", "error"], subscribedValues(session, values)),
  };
}

/** Whether a request is published retained. */
export function isRetained({ retain }: Resource, options: object): boolean {
  return retain === "allowed" ? Reflect.get(options, "retain") === true : retain === true;
}

/** The pinned ones among a resource's filters. */
export function pinnedFilters(
  { subscribe }: Resource,
  kinds: readonly MessageKind[],
  values: TopicValues,
): readonly string[] {
  return kinds.flatMap((kind) => {
    const template = subscribe?.[kind];
    return template === undefined ? [] : [pinnedFilter(template, values)];
  });
}

function errorFilters(session: Session, { resource, values }: RequestTarget): readonly string[] {
  // Where the topic has to carry an id, there is no error response to a request without one.
  return topicOf(resource, "error")?.required.has("requestId") !== false
    ? []
    : responseFilter(resource, "error", subscribedValues(session, values), new Map());
}

/** The parts of a request that depend on its id. Throws `invalid-topic` or `invalid-request`, for any id. */
function messageOf(
  session: Session,
  target: RequestTarget,
  { withId, body }: { readonly withId: boolean; readonly body: Uint8Array },
): RequestMessage {
  const { resource, values } = target;
  const topic = topicOf(resource, "request")!;
  const wrapped = wrapBody(resource.wraps?.request, body);
  const problems = wrapped.problems(values);
  if (problems.length > 0) throw payloadError(session, target, "invalid-request", problems);
  const hidesId = resource.requestId === "single";
  const isFixed = !topic.names.has("requestId");
  const anyTopic = anyTopicOf(target, topic, withId);
  const build = (id: RequestId | undefined) => {
    const all = hidesId || id === undefined ? values : { ...values, requestId: id };
    return {
      topic: isFixed ? anyTopic : topic.build(all),
      body: wrapped.build(all),
    };
  };
  return {
    get ids() {
      return idsOf(session, target);
    },
    hidesId,
    key: (id) => correlationKey(resource, values, hidesId ? undefined : id),
    build,
  };
}

/** Topics of requests to a target, with and without an id: a target is often used again. */
const anyTopics = new WeakMap<RequestTarget, Map<boolean, string>>();

/** A topic of requests to this target. Throws `invalid-topic` if no id makes a legal one. */
function anyTopicOf(target: RequestTarget, topic: TopicMessage, withId: boolean): string {
  const known = anyTopics.get(target) ?? new Map<boolean, string>();
  let found = known.get(withId);
  if (found === undefined) {
    found = topic.build({ ...target.values, requestId: withId ? anyId(target.resource) : undefined });
    anyTopics.set(target, known.set(withId, found));
  }
  return found;
}

/** One of the longest ids. */
function anyId({ template: { protocol } }: Resource): RequestId {
  const { requestId } = protocol;
  return (
    requestId?.send?.maximum ?? "x".repeat(Math.min(requestId?.maxLength ?? MAX_ID_LENGTH, MAX_ID_LENGTH))
  );
}

/** Grants the id of a request to this target. */
function idsOf(session: Session, { resource, scope }: RequestTarget): IdSource {
  const { correlation } = session;
  const { requestId: ids } = resource.template.protocol;
  if (resource.requestId === "single") return correlation.scope(scope, { minimum: 0, maximum: 0 });
  return ids?.type === "string" ? readerOf(session).ids(ids.maxLength) : correlation.scope(scope, ids?.send);
}
