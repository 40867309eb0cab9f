import { isObject, property } from "../json/json.js";
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

function isFalse(schema: unknown, keyword: string): boolean {
  return isObject(schema) && property(schema, keyword) === false;
}
