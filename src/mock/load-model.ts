import { formatText, hasErrors } from "../diagnostics/index.js";
import { decide, type ApiModel } from "../model/index.js";
import { readSpec } from "../spec/index.js";

/**
 * Reads and decides a spec.
 *
 * @throws Error with every diagnostic, if the spec has errors.
 */
export async function loadModel(path: string): Promise<ApiModel> {
  const { document, diagnostics, sources } = await readSpec(path);
  const decided = document && decide(document);
  const all = [...diagnostics, ...(decided?.diagnostics ?? [])];
  if (!decided?.model || hasErrors(all)) throw new Error(formatText(all, { sources, color: false }));
  return decided.model;
}
