import type {
  ExtensionDocument,
  ExtensionSpec,
  Location,
  SchemaResource,
  SchemaUse,
  SourceFile,
  SpecDocument,
} from "./document.js";
import type { FoundExtension } from "./extension-reader.js";
import { below, locationId } from "./locations.js";
import { parsePointer } from "./pointer.js";
import { extensionValue, rootValue, type ErrorTargets } from "./spec-value.js";

/** All that was read, without an error. */
export interface DocumentParts {
  readonly root: Location;
  readonly extensions: readonly FoundExtension[];
  readonly errors: ErrorTargets;
  /** By the id of the place where the schema is written. */
  readonly uses: ReadonlyMap<string, SchemaUse>;
  readonly schemas: readonly SchemaResource[];
  readonly files: readonly SourceFile[];
}

/** Puts a document together. */
export function makeDocument(parts: DocumentParts): SpecDocument {
  const { root, errors, uses, schemas, files } = parts;
  const behind = new Map([
    ...errors,
    ...parts.extensions.map(({ at, body }): [string, Location] => [locationId(at), body]),
  ]);
  const written = (location: Location) => writtenAt(location, behind);
  const byUri = new Map(schemas.map((schema) => [schema.uri, schema]));
  return {
    root: root.file,
    value: rootValue(root, errors),
    extensions: extensionDocuments(parts),
    files,
    schemas,
    written,
    schemaAt: (location) => uses.get(locationId(written(location))),
    locate: (uri, pointer) => locate(byUri, uri, pointer),
  };
}

/** Extensions that share a body share its value. */
function extensionDocuments({ extensions, errors }: DocumentParts): readonly ExtensionDocument[] {
  const values = new Map<string, ExtensionSpec>();
  return extensions.map(({ key, at, body }) => {
    const value = values.get(locationId(body)) ?? extensionValue(body, errors);
    values.set(locationId(body), value);
    return { key, at, body, value };
  });
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
