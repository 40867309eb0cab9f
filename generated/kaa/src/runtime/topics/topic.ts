/** The topics of one resource: builders and filters, and the reader of topics that match its template. */
import type { TopicDefinition } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import { TopicsmithError } from "../errors.js";
import {
  isRequestId,
  isWithinTopicLimit,
  levelProblem,
  parseRequestId,
  parseTemplate,
  type TopicLevel,
  trailingParameters,
} from "./grammar.js";

/** What a topic is for: asking, or answering well or badly. */
export type TopicKind = "request" | "success" | "error";

/** Values for a topic's parameters, by name. */
export type TopicValues = Readonly<Record<string, unknown>>;

/** One level of a resource's topics, with the rules for its values. */
export interface TemplateLevel extends TopicLevel {
  readonly secret: boolean;
  /** Why a value cannot be this level, or `undefined` for a legal one. */
  readonly problem: (value: unknown) => string | undefined;
}

/** What a template was taken apart into. */
export interface TopicTemplate extends Omit<TopicDefinition, "template"> {
  /** As the spec spells it, `kp1/{appVersion}/cex/{endpointToken}/command/{commandType}[/{requestId}]`. */
  readonly text: string;
  readonly protocol: Protocol;
  /** `cex.command`: extension and resource as the spec spells them. */
  readonly name: string;
  /** In topic order; the request id, where there is one, is the last. */
  readonly levels: readonly TemplateLevel[];
  /** The same without the request id. */
  readonly path: readonly TemplateLevel[];
}

/** Any topic, whatever its parameters. */
export interface AnyTopic {
  /** For the runtime's own use. */
  readonly template: TopicTemplate;
}

/** Values for a builder: the parameters and, where wanted, a request id. */
export type WithRequestId<Parameters> = Parameters & { readonly requestId?: number };

/** Values for a filter: each may be left out, or be `"+"` for any. */
export type FilterValues<Parameters> = {
  readonly [Name in keyof Parameters]?: Parameters[Name] | "+" | undefined;
} & { readonly requestId?: number | "+" | undefined };

/** Builds topics of one kind. An illegal value throws `invalid-topic` and names the parameter. */
export interface TopicBuilder<Parameters> {
  (values: WithRequestId<Parameters>): string;
  /** An MQTT topic filter: required parts left out become `+`, optional ones (and the request id) stay out. */
  filter(values?: FilterValues<Parameters>): string;
}

/** Builds the topics of one resource; made by {@link defineTopic}. */
export interface Topic<Parameters> extends TopicBuilder<Parameters>, AnyTopic {
  readonly success: TopicBuilder<Parameters>;
  readonly error: TopicBuilder<Parameters>;
}

/** Declares where the requests of one resource go. */
export function defineTopic<Parameters>(protocol: Protocol, definition: TopicDefinition): Topic<Parameters> {
  const levels = templateLevels(protocol, definition);
  const { template: text, ...rest } = definition;
  const template: TopicTemplate = {
    ...rest,
    text,
    protocol,
    name: `${definition.extension}.${definition.resource}`,
    levels,
    path: levels.filter(({ kind }) => kind !== "requestId"),
  };
  const builder = (kind: TopicKind): TopicBuilder<Parameters> =>
    Object.assign((values: WithRequestId<Parameters>) => buildTopic(template, kind, values as TopicValues), {
      filter: (values: FilterValues<Parameters> = {}) => buildTopic(template, kind, values, true),
    });
  return Object.assign(builder("request"), {
    template,
    success: builder("success"),
    error: builder("error"),
  });
}

/** A topic of this resource, or with `wild` a filter, from values that are checked. */
export function buildTopic(
  template: TopicTemplate,
  kind: TopicKind,
  values: TopicValues,
  wild = false,
): string {
  const levels: string[] = [];
  let leftOut: string | undefined;
  for (const level of template.levels) {
    if (level.kind === "literal") {
      levels.push(level.text);
      continue;
    }
    // Own members only, for the sake of parameters called like members of Object.prototype.
    const value = Object.hasOwn(values, level.text) ? values[level.text] : undefined;
    if (value === undefined && level.optional) {
      if (level.kind === "parameter") leftOut ??= level.text;
    } else if (wild && (value === undefined || value === "+")) {
      levels.push("+");
    } else {
      const problem =
        level.kind === "parameter" && leftOut !== undefined && level.optional
          ? `needs ${leftOut} before it`
          : level.problem(value);
      if (problem !== undefined) throw invalidTopic(template, level.text, problem);
      levels.push(String(value));
    }
  }
  const topic = levels.join("/") + suffixOf(template.protocol, kind);
  if (!isWithinTopicLimit(topic))
    throw new TopicsmithError("invalid-topic", "the topic has more than 65,535 bytes", {
      resource: template.name,
    });
  return topic;
}

/** What follows the request's own topic in one of this kind. */
export function suffixOf(protocol: Protocol, kind: TopicKind): string {
  return kind === "request" ? "" : protocol[kind];
}

/** What a topic says. */
export interface ParsedTopic {
  readonly template: TopicTemplate;
  readonly kind: TopicKind;
  readonly parameters: Readonly<Record<string, string>>;
  readonly requestId?: number;
}

/** What a topic says, read as one of this template; `undefined` if no builder of its could have made it. */
export function readTopic(
  template: TopicTemplate,
  kind: TopicKind,
  /** Without the suffix. */
  texts: readonly string[],
): ParsedTopic | undefined {
  const { protocol, levels, path } = template;
  // The last level is an id wherever it can be one.
  const id = levels[path.length];
  const requestId = id && parseRequestId(texts.at(-1) ?? "", protocol.requestId?.accept);
  const end = requestId === undefined ? texts.length : texts.length - 1;
  if (end > path.length || (requestId === undefined && id?.optional === false)) return undefined;
  // No parameter is called `__proto__`: specs may not name one so.
  const parameters: Record<string, string> = {};
  for (let index = 0; index < path.length; index += 1) {
    const level = path[index]!;
    const text = texts[index]!;
    if (index >= end) {
      if (!level.optional) return undefined;
    } else if (level.kind === "literal") {
      if (text !== level.text) return undefined;
    } else if (level.problem(text)) {
      return undefined;
    } else {
      parameters[level.text] = text;
    }
  }
  return requestId === undefined ? { template, kind, parameters } : { template, kind, parameters, requestId };
}

/** Throws `invalid-topic` where a value that is bound early (client or endpoint parameter) is illegal. */
export function checkParameter(protocol: Protocol, name: string, value: unknown): void {
  const problem = levelProblem(value, { pattern: protocol.parameters[name]?.pattern });
  if (problem !== undefined) throw invalidTopic(undefined, name, problem);
}

function invalidTopic(template: TopicTemplate | undefined, name: string, problem: string): TopicsmithError {
  return new TopicsmithError("invalid-topic", `${name} ${problem}`, { resource: template?.name });
}

function templateLevels(protocol: Protocol, { template, parameters }: TopicDefinition): TemplateLevel[] {
  const levels = parseTemplate(template);
  const trailing = trailingParameters(levels);
  const range = protocol.requestId?.accept;
  const requestIdProblem = range
    ? `must be a whole number from ${range.minimum} to ${range.maximum}`
    : "must be left out";
  return levels.map((level, index): TemplateLevel => {
    const { kind, text } = level;
    const { pattern, secret = false } = parameters?.[text] ?? protocol.parameters[text] ?? {};
    const position = { first: index === 0, trailing: trailing.has(text) && protocol, pattern };
    return {
      ...level,
      secret: kind === "parameter" && secret,
      problem:
        kind === "requestId"
          ? (value) => (isRequestId(value, range) ? undefined : requestIdProblem)
          : (value) => levelProblem(value, position),
    };
  });
}
