import type { JSONSchema } from "json-schema-to-typescript";
import { setProperty } from "../../json/json.js";
import { holdsEverything, type Algebra } from "./algebra.js";
import { factor } from "./factor.js";
import { signatureOf } from "./object-signature.js";
import { propertyName, TypeText } from "./text.js";
import { UNKNOWN, type ObjectAlternative, type TypeAlternative, type Type } from "./type.js";

/** Objects nested deeper are printed on one line, without comments. */
const MAX_DEPTH = 20;

/**
 * Turns a type into the plain schema that json-schema-to-typescript prints exactly that from: objects as objects, so
 * that they become interfaces with comments, and what its schemas can not say as `tsType`.
 */
export class Printable {
  readonly text: TypeText;
  readonly #algebra: Algebra;
  /** What stands in for a property whose name or kind the printer does not know. */
  readonly #placeholders: string[] = [];

  constructor(algebra: Algebra) {
    this.#algebra = algebra;
    this.text = new TypeText(algebra);
  }

  /** The schema to print. */
  schema(type: Type, doc?: string, depth = 0): JSONSchema {
    const comment = doc === undefined ? {} : { description: doc };
    return { ...this.#type(type, depth), ...comment };
  }

  /** Puts back what stands in the printed text for properties that the printer does not know. */
  restore(printed: string): string {
    return printed.replaceAll(
      /^\s*__placeholder_(\d+)__(?=\??: )/gm,
      (_, place: string) => this.#placeholders[Number(place)] ?? "",
    );
  }

  #type(type: Type, depth: number): JSONSchema {
    if (holdsEverything(type) || (type.length > 5 && this.text.print(type) === "unknown"))
      return { tsType: "unknown" };
    const objects = depth > MAX_DEPTH ? [] : type.filter(hasObject);
    if (objects.length === 0) return { tsType: this.text.print(type, true) };
    const [only] = type;
    if (type.length === 1 && only !== undefined) return this.#term(only, depth);
    const plain = type.filter((term) => !hasObject(term));
    const rest = plain.length === 0 ? [] : this.text.alternatives(plain).map((tsType) => ({ tsType }));
    const first = type.findIndex(hasObject) <= type.findIndex((term) => !hasObject(term));
    const parts = this.#factored(objects, depth) ?? objects.map((term) => this.#term(term, depth));
    if (rest.length === 0 && parts.length === 1 && parts[0] !== undefined) return parts[0];
    return { anyOf: first ? [...parts, ...rest] : [...rest, ...parts] };
  }

  /** Alternatives that are nearly the same: what they have in common, once, and then what differs. */
  #factored(objects: readonly TypeAlternative[], depth: number): readonly JSONSchema[] | undefined {
    const plain = objects.filter((term) => term.kind === "object");
    const factored = factor(plain);
    if (factored === undefined) return undefined;
    const variants = factored.variants.map((term) => this.#object(term, depth, false));
    const both = { allOf: [this.#object(factored.common, depth), { anyOf: variants }] };
    return [both, ...objects.filter((term) => term.kind !== "object").map((term) => this.#term(term, depth))];
  }

  #term(term: TypeAlternative, depth: number): JSONSchema {
    if (term.kind === "object") return this.#object(term, depth);
    if (term.kind === "named")
      return { allOf: [{ tsType: this.text.named(term.names) }, this.#type(term.and, depth + 1)] };
    if (term.kind === "array") return { type: "array", items: this.#type(term.rest, depth + 1) };
    return { tsType: this.text.print([term]) };
  }

  /** An object; without its index signatures if it only adds to one that has them. */
  #object(term: ObjectAlternative, depth: number, isWhole = true): JSONSchema {
    const signature = signatureOf(this.#algebra, term);
    const properties: Record<string, JSONSchema> = {};
    const required: string[] = [];
    for (const [name, property] of signature.properties) {
      const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : this.#placeholder(propertyName(name));
      setProperty(properties, key, this.schema(property.type, property.doc, depth + 1));
      if (property.required) required.push(key);
    }
    for (const { key, type, orUndefined } of isWhole ? signature.indexes : []) {
      const placeholder = this.#placeholder(`[key: ${key}]`);
      properties[placeholder] = { tsType: this.text.index(type, orUndefined) };
      required.push(placeholder);
    }
    return { type: "object", properties, required, additionalProperties: false };
  }

  #placeholder(text: string): string {
    return `__placeholder_${this.#placeholders.push(text) - 1}__`;
  }
}

/** Whether there are properties to comment on. */
function hasObject(term: TypeAlternative): boolean {
  switch (term.kind) {
    case "object":
      return true;
    case "array":
      return term.prefix.length === 0 && term.rest !== UNKNOWN && term.rest.some(hasObject);
    case "named":
      return term.and !== UNKNOWN && term.and.some(hasObject);
    default:
      return false;
  }
}
