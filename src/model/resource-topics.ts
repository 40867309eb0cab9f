import { below } from "../json/pointer.js";
import { formatTemplate, parseTemplate, templateProblem } from "../runtime/topics/grammar.js";
import { messageNames, messageTemplateProblem, namesBeforeId } from "../runtime/topics/message-template.js";
import type { MessageModel, MessagesModel, ResourceModel } from "./api-model.js";
import { levelsOfMessage, resolveMessageParameters } from "./message-parameters.js";
import { type ResolvedMessages, resolveMessages } from "./messages.js";
import { resolvePath, pathProblem, checkRequestId } from "./paths.js";
import { isMessage } from "./protocol-layers.js";
import {
  declarationOf,
  hasMisspelledTopic,
  type ResourceInput,
  type ResourceScope,
} from "./resource-input.js";
import { checkTrailingParameters } from "./trailing-parameters.js";

/** The topics of a resource. */
export interface ResourceTopics extends Pick<
  ResourceModel,
  "form" | "levels" | "template" | "parameters" | "messages"
> {
  /** Present for messages whose topics are valid. */
  readonly resolved?: ResolvedMessages;
}

/** Whether levels and the protocol's suffixes describe the topics of a resource, and its bodies are bare payloads. */
export function isClassic({ protocol }: ResourceScope, input: ResourceInput): boolean {
  const { extension, spec, layer } = input;
  const outer = protocol.layer;
  const { path = "" } = spec;
  const declarations = messageNames(path).map((name) => declarationOf(input, name)?.spec);
  const hasInteger =
    declarations.some((one) => one?.type === "integer") ||
    Array.from(protocol.parameters.values()).some(({ integer }) => integer !== undefined);
  return (
    protocol.isClassic &&
    extension !== "" &&
    spec.topic === undefined &&
    spec.from !== "platform" &&
    spec.requestId !== "single" &&
    (spec.retain ?? false) === false &&
    (spec.response === undefined || (layer.success !== undefined && layer.error !== undefined)) &&
    ![spec.request, spec.response, spec.error].some(isMessage) &&
    !hasInteger &&
    (["topic", "success", "error", "wrap", "requestId"] as const).every(
      (part) => layer[part] === outer[part],
    ) &&
    // A path that is invalid in both grammars is reported as today.
    ((templateProblem(path) ?? pathProblem(parseTemplate(path), protocol)) === undefined ||
      messageTemplateProblem(path) !== undefined ||
      path.startsWith("["))
  );
}

/** Decides the topics of a resource. */
export function resolveTopics(scope: ResourceScope, input: ResourceInput): ResourceTopics {
  return isClassic(scope, input) ? ofLevels(scope, input) : ofMessages(scope, input);
}

function ofLevels(scope: ResourceScope, input: ResourceInput): ResourceTopics {
  const { protocol, context } = scope;
  const { path } = input.spec;
  if (path === undefined) {
    if (!hasMisspelledTopic(input.spec))
      context.report("missing-path", { resource: input.key }, input.at, "key");
    context.withoutTopic.add(below(input.at, "path").path.join("/"));
  }
  const { levels, parameters } =
    path === undefined ? { levels: [], parameters: [] } : resolvePath(scope, { ...input, path });
  checkRequestId(scope, input);
  const template = formatTemplate(levels);
  const messageOf = (topic: string, written: string): MessageModel => ({
    topic,
    written,
    names: levels.flatMap(({ kind, text }) => (kind === "parameter" ? [text] : [])),
    bodyNames: [],
    hasRequestId: levels.some(({ kind }) => kind === "requestId"),
  });
  const { success, error } = protocol.model;
  const messages: MessagesModel = {
    request: messageOf(template, template),
    ...(success !== undefined && { success: messageOf(template + success, `{request}${success}`) }),
    ...(error !== undefined && { error: messageOf(template + error, `{request}${error}`) }),
  };
  for (const name of messages.request.names) {
    protocol.used.add(name);
    input.shared.used.add(name);
  }
  return { form: "suffixes", levels, template, parameters, messages };
}

function ofMessages(scope: ResourceScope, input: ResourceInput): ResourceTopics {
  const resolved = resolveMessages(scope, input);
  if (resolved === undefined) {
    for (const name of bracedNames(input.spec)) {
      scope.protocol.used.add(name);
      input.shared.used.add(name);
    }
    scope.context.withoutTopic.add(below(input.at, "path").path.join("/"));
    const request: MessageModel = { topic: "", written: "", names: [], bodyNames: [], hasRequestId: false };
    return { form: "messages", levels: [], template: "", parameters: [], messages: { request } };
  }
  const { messages } = resolved;
  const parameters = resolveMessageParameters(scope, input, resolved);
  const last = new Set(
    Object.values(messages).flatMap(({ topic }: MessageModel) => [...namesBeforeId(topic)]),
  );
  checkTrailingParameters(scope, input, { last, parameters, ids: input.ids });
  return {
    form: "messages",
    levels: levelsOfMessage(messages.request),
    template: messages.request.topic,
    parameters,
    messages,
    resolved,
  };
}

/** The names in braces anywhere in a resource, also where its structure is invalid. */
export function bracedNames(spec: unknown): readonly string[] {
  return Array.from(
    (JSON.stringify(spec) ?? "").matchAll(/\{([A-Za-z_$][A-Za-z0-9_$]*)\}/g),
    ([, name = ""]) => name,
  );
}
