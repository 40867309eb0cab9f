import { holdsEverything, type Algebra } from "./algebra.js";
import { signatureOf } from "./object-signature.js";
import {
  UNKNOWN,
  type ArrayAlternative,
  type ObjectAlternative,
  type TypeAlternative,
  type Type,
} from "./type.js";

/** What is nested deeper is `unknown`: no one could read it, and formatters and compilers overflow the stack. */
const MAX_DEPTH = 40;

/** Prints types as TypeScript, on one line and without comments: for where no interface can stand. */
export class TypeText {
  readonly #algebra: Algebra;
  /** The declared types mentioned so far. */
  readonly mentioned = new Set<string>();
  #depth = 0;

  constructor(algebra: Algebra) {
    this.#algebra = algebra;
  }

  /** The type as an expression; a union or intersection stands in parentheses if `within` another type. */
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

  /** Each alternative as an expression. */
  alternatives(type: Type): readonly string[] {
    const isBoth = [true, false].every((value) =>
      type.some((term) => term.kind === "literal" && term.value === value),
    );
    let saidBoolean = false;
    return type.flatMap((term) => {
      const isBoolean = term.kind === "literal" && typeof term.value === "boolean";
      if (!isBoth || !isBoolean) return [this.#term(term)];
      if (saidBoolean) return [];
      saidBoolean = true;
      return ["boolean"];
    });
  }

  /** The declared types that a value is all of, and what else it has to be. */
  named(names: readonly string[]): string {
    for (const name of names) this.mentioned.add(name);
    return names.join(" & ");
  }

  #term(term: TypeAlternative): string {
    switch (term.kind) {
      case "literal":
        // `-0` is 0, and JSON's numbers are TypeScript's.
        return JSON.stringify(term.value);
      case "string":
      case "number":
        return term.kind;
      case "array":
        return this.#array(term);
      case "object":
        return this.#object(term);
      case "named": {
        const names = this.named(term.names);
        return term.and === UNKNOWN ? names : `(${names} & ${this.print(term.and, true)})`;
      }
    }
  }

  #array({ prefix, min, rest }: ArrayAlternative): string {
    let length = prefix.length;
    const tail = this.print(rest, true);
    const places = prefix.map((type) => this.print(type, true));
    // Optional places that say no more than what follows.
    while (rest.length > 0 && length > min && places[length - 1] === tail) length--;
    if (length === 0) return rest.length === 0 ? "[]" : `${tail}[]`;
    const items = places.slice(0, length).map((text, place) => (place < min ? text : `${text}?`));
    return `[${[...items, ...(rest.length === 0 ? [] : [`...${tail}[]`])].join(", ")}]`;
  }

  #object(term: ObjectAlternative): string {
    const { properties, indexes } = signatureOf(this.#algebra, term);
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

// What TypeScript can not say is gone by now, and with it what made the type narrower than any value.
const EVERYTHING = ["{ [key: string]: unknown }", "unknown[]", "string", "number", "boolean", "null"];

function saysEverything(parts: readonly string[]): boolean {
  return parts.length === EVERYTHING.length && EVERYTHING.every((part) => parts.includes(part));
}

/** A property's name as it stands in an interface. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
