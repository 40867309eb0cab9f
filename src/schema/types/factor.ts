import { matches } from "./object-alternative.js";
import { isSubtype } from "./subtype.js";
import { UNKNOWN, type Property, type ObjectAlternative } from "./type.js";

/** The common part of several objects, and the rest of each. */
export interface Factored {
  readonly common: ObjectAlternative;
  readonly variants: readonly ObjectAlternative[];
}

/** With fewer common properties, repeating them is easier to read than an intersection. */
const MIN_COMMON_PROPERTIES = 4;

/**
 * Factors out the common properties of alternatives that differ in a few only: `{…} & ({ a: string } | { b: number })`
 * instead of all properties in each. Undefined if they have too little in common.
 */
export function factor(alternatives: readonly ObjectAlternative[]): Factored | undefined {
  const [first, ...others] = alternatives;
  if (first === undefined || others.length === 0) return undefined;
  if (
    !alternatives.every(
      (alternative) => isSame(alternative.rest, first.rest) && hasSamePatterns(alternative, first),
    )
  )
    return undefined;
  const isClosed = first.rest.length === 0 && first.patterns.length === 0;
  if (first.rest !== UNKNOWN && !isClosed) return undefined;
  const isCommon = (name: string, property: Property) =>
    others.every(({ properties }) => {
      const other = properties.get(name);
      return other?.required === property.required && isSame(other.type, property.type);
    });
  const common = new Map([...first.properties].filter(([name, property]) => isCommon(name, property)));
  const variants = alternatives.map((alternative) => ({
    ...alternative,
    patterns: [],
    properties: new Map([...alternative.properties].filter(([name]) => !common.has(name))),
  }));
  // The index signatures of the common part would apply to the variants, too.
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
  return a.patterns.every(({ pattern, type }, index) => {
    const other = b.patterns[index];
    return other?.pattern === pattern && isSame(other.type, type);
  });
}

function isSame(a: Property["type"], b: Property["type"]): boolean {
  return a === b || (isSubtype(a, b) && isSubtype(b, a));
}
