import type { Path } from "./document.js";
import { isObject, property, type JsonObject } from "../json/json.js";
import { isAbsoluteUri } from "./reference.js";

/** What relative references start from, at some place of a schema. */
export interface Scope {
  /** The URL that they are resolved against: of the file, or by `$id`. */
  readonly base: string;
  /** Whether an absolute `$id` is in scope, so that they no longer name files beside this one. */
  readonly absolute: boolean;
  /** Where `#` is: the schema with the nearest `$id`, or the whole. */
  readonly root: Path;
  readonly dialect: Dialect;
}

/** What a schema's `$schema` says about references: draft-04 writes `id`; before 2019-09, `$ref` hides what is beside it. */
export type Dialect = "draft-04" | "old" | "new";

/** A schema inside a schema document. */
export interface Subschema {
  readonly path: Path;
  readonly schema: JsonObject;
  readonly scope: Scope;
}

/** Keywords that hold a schema (or, `items` before 2020-12, a list of them), in any draft from 04 to 2020-12. */
const SCHEMA: ReadonlySet<string> = new Set([
  "additionalItems",
  "additionalProperties",
  "contains",
  "contentSchema",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** Keywords that hold a list of schemas. */
const LIST: ReadonlySet<string> = new Set(["allOf", "anyOf", "items", "oneOf", "prefixItems"]);

/** Keywords that hold schemas by name. `dependencies` may hold lists of names too, which are no objects. */
const MAP: ReadonlySet<string> = new Set([
  "$defs",
  "definitions",
  "dependencies",
  "dependentSchemas",
  "patternProperties",
  "properties",
]);

/**
 * All schemas at and below one, in the order written. What stands in other keywords (`const`, `enum`, `default`,
 * `examples`, unknown ones) is data. `scope` is that of the parent of `start`.
 */
export function* subschemas(start: {
  readonly value: unknown;
  readonly path: Path;
  readonly scope: Scope;
}): Generator<Subschema> {
  // A stack of its own: generators that delegate cost as much as they are deep.
  const waiting = [start];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, path } = next;
    if (!isObject(value)) continue;
    const scope = enterScope(value, path, next.scope);
    yield { path, schema: value, scope };
    const children = childPaths(value);
    for (const levels of children.toReversed()) {
      const child = levels.reduce<unknown>((parent, level) => property(parent, level), value);
      waiting.push({ value: child, path: [...path, ...levels], scope });
    }
  }
}

function childPaths(schema: JsonObject): readonly Path[] {
  return Object.entries(schema).flatMap(([keyword, value]): readonly Path[] => {
    if (Array.isArray(value)) return LIST.has(keyword) ? value.map((_, index) => [keyword, index]) : [];
    if (!isObject(value)) return [];
    if (MAP.has(keyword)) return Object.keys(value).map((key) => [keyword, key]);
    return SCHEMA.has(keyword) ? [[keyword]] : [];
  });
}

/** The scope inside a schema that stands at `path`. */
export function enterScope(schema: JsonObject, path: Path, outer: Scope): Scope {
  const dialect = dialectOf(property(schema, "$schema")) ?? outer.dialect;
  const id = property(schema, dialect === "draft-04" ? "id" : "$id");
  const hidden = dialect !== "new" && typeof property(schema, "$ref") === "string";
  // An id without a path, `#name`, is an anchor in old drafts and nothing in new ones.
  const uri = typeof id === "string" && !hidden ? id.replace(/#.*$/s, "") : "";
  if (uri === "") return dialect === outer.dialect ? outer : { ...outer, dialect };
  // What an id that is no URI means is for the schema room to say.
  const base = URL.canParse(uri, outer.base) ? new URL(uri, outer.base).href : outer.base;
  return { base, absolute: outer.absolute || isAbsoluteUri(uri), root: path, dialect };
}

function dialectOf($schema: unknown): Dialect | undefined {
  if (typeof $schema !== "string") return undefined;
  if (/draft-04/.test($schema)) return "draft-04";
  return /json-schema\.org\/(draft-0[67]\/)?schema/.test($schema) ? "old" : "new";
}
