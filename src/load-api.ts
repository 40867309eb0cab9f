import { hasErrors, sortDiagnostics, type Diagnostic } from "./diagnostics/index.js";
import { buildModel, type ApiModel } from "./model/index.js";
import { readSpec } from "./spec/index.js";

/** The diagnostics of a run, with the sources that they refer to. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that were read, by path; needed to print code frames. */
  readonly sources: ReadonlyMap<string, string>;
}

/** A spec as a model, with everything that is wrong with it. */
export interface LoadedApi extends Findings {
  /** Absent if the spec has errors. */
  readonly model?: ApiModel;
  /** Paths of the spec's files, relative to the folder of the root file. */
  readonly inputs: readonly string[];
}

/** The settings of {@link loadApi}. */
export interface LoadOptions {
  /** Also report hints, which only `validate` prints. Default: false. */
  readonly hints?: boolean;
  /** Treat warnings as errors. Default: false. */
  readonly strict?: boolean;
  /** Folders whose files the spec may read, beside that of the root file and the git repository around it. */
  readonly allow?: readonly string[];
}

/**
 * Reads a spec and builds its model. Reports all diagnostics, sorted by file and line.
 *
 * @param spec Path of the spec's root file.
 */
export async function loadApi(
  spec: string,
  { hints = false, strict = false, allow }: LoadOptions = {},
): Promise<LoadedApi> {
  const { document, diagnostics: reading, sources } = await readSpec(spec, allow);
  if (document === undefined) return { diagnostics: reading, sources, inputs: [] };
  const built = buildModel(document, { hints });
  const building = built.diagnostics.filter((diagnostic) => !isReported(diagnostic, reading));
  const diagnostics = sortDiagnostics([...reading, ...building], sources.keys());
  const inputs = document.files.map(({ id }) => id);
  const { model } = built;
  const usable = model !== undefined && !hasErrors(diagnostics, strict);
  return { ...(usable && { model }), diagnostics, sources, inputs };
}

/** Whether the reader has already reported a mistake at the same position. The model then reports its consequence. */
function isReported({ range }: Diagnostic, reported: readonly Diagnostic[]): boolean {
  return reported.some(
    (earlier) =>
      earlier.range?.file === range?.file &&
      earlier.range?.line === range?.line &&
      earlier.range?.column === range?.column,
  );
}
