import type { ApiModel, BodyModel, DefinitionModel, ExtensionModel, SchemaModel } from "./api-model.js";
import type { Location, SpecDocument } from "../spec/document.js";
import { referencesOf, targetsOf } from "../schema/index.js";
import { typeName } from "./names.js";
import { PACKAGE_EXPORTS } from "./reserved-names.js";

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
 * Names the schemas that other schemas reference, after their `$defs` key or file name. A definition inside a schema of an
 * extension gets the extension's prefix if only this extension references it, so that two extensions may each have an
 * `item`. A key that is a URL, as in bundled schemas, gives the name of its file, unless several have that name.
 */
export function resolveDefinitions(
  document: SpecDocument,
  model: Pick<ApiModel, "name" | "protocol" | "extensions" | "schemas">,
): readonly DefinitionModel[] {
  const uris = namedSchemas(model).map(({ uri }) => uri);
  // The type of a body whose schema is only a reference becomes an alias of the definition's type.
  const referredTo = [...new Set(uris)].flatMap((uri) => {
    const baseName = baseNameOf(document, uri);
    return baseName === undefined ? [] : [{ uri, baseName }];
  });
  const definitions = [...referredTo, ...model.schemas.definitions(uris)];
  const referrers = definitions.length === 0 ? new Map<string, Set<string>>() : referrersOf(document, model);
  const owner = (uri: string) => ownerOf(document, uri.split("#")[0] ?? uri, model.name);
  const nameOf = (uri: string, baseName: string) => {
    const home = owner(uri);
    const isShared = home === undefined || [...(referrers.get(uri) ?? [])].some((from) => from !== home);
    return isShared ? typeName(baseName) : typeName(home, baseName);
  };
  const short = definitions.map(({ uri, baseName }) => nameOf(uri, shortBaseName(baseName)));
  return definitions.map(({ uri, baseName }, index) => {
    const name = short[index] ?? "";
    const isTaken = short.indexOf(name) !== short.lastIndexOf(name) || PACKAGE_EXPORTS.has(name);
    return { uri, typeName: isTaken || name === "" ? nameOf(uri, baseName) : name };
  });
}

/** The file name in a `$defs` key that is a URL, as in bundled schemas; other keys unchanged. */
function shortBaseName(baseName: string): string {
  if (!/^https?:\/\//.test(baseName)) return baseName;
  return fileBaseNameOf(baseName.split(/[?#]/)[0] ?? baseName);
}

function fileBaseNameOf(address: string): string {
  const name = address.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return decode(name).replace(/(?:\.schema)?\.(?:json|ya?ml)$/i, "");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The `$defs` key or the file name of a definition; undefined for the schema of a body. */
function baseNameOf(document: SpecDocument, uri: string): string | undefined {
  const [home = "", pointer = ""] = uri.split("#");
  const key = /\/(?:\$defs|definitions)\/([^/]+)$/.exec(pointer)?.[1];
  if (key !== undefined) return decode(key).replaceAll("~1", "/").replaceAll("~0", "~");
  const isFile = document.schemas.find((schema) => schema.uri === home)?.location.path.length === 0;
  if (pointer !== "" || !isFile) return undefined;
  return fileBaseNameOf(home);
}

/** The users of each schema, by its URI: keys of extensions, the API's name for `protocol`, or the URI of a schema file. */
function referrersOf(
  document: SpecDocument,
  model: Pick<ApiModel, "name" | "protocol" | "extensions" | "schemas">,
): Map<string, Set<string>> {
  const { index } = model.schemas;
  const referrers = new Map<string, Set<string>>();
  const add = (target: string, from: string) =>
    referrers.set(target, (referrers.get(target) ?? new Set()).add(from));
  for (const location of index.locations()) {
    const from = ownerOf(document, location.document, model.name) ?? location.document;
    for (const { uri } of referencesOf(index, location).flatMap(targetsOf)) add(uri, from);
  }
  for (const extension of model.extensions) {
    for (const { schema } of extensionBodies(extension))
      if (schema !== undefined) add(schema.uri, extension.key);
  }
  return referrers;
}

/** The key of the extension that contains a schema, or the API's name for one in `protocol`; undefined for a schema file. */
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
