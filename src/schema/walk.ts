import type { Dialect } from "./dialect.js";
import { isObject, property, type JsonObject } from "../json/json.js";
import { pointerStep } from "../json/pointer.js";

/** A schema inside another one. */
export interface Child {
  readonly keyword: string;
  /** From the outer schema. */
  readonly pointer: string;
  readonly schema: unknown;
}

/** The schemas directly inside `schema`, in the order written. What has the wrong shape is left out. */
export function childrenOf(schema: JsonObject, dialect: Dialect): readonly Child[] {
  const children: Child[] = [];
  for (const keyword of Object.keys(schema)) {
    const holds = dialect.applicators.get(keyword);
    if (holds === undefined) continue;
    const value = property(schema, keyword);
    const at = pointerStep(keyword);
    if (holds === "list" || (holds === "schema-or-list" && Array.isArray(value))) {
      if (!Array.isArray(value)) continue;
      value.forEach((item, index) => add(keyword, at + pointerStep(index), item));
    } else if (holds === "map" || holds === "schemas-or-names") {
      if (!isObject(value)) continue;
      for (const name of Object.keys(value)) add(keyword, at + pointerStep(name), value[name]);
    } else {
      add(keyword, at, value);
    }
  }
  return children;

  function add(keyword: string, pointer: string, child: unknown): void {
    if (isSchema(child)) children.push({ keyword, pointer, schema: child });
  }
}

/** Whether `value` has the shape of a schema: an object, or true or false. */
export function isSchema(value: unknown): value is JsonObject | boolean {
  return typeof value === "boolean" || isObject(value);
}

/** Keywords whose schemas are applied to the same value as the schema they stand in. */
export const IN_PLACE: ReadonlySet<string> = new Set([
  "allOf",
  "anyOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "dependencies",
]);
