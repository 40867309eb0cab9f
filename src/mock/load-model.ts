import { formatText } from "../diagnostics/index.js";
import { loadApi } from "../load-api.js";
import type { ApiModel } from "../model/index.js";

/**
 * Reads a spec and builds its model.
 *
 * @param spec Path of the spec's root file.
 * @throws Error whose message holds every diagnostic, if the spec has errors.
 */
export async function loadModel(spec: string): Promise<ApiModel> {
  const { model, diagnostics, sources } = await loadApi(spec);
  if (model === undefined) throw new Error(formatText(diagnostics, { sources, color: false }));
  return model;
}
