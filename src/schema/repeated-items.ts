import { isObject, numberProperty, property } from "../json/json.js";
import { pointerStep } from "../json/pointer.js";
import { appliedInside } from "./definitions.js";
import { referencesOf, targetsOf } from "./references.js";
import type { SchemaIndex, SchemaLocation } from "./schema-index.js";
import { MAX_TUPLE_LENGTH } from "./types/limits.js";
import type { TupleStyle } from "./types/tuples.js";

/** Inline schemas of items whose type a tuple would repeat. */
export interface RepeatedItems {
  /** The URIs of equal schemas of one document, the one met first at the beginning. */
  readonly uris: readonly string[];
  /** The URI of the named schema around it. */
  readonly home: string;
  /** The key of the first property that has such a list; undefined if the list is the named schema itself. */
  readonly key?: string | undefined;
}

/** Bounds the schemas that apply to one value, which refer to each other. */
const MAX_APPLIED = 100;

/**
 * Finds the inline schemas of objects that a tuple would print more than once: the items of a list with bounds, and
 * positions with equal schemas. Each is found once, in the order met from the schemas at `named`.
 */
export function findRepeatedItems(
  index: SchemaIndex,
  named: readonly string[],
  style: TupleStyle,
): readonly RepeatedItems[] {
  if (style === "never") return [];
  const names = new Set(named);
  const found = new Map<string, RepeatedItems>();
  const seen = new Set<string>();
  const visit = (location: SchemaLocation, home: string, key: string | undefined): void => {
    if (seen.has(location.uri)) return;
    seen.add(location.uri);
    for (const uris of repeatedIn(index, location, style)) {
      const [first = ""] = uris;
      if (names.has(first)) continue;
      // Equal texts in one document are equal schemas.
      const text = location.document + JSON.stringify(index.at(first)?.schema);
      const known = found.get(text);
      found.set(text, { home, key, ...known, uris: [...new Set([...(known?.uris ?? []), ...uris])] });
    }
    for (const inside of appliedInside(index, location)) {
      if (!names.has(inside.uri)) visit(inside, home, propertyAt(inside, location) ?? key);
    }
  };
  for (const uri of named) {
    const root = index.at(uri);
    if (root !== undefined) visit(root, root.uri, undefined);
  }
  return [...found.values()];
}

/** The key of the property that a schema directly inside another one describes. */
function propertyAt({ pointer }: SchemaLocation, outer: SchemaLocation): string | undefined {
  const [, container, key] = pointer.slice(outer.pointer.length).split("/");
  return container === "properties" ? key?.replaceAll("~1", "/").replaceAll("~0", "~") : undefined;
}

/** The inline schemas of objects that the tuple of one list would print more than once, equal ones together. */
function repeatedIn(
  index: SchemaIndex,
  list: SchemaLocation,
  style: TupleStyle,
): readonly (readonly string[])[] {
  const applied = appliedTogether(index, list);
  const [minimum, maximum] = boundsOf(applied);
  const isBounded = minimum > 0 || maximum <= MAX_TUPLE_LENGTH;
  return applied.flatMap((location) => {
    const { prefix, rest } = itemsOf(index, location);
    if (prefix.length === 0 && (style === "short" || !isBounded)) return [];
    const positions = Math.min(prefix.length, maximum);
    const counts = new Map<string, string[]>();
    const count = (item: SchemaLocation | undefined, copies: number): void => {
      if (item === undefined || !isInlineObject(item)) return;
      const key = JSON.stringify(item.schema);
      counts.set(key, [...(counts.get(key) ?? []), ...Array<string>(copies).fill(item.uri)]);
    };
    for (const item of prefix.slice(0, positions)) count(item, 1);
    count(rest, style === "short" ? 1 : copiesOfRest(positions, { minimum, maximum }));
    return [...counts.values()].filter(({ length }) => length > 1).map((uris) => [...new Set(uris)]);
  });
}

/** The number of times that a tuple prints the type of the items beyond those with a position. */
function copiesOfRest(positions: number, { minimum, maximum }: { minimum: number; maximum: number }): number {
  if (maximum <= MAX_TUPLE_LENGTH) return Math.max(0, maximum - positions);
  return Math.max(0, Math.min(minimum, MAX_TUPLE_LENGTH) - positions) + 1;
}

/** The schemas that apply to the same value: one, its references, and the parts of `allOf` and the like. */
function appliedTogether(index: SchemaIndex, start: SchemaLocation): readonly SchemaLocation[] {
  const found = new Map([[start.uri, start]]);
  for (const location of found.values()) {
    if (found.size > MAX_APPLIED) break;
    const references = referencesOf(index, location).flatMap(targetsOf);
    const parts = index.subschemas(location).filter(({ appliesTo }) => appliesTo === "value");
    for (const next of [...references, ...parts.map((part) => part.location)]) found.set(next.uri, next);
  }
  return [...found.values()];
}

function boundsOf(applied: readonly SchemaLocation[]): readonly [minimum: number, maximum: number] {
  const numbers = (keyword: string) =>
    applied.flatMap(({ schema }) => (isObject(schema) ? (numberProperty(schema, keyword) ?? []) : []));
  // `contains` asks for an item, too.
  const contains = applied.some(
    ({ schema }) => isObject(schema) && property(schema, "contains") !== undefined,
  );
  return [
    Math.max(contains ? 1 : 0, 0, ...numbers("minItems"), ...numbers("minContains")),
    Math.min(Infinity, ...numbers("maxItems")),
  ];
}

function itemsOf(
  index: SchemaIndex,
  location: SchemaLocation,
): { readonly prefix: readonly SchemaLocation[]; readonly rest: SchemaLocation | undefined } {
  const { schema, dialect } = location;
  if (!isObject(schema)) return { prefix: [], rest: undefined };
  const [tuple, others] = dialect.applicators.has("prefixItems")
    ? ["prefixItems", "items"]
    : ["items", "additionalItems"];
  const at = (...steps: readonly (string | number)[]) =>
    index.inside(location, steps.map(pointerStep).join(""));
  const listed = property(schema, tuple);
  if (!Array.isArray(listed)) return { prefix: [], rest: at("items") };
  return { prefix: listed.flatMap((_, position) => at(tuple, position) ?? []), rest: at(others) };
}

/** Whether a schema declares properties itself, so that its type is printed where the schema is. */
function isInlineObject({ schema }: SchemaLocation): boolean {
  if (!isObject(schema)) return false;
  if (isObject(property(schema, "properties"))) return true;
  return ["allOf", "anyOf", "oneOf"].some((keyword) =>
    (Array.isArray(schema[keyword]) ? schema[keyword] : []).some(
      (part) => isObject(part) && isObject(property(part, "properties")),
    ),
  );
}
