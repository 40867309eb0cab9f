/** Events: messages that the platform sends without a request, and that expect no response. */
import type { ResourceDefinition } from "../api/descriptor.js";
import type {
  AddMethods,
  EndpointContext,
  MessageSupport,
  RequestTarget,
  Resource,
} from "../api/resource.js";
import type { AnyTopic, TopicValues } from "../topics/topic.js";
import { checkValues, parametersOf } from "./message-parameters.js";
import { readerOf, SessionReader } from "./message-reader.js";
import { pinnedFilters, subscribedValues, topicOf } from "./message-request.js";
import { observe } from "./observation.js";
import type { ObserveRequest } from "./observer-registration.js";
import type { Session } from "./session.js";

/** Declares an event. `definition.request` is its payload. */
export function defineEvent<Client, Handler = unknown, Push = unknown>(
  topic: AnyTopic,
  definition: ResourceDefinition,
): Resource<Client, Handler, Push> {
  return { ...definition, template: topic.template, support: incomingSupport, addMethods: addObserve };
}

/** The support of resources whose requests come from the platform. The parameters of their methods are optional. */
export const incomingSupport: MessageSupport = {
  incoming: true,
  argumentLevels: (resource) => parametersOf(resource).map((level) => ({ ...level, optional: true })),
  targetOf,
  requestOf: (session, _purpose, { target, options }) => incomingRequest(session, target(), options),
  createReader: (session, resources) => new SessionReader(session, resources),
};

/** The target of an observer: a key among the session's observers, and filters with `+` for values that are left out. */
function targetOf(
  { session, bound }: EndpointContext,
  resource: Resource,
  values: TopicValues,
): RequestTarget {
  checkValues(resource, values, true);
  const base = readerOf(session).observerKey(resource, values);
  return {
    resource,
    values,
    bound,
    base,
    responseTopicBase: "",
    sharedTopicBase: "",
    responseFilters: filtersOf(resource, subscribedValues(session, values)),
    scope: base,
  };
}

function filtersOf(resource: Resource, values: TopicValues): readonly string[] {
  const pinned = pinnedFilters(resource, ["request"], values);
  const topic = topicOf(resource, "request");
  if (pinned.length > 0 || !topic) return pinned;
  const all = { ...values, requestId: topic.names.has("requestId") ? "+" : undefined };
  const optional = Array.from(topic.names).filter((name) => !topic.required.has(name));
  // Without a value, the levels of an optional parameter may be there or not.
  return optional.every((name) => name === "requestId" || values[name] !== undefined)
    ? [topic.build(all, true)]
    : topic.filters(all);
}

/** The request of an observer: nothing is sent, it only subscribes. */
export function incomingRequest(
  session: Session,
  target: RequestTarget,
  options: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
): ObserveRequest {
  const { settings } = session;
  const { timeoutMs = settings.timeoutMs, signal } = options;
  const { resource, responseFilters, values } = target;
  const isNever = settings.subscribe === "never";
  return {
    target,
    withId: false,
    qos: resource.qos,
    timeoutMs,
    signal,
    filters: isNever ? [] : responseFilters,
    pinned: pinnedFilters(resource, ["request"], subscribedValues(session, values)),
    retained: resource.retain !== undefined && resource.retain !== false,
  };
}

const addObserve: AddMethods = ({ context: { session }, read, addMethod }) => {
  addMethod("observe", (...args: unknown[]) => {
    const { options, target } = read(args, false);
    const { buffer = session.settings.buffer, overflow = session.settings.overflow } = options;
    return observe(session, () => incomingRequest(session, target(), options), { buffer, overflow });
  });
};
