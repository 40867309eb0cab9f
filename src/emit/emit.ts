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
import { assignTypesToModules } from "./modules.js";
import type { OutputFile } from "./output-file.js";

/** Prints the whole package. Everything was decided before: what comes here can not fail on what a user wrote. */
export async function emit(model: ApiModel): Promise<readonly OutputFile[]> {
  const types = await printTypes(model.schemas, {
    roots: namedSchemas(model).map(({ uri, typeName }) => ({ uri, name: typeName })),
    definitions: new Map(model.definitions.map(({ uri, typeName }) => [uri, typeName])),
  });
  const assignment = assignTypesToModules(model, types);
  const { protocol } = model;
  return [
    ...emitPackage(model),
    emitReadme(model),
    emitIndex(model, assignment),
    emitClient(model),
    emitCore(model),
    emitPlatform(model, assignment),
    emitProtocol(model),
    emitParseTopic(model),
    emitServers(model),
    emitErrorPayload(model, assignment),
    ...emitSharedTypes(model, assignment),
    ...model.extensions.flatMap((extension) => [
      emitExtension(model, extension, assignment),
      ...extension.resources.map((resource) => emitResource({ protocol, extension, resource, assignment })),
    ]),
    ...(await emitValidators(model, assignment)),
    ...runtimeFiles().map(({ name, text }) => ({ path: `src/runtime/${name}`, text })),
  ];
}
