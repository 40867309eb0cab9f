import { emit } from "./emit/index.js";
import { loadApi, type SpecFile } from "./load-api.js";
import type { Rendered, RenderOptions } from "./run-options.js";
import { format } from "./write/index.js";

/** A package that is not written yet, and the files that it was rendered from. */
export interface RenderedPackage extends Rendered {
  readonly specFiles: readonly SpecFile[];
}

/** Runs the pipeline up to writing: reads the spec, builds the model, emits the package and formats it. */
export async function renderPackage(options: RenderOptions): Promise<RenderedPackage> {
  const loaded = await loadApi(options.spec, options);
  const { model } = loaded;
  const files = model === undefined ? [] : await format(await emit(model));
  return { ...loaded, files };
}
