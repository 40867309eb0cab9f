import { identifiersOf, namedSchemas } from "../model/index.js";
import type { ApiModel } from "../model/index.js";
import { printTypes } from "../schema/print.js";
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
import { emitErrorPayload, emitExtensionError, emitServers, emitSharedTypes } from "./emit-shared.js";
import { emitTesting, type SpecFiles } from "./emit-testing.js";
import { emitValidators } from "./emit-validators.js";
import { finishFiles, placeFiles } from "./finish.js";
import type { EmittedFile, OutputFile } from "./module.js";
import { assignTypesToModules, type EmitInput } from "./modules.js";
import type { EmitSettings } from "./settings.js";

/** The settings of one call of {@link emit}. */
export interface EmitRun {
  /** Files of own emitters, which are placed and completed as the others are. Default: none. */
  readonly added?: readonly OutputFile[];
  /** The spec, for the mock of the package's entry for tests. Default: the package has no such entry. */
  readonly spec?: SpecFiles;
  /** Receives files as soon as they are printed, so that they can be formatted meanwhile. */
  readonly onFiles?: (files: readonly OutputFile[]) => void;
}

/**
 * Prints the whole package. The model is checked, so printing cannot fail on user input.
 *
 * @throws TemplateError if a template of the project cannot be filled.
 */
export async function emit(
  model: ApiModel,
  settings: EmitSettings = {},
  { added = [], spec, onFiles = () => undefined }: EmitRun = {},
): Promise<readonly OutputFile[]> {
  const printed: OutputFile[] = [];
  const take = (files: readonly OutputFile[]): void => {
    printed.push(...files);
    onFiles(files);
  };
  for await (const files of emitFiles(withPackageNames(model, settings), settings, spec))
    take(finishFiles(files, settings));
  take(placeFiles(added, settings));
  return printed;
}

/** The files of the package, in groups that are printed together. */
async function* emitFiles(
  model: ApiModel,
  settings: EmitSettings,
  spec: SpecFiles | undefined,
): AsyncGenerator<readonly EmittedFile[], void, undefined> {
  const types = await printTypes(model.schemas, {
    roots: namedSchemas(model).map(({ uri, typeName }) => ({ uri, name: typeName })),
    definitions: new Map(model.definitions.map(({ uri, typeName }) => [uri, typeName])),
    tuples: model.tuples,
  });
  const input: EmitInput = {
    model,
    assignment: assignTypesToModules(model, types),
    taken: identifiersOf(model),
  };
  yield [...emitPackage(model, settings, { isTestable: spec !== undefined }), emitReadme(model)];
  yield [emitIndex(input), emitClient(input)];
  yield [emitCore(input), emitPlatform(input), emitProtocol(input)];
  yield [emitParseTopic(input), emitServers(input), emitErrorPayload(input), ...emitSharedTypes(input)];
  if (spec !== undefined) yield emitTesting(input, spec);
  for (const extension of model.extensions) {
    yield [
      emitExtension(input, extension),
      ...emitExtensionError(input, extension),
      ...extension.resources.map((resource) => emitResource({ ...input, extension, resource })),
    ];
  }
  yield await emitValidators(input);
  yield runtimeFiles().map(({ name, text }) => ({ path: `src/runtime/${name}`, text }));
}

/** The model with the names and texts of a project in place of the spec's. */
function withPackageNames(model: ApiModel, { package: own = {} }: EmitSettings): ApiModel {
  const { name, description, keywords, license, author } = own;
  const replaced = Object.entries({ name, description, keywords, license, author }).filter(
    ([, value]) => value !== undefined,
  );
  return replaced.length === 0
    ? model
    : { ...model, package: { ...model.package, ...Object.fromEntries(replaced) } };
}
