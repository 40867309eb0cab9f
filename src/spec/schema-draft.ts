import type { Location, Path, SchemaResource } from "./document.js";
import { isObject, member } from "./json.js";
import { valueAt } from "./locations.js";
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
  readonly #ids: ReadonlySet<string>;

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
    const all = subschemas({ value: this.value, path: [], scope: this.#outer });
    this.#ids = new Set([...all].map(({ scope }) => scope.base).filter((base) => base !== named.base));
  }

  /** Whether a schema inside this document declares itself, by `$id`, to be what a URL names. */
  declares(url: string): boolean {
    return this.#ids.has(url);
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
      value = member(value, level);
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
