/** The keywords that AsyncAPI's schemas know by another name, with another value, or with another meaning. */
import { isObject, objectProperty, property, setProperty, type JsonObject } from "../../json/json.js";
import type { Dialect, DialectName } from "../../schema/dialect.js";
import { escapeRefName, isCommon } from "./keywords.js";

/** An object under construction, and its keys that only topicsmith reads. */
export interface Parts {
  readonly out: JsonObject;
  readonly own: JsonObject;
}

/** Keeps a keyword that AsyncAPI does not have. */
export function keep({ own }: Pick<Parts, "own">, key: string, value: unknown): void {
  if (!Object.hasOwn(own, "keywords")) setProperty(own, "keywords", {});
  setProperty(objectProperty(own, "keywords"), key, value);
}

/** Whether a dialect is 2019-09 or later. */
export function isNew(dialect: DialectName): boolean {
  return dialect === "2019-09" || dialect === "2020-12";
}

/** Whether a map of schemas has the name `$ref`, which tools take for a reference. */
export function hasRefName(key: string, value: JsonObject, { applicators }: Dialect): boolean {
  const holds = applicators.get(key)?.holds;
  return (
    (holds === "map" || holds === "map-or-names") &&
    Object.keys(value).some((name) => escapeRefName(name) !== name)
  );
}

/** The keyword of draft-07 with the meaning of a newer one; undefined if there is none, or if it is taken. */
export function renamedKeyword(key: string, schema: unknown, dialect: DialectName): string | undefined {
  if (key === "$defs") return property(schema, "definitions") === undefined ? "definitions" : undefined;
  if (dialect === "2020-12" && Array.isArray(property(schema, "prefixItems"))) {
    if (key === "prefixItems") return "items";
    if (key === "items") return "additionalItems";
  }
  return key === "dependentSchemas" && isNew(dialect) && isOnlyDependency(key, schema)
    ? "dependencies"
    : undefined;
}

const DEPENDENCIES = ["dependentRequired", "dependentSchemas", "dependencies"];

/** Whether a keyword is the only one for dependencies, and not empty, so that `dependencies` can be read back as it. */
function isOnlyDependency(key: string, schema: unknown): boolean {
  const value = property(schema, key);
  return (
    isObject(value) &&
    Object.keys(value).length > 0 &&
    DEPENDENCIES.every((other) => other === key || property(schema, other) === undefined)
  );
}

/** Whether draft-07 reads an applicator as the dialect does. */
export function isPortable(key: string, schema: unknown, dialect: Dialect): boolean {
  // Draft-07 does not know `minContains: 0`, with which `contains` requires nothing.
  if (key === "contains" && property(schema, "minContains") === 0) return false;
  return isCommon(key, dialect) && !(isNew(dialect.name) && key === "dependencies");
}

interface AssertionContext {
  readonly schema: unknown;
  readonly dialect: DialectName;
  readonly parts: Parts;
}

/** Translates the exclusive bounds of draft-04, `nullable` and `dependentRequired`. False for any other keyword. */
export function translateAssertion(
  key: string,
  value: unknown,
  { schema, dialect, parts }: AssertionContext,
): boolean {
  const { out, own } = parts;
  const bound = /^(?:exclusive)?(minimum|maximum)$/i.exec(key)?.[1]?.toLowerCase();
  if (dialect === "draft-04" && bound !== undefined) {
    const exclusive = bound === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
    const isExclusive = property(schema, exclusive) === true && typeof property(schema, bound) === "number";
    if (key === exclusive && !isExclusive) keep(parts, key, value);
    if (key === bound) setProperty(out, isExclusive ? exclusive : bound, value);
    return true;
  }
  if (
    key === "type" &&
    typeof value === "string" &&
    value !== "null" &&
    property(schema, "nullable") === true
  ) {
    setProperty(out, "type", [value, "null"]);
    setProperty(own, "type", value);
    return true;
  }
  if (key !== "dependentRequired" || !isNew(dialect) || !isOnlyDependency(key, schema)) return false;
  setProperty(out, "dependencies", value);
  return true;
}

/** Whether a value of a keyword is one that the meta-schema of draft-07 allows. */
export function isValid(key: string, value: unknown): boolean {
  if (key === "examples") return Array.isArray(value);
  if (["readOnly", "writeOnly", "deprecated"].includes(key)) return typeof value === "boolean";
  return true;
}
