import { emit } from "./emit/index.js";
import { loadApi, type Findings, type LoadOptions } from "./load-api.js";
import { format, type FinishedFile } from "./write/index.js";

/** A generated package that is not written yet. */
export interface EmittedPackage extends Findings {
  /** The API's name. */
  readonly api: string;
  readonly files: readonly FinishedFile[];
  /** Paths of the spec's files, relative to the folder of the root file. */
  readonly inputs: readonly string[];
}

/**
 * Runs the pipeline up to writing: reads the spec, builds the model, emits the package and formats it.
 *
 * @param spec Path of the spec's root file.
 * @returns Diagnostics without `files` if the spec has errors, or warnings and `strict` is set.
 */
export async function emitPackage(
  spec: string,
  options?: LoadOptions,
): Promise<EmittedPackage | (Findings & { readonly files?: undefined })> {
  const { model, inputs, diagnostics, sources } = await loadApi(spec, options);
  if (model === undefined) return { diagnostics, sources };
  const files = await format(await emit(model));
  return { api: model.name, files, inputs, diagnostics, sources };
}
