import { isObject, type JsonObject } from "../json/json.js";

/** The type of a schema's values in words: `string`, `integer or null`. */
export function typeOf(schema: unknown): string {
  if (schema === true) return "any value";
  if (schema === false) return "no value";
  if (!isObject(schema)) return "any value";
  const { type } = schema;
  if (typeof type === "string") return type;
  if (Array.isArray(type)) return type.join(" or ");
  if ("const" in schema || "enum" in schema) return "";
  if ("properties" in schema) return "object, if any";
  if ("items" in schema || "prefixItems" in schema) return "array, if any";
  return COMBINATIONS.some((keyword) => keyword in schema) || "$ref" in schema ? "" : "any value";
}

const COMBINATIONS = ["oneOf", "anyOf", "allOf", "if", "$dynamicRef", "$recursiveRef"];

/** The constraints of a schema itself as short texts, without those of schemas inside it. */
export function factsOf(schema: unknown): readonly string[] {
  if (!isObject(schema)) return [];
  return [
    ...values(schema),
    ...numbers(schema),
    ...range(schema, "minLength", "maxLength", "characters"),
    ...range(schema, "minItems", "maxItems", "items"),
    ...range(schema, "minProperties", "maxProperties", "properties"),
    ...texts(schema),
    ...flags(schema),
  ];
}

function values(schema: JsonObject): readonly string[] {
  const { enum: allowed, default: fallback } = schema;
  return [
    ...("const" in schema ? [`always ${json(schema["const"])}`] : []),
    ...(Array.isArray(allowed) ? [`one of ${allowed.map(json).join(", ")}`] : []),
    ...(fallback === undefined ? [] : [`default ${json(fallback)}`]),
  ];
}

function numbers(schema: JsonObject): readonly string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  // Up to draft-04, the exclusive bounds are flags.
  const facts: [unknown, string][] = [
    [minimum, exclusiveMinimum === true ? "more than" : "at least"],
    [maximum, exclusiveMaximum === true ? "less than" : "at most"],
    [exclusiveMinimum, "more than"],
    [exclusiveMaximum, "less than"],
    [multipleOf, "multiple of"],
  ];
  return facts.flatMap(([value, words]) => (typeof value === "number" ? [`${words} ${value}`] : []));
}

function range(schema: JsonObject, least: string, most: string, things: string): readonly string[] {
  const { [least]: minimum, [most]: maximum } = schema;
  if (typeof minimum === "number" && minimum === maximum) return [`exactly ${minimum} ${things}`];
  if (typeof minimum === "number" && typeof maximum === "number")
    return [`${minimum} to ${maximum} ${things}`];
  if (typeof minimum === "number") return [`at least ${minimum} ${things}`];
  return typeof maximum === "number" ? [`at most ${maximum} ${things}`] : [];
}

function texts(schema: JsonObject): readonly string[] {
  const { format, pattern, contentEncoding, contentMediaType } = schema;
  const facts: [unknown, string][] = [
    [format, "format"],
    [pattern, "matches"],
    [contentEncoding, "encoded as"],
    [contentMediaType, "media type"],
  ];
  return facts.flatMap(([value, words]) => (typeof value === "string" ? [`${words} ${value}`] : []));
}

function flags(schema: JsonObject): readonly string[] {
  const { uniqueItems, additionalProperties, unevaluatedProperties, readOnly, writeOnly } = schema;
  return [
    ...(uniqueItems === true ? ["no item twice"] : []),
    ...(additionalProperties === false || unevaluatedProperties === false ? ["no other properties"] : []),
    ...(readOnly === true ? ["read-only"] : []),
    ...(writeOnly === true ? ["write-only"] : []),
  ];
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
