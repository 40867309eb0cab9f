import type { ApiModel } from "../model/index.js";
import { namedSchemas } from "../model/index.js";
import { printTypes } from "../schema/index.js";
import { runtimeFiles } from "./assets.js";
import { emitClient, emitCore } from "./emit-client.js";
import { emitExtension } from "./emit-extension.js";
import { emitIndex } from "./emit-index.js";
import { emitPackage } from "./emit-package.js";
import { emitParseTopic } from "./emit-parse-topic.js";
import { emitPlatform } from "./emit-platform.js";
import { emitProtocol } from "./emit-protocol.js";
import { emitReadme } from "./emit-readme.js";
import { emitResource } from "./emit-resource.js";
import { emitErrorPayload, emitServers, emitSharedTypes } from "./emit-shared.js";
import { emitValidators } from "./emit-validators.js";
import { layOutTypes } from "./modules.js";
import type { OutputFile } from "./output-file.js";

/** Prints the whole package. Everything was decided before: what comes here can not fail on what a user wrote. */
export async function emit(model: ApiModel): Promise<readonly OutputFile[]> {
  const types = await printTypes(model.schemas, {
    roots: namedSchemas(model).map(({ uri, typeName }) => ({ uri, name: typeName })),
    definitions: new Map(model.definitions.map(({ uri, typeName }) => [uri, typeName])),
  });
  const layout = layOutTypes(model, types);
  const { protocol } = model;
  return [
    ...emitPackage(model),
    emitReadme(model),
    emitIndex(model, layout),
    emitClient(model),
    emitCore(model),
    emitPlatform(model, layout),
    emitProtocol(model),
    emitParseTopic(model),
    emitServers(model),
    emitErrorPayload(model, layout),
    ...emitSharedTypes(model, layout),
    ...model.extensions.flatMap((extension) => [
      emitExtension(model, extension, layout),
      ...extension.resources.map((resource) => emitResource({ protocol, extension, resource, layout })),
    ]),
    ...(await emitValidators(model, layout)),
    ...runtimeFiles().map(({ name, text }) => ({ path: `src/runtime/${name}`, text })),
  ];
}
