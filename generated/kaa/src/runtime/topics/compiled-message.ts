import type { ParameterDefinition } from "../api/descriptor.js";
import type { Protocol } from "../api/protocol.js";
import { TopicsmithError } from "../errors.js";
import { escapeRegExp } from "../internal/escape-reg-exp.js";
import { isWithinTopicLimit } from "./grammar.js";
import { messageNames, type MessageLevel, type MessageVariant, messageVariants } from "./message-template.js";
import { type NameRule, parameterRule, requestIdRule } from "./name-rules.js";
import type { TopicMessage, TopicReading, TopicValues } from "./topic.js";

/** A resource, as far as the topics of its messages depend on it. */
export interface TopicContext {
  readonly name: string;
  readonly protocol: Protocol;
  readonly parameters: Readonly<Record<string, ParameterDefinition>>;
}

/** The topics of one message, by its template. */
export class CompiledMessage implements TopicMessage {
  readonly text: string;
  readonly suffix?: string;
  readonly names: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
  readonly #variants: readonly MessageVariant[];
  readonly #rules: ReadonlyMap<string, NameRule>;
  readonly #resource: string;
  /** Two variants of one length can match one topic, which is then read as the first of them. */
  readonly #isAmbiguous: boolean;

  constructor(
    { name, protocol, parameters }: TopicContext,
    of: {
      readonly text: string;
      readonly suffix: string | undefined;
      /** The names whose values must not look like a request id or a response suffix. */
      readonly beforeId: ReadonlySet<string>;
    },
  ) {
    const variants = messageVariants(of.text);
    this.text = of.text;
    if (of.suffix !== undefined) this.suffix = of.suffix;
    this.names = new Set(messageNames(of.text));
    this.required = new Set(variants[0]?.levels.flatMap((level) => level.name ?? []));
    this.#variants = variants;
    this.#resource = name;
    this.#isAmbiguous = new Set(variants.map(({ levels }) => levels.length)).size < variants.length;
    const first = new Set(
      variants.map(({ levels: [level] }) => (level?.before === "" ? level.name : undefined)),
    );
    this.#rules = new Map(
      Array.from(this.names, (one): [string, NameRule] => {
        if (one === "requestId") return [one, requestIdRule(protocol.requestId)];
        const definition = parameters[one] ?? protocol.parameters[one] ?? {};
        const trailing = of.beforeId.has(one) && protocol;
        const rule = parameterRule(definition, { first: first.has(one), trailing });
        return [one, { ...rule, secret: definition.secret === true }];
      }),
    );
  }

  get variants(): readonly (readonly (string | undefined)[])[] {
    return this.#variants.map(({ levels }) =>
      levels.map(({ before, name }) => (name === undefined ? before : undefined)),
    );
  }

  get secrets(): readonly string[] {
    return this.#variants.flatMap(({ levels }) => {
      const patterns = levels.map(({ before, name, after }) =>
        name === undefined ? escapeRegExp(before) : `${escapeRegExp(before)}[^/]+${escapeRegExp(after)}`,
      );
      return levels.flatMap(({ before, name }, index) => {
        // Without a text before it, a value at the beginning cannot be found.
        if (name === undefined || !this.#rules.get(name)?.secret || index + before.length === 0) return [];
        return `(?<=${patterns.slice(0, index).join("/")}${index > 0 ? "/" : ""}${escapeRegExp(before)})[^/]+`;
      });
    });
  }

  problem(name: string, value: unknown): string | undefined {
    return this.#rules.get(name)?.problem(value);
  }

  build(values: TopicValues, wild = false): string {
    const given = Array.from(this.names).filter(
      (name) => !this.required.has(name) && valueOf(values, name) !== undefined,
    );
    const variant = this.#variants.find(({ optional }) => given.every((name) => optional.includes(name)))!;
    if (wild)
      return this.#withinLimit(filterOfVariant(variant, values, (name, value) => this.#check(name, value)));
    const missing = variant.optional.find((name) => !given.includes(name));
    if (missing !== undefined) throw this.#invalid(given.at(-1)!, `needs ${missing} beside it`);
    const levels = variant.levels.map(({ before, name, after }) =>
      name === undefined ? before : before + this.#check(name, valueOf(values, name)) + after,
    );
    const topic = this.#withinLimit(levels.join("/"));
    if (this.#isAmbiguous && !this.#isReadAs(topic, values))
      throw this.#invalid(given.at(-1) ?? "the topic", "would be read as another parameter");
    return topic;
  }

  read(levels: readonly string[]): TopicReading | undefined {
    for (const variant of this.#variants) {
      const reading = readVariant(variant, levels, this.#rules);
      if (reading !== undefined) return reading;
    }
    return undefined;
  }

  filters(values: TopicValues = {}): readonly string[] {
    return [
      ...new Set(
        this.#variants.map((variant) => filterOfVariant(variant, values, (_, value) => String(value))),
      ),
    ];
  }

  #withinLimit(topic: string): string {
    if (!isWithinTopicLimit(topic)) throw this.#invalid("the topic", "has more than 65,535 bytes");
    return topic;
  }

  #check(name: string, value: unknown): string {
    const problem = this.problem(name, value);
    if (problem !== undefined) throw this.#invalid(name, problem);
    return String(value);
  }

  #isReadAs(topic: string, values: TopicValues): boolean {
    const reading = this.read(topic.split("/"));
    const all: TopicValues = { ...reading?.parameters, requestId: reading?.requestId };
    return Array.from(this.names).every((name) => all[name] === valueOf(values, name));
  }

  #invalid(what: string, problem: string): TopicsmithError {
    return new TopicsmithError("invalid-topic", `${what} ${problem}`, { resource: this.#resource });
  }
}

/** Parameters may have names of Object.prototype, such as `constructor`. */
function valueOf(values: TopicValues, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** A filter with `+`, which is a whole level, for names without a value. */
function filterOfVariant(
  { levels }: MessageVariant,
  values: TopicValues,
  textOf: (name: string, value: unknown) => string,
): string {
  return levels
    .map(({ before, name, after }) => {
      if (name === undefined) return before;
      const value = valueOf(values, name);
      return value === undefined || value === "+" ? "+" : before + textOf(name, value) + after;
    })
    .join("/");
}

function readVariant(
  variant: MessageVariant,
  texts: readonly string[],
  rules: ReadonlyMap<string, NameRule>,
): TopicReading | undefined {
  if (texts.length !== variant.levels.length) return undefined;
  // `__proto__` is not a legal parameter name.
  const values: Record<string, unknown> = {};
  for (const [index, level] of variant.levels.entries()) {
    const inner = textInHole(level, texts[index]!);
    if (inner === undefined) return undefined;
    if (level.name === undefined) continue;
    const value = rules.get(level.name)!.parse(inner);
    // A name that occurs twice is one value.
    if (value === undefined || (values[level.name] ?? value) !== value) return undefined;
    values[level.name] = value;
  }
  const { requestId, ...parameters } = values;
  return {
    parameters: parameters as TopicReading["parameters"],
    ...(requestId !== undefined && { requestId: requestId as number | string }),
  };
}

/** The text in the hole of a level; of a level without a hole, the level. `undefined` if the fixed texts differ. */
function textInHole({ before, name, after }: MessageLevel, text: string): string | undefined {
  if (name === undefined) return text === before ? text : undefined;
  const isLongEnough = text.length > before.length + after.length;
  return isLongEnough && text.startsWith(before) && text.endsWith(after)
    ? text.slice(before.length, text.length - after.length)
    : undefined;
}
