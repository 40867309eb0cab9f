import { below } from "../json/pointer.js";
import { messageVariants } from "../runtime/topics/message-template.js";
import type { TopicLevel } from "../runtime/topics/grammar.js";
import type { ApiModel, MessageModel, ParameterModel, ResourceModel } from "./api-model.js";
import type { ResolvedMessages } from "./messages.js";
import { resolveParameter } from "./parameters.js";
import { declarationOf, type ResourceInput, type ResourceScope } from "./resource-input.js";

const KINDS = ["request", "success", "error"] as const;

/** The names of a message, in the topic and in the body. */
export function namesOf({ names, bodyNames }: MessageModel): readonly string[] {
  return [...new Set([...names, ...bodyNames])];
}

/** The names in the topics and the pinned filters of a resource's messages. */
export function topicNames({ messages }: Pick<ResourceModel, "messages">): ReadonlySet<string> {
  return new Set(
    Object.values(messages).flatMap(({ names, subscribe = "" }: MessageModel) => [
      ...names,
      ...Array.from(subscribe.matchAll(/\{([^{}]*)\}/g), ([, name = ""]) => name),
    ]),
  );
}

/** The parameters of the protocol that occur in bodies only, so that their values are not bound to the rules of topics. */
export function bodyOnlyParameters({
  protocol,
  extensions,
}: Pick<ApiModel, "protocol" | "extensions">): ReadonlySet<string> {
  const inTopics = new Set(
    extensions.flatMap(({ resources }) => resources).flatMap((resource) => [...topicNames(resource)]),
  );
  const names = [...protocol.clientParameters, ...protocol.endpointParameters].map(({ name }) => name);
  return new Set(names.filter((name) => !inTopics.has(name)));
}

/** Resolves the parameters of a resource's messages, and reports undeclared and unused ones. */
export function resolveMessageParameters(
  { context, protocol }: ResourceScope,
  input: ResourceInput,
  { messages, places }: ResolvedMessages,
): readonly ParameterModel[] {
  const { key, spec, at, shared } = input;
  const optional = optionalNames(messages.request);
  const parameters: ParameterModel[] = [];
  const seen = new Set<string>();
  for (const kind of KINDS) {
    const message = messages[kind];
    if (message === undefined) continue;
    if (message.hasRequestId) protocol.used.add("requestId");
    for (const name of namesOf(message)) {
      if (seen.has(name)) continue;
      seen.add(name);
      protocol.used.add(name);
      shared.used.add(name);
      if (protocol.parameters.has(name)) continue;
      const declaration = declarationOf(input, name);
      const place = places.get(kind);
      if (declaration !== undefined) {
        const inBody = !topicNames({ messages }).has(name);
        const of = { name, spec: declaration.spec, optional: optional.has(name), inBody };
        parameters.push(resolveParameter(context, of, declaration.at));
      } else if (place !== undefined) {
        const where = `the parameters of ${key}`;
        const isInTopic = message.names.includes(name);
        context.report(
          "undeclared-parameter",
          { name, where },
          isInTopic ? place.topic : (place.wrap ?? place.topic),
        );
      }
    }
  }
  for (const name of Object.keys(spec.parameters ?? {})) {
    const location = below(at, "parameters", name);
    if (protocol.parameters.has(name)) context.report("shadowed-parameter", { name }, location, "key");
    else if (!seen.has(name))
      context.report("unused-parameter", { name, template: messages.request.topic }, location, "key");
  }
  // Required ones first: they are arguments, the others are options.
  return [...parameters.filter((one) => !one.optional), ...parameters.filter((one) => one.optional)];
}

/** The names that a topic can lack. */
export function optionalNames({ topic }: MessageModel): ReadonlySet<string> {
  return new Set(messageVariants(topic).flatMap(({ optional }) => optional));
}

/** The levels of a topic's longest variant. */
export function levelsOfMessage({ topic }: MessageModel): readonly TopicLevel[] {
  const optional = new Set(messageVariants(topic).flatMap((variant) => variant.optional));
  return (messageVariants(topic).at(-1)?.levels ?? []).map(({ before, name }): TopicLevel => {
    if (name === undefined) return { kind: "literal", text: before, optional: false };
    return {
      kind: name === "requestId" ? "requestId" : "parameter",
      text: name,
      optional: optional.has(name),
    };
  });
}

/** Whether `{requestId}` is in every variant of a topic. */
export function hasMandatoryId({ topic }: MessageModel): boolean {
  const variants = messageVariants(topic);
  return variants.every(({ levels }) => levels.some(({ name }) => name === "requestId"));
}
