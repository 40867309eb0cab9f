import type { JSONSchema } from "json-schema-to-typescript";
import { setProperty } from "../../json/json.js";
import type { Algebra } from "./algebra.js";
import { holdsEverything } from "./alternatives.js";
import { factor } from "./factor.js";
import { signatureOf } from "./object-signature.js";
import { propertyName, TypeText } from "./text.js";
import { UNKNOWN, type ObjectAlternative, type TypeAlternative, type Type } from "./type.js";

/** Objects nested deeper than this are printed on one line, without JSDoc: indentation would leave no room for them. */
const MAX_DEPTH = 20;

/**
 * Converts a type to the plain schema from which json-schema-to-typescript prints exactly that type. Objects stay
 * objects,
 * so that they become interfaces with JSDoc; types that such schemas cannot express become `tsType`.
 */
export class Printable {
  readonly text: TypeText;
  readonly #algebra: Algebra;
  /** Texts that placeholders represent: properties whose name or kind the library does not support. */
  readonly #placeholders: string[] = [];

  constructor(algebra: Algebra) {
    this.#algebra = algebra;
    this.text = new TypeText(algebra);
  }

  /** Converts a type, with the text of its JSDoc. */
  schema(type: Type, doc?: string, depth = 0): JSONSchema {
    const comment = doc === undefined ? {} : { description: doc };
    return { ...this.#type(type, depth), ...comment };
  }

  /** Replaces the placeholders in printed text. */
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
    if (type.length === 1 && only !== undefined) return this.#alternative(only, depth);
    const plain = type.filter((alternative) => !hasObject(alternative));
    const rest = plain.length === 0 ? [] : this.text.alternatives(plain).map((tsType) => ({ tsType }));
    const first = type.findIndex(hasObject) <= type.findIndex((alternative) => !hasObject(alternative));
    const parts =
      this.#factored(objects, depth) ?? objects.map((alternative) => this.#alternative(alternative, depth));
    if (rest.length === 0 && parts.length === 1 && parts[0] !== undefined) return parts[0];
    return { anyOf: first ? [...parts, ...rest] : [...rest, ...parts] };
  }

  /** Nearly equal alternatives, as their common part and the rest of each. */
  #factored(objects: readonly TypeAlternative[], depth: number): readonly JSONSchema[] | undefined {
    const plain = objects.filter((alternative) => alternative.kind === "object");
    const factored = factor(plain);
    if (factored === undefined) return undefined;
    const variants = factored.variants.map((alternative) => this.#object(alternative, depth, false));
    const both = { allOf: [this.#object(factored.common, depth), { anyOf: variants }] };
    return [
      both,
      ...objects
        .filter((alternative) => alternative.kind !== "object")
        .map((alternative) => this.#alternative(alternative, depth)),
    ];
  }

  #alternative(alternative: TypeAlternative, depth: number): JSONSchema {
    if (alternative.kind === "object") return this.#object(alternative, depth);
    if (alternative.kind === "named")
      return {
        allOf: [{ tsType: this.text.named(alternative.names) }, this.#type(alternative.and, depth + 1)],
      };
    if (alternative.kind === "array")
      return { type: "array", items: this.#type(alternative.rest, depth + 1) };
    return { tsType: this.text.print([alternative]) };
  }

  /** Converts an object. The index signatures are left out if it only extends one that has them. */
  #object(alternative: ObjectAlternative, depth: number, isWhole = true): JSONSchema {
    const signature = signatureOf(this.#algebra, alternative);
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

/** Whether there are properties that may have JSDoc. */
function hasObject(alternative: TypeAlternative): boolean {
  switch (alternative.kind) {
    case "object":
      return true;
    case "array":
      return (
        alternative.prefix.length === 0 && alternative.rest !== UNKNOWN && alternative.rest.some(hasObject)
      );
    case "named":
      return alternative.and !== UNKNOWN && alternative.and.some(hasObject);
    default:
      return false;
  }
}
