import type { ApiModel, BodyModel, DefinitionModel, ExtensionModel, SchemaModel } from "./api-model.js";
import type { Location, SpecDocument } from "../spec/document.js";
import { typeName } from "./names.js";

/** Every schema of an API that gets a type and a validator of its own, in spec order. */
export function namedSchemas(model: Pick<ApiModel, "protocol" | "extensions">): readonly SchemaModel[] {
  return [model.protocol.errorPayload, ...model.extensions.flatMap(extensionBodies)].flatMap((body) =>
    body.schema === undefined ? [] : [body.schema],
  );
}

function extensionBodies(extension: ExtensionModel): readonly BodyModel[] {
  return extension.resources.flatMap(({ request, response, error }) =>
    [request, response, error].filter((body): body is BodyModel => body !== undefined && body !== "empty"),
  );
}

/**
 * Names the schemas that others refer to after their `$defs` key or file stem. One that stands inside a schema of an
 * extension, and that only this extension refers to, is the extension's own and gets its prefix like all that is: two
 * extensions may both have an `item`.
 */
export function decideDefinitions(
  document: SpecDocument,
  model: Pick<ApiModel, "name" | "protocol" | "extensions" | "schemas">,
): readonly DefinitionModel[] {
  const uris = namedSchemas(model).map(({ uri }) => uri);
  // A body whose whole schema is a reference to one of these is an alias of it.
  const referredTo = [...new Set(uris)].flatMap((uri) => {
    const stem = stemOf(document, uri);
    return stem === undefined ? [] : [{ uri, stem }];
  });
  const definitions = [...referredTo, ...model.schemas.definitions(uris)];
  const referrers = definitions.length === 0 ? new Map<string, Set<string>>() : referrersOf(document, model);
  const owner = (uri: string) => ownerOf(document, uri.split("#")[0] ?? uri, model.name);
  return definitions.map(({ uri, stem }) => {
    const home = owner(uri);
    const isShared = home === undefined || [...(referrers.get(uri) ?? [])].some((from) => from !== home);
    return { uri, typeName: isShared ? typeName(stem) : typeName(home, stem) };
  });
}

/** The `$defs` key or the file's stem, where `uri` leads to such a place and not to a body's own schema. */
function stemOf(document: SpecDocument, uri: string): string | undefined {
  const [home = "", pointer = ""] = uri.split("#");
  const key = /\/(?:\$defs|definitions)\/([^/]+)$/.exec(pointer)?.[1];
  if (key !== undefined) return decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~");
  const isFile = document.schemas.find((schema) => schema.uri === home)?.location.path.length === 0;
  if (pointer !== "" || !isFile) return undefined;
  const name = decodeURIComponent(home.replace(/\/+$/, "").split("/").at(-1) ?? "");
  return name.replace(/(?:\.schema)?\.(?:json|ya?ml)$/i, "");
}

/** By the URI of a schema, who refers to it: extensions' keys, the API's name for `protocol`, or a file's URI. */
function referrersOf(
  document: SpecDocument,
  model: Pick<ApiModel, "name" | "protocol" | "extensions">,
): Map<string, Set<string>> {
  const referrers = new Map<string, Set<string>>();
  const add = (target: string, from: string) =>
    referrers.set(target, (referrers.get(target) ?? new Set()).add(from));
  const visit = (value: unknown, uri: string, from: string): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (key === "$ref" && typeof member === "string")
        add(member.startsWith("#") ? uri + member : member, from);
      visit(member, uri, from);
    }
  };
  for (const { uri, value } of document.schemas) visit(value, uri, ownerOf(document, uri, model.name) ?? uri);
  for (const extension of model.extensions) {
    for (const { schema } of extensionBodies(extension))
      if (schema !== undefined) add(schema.uri, extension.key);
  }
  return referrers;
}

/** The key of the extension that a schema stands in, or the API's name for one in `protocol`; undefined for a file of its own. */
function ownerOf(document: SpecDocument, uri: string, api: string): string | undefined {
  const location = document.schemas.find((schema) => schema.uri === uri)?.location;
  if (location === undefined) return undefined;
  const { file, path } = location;
  const inside = (body: Location) =>
    body.file === file &&
    path.length > body.path.length &&
    body.path.every((level, index) => level === path[index]);
  const extension = document.extensions.find(({ body }) => inside(body));
  if (extension !== undefined) return extension.key;
  return file === document.root && path[0] === "protocol" ? api : undefined;
}
