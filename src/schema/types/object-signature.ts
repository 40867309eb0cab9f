import type { Algebra } from "./algebra.js";
import { KINDS, NEVER, UNKNOWN, type Property, type ObjectAlternative, type Type } from "./type.js";

/** An object type in the form that TypeScript can express. */
export interface ObjectSignature {
  readonly properties: ReadonlyMap<string, Property>;
  /** Index signatures, template keys first. */
  readonly indexes: readonly IndexSignature[];
}

/** `[key: string]: …` or ``[key: `x-${string}`]: …``. */
export interface IndexSignature {
  readonly key: string;
  readonly type: Type;
  /** Whether optional properties match the key. TypeScript reads their type with `undefined`. */
  readonly orUndefined: boolean;
}

/** With more alternatives than this, an index signature is `unknown`: the union would be unreadable. */
const MAX_ALTERNATIVES = 12;

const EVERY_NAME = /^\^?(?:\.\*)?$/;

// In TypeScript every value has these properties, so `{}` would not be assignable if they had a type of their own.
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Converts an object type to a form that TypeScript accepts: the type of an index signature is widened by the types of
 * all
 * properties that match its key.
 */
export function signatureOf(algebra: Algebra, alternative: ObjectAlternative): ObjectSignature {
  if (alternative.isPart === true) return { properties: propertiesOf(alternative, []), indexes: [] };
  const templates = templatesOf(alternative);
  const unsaid = alternative.patterns.filter((_, index) => templates[index] === undefined);
  // A pattern that matches every name leaves no other properties.
  const others = alternative.patterns.some(({ pattern }) => EVERY_NAME.test(pattern))
    ? NEVER
    : alternative.rest;
  const rest = algebra.union([others, ...unsaid.map(({ type }) => type)]);
  const indexes = templates.flatMap((key, index): IndexSignature[] => {
    const found = alternative.patterns[index];
    if (key === undefined || found === undefined) return [];
    const covered = [...alternative.properties].filter(([name]) => holds(key, name));
    return [indexOver(algebra, { key: key.text, type: found.type, covered })];
  });
  if (rest.length > 0) {
    const covered = [
      ...alternative.properties,
      ...indexes.map(({ type }) => ["", { type, required: true }] as const),
    ];
    indexes.push(indexOver(algebra, { key: "string", type: rest, covered }));
  } else if (alternative.properties.size === 0 && indexes.length === 0) {
    indexes.push({ key: "string", type: NEVER, orUndefined: false });
  }
  return { properties: propertiesOf(alternative, indexes), indexes };
}

interface Covering {
  readonly key: string;
  readonly type: Type;
  /** The properties that match the key. */
  readonly covered: readonly (readonly [string, Property])[];
}

function indexOver(algebra: Algebra, { key, type, covered }: Covering): IndexSignature {
  // A declared type that may be of any kind is hardly narrower than `unknown` in a union with all properties.
  const isVague =
    covered.length > 0 && type.every(({ kind }) => kind === "named") && isAnyKind(algebra, type);
  if (type === UNKNOWN || isVague) return { key, type: UNKNOWN, orUndefined: false };
  const all = algebra.union([type, ...new Set(covered.map(([, property]) => property.type))]);
  if (all.length > MAX_ALTERNATIVES && all.length > type.length)
    return { key, type: UNKNOWN, orUndefined: false };
  return { key, type: all, orUndefined: all !== UNKNOWN && covered.some(([, { required }]) => !required) };
}

function isAnyKind(algebra: Algebra, type: Type): boolean {
  return algebra.kinds(type).size === KINDS.length;
}

function propertiesOf(
  alternative: ObjectAlternative,
  indexes: readonly IndexSignature[],
): ReadonlyMap<string, Property> {
  if (![...alternative.properties.keys()].some((name) => INHERITED.has(name))) return alternative.properties;
  const isNarrow = indexes.some(({ key, type }) => key === "string" && type !== UNKNOWN);
  const properties = [...alternative.properties].flatMap(([name, property]) => {
    if (!INHERITED.has(name)) return [[name, property] as const];
    // `unknown` is not assignable to a narrower index signature, which allows the property anyway.
    return isNarrow ? [] : [[name, { ...property, type: UNKNOWN }] as const];
  });
  return new Map(properties);
}

/** The template for the names that each pattern matches, if all patterns have one and none contradicts another. */
function templatesOf({ patterns, properties, rest }: ObjectAlternative): readonly (Template | undefined)[] {
  // A template may match more names than its pattern if those other names are not allowed at all.
  const found = patterns.map(
    ({ pattern }) => templateOf(pattern) ?? (rest.length === 0 ? prefixOf(pattern) : undefined),
  );
  // Two templates that match one name would each have to include the type of the other; `unknown` properties are not
  // assignable to either.
  const clash = found.some((one, index) =>
    found.some((other, at) => at > index && one && other && overlaps(one, other)),
  );
  const inherited = [...properties.keys()].some(
    (name) => INHERITED.has(name) && found.some((one) => one && name.includes(one.literal)),
  );
  return clash || inherited ? patterns.map(() => undefined) : found;
}

interface Template {
  readonly text: string;
  readonly literal: string;
  readonly at: "start" | "end";
}

/** Text of a pattern that matches itself: letters, digits, harmless punctuation, and escaped punctuation. */
const LITERAL = String.raw`(?:[\w\-/@#%&=~!:;,'"<> ]|\\[^\w\s])+`;
const STARTS = new RegExp(String.raw`^\^(${LITERAL})(?:\.\*\$?)?$`);
const ENDS = new RegExp(String.raw`^(?:\^\.\*)?(${LITERAL})\$$`);
/** The last character is left out if a quantifier may follow it. */
const PREFIX = new RegExp(String.raw`^\^(${LITERAL})(?![?*{])`);

function templateOf(pattern: string): Template | undefined {
  const [, start] = STARTS.exec(pattern) ?? [];
  if (start !== undefined) return startingWith(unescaped(start));
  const [, end] = ENDS.exec(pattern) ?? [];
  if (end === undefined) return undefined;
  const literal = unescaped(end);
  return { text: `\`\${string}${templateText(literal)}\``, literal, at: "end" };
}

/** The common prefix of all names that match a pattern such as `^x-[a-z]+$`; undefined if it is not certain. */
function prefixOf(pattern: string): Template | undefined {
  if (pattern.includes("|")) return undefined;
  const [, start] = PREFIX.exec(pattern) ?? [];
  return start === undefined ? undefined : startingWith(unescaped(start));
}

function startingWith(literal: string): Template {
  return { text: `\`${templateText(literal)}\${string}\``, literal, at: "start" };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, "$1");
}

/** Text for a template literal. */
function templateText(text: string): string {
  return text.replaceAll(/[`\\]|\$(?=\{|$)/g, String.raw`\$&`);
}

function holds({ literal, at }: Template, name: string): boolean {
  return at === "start" ? name.startsWith(literal) : name.endsWith(literal);
}

function overlaps(a: Template, b: Template): boolean {
  if (a.at !== b.at) return true;
  if (a.at === "start") return a.literal.startsWith(b.literal) || b.literal.startsWith(a.literal);
  return a.literal.endsWith(b.literal) || b.literal.endsWith(a.literal);
}
