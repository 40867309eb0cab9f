import { loadFrom, type LoadedApi, type LoadOptions } from "./load-from.js";
import { diskFiles } from "./spec/disk-files.js";

export type { Findings, LoadedApi, LoadOptions, SpecFile } from "./load-from.js";

/**
 * Reads a spec from disk and builds its model. Reports diagnostics sorted by file and line, at most 100 of a file and a
 * count of the others. Throws for no spec, however broken.
 *
 * @param spec Path of the spec's root file.
 */
export async function loadApi(spec: string, options: LoadOptions = {}): Promise<LoadedApi> {
  const { allow, read } = options;
  return loadFrom(spec, diskFiles(spec, { allow, read }), options);
}
