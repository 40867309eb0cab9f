import { below } from "../json/pointer.js";
import { levelProblem } from "../runtime/topics/grammar.js";
import { messageNames } from "../runtime/topics/message-template.js";
import type { ExtensionDocument, ResourceSpec } from "../spec/document.js";
import type { ExtensionModel, RequestIdModel } from "./api-model.js";
import { resolveErrorBody } from "./bodies.js";
import { fileBaseName, typeName, valueName } from "./names.js";
import { checkPartialResource } from "./partial-resource.js";
import { overlay, type ProtocolLayer } from "./protocol-layers.js";
import { resolveRequestId } from "./protocol.js";
import type { ResourceInput, ResourceScope } from "./resource-input.js";
import { bracedNames } from "./resource-topics.js";
import { resolveResource } from "./resources.js";
import { checkRenamed } from "./renames.js";

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
