import type { Location, Path, SourceFile } from "./document.js";
import { isObject, member } from "./json.js";
import { below, startsWith, valueAt } from "./location.js";

/** Members whose keys do not begin with `x-`. */
export function ownEntries(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value).filter(([key]) => !key.startsWith("x-")) : [];
}

/** The `$ref` of a mapping, if it has one that is a text. */
export function refOf(value: unknown): string | undefined {
  const ref = isObject(value) ? property(value, "$ref") : undefined;
  return typeof ref === "string" ? ref : undefined;
}

/** Where the resources of an extension stand. */
export function resourceLocations(body: Location): readonly Location[] {
  return ownEntries(member(valueAt(body), "resources")).map(([key]) => below(body, "resources", key));
}

/** Where schemas stand in a resource, or in an error payload by itself. */
export function schemaLocations(at: Location): readonly Location[] {
  const value = valueAt(at);
  return SCHEMA_PATHS.filter((path) => {
    const owner = path.slice(0, -1).reduce<unknown>((parent, key) => property(parent, key), value);
    return hasOwn(owner, path.at(-1) ?? "");
  }).map((path) => below(at, ...path));
}

const SCHEMA_PATHS: readonly (readonly string[])[] = [
  ["schema"],
  ["request", "schema"],
  ["response", "schema"],
  ["response", "emptyWhen"],
  ["error", "schema"],
];

function hasOwn(value: unknown, key: string): boolean {
  return isObject(value) && Object.hasOwn(value, key);
}

/** What stands at a place of a spec file: a schema, a part below a schema, or no schema at all. */
export type LocationKind =
  { readonly schema: Location; /** The levels below it. */ readonly rest: Path } | "elsewhere" | "no schema";

/** Which parts of which files are spec, and where in them schemas stand. */
export class SpecLocations {
  readonly #bodies = new Map<SourceFile, Path[]>();
  readonly #schemas = new Map<SourceFile, Path[]>();

  /** Takes in a part of a file that is spec, with the schemas in it. */
  add(body: Location, schemas: readonly Location[]): void {
    push(this.#bodies, body);
    for (const schema of schemas) push(this.#schemas, schema);
  }

  /** Whether any part of a file is spec. A file that nothing lists is judged by its look. */
  isSpec(file: SourceFile): boolean {
    if (this.#bodies.has(file)) return true;
    if (!looksLikeSpec(file.data)) return false;
    const body = { file, path: [] };
    this.add(body, resourceLocations(body).flatMap(schemaLocations));
    return true;
  }

  /** What stands at a location of a spec file. Below keys that begin with `x-`, anything may stand, also a schema. */
  classify({ file, path }: Location): LocationKind {
    const schema = this.#schemas.get(file)?.find((place) => startsWith(path, place));
    if (schema) return { schema: { file, path: schema }, rest: path.slice(schema.length) };
    const body = this.#bodies.get(file)?.find((place) => startsWith(path, place));
    const own = body && path.slice(body.length).some((level) => String(level).startsWith("x-"));
    return body && !own ? "no schema" : "elsewhere";
  }
}

function push(map: Map<SourceFile, Path[]>, { file, path }: Location): void {
  const paths = map.get(file) ?? [];
  paths.push(path);
  map.set(file, paths);
}

/** Whether data is that of a root or extension file rather than a schema: it has resources, and nothing of a schema. */
function looksLikeSpec(data: unknown): boolean {
  if (!isObject(data)) return false;
  if (Object.hasOwn(data, "topicsmith")) return true;
  return isObject(property(data, "resources")) && !SCHEMA_KEYS.some((key) => Object.hasOwn(data, key));
}

const SCHEMA_KEYS: readonly string[] = ["$schema", "$id", "id", "type", "properties", "$defs", "definitions"];
