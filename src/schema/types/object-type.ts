import { isObject, property, numberProperty, objectProperty, stringArrayProperty } from "../../json/json.js";
import type { SchemaLocation } from "../schema-index.js";
import { describe } from "./describe.js";
import type { TypeContext } from "./type-context.js";
import { matches, valueTypes } from "./object-alternative.js";
import {
  exclude,
  NEVER,
  STRING,
  UNKNOWN,
  type Property,
  type ObjectAlternative,
  type PatternProperties,
  type Type,
} from "./type.js";

/** With the value false, the type of an open object has no index signature: other properties are allowed, but not typed. */
const INDEX_KEY = "x-topicsmith-index";

const KEYWORDS = [
  "properties",
  "patternProperties",
  "additionalProperties",
  "required",
  "propertyNames",
  "maxProperties",
];

/** The type of the keywords about objects. It includes all values that are not objects. */
export function objectType(context: TypeContext, location: SchemaLocation): Type {
  const { schema, dialect } = location;
  if (!isObject(schema) || !KEYWORDS.some((keyword) => Object.hasOwn(schema, keyword))) return UNKNOWN;
  const others = exclude("object");
  const rest =
    property(schema, INDEX_KEY) === false
      ? NEVER
      : Object.hasOwn(schema, "additionalProperties")
        ? context.inside(location, "additionalProperties")
        : UNKNOWN;
  const patterns: PatternProperties[] = Object.keys(objectProperty(schema, "patternProperties")).map(
    (pattern) => ({
      pattern,
      type: context.inside(location, "patternProperties", pattern),
    }),
  );
  const bare: ObjectAlternative = { kind: "object", properties: new Map(), patterns, rest };
  const required = new Set(stringArrayProperty(schema, "required"));
  const properties = new Map<string, Property>();
  for (const [name, value] of Object.entries(objectProperty(schema, "properties"))) {
    const type = context.algebra.intersectAll([
      context.inside(location, "properties", name),
      ...patterns.filter(({ pattern }) => matches(pattern, name)).map((one) => one.type),
    ]);
    properties.set(name, {
      type,
      required: required.has(name),
      doc: describe(value, dialect, context.tuples),
    });
  }
  for (const name of required) {
    if (!properties.has(name))
      properties.set(name, { type: context.algebra.intersectAll(valueTypes(bare, name)), required: true });
  }
  const objects = context.algebra.normalizeObject({ ...bare, properties });
  return context.algebra.union([context.algebra.intersect(objects, namesAllowed(context, location)), others]);
}

/** The objects whose property names `propertyNames` and `maxProperties` allow. */
function namesAllowed(context: TypeContext, location: SchemaLocation): Type {
  const { schema, dialect } = location;
  if (!isObject(schema)) return UNKNOWN;
  if (numberProperty(schema, "maxProperties") === 0) return [objectOf([])];
  if (!dialect.applicators.has("propertyNames") || property(schema, "propertyNames") === undefined)
    return UNKNOWN;
  const names = context.algebra.intersect(context.inside(location, "propertyNames"), STRING);
  if (names.some(({ kind }) => kind !== "literal")) return UNKNOWN;
  return [
    objectOf(
      names.flatMap((alternative) =>
        alternative.kind === "literal" && typeof alternative.value === "string" ? [alternative.value] : [],
      ),
    ),
  ];
}

function objectOf(names: readonly string[]): ObjectAlternative {
  const properties = names.map((name) => [name, { type: UNKNOWN, required: false }] as const);
  return { kind: "object", properties: new Map(properties), patterns: [], rest: NEVER };
}
