import { isObject, objectProperty, property } from "../json/json.js";
import { ALL_APPLICATORS, referencesOf, targetsOf, type SchemaIndex } from "../schema/index.js";

/** Whether the schema at `uri`, or one that is reachable from it, refuses properties that it does not know. */
export function refusesUnknownProperties(index: SchemaIndex, uri: string): boolean {
  const start = index.at(uri);
  const pending = start === undefined ? [] : [start];
  const seen = new Set<string>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next.uri)) continue;
    seen.add(next.uri);
    const { schema } = next;
    if (["additionalProperties", "unevaluatedProperties"].some((keyword) => isFalse(schema, keyword)))
      return true;
    for (const { appliesTo, location } of index.subschemas(next, ALL_APPLICATORS))
      if (appliesTo !== "nothing") pending.push(location);
    for (const reference of referencesOf(index, next)) {
      // A meta-schema is not in the index, and might refuse some.
      if (reference.target.to === "meta-schema") return true;
      pending.push(...targetsOf(reference));
    }
  }
  return false;
}

/**
 * The names that the objects of a body can have: of the body itself, or of its items if it is a list. Undefined if they
 * can have any name.
 */
export function namesInItems(index: SchemaIndex, uri: string): ReadonlySet<string> | undefined {
  const start = index.at(uri);
  const pending = start === undefined ? [] : [start];
  const seen = new Set<string>();
  const names = new Set<string>();
  let isClosed = false;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next.uri)) continue;
    seen.add(next.uri);
    const { schema } = next;
    if (isObject(schema)) {
      if (Object.keys(objectProperty(schema, "patternProperties")).length > 0) return undefined;
      for (const name of Object.keys(objectProperty(schema, "properties"))) names.add(name);
    }
    isClosed ||= isFalse(schema, "additionalProperties") || isFalse(schema, "unevaluatedProperties");
    for (const { appliesTo, keyword, location } of index.subschemas(next))
      if ((appliesTo === "value" && keyword !== "not") || appliesTo === "items") pending.push(location);
    for (const reference of referencesOf(index, next)) {
      if (reference.target.to === "meta-schema") return undefined;
      pending.push(...targetsOf(reference));
    }
  }
  return isClosed ? names : undefined;
}

function isFalse(schema: unknown, keyword: string): boolean {
  return isObject(schema) && property(schema, keyword) === false;
}
