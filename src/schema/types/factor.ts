import { matches } from "./object-alternative.js";
import { isSubtype } from "./subtype.js";
import { UNKNOWN, type Property, type ObjectAlternative } from "./type.js";

/** What several objects have in common, and what is left of each. */
export interface Factored {
  readonly common: ObjectAlternative;
  readonly variants: readonly ObjectAlternative[];
}

/** Fewer properties in common are sooner repeated than read in two places. */
const MIN_COMMON_PROPERTIES = 4;

/**
 * Parts alternatives that differ in a few properties only: `{…} & ({ a: string } | { b: number })` instead of all properties
 * over and over. Undefined if there is too little in common.
 */
export function factor(terms: readonly ObjectAlternative[]): Factored | undefined {
  const [first, ...others] = terms;
  if (first === undefined || others.length === 0) return undefined;
  if (!terms.every((term) => isSame(term.rest, first.rest) && hasSamePatterns(term, first))) return undefined;
  const isClosed = first.rest.length === 0 && first.patterns.length === 0;
  if (first.rest !== UNKNOWN && !isClosed) return undefined;
  const isCommon = (name: string, property: Property) =>
    others.every(({ properties }) => {
      const other = properties.get(name);
      return other?.required === property.required && isSame(other.type, property.type);
    });
  const common = new Map([...first.properties].filter(([name, property]) => isCommon(name, property)));
  const variants = terms.map((term) => ({
    ...term,
    patterns: [],
    properties: new Map([...term.properties].filter(([name]) => !common.has(name))),
  }));
  // The common part's index signatures would hold for these as well.
  const isApart = variants.every(({ properties }) =>
    first.patterns.every(({ pattern }) => ![...properties.keys()].some((name) => matches(pattern, name))),
  );
  const isWorthwhile =
    isApart &&
    common.size >= MIN_COMMON_PROPERTIES &&
    variants.every(({ properties }) => properties.size > 0);
  return isWorthwhile ? { common: { ...first, properties: common }, variants } : undefined;
}

function hasSamePatterns(a: ObjectAlternative, b: ObjectAlternative): boolean {
  if (a.patterns.length !== b.patterns.length) return false;
  return a.patterns.every(({ pattern, type }, place) => {
    const other = b.patterns[place];
    return other?.pattern === pattern && isSame(other.type, type);
  });
}

function isSame(a: Property["type"], b: Property["type"]): boolean {
  return a === b || (isSubtype(a, b) && isSubtype(b, a));
}
