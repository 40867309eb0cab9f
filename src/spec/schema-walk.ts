import { isObject, property, type JsonObject } from "../json/json.js";
import { ALL_APPLICATORS, DIALECTS, dialectOf, type Dialect } from "../schema/dialect.js";
import type { Path } from "./document.js";
import { isAbsoluteUri } from "./reference.js";

/** The context in which relative references of a schema are resolved. */
export interface Scope {
  /** The base URL: the file's, or the nearest `$id`. */
  readonly base: string;
  /** Whether an absolute `$id` is in scope. References that are relative to it do not name files. */
  readonly absolute: boolean;
  /** The path that `#` refers to: the schema with the nearest `$id`, or the root of the document. */
  readonly root: Path;
  readonly dialect: Dialect;
}

/** A schema inside a schema document. */
export interface Subschema {
  readonly path: Path;
  readonly schema: JsonObject;
  readonly scope: Scope;
}

/**
 * Yields all schemas at and below a value, in document order. Values of other keywords (`const`, `enum`, `default`,
 * `examples`, unknown ones) are data. `scope` is the scope of the parent of `start`.
 */
export function* subschemas(start: {
  readonly value: unknown;
  readonly path: Path;
  readonly scope: Scope;
}): Generator<Subschema> {
  // A stack instead of recursion: each value of a delegating generator passes through as many frames as it is deep.
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
    // The dialect of a document does not matter while files are collected: a `$ref` under a keyword that the dialect
    // does not know may still be reached by pointer.
    const holds = ALL_APPLICATORS.get(keyword)?.holds;
    if (Array.isArray(value)) {
      const isList = holds === "list" || holds === "schema-or-list";
      return isList ? value.map((_, index) => [keyword, index]) : [];
    }
    if (!isObject(value)) return [];
    // `dependencies` may also hold lists of names, which are skipped because they are not objects.
    if (holds === "map" || holds === "map-or-names") return Object.keys(value).map((key) => [keyword, key]);
    return holds === "schema" || holds === "schema-or-list" ? [[keyword]] : [];
  });
}

/** The scope inside the schema at `path`. */
export function enterScope(schema: JsonObject, path: Path, outer: Scope): Scope {
  const dialect = dialectIn(schema) ?? outer.dialect;
  const id = property(schema, dialect.idKeyword);
  const isIgnored = dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string";
  // An id that is only a fragment (`#name`) is an anchor up to draft-07, and has no meaning since 2019-09.
  const uri = typeof id === "string" && !isIgnored ? id.replace(/#.*$/s, "") : "";
  if (uri === "") return dialect === outer.dialect ? outer : { ...outer, dialect };
  // An id that is not a URI is reported by the schema layer.
  const base = URL.canParse(uri, outer.base) ? new URL(uri, outer.base).href : outer.base;
  return { base, absolute: outer.absolute || isAbsoluteUri(uri), root: path, dialect };
}

/** The dialect that a schema's `$schema` names. A custom dialect is read like the latest one. */
function dialectIn(schema: JsonObject): Dialect | undefined {
  const metaSchema = property(schema, "$schema");
  return typeof metaSchema === "string" ? (dialectOf(metaSchema) ?? DIALECTS["2020-12"]) : undefined;
}
