import { didYouMean } from "../diagnostics/index.js";
import { utf8Length } from "../json/json.js";
import { below } from "../json/pointer.js";
import {
  MAX_TOPIC_BYTES,
  parseTemplate,
  templateProblem,
  type TopicLevel,
  trailingParameters,
} from "../runtime/topics/grammar.js";
import type { Location } from "../spec/document.js";
import type { ParameterModel } from "./api-model.js";
import type { Context } from "./context.js";
import { resolveParameter } from "./parameters.js";
import type { ResolvedProtocol } from "./protocol.js";
import { declarationOf, requestIdOf, type ResourceInput, type ResourceScope } from "./resource-input.js";
import { checkTrailingParameters } from "./trailing-parameters.js";

/** Decides the levels and parameters of a resource whose topic is the protocol's template with its path. */
export function resolvePath(
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
export function pathProblem(levels: readonly TopicLevel[], protocol: ResolvedProtocol): string | undefined {
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

/** Checks whether the topic of a resource has a level for what `requestId` and `response` ask for. */
export function checkRequestId({ context, protocol }: ResourceScope, { key, spec, at }: ResourceInput): void {
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
