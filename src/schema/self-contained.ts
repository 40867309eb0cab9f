import { isObject, property, type JsonObject } from "../json/json.js";
import { parsePointer } from "../json/pointer.js";
import { referencesOf, targetsOf } from "./references.js";
import type { SchemaIndex, SchemaLocation } from "./schema-index.js";

/** Keywords of identity and of definitions. The copies stand elsewhere, and are referred to by pointers. */
const DROPPED = [
  "$schema",
  "$id",
  "id",
  "$anchor",
  "$dynamicAnchor",
  "$recursiveAnchor",
  "$defs",
  "definitions",
];

/**
 * Copies a schema and everything that it refers to into one document, in the terms of draft 2020-12, for tools that do not
 * know the rules of bases, anchors and older dialects. Every reference of the copy is `#/$defs/<name>`. A dynamic reference
 * leads to its first candidate, so the copy may accept other values than the schema.
 */
export function selfContained(index: SchemaIndex, start: SchemaLocation): JsonObject | boolean {
  const names = new Map<string, string>();
  const definitions: Record<string, unknown> = {};
  const pending: SchemaLocation[] = [];
  const nameOf = (location: SchemaLocation): string => {
    const name = names.get(location.uri) ?? `schema${names.size}`;
    if (!names.has(location.uri)) pending.push(location);
    names.set(location.uri, name);
    return name;
  };
  const copy = (location: SchemaLocation): unknown => {
    const { schema, pointer, dialect } = location;
    if (!isObject(schema)) return schema;
    const copied: Record<string, unknown> = structuredClone(schema);
    for (const keyword of DROPPED) delete copied[keyword];
    for (const part of index.subschemas(location)) {
      if (part.appliesTo === "nothing") continue;
      replaceAt(copied, parsePointer(part.location.pointer.slice(pointer.length)) ?? [], copy(part.location));
    }
    if (Array.isArray(copied["items"])) {
      copied["prefixItems"] = copied["items"];
      delete copied["items"];
    }
    for (const [limit, exclusive] of [
      ["minimum", "exclusiveMinimum"],
      ["maximum", "exclusiveMaximum"],
    ] as const) {
      // Draft-04 states whether the limit is exclusive, later drafts the exclusive limit.
      if (dialect.name !== "draft-04" || copied[exclusive] === undefined) continue;
      if (copied[exclusive] === true) [copied[exclusive], copied[limit]] = [copied[limit], undefined];
      else delete copied[exclusive];
    }
    const [reference] = referencesOf(index, location);
    const [target] = reference ? targetsOf(reference) : [];
    for (const keyword of ["$ref", "$dynamicRef", "$recursiveRef"]) delete copied[keyword];
    if (!target) return copied;
    const $ref = `#/$defs/${nameOf(target)}`;
    return dialect.refIgnoresSiblings || Object.keys(copied).length === 0
      ? { $ref }
      : { allOf: [{ $ref }, copied] };
  };
  const root = copy(start);
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    definitions[nameOf(next)] = copy(next);
  if (typeof root === "boolean") return root;
  return { ...(isObject(root) ? root : {}), $defs: definitions };
}

function replaceAt(container: Record<string, unknown>, steps: readonly string[], value: unknown): void {
  const last = steps.at(-1);
  let at: unknown = container;
  for (const step of steps.slice(0, -1))
    at = isObject(at) || Array.isArray(at) ? Reflect.get(at, step) : undefined;
  if (last !== undefined && typeof at === "object" && at !== null && property(Object(at), last) !== undefined)
    Reflect.set(at, last, value);
}
