import { formatText } from "../diagnostics/index.js";
import { isObject, property } from "../json/json.js";
import { loadApi } from "../load-api.js";
import { loadPackaged, type LoadedApi } from "../load-from.js";
import type { ApiModel } from "../model/index.js";
import type { SpecData } from "../runtime/testing.js";

/**
 * Reads a spec and builds its model.
 *
 * @param spec Path of the spec's root file.
 * @param allow Folders whose files the spec may read, beside that of the root file and the git repository around it.
 * @throws Error whose message holds every diagnostic, if the spec has errors.
 */
export async function loadModel(spec: string, allow?: readonly string[]): Promise<ApiModel> {
  return modelIn(await loadApi(spec, { ...(allow && { allow }) }));
}

/**
 * Builds the model of a spec in memory, such as that of a generated package.
 *
 * @throws TypeError unless the spec has a root file. Error whose message holds every diagnostic, if the spec has errors.
 */
export async function loadModelOf(spec: SpecData): Promise<ApiModel> {
  const { root, files } = spec;
  if (!isObject(files) || !Object.hasOwn(files, root))
    throw new TypeError('the spec has no root file; expected { root: "api.yaml", files: { "api.yaml": … } }');
  const texts = Object.keys(files).map((path) => [path, JSON.stringify(property(files, path))] as const);
  return modelIn(await loadPackaged({ root, files: new Map(texts) }));
}

function modelIn({ model, diagnostics, sources }: LoadedApi): ApiModel {
  if (model === undefined) throw new Error(formatText(diagnostics, { sources, color: false }));
  return model;
}
