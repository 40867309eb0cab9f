/** The keys of requests whose responses are not on the request's topic and a suffix. */
import type { MessageKind, RequestId } from "../api/descriptor.js";
import type { Resource } from "../api/resource.js";
import type { TopicValues } from "../topics/topic.js";

/** Begins the keys, because no topic contains it, and topics are keys too. */
const MARK = "#";
const RESPONSES = ["success", "error"] as const;
/** The names in messages that are not parameters. */
export const OTHER_NAMES: ReadonlySet<string> = new Set(["body", "now", "request", "requestId"]);

/** The names of the values that are part of a resource's keys. */
const namesOfKeys = new WeakMap<Resource, readonly string[]>();

/**
 * The key of a request in the correlation table. The same from the values of the request and from those of its response: its id, and the
 * values of the id's scope that responses contain. Without an id, the topic of its success and the values that every response contains.
 */
export function correlationKey(
  resource: Resource,
  values: TopicValues,
  requestId: RequestId | undefined,
): string {
  if (typeof requestId === "string") return MARK + requestId;
  const { extension, resource: name, messages } = resource.template;
  const known: TopicValues = { extension, resource: name, ...values };
  let names = namesOfKeys.get(resource);
  if (!names) namesOfKeys.set(resource, (names = keyNames(resource)));
  return MARK + JSON.stringify([requestId ?? messages?.success?.text, ...names.map((each) => known[each])]);
}

/** The names in the topics and bodies of resources, by kind of message. */
const knownNames = new WeakMap<Resource, Map<MessageKind, ReadonlySet<string>>>();

/** The names in the topic and the body of a resource's messages of one kind. */
export function namesOf(resource: Resource, kind: MessageKind): ReadonlySet<string> {
  const known = knownNames.get(resource) ?? new Map<MessageKind, ReadonlySet<string>>();
  let names = known.get(kind);
  if (!names) {
    const { template, wraps } = resource;
    names = new Set([...(template.messages?.[kind]?.names ?? []), ...(wraps?.[kind]?.names ?? [])]);
    knownNames.set(resource, known.set(kind, names));
  }
  return names;
}

function keyNames(resource: Resource): readonly string[] {
  const { requestId, template } = resource;
  const isSingle = requestId === "single";
  const carried = RESPONSES.filter((kind) => template.messages?.[kind])
    .map((kind) => namesOf(resource, kind))
    .filter((names) => isSingle || names.has("requestId"));
  const candidates = isSingle
    ? Array.from(carried[0] ?? []).filter((name) => !OTHER_NAMES.has(name))
    : (template.protocol.requestId?.uniquePer ?? []);
  return candidates.filter(
    (name) => name === "extension" || name === "resource" || carried.every((names) => names.has(name)),
  );
}
