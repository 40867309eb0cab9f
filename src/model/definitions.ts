import type { ApiModel, BodyModel, DefinitionModel, ExtensionModel, SchemaModel } from "./api-model.js";
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

/** Names the schemas that others refer to, after their `$defs` key or file stem. */
export function decideDefinitions(
  model: Pick<ApiModel, "protocol" | "extensions" | "schemas">,
): readonly DefinitionModel[] {
  const uris = namedSchemas(model).map(({ uri }) => uri);
  return model.schemas.definitions(uris).map(({ uri, stem }) => ({ uri, typeName: typeName(stem) }));
}
