/**
 * The rules of topics that the generator and the runtime share: the grammar of templates, legal level values, request ids and the
 * maximum length. Imports nothing.
 */

/** One level of a topic template: fixed text, a parameter, or the request id. */
export interface TopicLevel {
  readonly kind: "literal" | "parameter" | "requestId";
  /** The text of a literal, or the parameter's name. */
  readonly text: string;
  /** The level may be left out, and every optional level after it is left out with it. */
  readonly optional: boolean;
}

/** Request ids from `minimum` to `maximum`, both included. */
export interface RequestIdRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** MQTT 5.0, section 1.5.4: topic names and filters are UTF-8 strings of at most this many bytes. */
export const MAX_TOPIC_BYTES = 65_535;

const PARAMETER_NAME = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** `[/{name}]`, `{name}` or fixed text, each a whole level. */
const LEVEL = /\[\/\{([^}]*)\}\]|(?:^|(?<!^)\/)(?:\{([^}]*)\}|([^/[\]{}]+))(?=[/[]|$)/g;

/**
 * The levels of a template such as `garden/{site}/config[/{configName}][/{requestId}]`: `{name}` is a parameter, `[/{name}]`
 * an optional level. The template must be valid, see {@link templateProblem}.
 */
export function parseTemplate(template: string): readonly TopicLevel[] {
  return Array.from(template.matchAll(LEVEL), ([, optional, required, literal]): TopicLevel => {
    const text = literal ?? optional ?? required ?? "";
    const parameter = text === "requestId" ? "requestId" : "parameter";
    return { kind: literal === undefined ? parameter : "literal", text, optional: optional !== undefined };
  });
}

/** The inverse of {@link parseTemplate}. */
export function formatTemplate(levels: readonly TopicLevel[]): string {
  return levels
    .map((level, index) => {
      if (level.optional) return `[/${formatLevel(level)}]`;
      return index === 0 ? formatLevel(level) : `/${formatLevel(level)}`;
    })
    .join("");
}

/** A level as a template spells it, without the brackets of an optional one. */
export function formatLevel({ kind, text }: TopicLevel): string {
  return kind === "literal" ? text : `{${text}}`;
}

/** The problem of a template, as a clause about `it`, or `undefined` for a valid one. */
export function templateProblem(template: string): string | undefined {
  if (template === "") return "it is empty";
  let end = 0;
  for (const { 0: text, 1: optional, 2: required, 3: literal, index } of template.matchAll(LEVEL)) {
    if (index > end) break;
    end += text.length;
    const name = optional ?? required;
    if (name !== undefined && !PARAMETER_NAME.test(name)) {
      return `"${name}" is not a valid parameter name: use letters, digits, "_" and "$", and do not start with a digit`;
    }
    const problem = literal === undefined ? undefined : levelProblem(literal);
    if (problem !== undefined) return `the level "${literal}" ${problem}`;
  }
  const rest = template.slice(end);
  if (rest === "") return undefined;
  const [, level] = /^(?:\/|$)([^/[]*)/.exec(end === 0 ? `/${rest}` : rest) ?? [];
  if (level === undefined) return `expected "/" or "[/{name}]" after "${template.slice(0, end)}"`;
  return level === ""
    ? "it has an empty level"
    : `the level "${level}" mixes text and brackets: a parameter is a whole level, as in "/{name}/"`;
}

/**
 * The ways to leave out optional levels, the shortest first. A parameter is left out together with the optional ones after it, the
 * request id independently of them.
 */
export function variantsOf<Level extends TopicLevel>(levels: readonly Level[]): (readonly Level[])[] {
  const optional = levels.filter(({ kind, optional: may }) => may && kind === "parameter");
  const variants: (readonly Level[])[] = [];
  for (let kept = 0; kept <= optional.length; kept += 1) {
    const left = new Set(optional.slice(kept));
    const withId = levels.filter((level) => !left.has(level));
    const withoutId = withId.filter(({ kind, optional: may }) => !may || kind === "parameter");
    if (withoutId.length < withId.length) variants.push(withoutId);
    variants.push(withId);
  }
  return variants;
}

/**
 * The parameters that can be the last level of a request topic without an id. Their values must not look like a request id or a
 * response suffix, because the last level decides what a message is.
 */
export function trailingParameters(levels: readonly TopicLevel[]): ReadonlySet<string> {
  const trailing = levels.filter(
    ({ kind }, index) => kind === "parameter" && levels.slice(index + 1).every((later) => later.optional),
  );
  return new Set(trailing.map(({ text }) => text));
}

/** The position of a level in its topic, as far as it restricts its value. */
export interface LevelPosition {
  /** First level of the topic. */
  readonly first?: boolean;
  /** Set for {@link trailingParameters}: the protocol whose request ids and response suffixes the value must differ from. */
  readonly trailing?:
    { readonly requestId?: unknown; readonly suffixLevels: ReadonlySet<string> } | false | undefined;
  /** Regular expression (flag `u`) that the value has to match. */
  readonly pattern?: string | undefined;
  /** The value is in bodies only, so it may have any characters. */
  readonly inBody?: boolean | undefined;
}

/** The reason why a value is not a whole number within a range; `undefined` for one that is. */
export function integerProblem(
  value: unknown,
  { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Partial<RequestIdRange>,
): string | undefined {
  return isRequestId(value, { minimum, maximum }) && !Object.is(value, -0)
    ? undefined
    : `must be a whole number from ${minimum} to ${maximum}`;
}

/** Compiled patterns. Bounded by the number of parameters that an API declares. */
const patterns = new Map<string, RegExp>();

/** The reason why a value cannot be this level of a topic, as a predicate that does not show the value; `undefined` for a legal one. */
export function levelProblem(
  value: unknown,
  { first, trailing, pattern, inBody }: LevelPosition = {},
): string | undefined {
  if (value === undefined) return "is missing";
  if (typeof value !== "string") return "must be a string";
  if (value === "") return "must not be empty";
  // MQTT 5.0, sections 1.5.4 and 4.7: no separator, no wildcard, well-formed UTF-8.
  if (!inBody && /[/+#]|\p{Surrogate}/u.test(value))
    return "must not contain `/`, `+`, `#` or a lone surrogate";
  const problem = inBody ? undefined : characterProblem(value);
  if (problem !== undefined) return problem;
  if (first && value.startsWith("$")) return "must not start with `$`, which is reserved for the broker";
  if (trailing) {
    if (trailing.requestId && /^[0-9]+$/.test(value))
      return "must not be a number, which would be read as a request id";
    if (trailing.suffixLevels.has(value))
      return `must not be a response suffix (${[...trailing.suffixLevels].join(", ")})`;
  }
  if (pattern === undefined) return undefined;
  let regex = patterns.get(pattern);
  if (regex === undefined) patterns.set(pattern, (regex = new RegExp(pattern, "u")));
  return regex.test(value) ? undefined : `must match ${pattern}`;
}

/**
 * The reason why brokers close the connection because of a string's characters, which would interrupt every endpoint on it (MQTT 5.0
 * section 1.5.4); `undefined` for a legal string.
 */
export function characterProblem(text: string): string | undefined {
  const code = /[\p{Cc}\p{Noncharacter_Code_Point}\p{Surrogate}]/u.exec(text)?.[0].codePointAt(0);
  if (code === undefined) return undefined;
  return `must not contain U+${code.toString(16).toUpperCase().padStart(4, "0")}, for which brokers close the connection`;
}

/** The request id that a topic level represents: a canonical decimal within the range, or else `undefined`. */
export function parseRequestId(text: string, range: RequestIdRange | undefined): number | undefined {
  // Numbers are exact up to 2^53, which has 16 digits.
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const id = Number(text);
  return isRequestId(id, range) ? id : undefined;
}

/** Whether a value is a request id within the range. */
export function isRequestId(id: unknown, range: RequestIdRange | undefined): id is number {
  return (
    range !== undefined &&
    typeof id === "number" &&
    Number.isSafeInteger(id) &&
    id >= range.minimum &&
    id <= range.maximum
  );
}

/** Whether a topic name, a filter or another string is short enough for MQTT. */
export function isWithinTopicLimit(topic: string): boolean {
  // A UTF-16 code unit takes at most three bytes of UTF-8.
  return (
    topic.length * 3 <= MAX_TOPIC_BYTES ||
    (topic.length <= MAX_TOPIC_BYTES && new TextEncoder().encode(topic).length <= MAX_TOPIC_BYTES)
  );
}
