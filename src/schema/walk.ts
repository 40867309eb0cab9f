import type { Applicator, ApplicatorTarget } from "./dialect.js";
import { isObject, property, type JsonObject } from "../json/json.js";
import { pointerStep } from "../json/pointer.js";

/** A schema inside another one. */
export interface Subschema {
  readonly keyword: string;
  readonly appliesTo: ApplicatorTarget;
  /** A JSON pointer from the outer schema. */
  readonly pointer: string;
  readonly schema: JsonObject | boolean;
}

/**
 * The schemas directly inside `schema`, in the order written. Values that do not have the form of a schema are left
 * out.
 */
export function subschemasOf(
  schema: JsonObject,
  applicators: ReadonlyMap<string, Applicator>,
): readonly Subschema[] {
  const subschemas: Subschema[] = [];
  for (const keyword of Object.keys(schema)) {
    const applicator = applicators.get(keyword);
    if (applicator === undefined) continue;
    const { holds, appliesTo } = applicator;
    const add = (pointer: string, child: unknown): void => {
      if (isSchema(child)) subschemas.push({ keyword, appliesTo, pointer, schema: child });
    };
    const value = property(schema, keyword);
    const at = pointerStep(keyword);
    if (holds === "list" || (holds === "schema-or-list" && Array.isArray(value))) {
      if (Array.isArray(value)) value.forEach((item, index) => add(at + pointerStep(index), item));
    } else if (holds === "map" || holds === "map-or-names") {
      if (!isObject(value)) continue;
      for (const name of Object.keys(value)) add(at + pointerStep(name), value[name]);
    } else {
      add(at, value);
    }
  }
  return subschemas;
}

/** Whether `value` has the form of a schema: an object, or true or false. */
export function isSchema(value: unknown): value is JsonObject | boolean {
  return typeof value === "boolean" || isObject(value);
}
