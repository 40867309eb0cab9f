import type { Algebra } from "./algebra.js";
import { holdsEverything } from "./alternatives.js";
import { signatureOf } from "./object-signature.js";
import {
  UNKNOWN,
  type ArrayAlternative,
  type ObjectAlternative,
  type TypeAlternative,
  type Type,
} from "./type.js";

/**
 * Types nested deeper than this are printed as `unknown`. Such text is unreadable, and formatters and compilers would
 * overflow the stack.
 */
const MAX_DEPTH = 40;

/** Prints types as TypeScript on one line, without JSDoc, for positions that cannot be an interface. */
export class TypeText {
  readonly #algebra: Algebra;
  /** The declared types in the text printed so far. */
  readonly mentioned = new Set<string>();
  #depth = 0;

  constructor(algebra: Algebra) {
    this.#algebra = algebra;
  }

  /** Prints a type as an expression, in parentheses if it is a union or intersection `within` another type. */
  print(type: Type, within = false): string {
    if (holdsEverything(type) || this.#depth >= MAX_DEPTH) return "unknown";
    this.#depth++;
    const parts = this.alternatives(type);
    this.#depth--;
    if (saysEverything(parts)) return "unknown";
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return only;
    if (parts.length === 0) return "never";
    return within ? `(${parts.join(" | ")})` : parts.join(" | ");
  }

  /** Prints each alternative as an expression. */
  alternatives(type: Type): readonly string[] {
    const isBoth = [true, false].every((value) =>
      type.some((alternative) => alternative.kind === "literal" && alternative.value === value),
    );
    let saidBoolean = false;
    return type.flatMap((alternative) => {
      const isBoolean = alternative.kind === "literal" && typeof alternative.value === "boolean";
      if (!isBoth || !isBoolean) return [this.#alternative(alternative)];
      if (saidBoolean) return [];
      saidBoolean = true;
      return ["boolean"];
    });
  }

  /** Prints an intersection of declared types. */
  named(names: readonly string[]): string {
    for (const name of names) this.mentioned.add(name);
    return names.join(" & ");
  }

  #alternative(alternative: TypeAlternative): string {
    switch (alternative.kind) {
      case "literal":
        // `-0` prints as 0: a literal type has no negative zero.
        return JSON.stringify(alternative.value);
      case "string":
      case "number":
        return alternative.kind;
      case "array":
        return this.#array(alternative);
      case "object":
        return this.#object(alternative);
      case "named": {
        const names = this.named(alternative.names);
        if (alternative.and !== UNKNOWN) return `(${names} & ${this.print(alternative.and, true)})`;
        return alternative.names.length > 1 ? `(${names})` : names;
      }
    }
  }

  #array({ prefix, min, rest }: ArrayAlternative): string {
    let length = prefix.length;
    const tail = this.print(rest, true);
    const positions = prefix.map((type) => this.print(type, true));
    // Leave out optional positions whose type equals that of the following items.
    while (rest.length > 0 && length > min && positions[length - 1] === tail) length--;
    if (length === 0) return rest.length === 0 ? "[]" : `${tail}[]`;
    const items = positions.slice(0, length).map((text, index) => (index < min ? text : `${text}?`));
    return `[${[...items, ...(rest.length === 0 ? [] : [`...${tail}[]`])].join(", ")}]`;
  }

  #object(alternative: ObjectAlternative): string {
    const { properties, indexes } = signatureOf(this.#algebra, alternative);
    const parts = [...properties].map(
      ([name, { type, required }]) => `${propertyName(name)}${required ? "" : "?"}: ${this.print(type)}`,
    );
    parts.push(
      ...indexes.map(({ key, type, orUndefined }) => `[key: ${key}]: ${this.index(type, orUndefined)}`),
    );
    return parts.length === 0 ? "{}" : `{ ${parts.join("; ")} }`;
  }

  /** The type of an index signature. */
  index(type: Type, orUndefined: boolean): string {
    return orUndefined ? `${this.print(type)} | undefined` : this.print(type);
  }
}

// Rules that TypeScript cannot express are gone from these texts, so a narrower type may print like any value.
const EVERYTHING = ["{ [key: string]: unknown }", "unknown[]", "string", "number", "boolean", "null"];

function saysEverything(parts: readonly string[]): boolean {
  return parts.length === EVERYTHING.length && EVERYTHING.every((part) => parts.includes(part));
}

/** The name of a property in an interface: quoted if it is not an identifier. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
