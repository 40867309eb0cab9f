import type { Algebra } from "./algebra.js";
import { matches } from "./object-term.js";
import { NEVER, UNKNOWN, type Member, type ObjectTerm, type Type } from "./type.js";

/** An object as TypeScript can say it. */
export interface ObjectSignature {
  readonly members: ReadonlyMap<string, Member>;
  /** Index signatures, those for some names first. */
  readonly indexes: readonly IndexSignature[];
}

/** `[key: string]: …` or ``[key: `x-${string}`]: …``. */
export interface IndexSignature {
  readonly key: string;
  readonly type: Type;
  /** Whether optional members fall under it, which TypeScript reads as `undefined` too. */
  readonly orUndefined: boolean;
}

/** Beyond this many alternatives, the type of all other members is `unknown`. */
const MOST_ALTERNATIVES = 12;

// Every value has these in TypeScript's eyes, so `{}` would be refused if they had a type of their own.
const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/**
 * Says an object so that TypeScript takes it: an index signature has to hold the types of all members that fall under
 * it, so it is widened by them.
 */
export function signatureOf(algebra: Algebra, term: ObjectTerm): ObjectSignature {
  const templates = templatesOf(term);
  const unsaid = term.patterns.filter((_, place) => templates[place] === undefined);
  const rest = algebra.union([term.rest, ...unsaid.map(({ type }) => type)]);
  const indexes = templates.flatMap((key, place): IndexSignature[] => {
    const found = term.patterns[place];
    if (key === undefined || found === undefined) return [];
    const covered = [...term.members].filter(([name]) => matches(found.pattern, name));
    return [indexOver(algebra, { key, type: found.type, covered })];
  });
  if (rest.length > 0) {
    const covered = [...term.members, ...indexes.map(({ type }) => ["", { type, required: true }] as const)];
    indexes.push(indexOver(algebra, { key: "string", type: rest, covered }));
  } else if (term.members.size === 0 && indexes.length === 0) {
    indexes.push({ key: "string", type: NEVER, orUndefined: false });
  }
  return { members: membersOf(term, indexes), indexes };
}

interface Covering {
  readonly key: string;
  readonly type: Type;
  /** The members that fall under it. */
  readonly covered: readonly (readonly [string, Member])[];
}

function indexOver(algebra: Algebra, { key, type, covered }: Covering): IndexSignature {
  if (type === UNKNOWN) return { key, type, orUndefined: false };
  const all = algebra.union([type, ...new Set(covered.map(([, member]) => member.type))]);
  if (all.length > MOST_ALTERNATIVES && all.length > type.length)
    return { key, type: UNKNOWN, orUndefined: false };
  return { key, type: all, orUndefined: all !== UNKNOWN && covered.some(([, { required }]) => !required) };
}

function membersOf(term: ObjectTerm, indexes: readonly IndexSignature[]): ReadonlyMap<string, Member> {
  if (![...term.members.keys()].some((name) => INHERITED.has(name))) return term.members;
  const isNarrow = indexes.some(({ key, type }) => key === "string" && type !== UNKNOWN);
  const members = [...term.members].flatMap(([name, member]) => {
    if (!INHERITED.has(name)) return [[name, member] as const];
    // `unknown` does not fit under an index signature that says more; that one allows the member anyway.
    return isNarrow ? [] : [[name, { ...member, type: UNKNOWN }] as const];
  });
  return new Map(members);
}

/** For each pattern the template of the names it matches, where all of them can be said without contradiction. */
function templatesOf({ patterns, members }: ObjectTerm): readonly (string | undefined)[] {
  const found = patterns.map(({ pattern }) => templateOf(pattern));
  // Two templates that hold one name would have to hold each other's types; and `unknown` members hold nothing.
  const prefixes = found.flatMap((template) => (template === undefined ? [] : [template.literal]));
  const clash = found.some((one, place) =>
    found.some((other, at) => at > place && one && other && overlaps(one, other)),
  );
  const inherited = [...members.keys()].some(
    (name) => INHERITED.has(name) && prefixes.some((one) => name.includes(one)),
  );
  if (clash || inherited) return patterns.map(() => undefined);
  return found.map((template) => template?.text);
}

interface Template {
  readonly text: string;
  readonly literal: string;
  readonly at: "start" | "end";
}

function templateOf(pattern: string): Template | undefined {
  const [, start] = /^\^([\w-]+)(?:\.\*\$?)?$/.exec(pattern) ?? [];
  if (start !== undefined) return { text: `\`${start}\${string}\``, literal: start, at: "start" };
  const [, end] = /^(?:\^\.\*)?([\w-]+)\$$/.exec(pattern) ?? [];
  return end === undefined ? undefined : { text: `\`\${string}${end}\``, literal: end, at: "end" };
}

function overlaps(a: Template, b: Template): boolean {
  if (a.at !== b.at) return true;
  if (a.at === "start") return a.literal.startsWith(b.literal) || b.literal.startsWith(a.literal);
  return a.literal.endsWith(b.literal) || b.literal.endsWith(a.literal);
}
