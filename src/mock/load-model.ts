import { formatText, hasErrors, type Diagnostic } from "../diagnostics/index.js";
import { buildModel, type ApiModel } from "../model/index.js";
import { readSpec } from "../spec/index.js";

/** A spec, read and decided, and what is to be said of it. */
export interface ReadModel {
  /** Absent if there are errors. */
  readonly model?: ApiModel;
  readonly diagnostics: readonly Diagnostic[];
  /** For code frames. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Reads and decides a spec. */
export async function readModel(path: string): Promise<ReadModel> {
  const { document, diagnostics: found, sources } = await readSpec(path);
  const decided = document && buildModel(document);
  const diagnostics = [...found, ...(decided?.diagnostics ?? [])];
  const { model } = decided ?? {};
  return model && !hasErrors(diagnostics) ? { model, diagnostics, sources } : { diagnostics, sources };
}

/**
 * Reads and decides a spec.
 *
 * @throws Error with every diagnostic, if the spec has errors.
 */
export async function loadModel(path: string): Promise<ApiModel> {
  const { model, diagnostics, sources } = await readModel(path);
  if (!model) throw new Error(formatText(diagnostics, { sources, color: false }));
  return model;
}
