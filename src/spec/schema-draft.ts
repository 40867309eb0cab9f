import type { Location, Path, SchemaResource } from "./document.js";
import { isObject, member, type JsonObject } from "./json.js";
import { valueAt } from "./location.js";
import { formatFragment, formatPointer } from "./pointer.js";
import { rewrite, type Edit } from "./rewrite.js";
import { enterScope, subschemas, type Scope, type Subschema } from "./schema-walk.js";

/** A schema document while its references are being followed. */
export class SchemaDraft {
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
    this.#outer = { base: named.base, absolute: named.absolute, root: [], dialect: "new" };
    for (const { schema, scope } of subschemas({ value: this.value, path: [], scope: this.#outer })) {
      if (scope.base !== named.base) this.#ids.add(scope.base);
      for (const anchor of anchorsOf(schema)) this.#anchors.add(anchor);
    }
  }

  /** Whether a schema inside this document declares itself, by `$id`, to be what a URL names. */
  declares(url: string): boolean {
    return this.#ids.has(url);
  }

  /** The names that references may use instead of a pointer. */
  get anchors(): ReadonlySet<string> {
    return this.#anchors;
  }

  /** The schemas at and below a place which were not given before. */
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

  /** Gives a `$ref` in this document another text. */
  replace(path: Path, ref: string): void {
    this.#edits.push({ path, value: ref });
  }

  /** The absolute URI of a place in this document. */
  uriOf(path: Path): string {
    return path.length === 0 ? this.uri : `${this.uri}#${formatFragment(path)}`;
  }

  /** The document as it is read by others. */
  finish(): SchemaResource {
    return { uri: this.uri, value: rewrite(this.value, this.#edits), location: this.location };
  }
}

/** Before 2019-09 an anchor is an id that is only a fragment. */
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
