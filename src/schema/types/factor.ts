import { isSubtype } from "./subtype.js";
import { UNKNOWN, type Member, type ObjectTerm } from "./type.js";

/** What several objects have in common, and what is left of each. */
export interface Factored {
  readonly common: ObjectTerm;
  readonly variants: readonly ObjectTerm[];
}

/** Fewer members in common are sooner repeated than read in two places. */
const FEWEST = 4;

/**
 * Parts alternatives that differ in a few members only: `{…} & ({ a: string } | { b: number })` instead of all members
 * over and over. Undefined if there is too little in common.
 */
export function factor(terms: readonly ObjectTerm[]): Factored | undefined {
  const [first, ...others] = terms;
  if (first === undefined || others.length === 0) return undefined;
  const isAlike = ({ patterns, rest }: ObjectTerm) => patterns.length === 0 && isSame(rest, first.rest);
  if (!terms.every(isAlike) || (first.rest !== UNKNOWN && first.rest.length > 0)) return undefined;
  const isCommon = (name: string, member: Member) =>
    others.every(({ members }) => {
      const other = members.get(name);
      return other?.required === member.required && isSame(other.type, member.type);
    });
  const common = new Map([...first.members].filter(([name, member]) => isCommon(name, member)));
  const variants = terms.map((term) => ({
    ...term,
    members: new Map([...term.members].filter(([name]) => !common.has(name))),
  }));
  const isWorthwhile = common.size >= FEWEST && variants.every(({ members }) => members.size > 0);
  return isWorthwhile ? { common: { ...first, members: common }, variants } : undefined;
}

function isSame(a: Member["type"], b: Member["type"]): boolean {
  return a === b || (isSubtype(a, b) && isSubtype(b, a));
}
