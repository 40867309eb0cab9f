import {
  hasErrors,
  limitPerFile,
  sortDiagnostics,
  type Diagnostic,
  type OmittedCounts,
} from "./diagnostics/index.js";
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
 * Reads a spec and builds its model. Reports diagnostics sorted by file and line, at most 100 of a file and a
 * count of the others.
 *
 * @param spec Path of the spec's root file.
 */
export async function loadApi(
  spec: string,
  { hints = false, strict = false, allow }: LoadOptions = {},
): Promise<LoadedApi> {
  const read = await readSpec(spec, allow);
  const { document, diagnostics: reading, sources } = read;
  if (document === undefined)
    return { diagnostics: limitPerFile(reading, read.omitted), sources, inputs: [] };
  const built = buildModel(document, { hints });
  // The reader has already reported a mistake at the same position. The model then reports its consequence.
  const reported = new Set(reading.map(positionOf));
  const building = built.diagnostics.filter((diagnostic) => !reported.has(positionOf(diagnostic)));
  const all = sortDiagnostics([...reading, ...building], sources.keys());
  const diagnostics = limitPerFile(all, sum(read.omitted, built.omitted));
  const inputs = document.files.map(({ id }) => id);
  const { model } = built;
  const usable = model !== undefined && !hasErrors(diagnostics, strict);
  return { ...(usable && { model }), diagnostics, sources, inputs };
}

function positionOf({ range }: Diagnostic): string {
  return range === undefined ? "" : `${range.line}:${range.column} ${range.file}`;
}

function sum(a: OmittedCounts, b: OmittedCounts): OmittedCounts {
  return new Map([...a.keys(), ...b.keys()].map((file) => [file, (a.get(file) ?? 0) + (b.get(file) ?? 0)]));
}
