import { formatText } from "../diagnostics/index.js";
import { loadApi } from "../load-api.js";
import type { ApiModel } from "../model/index.js";

/**
 * Reads a spec and builds its model.
 *
 * @param spec Path of the spec's root file.
 * @param allow Folders whose files the spec may read, beside that of the root file and the git repository around it.
 * @throws Error whose message holds every diagnostic, if the spec has errors.
 */
export async function loadModel(spec: string, allow?: readonly string[]): Promise<ApiModel> {
  const { model, diagnostics, sources } = await loadApi(spec, { ...(allow && { allow }) });
  if (model === undefined) throw new Error(formatText(diagnostics, { sources, color: false }));
  return model;
}
