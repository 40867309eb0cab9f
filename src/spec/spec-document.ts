import type {
  ExtensionDocument,
  ExtensionSpec,
  Location,
  ResourceSpec,
  SchemaResource,
  SchemaUse,
  SourceFile,
  SpecDocument,
} from "./document.js";
import { setMember } from "./json.js";
import { below, locationId } from "./location.js";
import { parsePointer } from "./pointer.js";
import { ownEntries } from "./spec-locations.js";
import { mendRoot } from "./mend-root.js";
import { extensionValue, rootValue, type ErrorTargets } from "./spec-value.js";
import type { Usable } from "./usable.js";

/** All that was read. */
export interface DocumentParts {
  readonly root: Location;
  readonly usable: Usable;
  readonly errors: ErrorTargets;
  /** By the id of the place where the schema is written. */
  readonly uses: ReadonlyMap<string, SchemaUse>;
  readonly schemas: readonly SchemaResource[];
  readonly files: readonly SourceFile[];
}

/** Puts a document together. */
export function makeDocument(parts: DocumentParts): SpecDocument {
  const { root, usable, errors, uses, schemas, files } = parts;
  const behind = new Map([
    ...errors,
    ...parts.usable.extensions.map(({ at, body }): [string, Location] => [locationId(at), body]),
  ]);
  const written = (location: Location) => writtenAt(location, behind);
  const byUri = new Map(schemas.map((schema) => [schema.uri, schema]));
  return {
    root: root.file,
    value: mendRoot(rootValue(root, errors), usable.inRoot),
    extensions: extensionDocuments(parts),
    files,
    schemas,
    written,
    schemaAt: (location) => uses.get(locationId(written(location))),
    locate: (uri, pointer) => locate(byUri, uri, pointer),
  };
}

/** Extensions that share a body share its value. */
function extensionDocuments({ usable, errors }: DocumentParts): readonly ExtensionDocument[] {
  const values = new Map<string, Pick<ExtensionDocument, "value" | "broken">>();
  return usable.extensions.map(({ key, at, body }) => {
    const known = values.get(locationId(body)) ?? split(extensionValue(body, errors), usable, body);
    values.set(locationId(body), known);
    return { key, at, body, ...known };
  });
}

/** Takes resources of a wrong shape out of an extension's value. */
function split(
  value: ExtensionSpec,
  usable: Usable,
  body: Location,
): Pick<ExtensionDocument, "value" | "broken"> {
  const broken = new Set(Object.keys(value.resources).filter((key) => usable.isBroken(body, key)));
  if (broken.size === 0) return { value, broken };
  const resources: Record<string, ResourceSpec> = {};
  for (const [key, resource] of ownEntries(value.resources)) {
    if (!broken.has(key)) setProperty(resources, key, resource);
  }
  return { value: { ...value, resources }, broken };
}

/** Follows the references of the spec's own structure on the way to a location. */
function writtenAt(location: Location, behind: ReadonlyMap<string, Location>): Location {
  return location.path.reduce<Location>(
    (parent, level) => {
      const at = below(parent, level);
      return behind.get(locationId(at)) ?? at;
    },
    { file: location.file, path: [] },
  );
}

function locate(
  byUri: ReadonlyMap<string, SchemaResource>,
  uri: string,
  pointer: string,
): Location | undefined {
  const [document = "", fragment = ""] = uri.split("#");
  const schema = byUri.get(document);
  const start = parsePointer(decodeURIComponent(fragment));
  const rest = parsePointer(pointer);
  return schema && start && rest && below(schema.location, ...start, ...rest);
}
