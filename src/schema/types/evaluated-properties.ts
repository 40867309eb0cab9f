import { isObject, objectProperty } from "../../json/json.js";
import type { SchemaLocation, SchemaIndex } from "../schema-index.js";
import { referencesOf } from "../references.js";

/** The properties that a schema, and those applied to the same value, may evaluate. */
export interface EvaluatedProperties {
  readonly names: ReadonlySet<string>;
  readonly patterns: ReadonlySet<string>;
}

/** Finds the evaluated properties: "all" if that depends on the value, or if a schema evaluates any property. */
export function evaluatedProperties(index: SchemaIndex, root: SchemaLocation): EvaluatedProperties | "all" {
  const names = new Set<string>();
  const patterns = new Set<string>();
  const seen = new Set<string>();
  const open = [root];
  for (let location = open.pop(); location !== undefined; location = open.pop()) {
    const { schema } = location;
    if (seen.has(location.uri) || !isObject(schema)) continue;
    seen.add(location.uri);
    if (Object.hasOwn(schema, "additionalProperties")) return "all";
    if (location !== root && Object.hasOwn(schema, "unevaluatedProperties")) return "all";
    for (const name of Object.keys(objectProperty(schema, "properties"))) names.add(name);
    for (const pattern of Object.keys(objectProperty(schema, "patternProperties"))) patterns.add(pattern);
    for (const { target } of referencesOf(index, location)) {
      if (target.to !== "schema") return "all";
      open.push(target.location);
    }
    for (const inside of index.subschemas(location)) {
      if (inside.appliesTo === "value") open.push(inside.location);
    }
  }
  return { names, patterns };
}
