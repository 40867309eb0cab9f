import { DIALECTS } from "../schema/dialect.js";
import type { Location, Path, SchemaResource } from "./document.js";
import { isObject, property, setProperty, type JsonObject } from "../json/json.js";
import { valueAt } from "./location.js";
import { formatFragment, formatPointer } from "../json/pointer.js";
import { enterScope, subschemas, type Scope, type Subschema } from "./schema-walk.js";

/** A schema document whose references are being resolved. */
export class SchemaBuilder {
  readonly uri: string;
  readonly location: Location;
  readonly value: unknown;
  readonly #outer: Scope;
  readonly #edits: Edit[] = [];
  readonly #visited = new Set<string>();
  readonly #ids = new Set<string>();
  readonly #anchors = new Set<string>();

  constructor(named: {
    readonly uri: string;
    readonly location: Location;
    readonly base: string;
    readonly absolute: boolean;
  }) {
    this.uri = named.uri;
    this.location = named.location;
    this.value = valueAt(named.location);
    this.#outer = { base: named.base, absolute: named.absolute, root: [], dialect: DIALECTS["2020-12"] };
    for (const { schema, scope } of subschemas({ value: this.value, path: [], scope: this.#outer })) {
      if (scope.base !== named.base) this.#ids.add(scope.base);
      for (const anchor of anchorsOf(schema)) this.#anchors.add(anchor);
    }
  }

  /** Whether a schema in this document has an `$id` that resolves to `url`. */
  declares(url: string): boolean {
    return this.#ids.has(url);
  }

  /** The names of all anchors in this document. */
  get anchors(): ReadonlySet<string> {
    return this.#anchors;
  }

  /** Yields the schemas at and below a path, each only once in the life of this builder. */
  *unvisited(path: Path): Generator<Subschema> {
    const [value, scope] = this.#enter(path);
    for (const item of subschemas({ value, path, scope })) {
      const pointer = formatPointer(item.path);
      if (this.#visited.has(pointer)) continue;
      this.#visited.add(pointer);
      yield item;
    }
  }

  /** The value at a path, and the scope of its parent. */
  #enter(path: Path): readonly [value: unknown, scope: Scope] {
    let [value, scope]: [unknown, Scope] = [this.value, this.#outer];
    for (const [depth, level] of path.entries()) {
      if (isObject(value)) scope = enterScope(value, path.slice(0, depth), scope);
      value = property(value, level);
    }
    return [value, scope];
  }

  /** Replaces the text of the `$ref` at a path. */
  replace(path: Path, ref: string): void {
    this.#edits.push({ path, value: ref });
  }

  /** The absolute URI of a path in this document. */
  uriOf(path: Path): string {
    return path.length === 0 ? this.uri : `${this.uri}#${formatFragment(path)}`;
  }

  /** The document with all replacements made. */
  build(): SchemaResource {
    return { uri: this.uri, value: applyEdits(this.value, this.#edits), location: this.location };
  }
}

/** The anchors that a schema declares. Up to draft-07 an anchor is an id that ends in a fragment. */
function anchorsOf(schema: JsonObject): readonly string[] {
  const named = ["$anchor", "$dynamicAnchor"].map((keyword) => property(schema, keyword));
  const ids = ["$id", "id"].map((keyword) => property(schema, keyword));
  return [
    ...named.filter((name) => typeof name === "string"),
    ...ids
      .filter((id) => typeof id === "string" && id.includes("#"))
      .map((id) => String(id).replace(/^.*?#/s, "")),
  ];
}

/** A new value for the one at a path. */
export interface Edit {
  readonly path: Path;
  readonly value: unknown;
}

/** Copies frozen data with some values replaced. The copy is frozen, and shares all values that no edit lies below. */
export function applyEdits(value: unknown, edits: readonly Edit[], depth = 0): unknown {
  const [first] = edits;
  if (!first) return value;
  if (first.path.length === depth) return first.value;
  const groups = groupByLevel(edits, depth);
  const edited = (key: string, old: unknown) => applyEdits(old, groups.get(key) ?? [], depth + 1);
  if (Array.isArray(value)) return Object.freeze(value.map((item, index) => edited(String(index), item)));
  const copy: Record<string, unknown> = {};
  for (const [key, old] of Object.entries(value ?? {})) setProperty(copy, key, edited(key, old));
  return Object.freeze(copy);
}

function groupByLevel(edits: readonly Edit[], depth: number): ReadonlyMap<string, readonly Edit[]> {
  const groups = new Map<string, Edit[]>();
  for (const edit of edits) {
    const key = String(edit.path[depth]);
    const group = groups.get(key);
    if (group) group.push(edit);
    else groups.set(key, [edit]);
  }
  return groups;
}
