import { property, stringArrayProperty, type JsonObject } from "../../json/json.js";
import { ALL_OF_KIND, KINDS, UNKNOWN, type Kind, type Type } from "./type.js";

/** What `type` allows. */
export function typesFromTypeKeyword(schema: JsonObject): Type {
  const named = property(schema, "type");
  const names = typeof named === "string" ? [named] : stringArrayProperty(schema, "type");
  if (names.length === 0) return UNKNOWN;
  const kinds = names.map((name) => (name === "integer" ? "number" : name));
  if (property(schema, "nullable") === true) kinds.push("null");
  const found = KINDS.filter((kind) => kinds.includes(kind));
  if (found.length === KINDS.length) return UNKNOWN;
  return [...new Set(kinds)].flatMap((kind) => ALL_OF_KIND[kind as Kind] ?? []);
}
