import { below } from "../json/pointer.js";
import type { Location, Path, SourceFile } from "./document.js";
import { isObject, property } from "../json/json.js";
import { startsWith, valueAt } from "./location.js";

/** The properties of a mapping without those whose keys begin with `x-`. Empty if the value is not a mapping. */
export function ownEntries(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value).filter(([key]) => !key.startsWith("x-")) : [];
}

/** The `$ref` of a mapping if it is a string. */
export function refOf(value: unknown): string | undefined {
  const ref = isObject(value) ? property(value, "$ref") : undefined;
  return typeof ref === "string" ? ref : undefined;
}

/** The locations of an extension's resources. */
export function resourceLocations(body: Location): readonly Location[] {
  return ownEntries(property(valueAt(body), "resources")).map(([key]) => below(body, "resources", key));
}

/** The locations of the schemas in a resource, or in an error payload that is not part of a resource. */
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

/** The kind of a location in a spec file: at or below a schema, below an `x-` key, or another part of the spec. */
export type LocationKind =
  | { readonly schema: Location; /** The levels from the schema down to the location. */ readonly rest: Path }
  | "below x- key"
  | "no schema";

/** Records which parts of which files belong to the spec's own structure, and where those parts contain schemas. */
export class SpecLocations {
  readonly #bodies = new Map<SourceFile, Path[]>();
  readonly #schemas = new Map<SourceFile, Path[]>();

  /** Records a part of a file that belongs to the spec, and the locations of its schemas. */
  add(body: Location, schemas: readonly Location[]): void {
    push(this.#bodies, body);
    for (const schema of schemas) push(this.#schemas, schema);
  }

  /** Whether any part of a file belongs to the spec. A file that the root does not list is judged by its keys. */
  isSpec(file: SourceFile): boolean {
    if (this.#bodies.has(file)) return true;
    if (!looksLikeSpec(file.data)) return false;
    const body = { file, path: [] };
    this.add(body, resourceLocations(body).flatMap(schemaLocations));
    return true;
  }

  /** Classifies a location in a spec file. A value below an `x-` key may be anything, including a schema. */
  classify({ file, path }: Location): LocationKind {
    const schema = this.#schemas.get(file)?.find((start) => startsWith(path, start));
    if (schema) return { schema: { file, path: schema }, rest: path.slice(schema.length) };
    const body = this.#bodies.get(file)?.find((start) => startsWith(path, start));
    const isExtra = body && path.slice(body.length).some((level) => String(level).startsWith("x-"));
    return body && !isExtra ? "no schema" : "below x- key";
  }
}

function push(map: Map<SourceFile, Path[]>, { file, path }: Location): void {
  const paths = map.get(file) ?? [];
  paths.push(path);
  map.set(file, paths);
}

/** Whether data is that of a root or extension file rather than a schema: it has resources and no schema keyword. */
function looksLikeSpec(data: unknown): boolean {
  if (!isObject(data)) return false;
  if (Object.hasOwn(data, "topicsmith")) return true;
  return isObject(property(data, "resources")) && !SCHEMA_KEYS.some((key) => Object.hasOwn(data, key));
}

const SCHEMA_KEYS: readonly string[] = ["$schema", "$id", "id", "type", "properties", "$defs", "definitions"];
