import type { Algebra } from "./algebra.js";
import { KINDS, NEVER, UNKNOWN, type Property, type ObjectAlternative, type Type } from "./type.js";

/** An object as TypeScript can say it. */
export interface ObjectSignature {
  readonly properties: ReadonlyMap<string, Property>;
  /** Index signatures, those for some names first. */
  readonly indexes: readonly IndexSignature[];
}

/** `[key: string]: …` or ``[key: `x-${string}`]: …``. */
export interface IndexSignature {
  readonly key: string;
  readonly type: Type;
  /** Whether optional properties fall under it, which TypeScript reads as `undefined` too. */
  readonly orUndefined: boolean;
}

/** Beyond this many alternatives, the type of all other properties is `unknown`. */
const MAX_ALTERNATIVES = 12;

// Every value has these in TypeScript's eyes, so `{}` would be refused if they had a type of their own.
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Says an object so that TypeScript takes it: an index signature has to hold the types of all properties that fall under
 * it, so it is widened by them.
 */
export function signatureOf(algebra: Algebra, term: ObjectAlternative): ObjectSignature {
  const templates = templatesOf(term);
  const unsaid = term.patterns.filter((_, place) => templates[place] === undefined);
  const rest = algebra.union([term.rest, ...unsaid.map(({ type }) => type)]);
  const indexes = templates.flatMap((key, place): IndexSignature[] => {
    const found = term.patterns[place];
    if (key === undefined || found === undefined) return [];
    const covered = [...term.properties].filter(([name]) => holds(key, name));
    return [indexOver(algebra, { key: key.text, type: found.type, covered })];
  });
  if (rest.length > 0) {
    const covered = [
      ...term.properties,
      ...indexes.map(({ type }) => ["", { type, required: true }] as const),
    ];
    indexes.push(indexOver(algebra, { key: "string", type: rest, covered }));
  } else if (term.properties.size === 0 && indexes.length === 0) {
    indexes.push({ key: "string", type: NEVER, orUndefined: false });
  }
  return { properties: propertiesOf(term, indexes), indexes };
}

interface Covering {
  readonly key: string;
  readonly type: Type;
  /** The properties that fall under it. */
  readonly covered: readonly (readonly [string, Property])[];
}

function indexOver(algebra: Algebra, { key, type, covered }: Covering): IndexSignature {
  // What may be of any kind says hardly less than its name beside all that the properties are.
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
  term: ObjectAlternative,
  indexes: readonly IndexSignature[],
): ReadonlyMap<string, Property> {
  if (![...term.properties.keys()].some((name) => INHERITED.has(name))) return term.properties;
  const isNarrow = indexes.some(({ key, type }) => key === "string" && type !== UNKNOWN);
  const properties = [...term.properties].flatMap(([name, property]) => {
    if (!INHERITED.has(name)) return [[name, property] as const];
    // `unknown` does not fit under an index signature that says more; that one allows the property anyway.
    return isNarrow ? [] : [[name, { ...property, type: UNKNOWN }] as const];
  });
  return new Map(properties);
}

/** For each pattern the template of the names it matches, where all of them can be said without contradiction. */
function templatesOf({ patterns, properties, rest }: ObjectAlternative): readonly (Template | undefined)[] {
  // A template may hold more names than its pattern where those others are not allowed at all.
  const found = patterns.map(
    ({ pattern }) => templateOf(pattern) ?? (rest.length === 0 ? prefixOf(pattern) : undefined),
  );
  // Two templates that hold one name would have to hold each other's types; and `unknown` properties hold nothing.
  const clash = found.some((one, place) =>
    found.some((other, at) => at > place && one && other && overlaps(one, other)),
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

function templateOf(pattern: string): Template | undefined {
  const [, start] = /^\^([\w-]+)(?:\.\*\$?)?$/.exec(pattern) ?? [];
  if (start !== undefined) return startingWith(start);
  const [, end] = /^(?:\^\.\*)?([\w-]+)\$$/.exec(pattern) ?? [];
  return end === undefined ? undefined : { text: `\`\${string}${end}\``, literal: end, at: "end" };
}

/** What all names begin with that match a pattern such as `^x-[a-z]+$`; undefined if nothing for sure. */
function prefixOf(pattern: string): Template | undefined {
  if (pattern.includes("|")) return undefined;
  const [, start] = /^\^([\w-]+)(?![\w?*{-])/.exec(pattern) ?? [];
  return start === undefined ? undefined : startingWith(start);
}

function startingWith(literal: string): Template {
  return { text: `\`${literal}\${string}\``, literal, at: "start" };
}

function holds({ literal, at }: Template, name: string): boolean {
  return at === "start" ? name.startsWith(literal) : name.endsWith(literal);
}

function overlaps(a: Template, b: Template): boolean {
  if (a.at !== b.at) return true;
  if (a.at === "start") return a.literal.startsWith(b.literal) || b.literal.startsWith(a.literal);
  return a.literal.endsWith(b.literal) || b.literal.endsWith(a.literal);
}
