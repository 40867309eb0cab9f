import { didYouMean } from "../diagnostics/index.js";
import { utf8Length } from "../json/json.js";
import { below } from "../json/pointer.js";
import type { ExtensionDocument, Location, ResourceSpec } from "../spec/document.js";
import type {
  ExtensionModel,
  MessageModel,
  MessagesModel,
  Operations,
  ParameterModel,
  RequestIdModel,
  ResourceModel,
} from "./api-model.js";
import { findCarrier, resolveAnsweredBy, resolvePush } from "./pushes.js";
import { resolveBodies, resolveErrorBody } from "./bodies.js";
import { checkMessages } from "./message-checks.js";
import { levelsOfMessage, namesOf, resolveMessageParameters } from "./message-parameters.js";
import { type ResolvedMessages, resolveMessages } from "./messages.js";
import { isMessage, overlay, type ProtocolLayer } from "./protocol-layers.js";
import {
  declarationOf,
  hasMisspelledTopic,
  requestIdOf,
  type ResourceInput,
  type ResourceScope,
} from "./resource-input.js";
import type { Context } from "./context.js";
import { fileBaseName, typeName, valueName } from "./names.js";
import { resolveParameter } from "./parameters.js";
import { type ResolvedProtocol, resolveRequestId } from "./protocol.js";
import { checkRenamed } from "./renames.js";
import {
  formatTemplate,
  levelProblem,
  MAX_TOPIC_BYTES,
  parseTemplate,
  templateProblem,
  type TopicLevel,
  trailingParameters,
} from "../runtime/topics/grammar.js";
import { messageNames, messageTemplateProblem, namesBeforeId } from "../runtime/topics/message-template.js";
import { checkTrailingParameters } from "./trailing-parameters.js";

/** Decides an extension and its resources. Names are settled against each other later. */
export function resolveExtension(scope: ResourceScope, extension: ExtensionDocument): ExtensionModel {
  const { context, protocol } = scope;
  const { key, value, body, isRoot } = extension;
  const api = context.document.value.api.name;
  const layer = isRoot ? protocol.layer : overlay(protocol.layer, value.protocol, below(body, "protocol"));
  checkExtensionKey(scope, extension, layer);
  const shared = { declared: value.parameters ?? {}, at: below(body, "parameters"), used: new Set<string>() };
  const ids = resolveIds(scope, layer);
  const errorPayload =
    layer.errorPayload === protocol.layer.errorPayload
      ? undefined
      : resolveErrorBody(context, { key, layer });
  const inputOf = (resourceKey: string, spec: ResourceSpec): ResourceInput => ({
    extension: key,
    layer,
    shared,
    ids,
    errorPayload,
    key: resourceKey,
    spec,
    at: below(body, "resources", resourceKey),
    siblings: value.resources,
    invalidResources: extension.invalidResources,
    definedIn: value.source,
  });
  const resources = Object.entries(value.resources).map(([resourceKey, spec]) =>
    resolveResource(scope, inputOf(resourceKey, spec)),
  );
  for (const [resourceKey, { value: spec, invalidKeys }] of extension.invalidResources) {
    // What is missing is read by no check: each needs its keys.
    const input = inputOf(resourceKey, spec);
    for (const name of bracedNames(spec)) shared.used.add(name);
    checkPartialResource(scope, input, (...keys) =>
      keys.every((one) => !invalidKeys.has(one) && one in spec),
    );
  }
  for (const name of Object.keys(shared.declared)) {
    const at = below(shared.at, name);
    if (protocol.parameters.has(name)) context.report("shadowed-parameter", { name }, at, "key");
    else if (!shared.used.has(name))
      context.report("unused-parameter", { name, template: undefined }, at, "key");
  }
  const name = valueName(key);
  return {
    key,
    name,
    baseName: fileBaseName(name),
    specFile: body.file.id,
    ...(value.title !== undefined && { title: value.title }),
    ...(value.description !== undefined && { description: value.description }),
    ...(value.source !== undefined && { source: value.source }),
    ...checkRenamed(context, { key, renamedFrom: value.renamedFrom, at: body, entry: extension.at }),
    names: {
      client: isRoot ? typeName(api, "resources") : typeName(key, "extension"),
      ...(new Set(resources.map(({ on }) => on)).size > 1 && {
        onClient: isRoot ? typeName(api, "client resources") : typeName(key, "client extension"),
      }),
      handlers: isRoot ? typeName(api, "resource handlers") : typeName(key, "extension handlers"),
      pushes: isRoot ? typeName(api, "resource pushes") : typeName(key, "extension pushes"),
    },
    resources,
    ...(errorPayload !== undefined && { errorPayload }),
    ...(ids !== undefined && layer.requestId !== protocol.layer.requestId && { requestId: ids }),
  };
}

/** An extension's key is a level of topics that contain `{extension}`. */
function checkExtensionKey(
  { context }: ResourceScope,
  { key, at, isRoot }: ExtensionDocument,
  { topic }: ProtocolLayer,
): void {
  if (isRoot || (topic !== undefined && !messageNames(topic.value).includes("extension"))) return;
  const problem = levelProblem(key) ?? (/[{}[\]]/.test(key) ? "must not contain a bracket" : undefined);
  if (problem !== undefined) context.report("invalid-extension-key", { key, problem }, at, "key");
}

/** The request ids of an extension: those of the protocol, unless it has its own. */
function resolveIds({ context, protocol }: ResourceScope, layer: ProtocolLayer): RequestIdModel | undefined {
  const { requestId, topic } = layer;
  if (requestId === undefined || requestId === protocol.layer.requestId) return protocol.model.requestId;
  const inTopic = new Set(topic === undefined ? [] : messageNames(topic.value));
  return resolveRequestId(context, requestId, { inTopic, binds: protocol.binds, topic: topic?.value });
}

/** The names in braces anywhere in a resource, also where its structure is invalid. */
function bracedNames(spec: unknown): readonly string[] {
  return Array.from(
    (JSON.stringify(spec) ?? "").matchAll(/\{([A-Za-z_$][A-Za-z0-9_$]*)\}/g),
    ([, name = ""]) => name,
  );
}

/**
 * Checks what is valid of a resource whose structure is invalid elsewhere, so that one run reports all its mistakes.
 * `has` is whether the values of these keys are present and valid.
 */
function checkPartialResource(
  scope: ResourceScope,
  input: ResourceInput,
  has: (...keys: readonly string[]) => boolean,
): void {
  const { context } = scope;
  const { path } = input.spec;
  for (const name of bracedNames(input.spec)) scope.protocol.used.add(name);
  if (isClassic(scope, input)) {
    // Without its parameters, every placeholder of the path would be reported.
    if (path !== undefined && has("path") && (has("parameters") || !/[{}]/.test(path)))
      resolvePath(scope, { ...input, path });
    if (has("requestId", "response")) checkRequestId(scope, input);
  }
  resolveBodies(context, input);
  if (has("push", "request")) resolvePush(context, input);
  if (has("answeredBy", "path", "response")) resolveAnsweredBy(context, input);
  else if (has("answeredBy")) findCarrier(context, input);
}

function resolveResource(scope: ResourceScope, input: ResourceInput): ResourceModel {
  const { context, protocol } = scope;
  const { extension, key, spec, at } = input;
  const topics = isClassic(scope, input) ? ofLevels(scope, input) : ofMessages(scope, input);
  const { messages } = topics;

  const bodies = resolveBodies(context, input);
  const requestId = requestIdOf(spec);
  if (topics.resolved !== undefined) {
    const errorBody = input.errorPayload ?? scope.errorPayload;
    checkMessages(scope, input, { ...topics.resolved, requestId, ids: input.ids, bodies, errorBody });
  }
  const isMessages = topics.form === "messages";
  const push = isMessages ? undefined : resolvePush(context, input);
  const answeredBy = isMessages ? undefined : resolveAnsweredBy(context, input);
  const withoutRequestId =
    push !== undefined || (typeof spec.response === "object" && spec.response.withoutRequestId === true);
  if (withoutRequestId && spec.response === undefined) {
    context.report("push-without-response", { resource: key }, below(at, "push"), "key");
  }
  const deprecated = spec.deprecated === true ? "" : spec.deprecated === false ? undefined : spec.deprecated;
  const definedIn = spec.source ?? input.definedIn;
  const name = valueName(key);
  const names = [messages.request, messages.success, messages.error].flatMap((one) =>
    one ? namesOf(one) : [],
  );
  const { retain } = spec;
  return {
    key,
    name,
    id: extension === "" ? key : `${extension}.${key}`,
    baseName: fileBaseName(name),
    specFile: at.file.id,
    range: at.file.rangeOf(at.path, "key"),
    names: {
      // A constant called `delete` or `connect` would be illegal, or hide another export.
      descriptor: extension === "" ? valueName(key, "resource") : valueName(extension, key),
      topic: valueName(extension, key, "topic"),
      parameters: typeName(extension, key, "parameters"),
      client: typeName(extension, key, "client"),
      handler: typeName(extension, key, "handler"),
      push: typeName(extension, key, platformSuffix(spec)),
    },
    ...(spec.summary !== undefined && { summary: spec.summary }),
    ...(spec.description !== undefined && { description: spec.description }),
    ...(definedIn !== undefined && { source: definedIn }),
    ...(deprecated !== undefined && { deprecated }),
    ...checkRenamed(context, { key, renamedFrom: spec.renamedFrom, at, entry: at }),
    levels: topics.levels,
    template: topics.template,
    parameters: topics.parameters,
    requestId,
    qos: spec.qos ?? input.layer.qos,
    ...(retain !== undefined && retain !== false && { retain }),
    idempotent: spec.idempotent === true,
    from: spec.from ?? "client",
    form: topics.form,
    on: names.some((one) => protocol.binds.get(one) === "endpoint") ? "endpoint" : "client",
    messages,
    ...bodies,
    withoutRequestId,
    ...(push !== undefined && { push }),
    ...(answeredBy !== undefined && { answeredBy }),
    operations: operationsOf(spec, { push: push !== undefined, answeredBy: answeredBy !== undefined }),
  };
}

/** The last word of the type of a platform's methods: it pushes, sends an event, or calls the client. */
function platformSuffix({ from, response }: ResourceSpec): string {
  if (from !== "platform") return "push";
  return response === undefined ? "sender" : "caller";
}

/** The topics of a resource. */
interface ResourceTopics extends Pick<
  ResourceModel,
  "form" | "levels" | "template" | "parameters" | "messages"
> {
  /** Present for messages whose topics are valid. */
  readonly resolved?: ResolvedMessages;
}

/** Whether levels and the protocol's suffixes describe the topics of a resource, and its bodies are bare payloads. */
function isClassic({ protocol }: ResourceScope, input: ResourceInput): boolean {
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

/**
 * `required` gives the call, `optional` the call and `send`, `none` only `send`; a call needs a success to wait for. A
 * resource that is only pushed, without a request and without an id, has nothing to send.
 */
function operationsOf(spec: ResourceSpec, has: { push: boolean; answeredBy: boolean }): Operations {
  const requestId = requestIdOf(spec);
  const isFromClient = spec.from !== "platform";
  const isOnlyPushed = has.push && requestId === "none" && spec.request === undefined;
  return {
    call: isFromClient && requestId !== "none" && spec.response !== undefined,
    send: isFromClient && (requestId === "optional" || requestId === "none") && !isOnlyPushed,
    observe: has.push,
    handle: has.answeredBy,
    event: !isFromClient && spec.response === undefined,
    served: !isFromClient && spec.response !== undefined,
  };
}

function resolvePath(
  { context, protocol }: ResourceScope,
  input: ResourceInput & { readonly path: string },
): { levels: readonly TopicLevel[]; parameters: readonly ParameterModel[] } {
  const { extension, key, spec, at, path: text } = input;
  const pathAt = below(at, "path");
  const path = parseTemplate(text);
  const problem = templateProblem(text) ?? pathProblem(path, protocol);
  if (problem !== undefined) {
    context.report("invalid-path", { resource: key, path: text, problem }, pathAt);
    // Its topics are not compared with others, but further mistakes in it are reported.
    context.withoutTopic.add(pathAt.path.join("/"));
    return { levels: [], parameters: [] };
  }
  const declared = spec.parameters ?? {};
  const parameters: ParameterModel[] = [];
  for (const level of path) {
    if (level.kind === "literal") continue;
    const declaration = declarationOf(input, level.text);
    if (declaration !== undefined) {
      const of = { name: level.text, spec: declaration.spec, optional: level.optional };
      parameters.push(resolveParameter(context, of, declaration.at));
    } else {
      context.report("undeclared-parameter", { name: level.text, where: `the parameters of ${key}` }, pathAt);
    }
  }
  for (const name of Object.keys(declared)) {
    const location = below(at, "parameters", name);
    if (protocol.parameters.has(name)) {
      context.report("shadowed-parameter", { name }, location, "key");
    } else if (!path.some((level) => isHole(level, name))) {
      context.report("unused-parameter", { name, template: text }, location, "key");
    }
  }
  const levels = protocol.levels.flatMap((level): readonly TopicLevel[] => {
    if (isHole(level, "extension")) return [{ kind: "literal", text: extension, optional: false }];
    return isHole(level, "resource") ? path : [level];
  });
  checkLevels({ context, protocol, input: { ...input, pathAt }, levels, parameters });
  return { levels, parameters };
}

/** The problem with a path, if any: optional levels must come last, and at least one level must be required. */
function pathProblem(levels: readonly TopicLevel[], protocol: ResolvedProtocol): string | undefined {
  const optional = levels.map((level) => level.optional);
  const first = optional.indexOf(true);
  if (first === 0) return "its first level cannot be optional";
  if (first > 0 && optional.slice(first).includes(false)) return "its optional levels must come last";
  const after = protocol.levels.at(protocol.levels.findIndex((level) => isHole(level, "resource")) + 1);
  if (first > 0 && after !== undefined && !isHole(after, "requestId")) {
    return "it cannot have optional levels, because levels of protocol.topic follow the path";
  }
  const names = levels.flatMap((level) => (level.kind === "literal" ? [] : [level.text]));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `it contains {${twice}} twice`;
}

/** Whether a level is `{name}`. */
function isHole(level: TopicLevel, name: string): boolean {
  return level.kind !== "literal" && level.text === name;
}

/** Checks the length, the first level, and values that would be read as a request id or as a response suffix. */
function checkLevels(checked: {
  context: Context;
  protocol: ResolvedProtocol;
  input: ResourceInput & { readonly path: string; readonly pathAt: Location };
  levels: readonly TopicLevel[];
  parameters: readonly ParameterModel[];
}): void {
  const { context, protocol, input, levels, parameters } = checked;
  const first = levels[0];
  if (first?.kind === "literal" && first.text.startsWith("$") && protocol.levels[0]?.kind !== "literal") {
    const problem = "it makes topics start with $, which is reserved for the broker";
    context.report("invalid-path", { resource: input.key, path: input.path, problem }, input.pathAt);
  }
  const fixed = levels.reduce(
    (sum, level) => sum + (level.kind === "literal" ? utf8Length(level.text) : 1) + 1,
    -1,
  );
  const bytes = fixed + utf8Length(protocol.model.success ?? "");
  if (bytes > MAX_TOPIC_BYTES) context.report("topic-too-long", { resource: input.key, bytes }, input.pathAt);

  checkTrailingParameters({ context, protocol }, input, {
    last: trailingParameters(levels),
    parameters,
    ids: protocol.model.requestId,
  });
}

function checkRequestId({ context, protocol }: ResourceScope, { key, spec, at }: ResourceInput): void {
  const place = spec.requestId === undefined ? at : below(at, "requestId");
  const part = spec.requestId === undefined ? "key" : "value";
  const requestId = requestIdOf(spec);
  const level = protocol.levels.find(({ kind }) => kind === "requestId");
  if (requestId !== "none" && level === undefined) {
    context.report("missing-request-id-level", { resource: key, requestId }, place, part);
  }
  if (requestId !== "required" && level?.optional === false) {
    context.report("request-id-not-optional", { resource: key, requestId }, place, part);
  }
  if (requestId === "required" && spec.response === undefined) {
    const suggestion = didYouMean("response", Object.keys(spec));
    context.report("call-without-response", { resource: key, suggestion }, place, part);
  }
}
