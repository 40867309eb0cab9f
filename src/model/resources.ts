import { runnablePattern } from "../schema/index.js";
import { didYouMean } from "../diagnostics/index.js";
import { utf8Length } from "../json/json.js";
import { below } from "../json/pointer.js";
import type { ExtensionDocument, Location, ResourceSpec } from "../spec/document.js";
import type { ExtensionModel, Operations, ParameterModel, ResourceModel } from "./api-model.js";
import { findCarrier, resolveAnsweredBy, resolvePush } from "./pushes.js";
import { resolveBodies } from "./bodies.js";
import type { ResourceInput, ResourceScope } from "./resource-input.js";
import type { Context } from "./context.js";
import { fileBaseName, typeName, valueName } from "./names.js";
import { resolveParameter } from "./parameters.js";
import type { ResolvedProtocol } from "./protocol.js";
import {
  formatTemplate,
  levelProblem,
  MAX_TOPIC_BYTES,
  parseTemplate,
  templateProblem,
  type TopicLevel,
  trailingParameters,
} from "../runtime/topics/grammar.js";
import { ID_SAMPLES } from "./topic-variants.js";

/** Decides an extension and its resources. Names are settled against each other later. */
export function resolveExtension(scope: ResourceScope, extension: ExtensionDocument): ExtensionModel {
  const { context } = scope;
  const { key, value, body } = extension;
  const problem = levelProblem(key) ?? (/[{}[\]]/.test(key) ? "must not contain a bracket" : undefined);
  if (problem !== undefined) context.report("invalid-extension-key", { key, problem }, extension.at, "key");
  const inputOf = (resourceKey: string, spec: ResourceSpec): ResourceInput => ({
    extension: key,
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
    const input = inputOf(resourceKey, { path: "", requestId: "none", ...spec });
    checkPartialResource(scope, input, (...keys) =>
      keys.every((one) => !invalidKeys.has(one) && one in spec),
    );
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
    names: {
      client: typeName(key, "extension"),
      handlers: typeName(key, "extension handlers"),
      pushes: typeName(key, "extension pushes"),
    },
    resources,
  };
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
  // Without its parameters, every placeholder of the path would be reported.
  if (has("path") && (has("parameters") || !/[{}]/.test(input.spec.path))) resolvePath(scope, input);
  if (has("requestId", "response")) checkRequestId(scope, input);
  resolveBodies(context, input);
  if (has("push", "request")) resolvePush(context, input);
  if (has("answeredBy", "path", "response")) resolveAnsweredBy(context, input);
  else if (has("answeredBy")) findCarrier(context, input);
}

function resolveResource(scope: ResourceScope, input: ResourceInput): ResourceModel {
  const { context } = scope;
  const { extension, key, spec, at } = input;
  const { levels, parameters } = resolvePath(scope, input);
  checkRequestId(scope, input);

  const bodies = resolveBodies(context, input);
  const push = resolvePush(context, input);
  const answeredBy = resolveAnsweredBy(context, input);
  const withoutRequestId =
    push !== undefined || (typeof spec.response === "object" && spec.response.withoutRequestId === true);
  if (withoutRequestId && spec.response === undefined) {
    context.report("push-without-response", { resource: key }, below(at, "push"), "key");
  }
  const deprecated = spec.deprecated === true ? "" : spec.deprecated === false ? undefined : spec.deprecated;
  const definedIn = spec.source ?? input.definedIn;
  const name = valueName(key);
  return {
    key,
    name,
    id: `${extension}.${key}`,
    baseName: fileBaseName(name),
    specFile: at.file.id,
    range: at.file.rangeOf(at.path, "key"),
    names: {
      descriptor: valueName(extension, key),
      topic: valueName(extension, key, "topic"),
      parameters: typeName(extension, key, "parameters"),
      client: typeName(extension, key, "client"),
      handler: typeName(extension, key, "handler"),
      push: typeName(extension, key, "push"),
    },
    ...(spec.summary !== undefined && { summary: spec.summary }),
    ...(spec.description !== undefined && { description: spec.description }),
    ...(definedIn !== undefined && { source: definedIn }),
    ...(deprecated !== undefined && { deprecated }),
    levels,
    template: formatTemplate(levels),
    parameters,
    requestId: spec.requestId,
    qos: spec.qos ?? scope.defaultQos,
    idempotent: spec.idempotent === true,
    ...bodies,
    withoutRequestId,
    ...(push !== undefined && { push }),
    ...(answeredBy !== undefined && { answeredBy }),
    operations: operationsOf(spec, { push: push !== undefined, answeredBy: answeredBy !== undefined }),
  };
}

/**
 * `required` gives the call, `optional` the call and `send`, `none` only `send`; a call needs a success to wait for. A
 * resource that is only pushed, without a request and without an id, has nothing to send.
 */
function operationsOf(spec: ResourceSpec, has: { push: boolean; answeredBy: boolean }): Operations {
  return {
    call: spec.requestId !== "none" && spec.response !== undefined,
    send:
      spec.requestId !== "required" && !(has.push && spec.requestId === "none" && spec.request === undefined),
    observe: has.push,
    handle: has.answeredBy,
  };
}

function resolvePath(
  { context, protocol }: ResourceScope,
  { extension, key, spec, at }: ResourceInput,
): { levels: readonly TopicLevel[]; parameters: readonly ParameterModel[] } {
  const pathAt = below(at, "path");
  const path = parseTemplate(spec.path);
  const problem = templateProblem(spec.path) ?? pathProblem(path, protocol);
  if (problem !== undefined) {
    context.report("invalid-path", { resource: key, path: spec.path, problem }, pathAt);
    // Its topics are not compared with others, but further mistakes in it are reported.
    context.withoutTopic.add(pathAt.path.join("/"));
    return { levels: [], parameters: [] };
  }
  const declared = spec.parameters ?? {};
  const parameters: ParameterModel[] = [];
  for (const level of path) {
    if (level.kind === "literal") continue;
    const parameter = declared[level.text];
    if (parameter !== undefined && Object.hasOwn(declared, level.text)) {
      const location = below(at, "parameters", level.text);
      parameters.push(
        resolveParameter(context, { name: level.text, spec: parameter, optional: level.optional }, location),
      );
    } else {
      context.report("undeclared-parameter", { name: level.text, where: `the parameters of ${key}` }, pathAt);
    }
  }
  for (const name of Object.keys(declared)) {
    const location = below(at, "parameters", name);
    if (protocol.parameters.has(name)) {
      context.report("shadowed-parameter", { name }, location, "key");
    } else if (!path.some((level) => isHole(level, name))) {
      context.report("unused-parameter", { name, template: spec.path }, location, "key");
    }
  }
  const levels = protocol.levels.flatMap((level): readonly TopicLevel[] => {
    if (isHole(level, "extension")) return [{ kind: "literal", text: extension, optional: false }];
    return isHole(level, "resource") ? path : [level];
  });
  checkLevels({ context, protocol, input: { key, spec, pathAt, at }, levels, parameters });
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
  input: { key: string; spec: ResourceSpec; pathAt: Location; at: Location };
  levels: readonly TopicLevel[];
  parameters: readonly ParameterModel[];
}): void {
  const { context, protocol, input, levels, parameters } = checked;
  const first = levels[0];
  if (first?.kind === "literal" && first.text.startsWith("$") && protocol.levels[0]?.kind !== "literal") {
    const problem = "it makes topics start with $, which is reserved for the broker";
    context.report("invalid-path", { resource: input.key, path: input.spec.path, problem }, input.pathAt);
  }
  const fixed = levels.reduce(
    (sum, level) => sum + (level.kind === "literal" ? utf8Length(level.text) : 1) + 1,
    -1,
  );
  const bytes = fixed + utf8Length(protocol.model.success);
  if (bytes > MAX_TOPIC_BYTES) context.report("topic-too-long", { resource: input.key, bytes }, input.pathAt);

  const suffixes = [...protocol.model.success.split("/"), ...protocol.model.error.split("/")].filter(Boolean);
  const last = trailingParameters(levels);
  for (const parameter of [...parameters, ...protocol.parameters.values()]) {
    if (!last.has(parameter.name)) continue;
    const own = parameters.includes(parameter);
    const declared = own ? below(input.at, "parameters") : context.root("protocol", "parameters");
    const pattern = parameter.pattern;
    const runnable = runnablePattern(pattern);
    const ids = protocol.model.requestId === undefined ? [] : ID_SAMPLES;
    const taken = [...ids, ...suffixes].filter(
      (value) => runnable === undefined || new RegExp(runnable, "u").test(value),
    );
    if (taken.length === 0) continue;
    const hasId = protocol.model.requestId !== undefined;
    const { example } = parameter;
    const isNumber = example !== undefined && /^[0-9]+$/.test(example);
    if (hasId && (isNumber || (pattern !== undefined && DIGITS_ONLY.test(pattern)))) {
      const place = below(declared, parameter.name, isNumber ? "example" : "pattern");
      context.report(
        "numeric-parameter",
        { name: parameter.name, example: isNumber ? example : undefined },
        place,
      );
      continue;
    }
    const place = below(declared, parameter.name, ...(pattern === undefined ? [] : ["pattern"]));
    const params = { name: parameter.name, taken, suffixes, pattern };
    context.report("ambiguous-parameter", params, place, pattern === undefined ? "key" : "value");
  }
}

/** Patterns made only of digits, repetitions, groups and alternatives, so that they match nothing but numbers. */
const DIGITS_ONLY =
  /^\^(?:(?:\[[0-9](?:-[0-9])?\]|\\d|[0-9])(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})?|\(\?:|\)|\|)+\$$/;

function checkRequestId({ context, protocol }: ResourceScope, { key, spec, at }: ResourceInput): void {
  const place = below(at, "requestId");
  const level = protocol.levels.find(({ kind }) => kind === "requestId");
  if (spec.requestId !== "none" && level === undefined) {
    context.report("missing-request-id-level", { resource: key, requestId: spec.requestId }, place);
  }
  if (spec.requestId !== "required" && level?.optional === false) {
    context.report("request-id-not-optional", { resource: key, requestId: spec.requestId }, place);
  }
  if (spec.requestId === "required" && spec.response === undefined) {
    context.report(
      "call-without-response",
      { resource: key, suggestion: didYouMean("response", Object.keys(spec)) },
      place,
    );
  }
}
