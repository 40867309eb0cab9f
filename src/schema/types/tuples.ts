import { isSubtype } from "./subtype.js";
import { exclude, NUMBER, type ArrayAlternative, type Property, type Type } from "./type.js";

/**
 * Condition for printing a list as a tuple: `"always"` if it has bounds or positions; `"short"` if a position has a schema of its
 * own, or for 2 to 4 numbers, as in coordinates; `"never"`.
 */
export type TupleStyle = "always" | "short" | "never";

/** The fewest and the most numbers that are read as coordinates. */
const COORDINATES = { min: 2, max: 4 } as const;
const SCALAR = exclude("array", "object");

/**
 * Replaces tuples by lists, as far as a style asks for it. A list whose length only is bounded is a plain array to those
 * who build it, with `map` for example, and a tuple would repeat its item type. The result is wider, never narrower.
 */
export class Tuples {
  readonly #union: (types: readonly Type[]) => Type;
  readonly #style: TupleStyle;
  /** By type, because definitions share the types of their parts. */
  readonly #done = new WeakMap<Type, Type>();

  constructor(union: (types: readonly Type[]) => Type, style: TupleStyle) {
    this.#union = union;
    this.#style = style;
  }

  /** The type without the tuples that the style excludes, at any depth. */
  relax(type: Type): Type {
    if (this.#style === "always") return type;
    const known = this.#done.get(type);
    if (known !== undefined) return known;
    // A type that contains itself would be a bug elsewhere; it stays as it is here.
    this.#done.set(type, type);
    const relaxed = type.map((alternative) => {
      switch (alternative.kind) {
        case "array":
          return this.#relaxArray(alternative);
        case "object": {
          const properties = new Map<string, Property>();
          for (const [name, property] of alternative.properties)
            properties.set(name, { ...property, type: this.relax(property.type) });
          const patterns = alternative.patterns.map((one) => ({ ...one, type: this.relax(one.type) }));
          return { ...alternative, properties, patterns, rest: this.relax(alternative.rest) };
        }
        case "named":
          return { ...alternative, and: this.relax(alternative.and) };
        default:
          return alternative;
      }
    });
    // What is the same keeps its identity, which other code compares.
    const isUnchanged = relaxed.every((one, index) => isSame(one, type[index]));
    // Two tuples can become the same list.
    const result = isUnchanged ? type : this.#union(relaxed.map((one) => [one]));
    this.#done.set(type, result);
    return result;
  }

  #relaxArray(alternative: ArrayAlternative): ArrayAlternative {
    const { prefix, min, rest } = alternative;
    const relaxed = { ...alternative, prefix: prefix.map((one) => this.relax(one)), rest: this.relax(rest) };
    const kept = this.#style === "never" ? 0 : Math.min(alternative.positions ?? 0, prefix.length);
    if (prefix.length === kept || (this.#style === "short" && isExact(alternative))) return relaxed;
    return {
      ...relaxed,
      prefix: relaxed.prefix.slice(0, kept),
      min: Math.min(min, kept),
      rest: this.#union([...relaxed.prefix.slice(kept), relaxed.rest]),
    };
  }
}

/** Whether a list is 2 to 4 numbers, or has that few scalar positions of which the first have schemas of their own. */
function isExact({ prefix, min, rest, positions = 0 }: ArrayAlternative): boolean {
  if (rest.length > 0 || prefix.length > COORDINATES.max) return false;
  if (positions > 0) return prefix.slice(positions).every((one) => isSubtype(one, SCALAR));
  return min >= COORDINATES.min && prefix.every((one) => isSubtype(one, NUMBER));
}

function isSame(a: Type[number], b: Type[number] | undefined): boolean {
  if (a === b) return true;
  if (a.kind === "array" && b?.kind === "array")
    return (
      a.rest === b.rest &&
      a.min === b.min &&
      a.prefix.length === b.prefix.length &&
      a.prefix.every((one, index) => one === b.prefix[index])
    );
  if (a.kind === "named" && b?.kind === "named") return a.and === b.and;
  if (a.kind !== "object" || b?.kind !== "object" || a.rest !== b.rest) return false;
  return (
    a.patterns.every(({ type }, index) => type === b.patterns[index]?.type) &&
    [...a.properties].every(([name, { type }]) => type === b.properties.get(name)?.type)
  );
}
