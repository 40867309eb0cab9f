import type { ProtocolSpec } from "../spec/document.js";
import type { ParameterModel, ProtocolModel } from "./api-model.js";
import type { Context } from "./context.js";
import { resolveParameter } from "./parameters.js";
import { parseTemplate, templateProblem, type TopicLevel } from "../runtime/topics/grammar.js";

/** The protocol without its schemas, and the levels of its topic. */
export interface ResolvedProtocol {
  readonly levels: readonly TopicLevel[];
  readonly parameters: ReadonlyMap<string, ParameterModel>;
  readonly model: Omit<ProtocolModel, "errorPayload" | "replies">;
}

const STRUCTURAL = new Set(["extension", "resource"]);

/** Resolves `protocol`: topic, parameters, request ids and response topics. */
export function resolveProtocol(context: Context, spec: ProtocolSpec): ResolvedProtocol {
  const topicAt = context.root("protocol", "topic");
  const problem = templateProblem(spec.topic);
  const levels = problem === undefined ? parseTemplate(spec.topic) : fallbackLevels(spec);
  if (problem === undefined) checkStructure(context, spec.topic, levels);
  else context.report("invalid-topic-template", { template: spec.topic, problem }, topicAt);

  const parameters = new Map<string, ParameterModel>();
  const declared = spec.parameters ?? {};
  for (const [name, parameter] of Object.entries(declared)) {
    const at = context.root("protocol", "parameters", name);
    if (!levels.some((level) => level.kind === "parameter" && level.text === name)) {
      context.report("unused-parameter", { name, template: spec.topic }, at, "key");
    }
    parameters.set(name, resolveParameter(context, { name, spec: parameter, optional: false }, at));
  }
  for (const level of levels) {
    if (level.kind === "parameter" && !STRUCTURAL.has(level.text) && !Object.hasOwn(declared, level.text)) {
      context.report("undeclared-parameter", { name: level.text, where: "protocol.parameters" }, topicAt);
    }
  }

  const bound = (bind: "client" | "endpoint") =>
    levels.flatMap((level) => {
      const parameter = level.kind === "parameter" ? parameters.get(level.text) : undefined;
      return parameter !== undefined && declared[parameter.name]?.bind === bind ? [parameter] : [];
    });
  const success = resolveSuffix(context, "success", spec);
  const error = resolveSuffix(context, "error", spec);
  if (success === error && success !== "") {
    context.report("duplicate-response-topic", { template: spec.error }, context.root("protocol", "error"));
  }
  const requestId = resolveRequestId(context, spec, levels);
  return {
    levels,
    parameters,
    model: {
      mqtt: spec.mqtt ?? "3.1.1",
      template: spec.topic,
      clientParameters: bound("client"),
      endpointParameters: bound("endpoint"),
      ...(requestId !== undefined && { requestId }),
      success,
      error,
    },
  };
}

/** Levels that replace an invalid topic, so that further mistakes can be reported in the same run. */
function fallbackLevels(spec: ProtocolSpec): readonly TopicLevel[] {
  const names = ["extension", ...Object.keys(spec.parameters ?? {}), "resource"];
  const levels = names.map((text) => ({ kind: "parameter", text, optional: false }) as const);
  return spec.requestId === undefined
    ? levels
    : [...levels, { kind: "requestId", text: "requestId", optional: true }];
}

/** `{extension}` and `{resource}` once, `{requestId}` at most once and last, nothing else optional, no leading `$`. */
function checkStructure(context: Context, template: string, levels: readonly TopicLevel[]): void {
  const at = context.root("protocol", "topic");
  const bad = (problem: string) => context.report("invalid-topic-template", { template, problem }, at);
  const seen = new Set<string>();
  for (const [index, level] of levels.entries()) {
    if (level.kind === "literal") {
      if (index === 0 && level.text.startsWith("$"))
        bad("it starts with $, which is reserved for the broker");
      continue;
    }
    if (seen.has(level.text)) bad(`it contains {${level.text}} twice`);
    seen.add(level.text);
    if (level.optional && level.text !== "requestId")
      bad(`only {requestId} can be optional, not {${level.text}}`);
    if (level.text === "requestId" && index !== levels.length - 1) bad("{requestId} must be its last level");
    if (index === 0 && level.optional) bad("its first level cannot be optional");
  }
  for (const name of ["extension", "resource"] as const) {
    if (!seen.has(name)) context.report("missing-placeholder", { name, template }, at);
  }
}

/** Resolves the suffix behind `{request}`. Format 1 supports only response topics that are the request topic with a suffix. */
function resolveSuffix(context: Context, key: "success" | "error", spec: ProtocolSpec): string {
  const template = spec[key];
  const suffix = /^\{request\}(\/.+)$/s.exec(template)?.[1];
  if (
    suffix === undefined ||
    templateProblem(suffix.slice(1)) !== undefined ||
    parseTemplate(suffix.slice(1)).some(({ kind, text }) => kind !== "literal" || /^[0-9]+$/.test(text))
  ) {
    context.report("invalid-response-topic", { key, template }, context.root("protocol", key));
    return "";
  }
  return suffix;
}

function resolveRequestId(
  context: Context,
  spec: ProtocolSpec,
  levels: readonly TopicLevel[],
): ProtocolModel["requestId"] {
  const inTopic = levels.some((level) => level.kind === "requestId");
  if (spec.requestId === undefined) {
    if (inTopic) context.report("request-id-undeclared", {}, context.root("protocol", "topic"));
    return undefined;
  }
  if (!inTopic) {
    context.report(
      "request-id-unused",
      { template: spec.topic },
      context.root("protocol", "requestId"),
      "key",
    );
    return undefined;
  }
  const { minimum, maximum } = spec.requestId;
  const accept = spec.requestId.accept ?? { minimum, maximum };
  const at = context.root("protocol", "requestId");
  if (minimum > maximum) {
    context.report(
      "invalid-request-id-range",
      { problem: `minimum ${minimum} is above maximum ${maximum}` },
      at,
      "key",
    );
  } else if (accept.minimum > minimum || accept.maximum < maximum) {
    const problem = `accept (${accept.minimum} to ${accept.maximum}) does not include the ids that clients send (${minimum} to ${maximum})`;
    context.report(
      "invalid-request-id-range",
      { problem },
      context.root("protocol", "requestId", "accept"),
      "key",
    );
  }
  const known = levels.flatMap((level) =>
    level.kind === "parameter" && level.text !== "resource" ? [level.text] : [],
  );
  const uniquePer = spec.requestId.uniquePer ?? known;
  for (const [index, name] of uniquePer.entries()) {
    if (!known.includes(name)) {
      const place = context.root("protocol", "requestId", "uniquePer", index);
      context.report("unknown-id-scope", { name, known }, place);
    }
  }
  return { send: { minimum, maximum }, accept, uniquePer };
}
