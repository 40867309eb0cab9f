/**
 * One resource's topics: the template is taken apart once, into levels, and everything else (builders, filters, the
 * parser, masking) works on those.
 */
import type { ParameterDefinition, TopicDefinition } from "../api/descriptor.js";
import { TopicsmithError } from "../errors.js";
import { isRequestId, type Protocol, readRequestId } from "../api/protocol.js";

/** What a topic is for: asking, or answering well or badly. */
export type TopicKind = "request" | "success" | "error";

/** Values for a topic's parameters, by name. */
export type TopicValues = Readonly<Record<string, unknown>>;

/** One level of a template: a literal, a parameter, or the request id. */
export interface TopicLevel {
  /** The literal's text, or the parameter's name. */
  readonly text: string;
  readonly kind: "literal" | "parameter" | "requestId";
  /** May be left out, together with the optional ones after it. */
  readonly optional: boolean;
  readonly secret: boolean;
  /** What is wrong with a parameter's value; `undefined` for a legal one. */
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
  readonly levels: readonly TopicLevel[];
  /** The same without the request id. */
  readonly path: readonly TopicLevel[];
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

/** MQTT 5.0 section 4.7.3: a topic is a UTF-8 string of at most this many bytes. */
const MAX_TOPIC_BYTES = 65_535;

/** Declares where the requests of one resource go. */
export function defineTopic<Parameters>(protocol: Protocol, definition: TopicDefinition): Topic<Parameters> {
  const levels = readTemplate(protocol, definition);
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
  const requestId = id && readRequestId(protocol, texts.at(-1) ?? "");
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

/** Whether a topic is short enough for MQTT. */
export function isWithinTopicLimit(topic: string): boolean {
  return (
    topic.length * 3 <= MAX_TOPIC_BYTES ||
    (topic.length <= MAX_TOPIC_BYTES && new TextEncoder().encode(topic).length <= MAX_TOPIC_BYTES)
  );
}

/** Throws `invalid-topic` where a value that is bound early (client or endpoint parameter) is illegal. */
export function checkParameter(protocol: Protocol, name: string, value: unknown): void {
  const problem = problemOf(protocol.parameters[name], value);
  if (problem !== undefined) throw invalidTopic(undefined, name, problem);
}

function invalidTopic(template: TopicTemplate | undefined, name: string, problem: string): TopicsmithError {
  return new TopicsmithError("invalid-topic", `${name} ${problem}`, { resource: template?.name });
}

/** `a/{b}[/{c}][/{requestId}]` taken apart. */
function readTemplate(protocol: Protocol, definition: TopicDefinition): TopicLevel[] {
  const parts = [...definition.template.matchAll(/(\[)?(?:\/|^)(\{)?([^/[\]{}]+)/g)];
  return parts.map((part, index): TopicLevel => {
    const [, bracket, brace, text = ""] = part;
    const kind = brace === undefined ? "literal" : text === "requestId" ? "requestId" : "parameter";
    const parameter = definition.parameters?.[text] ?? protocol.parameters[text];
    // Without the levels that may be left out after it (the id among them) this one would end the topic, and there
    // an id is read as an id, a suffix as a suffix.
    const canStandLast = parts
      .slice(index + 1)
      .every((later) => later[1] !== undefined || later[3] === "requestId");
    const refused = canStandLast ? protocol : undefined;
    return {
      text,
      kind,
      optional: bracket !== undefined,
      secret: kind === "parameter" && parameter?.secret === true,
      problem:
        kind === "requestId"
          ? (value) => (isRequestId(protocol, value) ? undefined : `must be ${describeIds(protocol)}`)
          : (value) => problemOf(parameter, value, { first: index === 0, refused }),
    };
  });
}

function describeIds(protocol: Protocol): string {
  const accept = protocol.requestId?.accept;
  return accept === undefined ? "left out" : `a whole number from ${accept.minimum} to ${accept.maximum}`;
}

interface Position {
  /** First level of the topic. */
  readonly first: boolean;
  /** Present where the value may not look like a request id or a response suffix of this protocol. */
  readonly refused: Protocol | undefined;
}

const patterns = new WeakMap<ParameterDefinition, RegExp>();

/** What is wrong with a parameter's value (without showing it); `undefined` for a legal one. */
function problemOf(
  parameter: ParameterDefinition | undefined,
  value: unknown,
  position?: Position,
): string | undefined {
  if (value === undefined) return "is missing";
  if (typeof value !== "string") return "must be a string";
  if (value === "") return "must not be empty";
  // MQTT 5.0 sections 1.5.4 and 4.7: no separator, no wildcard, no NUL, well-formed UTF-8.
  // oxlint-disable-next-line no-control-regex -- NUL is what is looked for
  if (/[/+#\0]|\p{Surrogate}/u.test(value)) return "must not hold `/`, `+`, `#`, NUL or a lone surrogate";
  if (position?.first && value.startsWith("$")) return "must not begin with `$`, which is the broker's own";
  if (position?.refused?.requestId && /^[0-9]+$/.test(value))
    return "must not be digits only, as a request id is";
  if (position?.refused?.reserved.has(value))
    return `must not be a word that marks answers (${[...position.refused.reserved].join(", ")})`;
  if (parameter?.pattern === undefined) return undefined;
  let pattern = patterns.get(parameter);
  if (pattern === undefined) patterns.set(parameter, (pattern = new RegExp(parameter.pattern, "u")));
  return pattern.test(value) ? undefined : `must match ${parameter.pattern}`;
}
