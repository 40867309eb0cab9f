import { referencesOf, targetsOf } from "./references.js";
import type { SchemaIndex, SchemaLocation } from "./schema-index.js";

/**
 * The schemas to check as a whole: the documents that are schemas, and schemas below keys that no dialect defines, such as
 * `components/schemas/Pet` of an OpenAPI document. Both as far as the schemas at `used`, or others, lead there.
 */
export function entrySchemas(index: SchemaIndex, used: readonly string[]): readonly SchemaLocation[] {
  const reached = new Set<SchemaLocation | undefined>(used.map((uri) => index.at(uri)));
  // Resolving a reference can add to the schemas that this loop iterates over.
  for (const location of index.locations())
    for (const reference of referencesOf(index, location))
      for (const target of targetsOf(reference)) reached.add(target);
  const holders = new Set(index.hidden.map(({ document }) => document));
  for (const root of index.roots()) {
    const isSchema = !holders.has(root.document) || reached.has(root) || index.subschemas(root).length > 0;
    if (!isSchema) index.excludeRoot(root);
  }
  return [...index.roots(), ...index.hidden];
}
