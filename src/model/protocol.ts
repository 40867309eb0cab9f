import type { Location, ProtocolSpec, RequestIdSpec } from "../spec/document.js";
import type { ParameterModel, ProtocolModel, RequestIdModel } from "./api-model.js";
import type { Context } from "./context.js";
import { resolveParameter } from "./parameters.js";
import { type Placed, type ProtocolLayer, rootLayer } from "./protocol-layers.js";
import { parseTemplate, templateProblem, type TopicLevel } from "../runtime/topics/grammar.js";
import { messageNames, messageTemplateProblem } from "../runtime/topics/message-template.js";
import { below } from "../json/pointer.js";

/** The protocol without its schemas, and the levels of its topic. */
export interface ResolvedProtocol {
  /** Of a topic beyond the grammar of levels, and without a topic: none. */
  readonly levels: readonly TopicLevel[];
  /** Whether all of its messages can be described by levels and suffixes. */
  readonly isClassic: boolean;
  readonly layer: ProtocolLayer;
  readonly parameters: ReadonlyMap<string, ParameterModel>;
  readonly binds: ReadonlyMap<string, "client" | "endpoint">;
  /** The names of parameters that some message contains. */
  readonly used: Set<string>;
  readonly model: Omit<ProtocolModel, "errorPayload" | "replies" | "hasErrors">;
}

const STRUCTURAL = new Set(["extension", "resource"]);

/** Resolves `protocol`: topic, parameters, request ids and response topics. */
export function resolveProtocol(
  context: Context,
  spec: ProtocolSpec,
  groups: readonly Placed<ProtocolSpec>[],
): ResolvedProtocol {
  const topicAt = context.root("protocol", "topic");
  const { topic } = spec;
  const layer = rootLayer(spec, context.root("protocol"));
  const isClassicTopic = topic !== undefined && isOfLevels(topic);
  const problem = topic === undefined ? undefined : messageTemplateProblem(topic);
  if (problem !== undefined && topic !== undefined)
    context.report("invalid-topic-template", { template: topic, problem }, topicAt);
  const levels =
    problem !== undefined ? fallbackLevels(spec) : isClassicTopic ? parseTemplate(topic) : ([] as const);
  if (problem === undefined && topic !== undefined) checkNamesOnce(context, topic);

  const parameters = new Map<string, ParameterModel>();
  const binds = new Map<string, "client" | "endpoint">();
  const places = [{ value: spec, at: context.root("protocol") }, ...groups];
  for (const { value, at } of places) {
    for (const [name, parameter] of Object.entries(value.parameters ?? {})) {
      const place = below(at, "parameters", name);
      const of = { name, spec: parameter, optional: false, inBody: isInBodyOnly(context, name) };
      parameters.set(name, resolveParameter(context, of, place));
      binds.set(name, parameter.bind);
    }
  }
  const inTopic = new Set(topic === undefined ? [] : messageNames(topic));
  if (problem === undefined) {
    for (const name of inTopic) {
      if (name !== "requestId" && !STRUCTURAL.has(name) && !parameters.has(name))
        context.report("undeclared-parameter", { name, where: "protocol.parameters" }, topicAt);
    }
  }

  const bound = (bind: "client" | "endpoint") => {
    const names = [...new Set([...inTopic, ...parameters.keys()])].filter((name) => binds.get(name) === bind);
    return names.flatMap((name) => parameters.get(name) ?? []);
  };
  const success = resolveSuffix(context, "success", layer);
  const error = resolveSuffix(context, "error", layer);
  if (
    spec.success !== undefined &&
    layer.success?.topic?.value === layer.error?.topic?.value &&
    layer.success?.wrap === undefined &&
    layer.error?.wrap === undefined &&
    layer.wrap === undefined
  ) {
    const template = layer.error?.topic?.value ?? "";
    context.report("duplicate-response-topic", { template }, context.root("protocol", "error"));
  }
  const requestId = layer.requestId && resolveRequestId(context, layer.requestId, { inTopic, binds, topic });
  if (spec.requestId === undefined && inTopic.has("requestId"))
    context.report("request-id-undeclared", {}, topicAt);
  const { value: wrap = null } = layer.wrap ?? {};
  return {
    levels,
    isClassic:
      (isClassicTopic || problem !== undefined) &&
      wrap === null &&
      [layer.success, layer.error].every((message) => (message?.wrap?.value ?? null) === null) &&
      [layer.success, layer.error].every((message) => message?.subscribe === undefined) &&
      isSuffix(layer.success?.topic?.value) &&
      isSuffix(layer.error?.topic?.value) &&
      spec.requestId?.type !== "string",
    layer,
    parameters,
    binds,
    used: new Set(inTopic),
    model: {
      mqtt: spec.mqtt ?? "3.1.1",
      ...(topic !== undefined && { template: topic }),
      clientParameters: bound("client"),
      endpointParameters: bound("endpoint"),
      ...(requestId !== undefined && { requestId }),
      ...(success !== undefined && { success }),
      ...(error !== undefined && { error }),
    },
  };
}

/** Reports declared parameters and ids that no message contains. */
export function checkUnused(
  context: Context,
  protocol: ResolvedProtocol,
  spec: ProtocolSpec,
  groups: readonly Placed<ProtocolSpec>[],
): void {
  for (const { value, at } of [{ value: spec, at: context.root("protocol") }, ...groups]) {
    for (const name of Object.keys(value.parameters ?? {})) {
      if (protocol.used.has(name)) continue;
      context.report(
        "unused-parameter",
        { name, template: spec.topic },
        below(at, "parameters", name),
        "key",
      );
    }
    const { requestId } = value;
    if (requestId !== undefined && !protocol.used.has("requestId"))
      context.report("request-id-unused", { template: spec.topic }, below(at, "requestId"), "key");
  }
}

/** Whether a template has only levels of the older grammar, the request id last, and `{resource}` as a whole level. */
export function isOfLevels(topic: string): boolean {
  if (templateProblem(topic) !== undefined) return false;
  const levels = parseTemplate(topic);
  const [first] = levels;
  return (
    !(first?.kind === "literal" && first.text.startsWith("$")) &&
    first?.optional === false &&
    levels.some(({ kind, text }) => kind === "parameter" && text === "resource") &&
    levels.every(({ kind, optional }, index) =>
      kind === "requestId" ? index === levels.length - 1 : !optional,
    )
  );
}

function isSuffix(template: string | undefined): boolean {
  // A suffix that is not valid is reported, and is still meant as one.
  return template === undefined || template.includes("{request}");
}

/** Levels that replace an invalid topic, so that further mistakes can be reported in the same run. */
function fallbackLevels(spec: ProtocolSpec): readonly TopicLevel[] {
  const names = ["extension", ...Object.keys(spec.parameters ?? {}), "resource"];
  const levels = names.map((text) => ({ kind: "parameter", text, optional: false }) as const);
  return spec.requestId === undefined
    ? levels
    : [...levels, { kind: "requestId", text: "requestId", optional: true }];
}

/** Reports a name that occurs twice, and a first level that belongs to the broker. */
function checkNamesOnce(context: Context, template: string): void {
  const at = context.root("protocol", "topic");
  const names = messageNames(template);
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index)))
    context.report("invalid-topic-template", { template, problem: `it contains {${name}} twice` }, at);
  if (template.startsWith("$")) context.report("system-topic", { template }, at);
}

/** Resolves the suffix behind `{request}`; undefined for a response without one. */
function resolveSuffix(context: Context, key: "success" | "error", layer: ProtocolLayer): string | undefined {
  const placed = layer[key]?.topic;
  if (placed === undefined) return undefined;
  const problem = responseProblem(placed.value);
  if (problem) {
    context.report("invalid-response-topic", { key, template: placed.value }, placed.at);
    return "";
  }
  return /^\{request\}(\/.+)$/s.exec(placed.value)?.[1];
}

/** Whether a response's template is not valid: a whole template, or `{request}` and fixed levels that are not numbers. */
export function responseProblem(template: string): boolean {
  if (!template.includes("{request}")) return messageTemplateProblem(template) !== undefined;
  const suffix = /^\{request\}(\/.+)$/s.exec(template)?.[1];
  return (
    suffix === undefined ||
    templateProblem(suffix.slice(1)) !== undefined ||
    parseTemplate(suffix.slice(1)).some(({ kind, text }) => kind !== "literal" || /^[0-9]+$/.test(text))
  );
}

/** The maximum length of text ids, unless the spec says otherwise: that of a UUID, which most APIs take. */
const DEFAULT_ID_LENGTH = 36;

/** Resolves request ids. Their default scope is what the protocol's topic contains. */
export function resolveRequestId(
  context: Context,
  { value: spec, at }: Placed<RequestIdSpec>,
  known: {
    readonly inTopic: ReadonlySet<string>;
    readonly binds: ReadonlyMap<string, unknown>;
    readonly topic: string | undefined;
  },
): RequestIdModel {
  const ofTopic = Array.from(known.inTopic).filter((name) => name !== "resource" && name !== "requestId");
  const allowed = [...new Set([...ofTopic, ...known.binds.keys()])];
  const uniquePer = spec.uniquePer ?? ofTopic;
  for (const [index, name] of uniquePer.entries()) {
    if (!allowed.includes(name) && name !== "extension" && name !== "resource")
      context.report("unknown-id-scope", { name, known: allowed }, below(at, "uniquePer", index));
  }
  if (spec.type === "string")
    return { type: "string", maxLength: spec.maxLength ?? DEFAULT_ID_LENGTH, uniquePer };
  const { minimum, maximum } = spec;
  const accept = spec.accept ?? { minimum, maximum };
  checkRange(context, { minimum, maximum, accept }, at);
  return { send: { minimum, maximum }, accept, uniquePer };
}

function checkRange(
  context: Context,
  ids: {
    readonly minimum: number;
    readonly maximum: number;
    readonly accept: { readonly minimum: number; readonly maximum: number };
  },
  at: Location,
): void {
  const { minimum, maximum, accept } = ids;
  if (minimum > maximum) {
    const problem = `minimum ${minimum} is above maximum ${maximum}`;
    context.report("invalid-request-id-range", { problem }, at, "key");
  } else if (accept.minimum > minimum || accept.maximum < maximum) {
    const problem = `accept (${accept.minimum} to ${accept.maximum}) does not include the ids that clients send (${minimum} to ${maximum})`;
    context.report("invalid-request-id-range", { problem }, below(at, "accept"), "key");
  }
}

/** Whether no topic or filter of the spec contains `{name}`, so that its values may have any characters. */
function isInBodyOnly({ document }: Context, name: string): boolean {
  const parts = [document.value, ...document.extensions.map(({ value }) => value)];
  const isInTopic = (value: unknown): boolean => {
    if (typeof value === "string") return value.includes(`{${name}}`);
    if (typeof value !== "object" || value === null) return false;
    return Object.entries(value).some(([key, inner]) => !NO_TOPICS.has(key) && isInTopic(inner));
  };
  return !parts.some(isInTopic);
}

/** The keys whose values contain no topics. */
const NO_TOPICS = new Set(["wrap", "schema", "nothing", "examples", "description", "definitions"]);
