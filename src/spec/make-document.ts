import type {
  ExtensionDocument,
  ExtensionSpec,
  Location,
  PartialResource,
  ResourceSpec,
  SchemaResource,
  SchemaUse,
  SourceFile,
  SpecDocument,
} from "./document.js";
import { setProperty } from "../json/json.js";
import { locationId } from "./location.js";
import { below, parsePointer } from "../json/pointer.js";
import { recoverRoot, type ValidParts } from "./recovery.js";
import { ownEntries } from "./spec-locations.js";
import { extensionValue, rootValue, type ErrorTargets } from "./spec-value.js";

/** The results of the readers, from which a {@link SpecDocument} is made. */
export interface DocumentDeps {
  readonly root: Location;
  readonly valid: ValidParts;
  readonly errors: ErrorTargets;
  /** By the id of the location at which the schema is used. */
  readonly uses: ReadonlyMap<string, SchemaUse>;
  readonly schemas: readonly SchemaResource[];
  readonly files: readonly SourceFile[];
}

/** Makes the document of a spec. */
export function makeDocument(deps: DocumentDeps): SpecDocument {
  const { root, valid, errors, uses, schemas, files } = deps;
  const targets = new Map([
    ...errors,
    ...valid.extensions
      .filter(({ isRoot }) => !isRoot)
      .map(({ at, body }): [string, Location] => [locationId(at), body]),
  ]);
  const byUri = new Map(schemas.map((schema) => [schema.uri, schema]));
  return {
    root: root.file,
    value: recoverRoot(rootValue(root, errors), valid.invalidInRoot),
    extensions: extensionDocuments(deps),
    files,
    schemas,
    usedSchemas: [...new Set(Array.from(uses.values(), ({ uri }) => uri))],
    schemaAt: (location) => uses.get(locationId(resolveLocation(location, targets))),
    locate: (uri, pointer) => locate(byUri, uri, pointer),
  };
}

/** Extensions that refer to the same body share its value. */
function extensionDocuments({ valid, errors }: DocumentDeps): readonly ExtensionDocument[] {
  const values = new Map<string, ValueAndInvalid>();
  return valid.extensions.map(({ key, at, body, isRoot }) => {
    const value =
      values.get(locationId(body)) ?? withoutInvalid(extensionValue(body, errors, isRoot), valid, body);
    values.set(locationId(body), value);
    return { key, at, body, ...(isRoot && { isRoot }), ...value };
  });
}

type ValueAndInvalid = Pick<ExtensionDocument, "value" | "invalidResources">;

/** Removes what has an invalid structure from an extension's value: whole resources, and other keys. */
function withoutInvalid(value: ExtensionSpec, valid: ValidParts, body: Location): ValueAndInvalid {
  const members = valid.invalidMembers(body);
  const invalidResources = new Map(
    ownEntries(value.resources)
      .filter(([key]) => valid.isInvalid(body, key))
      .map(([key, resource]) => [key, partOf(resource, valid.invalidKeys(body, key))] as const),
  );
  if (invalidResources.size + members.size === 0) return { value, invalidResources };
  const resources: Record<string, ResourceSpec> = {};
  for (const [key, resource] of ownEntries(value.resources)) {
    if (!invalidResources.has(key)) setProperty(resources, key, resource);
  }
  const others = Object.entries(value).filter(([key]) => !members.has(key));
  return { value: { ...Object.fromEntries(others), resources }, invalidResources };
}

/** A resource without the values that have an invalid structure. */
function partOf(resource: unknown, invalidKeys: ReadonlySet<string>): PartialResource {
  const entries = ownEntries(resource).filter(([key]) => !invalidKeys.has(key));
  return { value: Object.fromEntries(entries), invalidKeys };
}

/** Follows the references to extensions and error payloads on the path to a location. */
function resolveLocation(location: Location, targets: ReadonlyMap<string, Location>): Location {
  return location.path.reduce<Location>(
    (parent, level) => {
      const at = below(parent, level);
      return targets.get(locationId(at)) ?? at;
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
