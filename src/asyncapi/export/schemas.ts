import { posix } from "node:path";
import type { JsonObject } from "../../json/json.js";
import type { ApiModel, BodyModel } from "../../model/index.js";
import { typeName } from "../../model/names.js";
import type { SchemaResource, SpecDocument } from "../../spec/document.js";
import { SchemaTranslator } from "../schemas/to-asyncapi.js";
import { placeText } from "./place-text.js";

/** The schemas of an API as components. */
export interface ExportedSchemas {
  /** The value of `components.schemas`. */
  readonly components: JsonObject;
  /** The reference to the schema with a URI of the spec. */
  reference(uri: string): JsonObject | undefined;
  /** Adds a schema that is not in the spec. Returns a reference to it. */
  add(wanted: string, schema: JsonObject): JsonObject;
}

/** Translates every schema document of the spec. Each component says in which file of the spec it is. */
export function exportSchemas(document: SpecDocument, model: ApiModel): ExportedSchemas {
  const names = namesOf(model);
  const translator = new SchemaTranslator({ index: model.schemas.index, uses: names.keys(), names });
  for (const resource of document.schemas) {
    const { uri, location } = resource;
    const own = { at: placeText(location), ...(!uri.startsWith("spec:/") && { uri }) };
    translator.document(uri, names.get(uri) ?? nameOf(resource), own);
  }
  translator.resolve();
  return {
    components: translator.components,
    add: (wanted, schema) => ({ $ref: translator.add(wanted, schema) }),
    reference: (uri) => {
      const pointer = translator.pointerOf(uri);
      return pointer === undefined ? undefined : { $ref: pointer };
    },
  };
}

/** The type names of the generated package, by the URI of the schema. */
function namesOf(model: ApiModel): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = (uri: string | undefined, name: string) => {
    if (uri !== undefined && !names.has(uri)) names.set(uri, name);
  };
  for (const { uri, typeName: name } of model.definitions) add(uri, name);
  const body = (value: BodyModel | "empty" | undefined) => {
    if (typeof value === "object") add(value.schema?.uri, value.schema?.typeName ?? "");
  };
  body(model.protocol.errorPayload);
  for (const { key, resources } of model.extensions) {
    for (const { request, response, error, key: resource } of resources) {
      for (const part of [request, response, error]) body(part);
      if (typeof response === "object")
        add(response.emptyWhen?.uri, typeName(key, resource, "empty response"));
    }
  }
  return names;
}

/** A name for a schema that no message has and no other refers to: of its file, or of its key. */
function nameOf({ location: { file, path } }: SchemaResource): string {
  const stem = posix.basename(file.id).replace(/\.[^.]*$/, "");
  return typeName(path.length === 0 ? stem : String(path.at(-1))) || "Schema";
}
