import { UNKNOWN, type Kind, type Type } from "./type.js";

/** Access to the kinds and the definitions of declared types. */
export interface DeclaredTypes {
  /** The kinds of value that a declared type can have. */
  kindsOf(name: string): ReadonlySet<Kind>;
  /** The definition of a declared type. While that is being derived: `"later"` if it will be derived again, or undefined. */
  definitionOf(name: string): Type | "later" | undefined;
}

/** Counts the combinations that the compiler makes of a type: an intersection of declared unions has one of each pair. */
export class Combinations {
  readonly #declared: DeclaredTypes;
  readonly #counts = new Map<string, number>();

  constructor(declared: DeclaredTypes) {
    this.#declared = declared;
  }

  /** The number of combinations of a type. */
  of(type: Type): number {
    let sum = 0;
    for (const alternative of type) {
      let product = 1;
      if (alternative.kind === "named") {
        for (const name of alternative.names) product *= this.#ofName(name);
        if (alternative.and !== UNKNOWN) product *= this.of(alternative.and);
      }
      sum += product;
    }
    return Math.max(1, sum);
  }

  #ofName(name: string): number {
    const known = this.#counts.get(name);
    if (known !== undefined) return known;
    const definition = this.#declared.definitionOf(name);
    if (typeof definition !== "object") return UNKNOWN.length;
    // A type that contains itself is counted once.
    this.#counts.set(name, 1);
    const count = this.of(definition);
    this.#counts.set(name, count);
    return count;
  }
}
