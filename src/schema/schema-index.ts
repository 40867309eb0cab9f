import { DIALECTS, dialectFor, dialectOf, type Applicator, type Dialect } from "./dialect.js";
import { isObject, property, stringProperty } from "../json/json.js";
import { follow, pointerStep, parsePointer } from "../json/pointer.js";
import { isAbsolute, locationUri, resolveUri, splitUri } from "./uris.js";
import { isSchema, subschemasOf, type Subschema } from "./walk.js";

/** A JSON Schema document and the URI by which others refer to it. */
export interface SchemaDocument {
  readonly uri: string;
  readonly value: unknown;
  /** Whether it is a whole file, which has a name; false for a schema inside another document. */
  readonly isFile?: boolean;
}

/** A schema with the context that its keywords depend on. */
export interface SchemaLocation {
  /** `<document uri>` or `<document uri>#<pointer>`: one spelling per location. */
  readonly uri: string;
  readonly document: string;
  /** A JSON pointer from the document's root. */
  readonly pointer: string;
  readonly schema: unknown;
  readonly dialect: Dialect;
  /** The base URI of relative references. */
  readonly base: string;
  /** The pointer of the schema resource: the nearest enclosing schema with an id, or the root. `#/…` starts there. */
  readonly resource: string;
}

/** The target of a reference. */
export type Resolution =
  | { readonly to: "schema"; readonly location: SchemaLocation }
  | { readonly to: "meta-schema"; readonly uri: string; readonly dialect: Dialect }
  /** The reference cannot be resolved. `document` is true if at least the document exists. */
  | { readonly to: "nothing"; readonly absolute: boolean; readonly document: boolean };

/**
 * Finds every schema in the documents by location, id and anchor, and resolves references by the rules of their
 * dialect.
 */
export class SchemaIndex {
  readonly #documents = new Map<string, SchemaLocation>();
  readonly #locations = new Map<string, SchemaLocation>();
  readonly #ids = new Map<string, SchemaLocation>();
  readonly #anchors = new Map<string, SchemaLocation>();
  readonly #dynamicAnchors = new Map<string, SchemaLocation[]>();
  readonly #hidden: SchemaLocation[] = [];
  /** The roots that are no schemas. */
  readonly #containers = new Set<string>();
  #usesUnevaluated = false;
  readonly #resourceAnchors = new Map<string, (readonly [string, SchemaLocation])[]>();

  constructor(documents: readonly SchemaDocument[]) {
    const values = new Map(documents.map(({ uri, value }) => [uri, value]));
    for (const { uri, value } of documents) {
      const root = this.#enter(value, {
        uri,
        document: uri,
        pointer: "",
        schema: value,
        dialect: dialectFor(value) ?? dialectByDocument(value, values) ?? DIALECTS["2020-12"],
        base: uri,
        resource: "",
      });
      this.#documents.set(uri, root);
    }
    for (const root of this.#documents.values()) this.#index(root);
  }

  /** The roots of the documents that are schemas, in the order given. */
  roots(): readonly SchemaLocation[] {
    return [...this.#documents.values()].filter(({ uri }) => !this.#containers.has(uri));
  }

  /** Schemas below keys that no dialect defines, which a reference has led to: `components/schemas/Pet`. */
  get hidden(): readonly SchemaLocation[] {
    return this.#hidden;
  }

  /** Leaves a document's root out of the schemas, because the document only holds some. */
  excludeRoot(root: SchemaLocation): void {
    this.#containers.add(root.uri);
  }

  /** The schemas at all locations where the dialect expects one. New ones are included while they are being read. */
  *locations(): Generator<SchemaLocation> {
    for (const location of this.#locations.values()) if (!this.#containers.has(location.uri)) yield location;
  }

  /** The schema at `<document uri>` or `<document uri>#<pointer>`. */
  at(uri: string): SchemaLocation | undefined {
    const known = this.#locations.get(uri);
    if (known !== undefined) return known;
    const { address, fragment } = splitUri(uri);
    const root = this.#documents.get(address) ?? this.#ids.get(address);
    return root && this.#within(root, fragment);
  }

  /** The schema at `pointer` below the one at `outer`. */
  inside(outer: SchemaLocation, pointer: string): SchemaLocation | undefined {
    return this.#locations.get(locationUri(outer.document, outer.pointer + pointer));
  }

  /**
   * The schemas directly inside the one at `location`, in the order written. With the applicators of another dialect
   * than its own, the result includes schemas that are not part of the index.
   */
  subschemas(
    location: SchemaLocation,
    applicators: ReadonlyMap<string, Applicator> = location.dialect.applicators,
  ): readonly (Subschema & { readonly location: SchemaLocation })[] {
    if (!isObject(location.schema)) return [];
    return subschemasOf(location.schema, applicators).map((subschema) => {
      const pointer = location.pointer + subschema.pointer;
      const uri = locationUri(location.document, pointer);
      const known = this.#locations.get(uri);
      return { ...subschema, location: known ?? { ...location, uri, pointer, schema: subschema.schema } };
    });
  }

  /** The schemas with this `$dynamicAnchor`. The name of `$recursiveAnchor: true` is the empty string. */
  dynamicAnchors(name: string): readonly SchemaLocation[] {
    return this.#dynamicAnchors.get(name) ?? [];
  }

  /** Whether any schema has `unevaluatedItems` or `unevaluatedProperties`. */
  get usesUnevaluated(): boolean {
    return this.#usesUnevaluated;
  }

  /** The dynamic anchors of the schema resource that `location` is part of, by name. */
  dynamicAnchorsAround(location: SchemaLocation): readonly (readonly [string, SchemaLocation])[] {
    return this.#resourceAnchors.get(locationUri(location.document, location.resource)) ?? [];
  }

  /** Resolves a reference that the schema at `from` contains. */
  resolve(reference: string, from: SchemaLocation): Resolution {
    const { address, fragment } = splitUri(reference);
    const target = this.#address(address, from);
    if (target !== undefined) {
      const location = this.#within(target, fragment);
      return location
        ? { to: "schema", location }
        : { to: "nothing", absolute: isAbsolute(address), document: true };
    }
    const resolved = resolveUri(from.base, address);
    const dialect = metaDialect(resolved);
    if (dialect !== undefined)
      return { to: "meta-schema", uri: fragment ? `${resolved}#${fragment}` : resolved, dialect };
    return { to: "nothing", absolute: isAbsolute(address), document: false };
  }

  #address(address: string, from: SchemaLocation): SchemaLocation | undefined {
    if (address === "") return this.#locations.get(locationUri(from.document, from.resource));
    const resolved = resolveUri(from.base, address);
    return (
      this.#ids.get(resolved) ??
      this.#documents.get(resolved) ??
      this.#documents.get(address) ??
      this.#ids.get(address)
    );
  }

  #within(root: SchemaLocation, fragment: string): SchemaLocation | undefined {
    if (fragment === "") return root;
    if (!fragment.startsWith("/")) return this.#anchors.get(`${root.base}#${fragment}`);
    return (
      this.#locations.get(locationUri(root.document, root.pointer + fragment)) ?? this.#stepTo(root, fragment)
    );
  }

  /** Follows a pointer that may pass through keywords that no dialect defines. */
  #stepTo(root: SchemaLocation, pointer: string): SchemaLocation | undefined {
    let at = root;
    let value = root.schema;
    let path = root.pointer;
    for (const step of parsePointer(pointer) ?? []) {
      const next = follow(value, [step]);
      if ("missing" in next) return undefined;
      value = next.value;
      path += pointerStep(step);
      at = this.#locations.get(locationUri(root.document, path)) ?? at;
    }
    if (!isSchema(value)) return undefined;
    const uri = locationUri(root.document, path);
    const known = this.#locations.get(uri);
    if (known !== undefined) return known;
    const found = this.#enter(value, { ...at, uri, pointer: path, schema: value });
    this.#hidden.push(found);
    this.#index(found);
    return found;
  }

  #index(root: SchemaLocation): void {
    const open = [root];
    for (let location = open.pop(); location !== undefined; location = open.pop()) {
      this.#locations.set(location.uri, location);
      if (!isObject(location.schema)) continue;
      this.#usesUnevaluated ||= UNEVALUATED.some(
        (keyword) => property(location.schema, keyword) !== undefined,
      );
      const inner: SchemaLocation[] = [];
      for (const { pointer, schema } of subschemasOf(location.schema, location.dialect.applicators)) {
        const path = location.pointer + pointer;
        const uri = locationUri(location.document, path);
        inner.push(this.#enter(schema, { ...location, uri, pointer: path, schema }));
      }
      open.push(...inner.toReversed());
    }
  }

  /** Registers the id and the anchors of a schema, and returns its location with the base that they set. */
  #enter(schema: unknown, outer: SchemaLocation): SchemaLocation {
    if (!isObject(schema)) return outer;
    const idKeyword = outer.dialect.idKeyword;
    const id = stringProperty(schema, idKeyword);
    const ignored = outer.dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string";
    let location = outer;
    if (id !== undefined && !ignored) {
      const { address, fragment } = splitUri(id);
      if (address !== "") {
        const base = resolveUri(outer.base, address);
        const dialect = dialectFor(schema, outer.dialect) ?? outer.dialect;
        location = { ...outer, base, dialect, resource: outer.pointer };
        if (!this.#ids.has(base)) this.#ids.set(base, location);
      }
      // Up to draft-07, an id that is only a fragment is an anchor.
      if (fragment !== "" && outer.dialect.refIgnoresSiblings)
        this.#anchors.set(`${location.base}#${fragment}`, location);
    }
    if (!location.dialect.refIgnoresSiblings) this.#enterAnchors(schema, location);
    return location;
  }

  #enterAnchors(schema: Readonly<Record<string, unknown>>, location: SchemaLocation): void {
    for (const keyword of ["$anchor", "$dynamicAnchor"]) {
      const anchor = stringProperty(schema, keyword);
      if (anchor === undefined) continue;
      this.#anchors.set(`${location.base}#${anchor}`, location);
      if (keyword === "$dynamicAnchor") this.#addDynamic(anchor, location);
    }
    if (property(schema, "$recursiveAnchor") === true) this.#addDynamic("", location);
  }

  #addDynamic(name: string, location: SchemaLocation): void {
    this.#dynamicAnchors.set(name, [...(this.#dynamicAnchors.get(name) ?? []), location]);
    const resource = locationUri(location.document, location.resource);
    this.#resourceAnchors.set(resource, [...(this.#resourceAnchors.get(resource) ?? []), [name, location]]);
  }
}

const UNEVALUATED = ["unevaluatedItems", "unevaluatedProperties"];

/** The dialect of a custom meta-schema: the one that the meta-schema itself is written in. */
export function dialectByDocument(
  value: unknown,
  documents: ReadonlyMap<string, unknown>,
): Dialect | undefined {
  const named = isObject(value) ? stringProperty(value, "$schema") : undefined;
  const metaSchema = named === undefined ? undefined : documents.get(splitUri(named).address);
  return metaSchema === undefined ? undefined : dialectFor(metaSchema);
}

// The meta-schemas of vocabularies that ajv contains.
const VOCABULARIES = new Set([
  ...["core", "applicator", "validation", "meta-data", "format", "content"].map(
    (name) => `2019-09/meta/${name}`,
  ),
  ...["core", "applicator", "unevaluated", "validation"].map((name) => `2020-12/meta/${name}`),
  ...["meta-data", "format-annotation", "content"].map((name) => `2020-12/meta/${name}`),
]);

function metaDialect(uri: string): Dialect | undefined {
  const [, path, version] = /^https:\/\/json-schema\.org\/draft\/((20\d\d-\d\d)\/meta\/.*)$/.exec(uri) ?? [];
  return dialectOf(path && VOCABULARIES.has(path) ? `https://json-schema.org/draft/${version}/schema` : uri);
}
