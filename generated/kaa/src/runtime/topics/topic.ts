/** The topics of one resource: builders and filters, and the reader of topics that match its template. */
import type { TopicDefinition } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import { TopicsmithError } from "../errors.js";
import {
  integerProblem,
  isRequestId,
  isWithinTopicLimit,
  levelProblem,
  parseRequestId,
  parseTemplate,
  type TopicLevel,
  trailingParameters,
} from "./grammar.js";

/** The kind of message that a topic carries. `success` and `error` are responses. */
export type TopicKind = "request" | "success" | "error";

/** Values for a topic's parameters, by name. */
export type TopicValues = Readonly<Record<string, unknown>>;

/** One level of a resource's topics, with the rules for its values. */
export interface TemplateLevel extends TopicLevel {
  readonly secret: boolean;
  /** Fixed text before a parameter in the same level. */
  readonly before?: string;
  /** Fixed text after a parameter in the same level. */
  readonly after?: string;
  /** The reason why a value cannot be this level, or `undefined` for a legal one. */
  readonly problem: (value: unknown) => string | undefined;
}

/** The parsed template of a resource, with the rules for its levels. */
export interface TopicTemplate extends Omit<TopicDefinition, "template"> {
  /** As the spec spells it, `garden/{site}/water/{deviceId}/valve/{valveId}[/{requestId}]`. */
  readonly text: string;
  readonly protocol: Protocol;
  /** `water.valve`: extension and resource as the spec spells them; `command` for a resource of the root. */
  readonly name: string;
  /** In topic order. The request id, if the topic has one, is the last. */
  readonly levels: readonly TemplateLevel[];
  /** The levels without the request id. */
  readonly path: readonly TemplateLevel[];
  /** Present if `defineMessageTopic` made the topic: its messages, which `levels` do not describe. */
  readonly messages?: TopicMessages;
}

/** The topics of a resource's messages, by kind. */
export interface TopicMessages {
  /** The side that publishes requests; the other one publishes responses. */
  readonly from: "client" | "platform";
  readonly request: TopicMessage;
  readonly success?: TopicMessage;
  readonly error?: TopicMessage;
}

/** The topics of one message. */
export interface TopicMessage {
  /** The whole template, with the request's in place of `{request}`. */
  readonly text: string;
  /** The text after `{request}`, if the topic is that of the request and a suffix. */
  readonly suffix?: string;
  /** The names in the template, `requestId` included. */
  readonly names: ReadonlySet<string>;
  /** The names that every topic contains. */
  readonly required: ReadonlySet<string>;
  /** The fixed levels of each variant, `undefined` for a level with a parameter. */
  readonly variants: readonly (readonly (string | undefined)[])[];
  /** The reason why a value cannot be that of a name, or `undefined` for a legal one. */
  problem(name: string, value: unknown): string | undefined;
  /** Builds a topic, or a filter if `wild` is set. Throws `invalid-topic`. */
  build(values: TopicValues, wild?: boolean): string;
  /** Reads the levels of a topic. Returns `undefined` if `build` cannot return the topic. */
  read(levels: readonly string[]): TopicReading | undefined;
  /** Regular expressions that match the secret values in a topic of this kind. */
  readonly secrets: readonly string[];
  /** A filter for each variant, with `+` for names without a value. */
  filters(values?: TopicValues): readonly string[];
}

/** The values in a topic. */
export interface TopicReading {
  readonly parameters: Readonly<Record<string, string | number>>;
  readonly requestId?: number | string;
}

/** A topic with any parameters. */
export interface AnyTopic {
  /** Used by the runtime. */
  readonly template: TopicTemplate;
}

/** Values for a builder: the parameters, and optionally a request id. */
export type WithRequestId<Parameters> = Parameters & { readonly requestId?: number };

/** Values for a filter. Each may be left out, or be `"+"` to match any value. */
export type FilterValues<Parameters> = {
  readonly [Name in keyof Parameters]?: Parameters[Name] | "+" | undefined;
} & { readonly requestId?: number | "+" | undefined };

/** Builds topics of one kind. Throws `invalid-topic` for an illegal value; the message names the parameter. */
export interface TopicBuilder<Parameters> {
  (values: WithRequestId<Parameters>): string;
  /** Builds an MQTT topic filter. Missing required levels become `+`; missing optional levels and the request id are left out. */
  filter(values?: FilterValues<Parameters>): string;
}

/** Builds the topics of one resource; made by {@link defineTopic}. */
export interface Topic<Parameters> extends TopicBuilder<Parameters>, AnyTopic {
  readonly success: TopicBuilder<Parameters>;
  readonly error: TopicBuilder<Parameters>;
}

/** Declares the topics of a resource. */
export function defineTopic<Parameters>(protocol: Protocol, definition: TopicDefinition): Topic<Parameters> {
  const levels = templateLevels(protocol, definition);
  const { template: text, ...rest } = definition;
  const template: TopicTemplate = {
    ...rest,
    text,
    protocol,
    // A resource of the root has no extension.
    name: [definition.extension, definition.resource].filter(Boolean).join("."),
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

/** Builds a topic, or a filter if `wild` is set. Throws `invalid-topic`. */
export function buildTopic(
  template: TopicTemplate,
  kind: TopicKind,
  values: TopicValues,
  wild = false,
): string {
  if (template.messages) {
    const message = template.messages[kind];
    if (!message) throw invalidTopic(template, `the ${kind} topic`, "does not exist");
    return message.build(values, wild);
  }
  const levels: string[] = [];
  let missing: string | undefined;
  for (const level of template.levels) {
    if (level.kind === "literal") {
      levels.push(level.text);
      continue;
    }
    // Parameters may have names of Object.prototype, such as `constructor`.
    const value = Object.hasOwn(values, level.text) ? values[level.text] : undefined;
    if (value === undefined && level.optional) {
      if (level.kind === "parameter") missing ??= level.text;
    } else if (wild && (value === undefined || value === "+")) {
      levels.push("+");
    } else {
      const problem =
        level.kind === "parameter" && missing !== undefined && level.optional
          ? `needs ${missing} before it`
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

/** The suffix of the request topic for topics of this kind; empty for requests. */
export function suffixOf(protocol: Protocol, kind: TopicKind): string {
  return kind === "request" ? "" : (protocol[kind] ?? "");
}

/** A topic that was read. */
export interface ParsedTopic extends TopicReading {
  readonly template: TopicTemplate;
  readonly kind: TopicKind;
}

/** Reads a topic by one template. Returns `undefined` if no builder of the template can return the topic. */
export function readTopic(
  template: TopicTemplate,
  kind: TopicKind,
  /** The levels of the topic, without the response suffix. */
  texts: readonly string[],
): ParsedTopic | undefined {
  const { protocol, levels, path } = template;
  // If the last level can be a request id, it is one.
  const id = levels[path.length];
  const requestId = id && parseRequestId(texts.at(-1) ?? "", protocol.requestId?.accept);
  const end = requestId === undefined ? texts.length : texts.length - 1;
  if (end > path.length || (requestId === undefined && id?.optional === false)) return undefined;
  // `__proto__` is not a legal parameter name.
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

/** Checks the value of a client or endpoint parameter before it is used in a topic. Throws `invalid-topic`. */
export function checkParameter(protocol: Protocol, name: string, value: unknown): void {
  const { pattern, inBody, integer, optional } = protocol.parameters[name] ?? {};
  if (optional && value === undefined) return;
  const problem = integer ? integerProblem(value, integer) : levelProblem(value, { pattern, inBody });
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
