import { below } from "../json/pointer.js";
import type { Location } from "../spec/document.js";
import type {
  ExtensionModel,
  MessageKind,
  MessageModel,
  ParameterModel,
  RequestIdModel,
  ResourceModel,
} from "./api-model.js";
import { distinctionOf } from "./body-names.js";
import type { Context } from "./context.js";
import { bodyOf } from "./message-checks.js";
import {
  type FixedLevels,
  fixedLevels,
  mayOverlap,
  messagesOverlap,
  type TopicRules,
} from "./message-variants.js";
import type { ResolvedProtocol } from "./protocol.js";

/** A message of the API, with what decides whether it can be taken for another. */
interface Candidate {
  readonly extension: ExtensionModel;
  readonly resource: ResourceModel;
  readonly kind: MessageKind;
  readonly message: MessageModel;
  readonly fixed: FixedLevels;
  readonly sender: "client" | "platform";
  readonly rules: TopicRules;
  readonly ids: RequestIdModel | undefined;
  readonly at: Location;
}

/**
 * Compares the messages of all resources. Reports two of one sender that one message could be, and topics that both sides publish. Returns
 * whether there are such topics.
 */
export function checkMessagePairs(
  context: Context,
  protocol: ResolvedProtocol,
  extensions: readonly ExtensionModel[],
): boolean {
  const candidates = candidatesOf(context, protocol, extensions);
  const reported = new Set<string>();
  let sharesTopics = false;
  for (const [index, one] of candidates.entries()) {
    for (let next = index + 1; next < candidates.length; next++) {
      const other = candidates[next]!;
      if (!mayOverlap(one.fixed, other.fixed)) continue;
      const isClassic = one.resource.form === "suffixes" && other.resource.form === "suffixes";
      // Within an extension, these were compared by their levels.
      if (isClassic && one.extension === other.extension) continue;
      if (one.resource === other.resource && one.sender === other.sender) continue;
      if (!messagesOverlap(one.message, other.message, one.rules, other.rules)) continue;
      if (one.sender !== other.sender) {
        sharesTopics = true;
        const { topic } = one.message;
        if (topic !== other.message.topic || reported.has(topic)) continue;
        reported.add(topic);
        context.report("same-topic-both-ways", { topic }, other.at);
      } else if (!reported.has(`${one.resource.id} ${other.resource.id}`)) {
        if (report(context, one, other)) reported.add(`${one.resource.id} ${other.resource.id}`);
      }
    }
  }
  return sharesTopics;
}

function candidatesOf(
  context: Context,
  protocol: ResolvedProtocol,
  extensions: readonly ExtensionModel[],
): readonly Candidate[] {
  return extensions.flatMap((extension, index) => {
    const body = context.document.extensions[index]?.body;
    if (body === undefined) return [];
    return extension.resources.flatMap((resource) => {
      const at = below(body, "resources", resource.key);
      if (context.withoutTopic.has(below(at, "path").path.join("/"))) return [];
      const ids = extension.requestId ?? protocol.model.requestId;
      const own = new Map(resource.parameters.map((one): [string, ParameterModel] => [one.name, one]));
      const rules = { context: protocol, parameters: own, ids };
      return (["request", "success", "error"] as const).flatMap((kind): Candidate[] => {
        const message = resource.messages[kind];
        if (message === undefined) return [];
        const isFromPlatform = (resource.from === "platform") === (kind === "request");
        const sender = isFromPlatform ? "platform" : "client";
        return [{ extension, resource, kind, message, fixed: fixedLevels(message), sender, rules, ids, at }];
      });
    });
  });
}

/** Reports two messages of one sender that share topics, unless their bodies or ids tell them apart. */
function report(context: Context, one: Candidate, other: Candidate): boolean {
  const areResponses = one.kind !== "request" && other.kind !== "request";
  const isDecidedById = [one, other].some(({ kind, message }) => kind !== "request" && message.hasRequestId);
  if (areResponses) {
    const scope = isDecidedById ? differentScope(one, other) : undefined;
    if (scope === undefined) return false;
    const params = { first: one.resource.id, second: other.resource.id, name: scope };
    context.report("shared-response-scope", params, other.at, "key");
    return true;
  }
  if (isDecidedById) return false;
  const difference = distinctionOf(bodyOfCandidate(one), bodyOfCandidate(other));
  if (difference === "literal" || difference === "property") return false;
  const params = { first: describe(one), second: describe(other) };
  if (difference === "absence") {
    context.report("absence-only", params, other.at, "key");
  } else if (one.message.wrap !== undefined || other.message.wrap !== undefined) {
    context.report("indistinct-messages", params, other.at, "key");
  } else if (signature(one) === signature(other) && one.kind === other.kind) {
    const topic = { first: one.resource.id, second: other.resource.id, topic: one.message.topic };
    context.report("duplicate-topic", topic, topicPlace(other));
  } else {
    context.report("ambiguous-topic", params, topicPlace(other));
  }
  return true;
}

/** The path or the topic of a resource, or the resource if it has neither. */
function topicPlace({ at }: Candidate): Location {
  const { file, path } = at;
  const value = path.reduce<unknown>(
    (parent, key) => (typeof parent === "object" && parent !== null ? Reflect.get(parent, key) : undefined),
    file.data,
  );
  const key = ["topic", "path"].find((name) => typeof value === "object" && value !== null && name in value);
  return key === undefined ? at : below(at, key);
}

/** The name by which numbers of two resources are unique, so that both can have one number in flight. */
function differentScope(one: Candidate, other: Candidate): string | undefined {
  return [one, other].flatMap(({ ids }) =>
    ids === undefined || "type" in ids
      ? []
      : ids.uniquePer.filter(
          (name) =>
            name === "resource" || (name === "extension" && one.extension.key !== other.extension.key),
        ),
  )[0];
}

function bodyOfCandidate({ resource, kind, message }: Candidate): ReturnType<typeof bodyOf> {
  return bodyOf(message, kind, { requestId: resource.requestId, bodies: resource });
}

/** A topic without the names of its parameters. */
function signature({ message }: Candidate): string {
  return message.topic.replaceAll(/\{(?!requestId\})[^}]*\}/g, "{}");
}

function describe({ resource, kind, message }: Candidate): string {
  return `the ${kind} topic "${message.topic}" of ${resource.id}`;
}
