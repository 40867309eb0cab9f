import { isObject } from "../../json/json.js";
import { pointerStep } from "../../json/pointer.js";
import { problem, type SchemaProblem } from "../problems.js";
import type { SchemaIndex, SchemaLocation } from "../schema-index.js";

/** Deepest nesting of schemas in a document. Beyond about 550, code by ajv overflows the stack of Node 20. */
export const MAX_SCHEMA_DEPTH = 500;

/**
 * Deepest nesting of values in a document: two for each schema, as in `properties: { a: … }`, and some for a constant.
 * A few thousand overflow the stack.
 */
const MAX_VALUE_DEPTH = 2 * MAX_SCHEMA_DEPTH + 100;

/** Reports the first schema, or other value, of a document that is nested too deeply. */
export function depthProblems(index: SchemaIndex, root: SchemaLocation): readonly SchemaProblem[] {
  const open = [{ location: root, depth: 0 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.depth > MAX_SCHEMA_DEPTH) return [deep(at.location, at.location.pointer, MAX_SCHEMA_DEPTH)];
    for (const { location } of index.subschemas(at.location)) open.push({ location, depth: at.depth + 1 });
  }
  return deepValues(root);
}

function deepValues(root: SchemaLocation): readonly SchemaProblem[] {
  const open = [{ value: root.schema, pointer: "", depth: 0 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { value, pointer, depth } = at;
    if (depth > MAX_VALUE_DEPTH) return [deep(root, pointer, MAX_VALUE_DEPTH)];
    for (const [key, item] of entriesOf(value)) {
      if (typeof item === "object" && item !== null)
        open.push({ value: item, pointer: pointer + pointerStep(key), depth: depth + 1 });
    }
  }
  return [];
}

function entriesOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item: unknown, at) => [at, item]);
  return isObject(value) ? Object.entries(value) : [];
}

function deep({ document }: SchemaLocation, pointer: string, limit: number): SchemaProblem {
  return problem("deep-schema", { limit }, { uri: document, pointer, at: "value" });
}
