import type { ProtocolSpec } from "../spec/document.js";
import type { ParameterModel, ProtocolModel } from "./api-model.js";
import type { Context } from "./context.js";
import { resolveParameter } from "./parameters.js";
import { parseTemplate, type TemplateLevel } from "./topic-template.js";

/** The protocol as far as it can be decided without its schemas, and its topic's levels. */
export interface ResolvedProtocol {
  readonly levels: readonly TemplateLevel[];
  readonly parameters: ReadonlyMap<string, ParameterModel>;
  readonly model: Omit<ProtocolModel, "errorPayload" | "replies">;
}

const STRUCTURAL = new Set(["extension", "resource", "requestId"]);

/** Decides `protocol`: topic, parameters, ids and answers. */
export function resolveProtocol(context: Context, spec: ProtocolSpec): ResolvedProtocol {
  const topicAt = context.root("protocol", "topic");
  const parsed = parseTemplate(spec.topic);
  if (parsed.problem !== undefined) {
    context.report("bad-topic-template", { template: spec.topic, problem: parsed.problem }, topicAt);
  } else {
    checkStructure(context, spec.topic, parsed.levels);
  }
  const levels = parsed.levels ?? fallbackLevels(spec);

  const parameters = new Map<string, ParameterModel>();
  const declared = spec.parameters ?? {};
  for (const [name, parameter] of Object.entries(declared)) {
    const at = context.root("protocol", "parameters", name);
    if (!levels.some((level) => level.kind === "placeholder" && level.name === name)) {
      context.report("unused-parameter", { name, template: spec.topic }, at, "key");
    }
    parameters.set(name, resolveParameter(context, { name, spec: parameter, optional: false }, at));
  }
  for (const level of levels) {
    if (level.kind === "placeholder" && !STRUCTURAL.has(level.name) && !Object.hasOwn(declared, level.name)) {
      context.report("undeclared-parameter", { name: level.name, where: "protocol.parameters" }, topicAt);
    }
  }

  const bound = (bind: "client" | "endpoint") =>
    levels.flatMap((level) => {
      const parameter = level.kind === "placeholder" ? parameters.get(level.name) : undefined;
      return parameter !== undefined && declared[parameter.name]?.bind === bind ? [parameter] : [];
    });
  const success = resolveSuffix(context, "success", spec);
  const error = resolveSuffix(context, "error", spec);
  if (success === error && success !== "") {
    context.report("same-answer-topics", { template: spec.error }, context.root("protocol", "error"));
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

/** Levels in place of a topic that can not be read, so that what else is wrong can be told in the same run. */
function fallbackLevels(spec: ProtocolSpec): readonly TemplateLevel[] {
  const names = ["extension", ...Object.keys(spec.parameters ?? {}), "resource"];
  const id =
    spec.requestId === undefined ? [] : [{ kind: "placeholder", name: "requestId", optional: true } as const];
  return [...names.map((name) => ({ kind: "placeholder", name, optional: false }) as const), ...id];
}

/** `{extension}` and `{resource}` once, `{requestId}` at most once and last, nothing else optional, no leading `$`. */
function checkStructure(context: Context, template: string, levels: readonly TemplateLevel[]): void {
  const at = context.root("protocol", "topic");
  const bad = (problem: string) => context.report("bad-topic-template", { template, problem }, at);
  const seen = new Set<string>();
  for (const [index, level] of levels.entries()) {
    if (level.kind === "literal") {
      if (index === 0 && level.text.startsWith("$"))
        bad("its first level begins with $, which brokers keep for themselves");
      continue;
    }
    if (seen.has(level.name)) bad(`{${level.name}} stands in it twice`);
    seen.add(level.name);
    if (level.optional && level.name !== "requestId")
      bad(`only {requestId} may be left out of it, not {${level.name}}`);
    if (level.name === "requestId" && index !== levels.length - 1) bad("{requestId} must be its last level");
    if (index === 0 && level.optional) bad("its first level can not be left out");
  }
  for (const name of ["extension", "resource"] as const) {
    if (!seen.has(name)) context.report("topic-without", { name, template }, at);
  }
}

/** What follows `{request}`. Format 1 knows answers only on the request's own topic with a suffix. */
function resolveSuffix(context: Context, key: "success" | "error", spec: ProtocolSpec): string {
  const template = spec[key];
  const suffix = /^\{request\}(\/.+)$/s.exec(template)?.[1];
  const levels = suffix === undefined ? undefined : parseTemplate(suffix.slice(1)).levels;
  if (
    suffix === undefined ||
    levels === undefined ||
    levels.some((level) => level.kind !== "literal" || /^[0-9]+$/.test(level.text))
  ) {
    context.report("bad-answer-topic", { key, template }, context.root("protocol", key));
    return "";
  }
  return suffix;
}

function resolveRequestId(
  context: Context,
  spec: ProtocolSpec,
  levels: readonly TemplateLevel[],
): ProtocolModel["requestId"] {
  const inTopic = levels.some((level) => level.kind === "placeholder" && level.name === "requestId");
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
      "bad-request-id-range",
      { problem: `minimum ${minimum} is above maximum ${maximum}` },
      at,
      "key",
    );
  } else if (accept.minimum > minimum || accept.maximum < maximum) {
    const problem = `accept (${accept.minimum} to ${accept.maximum}) does not hold what clients send (${minimum} to ${maximum})`;
    context.report(
      "bad-request-id-range",
      { problem },
      context.root("protocol", "requestId", "accept"),
      "key",
    );
  }
  const known = levels.flatMap((level) =>
    level.kind === "placeholder" && level.name !== "resource" && level.name !== "requestId"
      ? [level.name]
      : [],
  );
  const uniquePer = spec.requestId.uniquePer ?? known;
  for (const [index, name] of uniquePer.entries()) {
    if (!known.includes(name)) {
      const place = context.root("protocol", "requestId", "uniquePer", index);
      context.report("unknown-scope", { name, known }, place);
    }
  }
  return { send: { minimum, maximum }, accept, uniquePer };
}
