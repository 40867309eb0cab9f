import { isObject, property, numberProperty } from "../../json/json.js";
import type { SchemaLocation } from "../schema-index.js";
import { MAX_TUPLE_LENGTH } from "./limits.js";
import type { TypeContext } from "./type-context.js";
import { exclude, NEVER, UNKNOWN, type Type } from "./type.js";

const KEYWORDS = ["items", "prefixItems", "minItems", "maxItems", "contains"];

/** The type of the keywords about arrays. It includes all values that are not arrays. */
export function arrayType(context: TypeContext, location: SchemaLocation): Type {
  const { schema, dialect } = location;
  if (!isObject(schema) || !KEYWORDS.some((keyword) => Object.hasOwn(schema, keyword))) return UNKNOWN;
  const { prefix, rest } = itemTypes(context, location);
  const contains = dialect.applicators.has("contains") && property(schema, "contains") !== undefined;
  const wanted = contains ? Math.max(0, numberOf(location, "minContains") ?? 1) : 0;
  const minimum = Math.max(numberProperty(schema, "minItems") ?? 0, wanted);
  const maximum = numberProperty(schema, "maxItems") ?? Infinity;
  if (maximum < minimum) return exclude("array");
  if (wanted > 0 && isRuledOut(context, location, [...prefix, rest])) return exclude("array");
  const positions = prefix.slice(0, maximum);
  let tail = positions.length < prefix.length ? NEVER : rest;
  while (positions.length < Math.min(minimum, MAX_TUPLE_LENGTH)) positions.push(tail);
  if (maximum <= MAX_TUPLE_LENGTH) {
    while (positions.length < maximum) positions.push(tail);
    tail = NEVER;
  }
  const min = Math.min(minimum, positions.length);
  const arrays = context.algebra.normalizeArray({
    kind: "array",
    prefix: positions,
    min,
    rest: tail,
    positions: prefix.length,
  });
  return context.algebra.union([arrays, exclude("array")]);
}

/** The types of the first items by position, and of all others. */
function itemTypes(context: TypeContext, location: SchemaLocation): { prefix: Type[]; rest: Type } {
  const { schema, dialect } = location;
  if (!isObject(schema)) return { prefix: [], rest: UNKNOWN };
  const has = (keyword: string) => Object.hasOwn(schema, keyword);
  const [tuple, others] = dialect.applicators.has("prefixItems")
    ? ["prefixItems", "items"]
    : ["items", "additionalItems"];
  const listed = property(schema, tuple);
  if (Array.isArray(listed)) {
    const prefix = listed.map((_, index) => context.inside(location, tuple, index));
    return { prefix, rest: has(others) ? context.inside(location, others) : UNKNOWN };
  }
  return { prefix: [], rest: has("items") ? context.inside(location, "items") : UNKNOWN };
}

/** Whether no item can match `contains`. */
function isRuledOut(context: TypeContext, location: SchemaLocation, items: readonly Type[]): boolean {
  const wanted = context.inside(location, "contains");
  return items.every((item) => context.algebra.intersect(item, wanted).length === 0);
}

function numberOf({ schema, dialect }: SchemaLocation, keyword: string): number | undefined {
  return isObject(schema) && dialect.assertions.has(keyword) ? numberProperty(schema, keyword) : undefined;
}
