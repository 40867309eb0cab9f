import {
  ADVICE,
  applyRules,
  hasErrors,
  limitPerFile,
  raisesAdvice,
  sortDiagnostics,
  type Diagnostic,
  type OmittedCounts,
  type Rules,
} from "./diagnostics/index.js";
import { buildModel, type ApiModel } from "./model/index.js";
import { readSpec, type FileAccess, type ReadText, type SpecDocument } from "./spec/index.js";
import { memoryFiles } from "./spec/memory-files.js";

/** The diagnostics of a run, with the sources that they refer to. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that were read, by path; needed to print code frames. */
  readonly sources: ReadonlyMap<string, string>;
}

/** A file of a spec. */
export interface SpecFile {
  /** Relative to the folder of the root file, with `/` between levels. */
  readonly path: string;
  readonly text: string;
}

/** A spec as a model, with everything that is wrong with it. */
export interface LoadedApi extends Findings {
  /** Whether the spec has neither errors nor, with `strict`, warnings. */
  readonly ok: boolean;
  /** Absent unless `ok`. */
  readonly model?: ApiModel;
  /** The spec as it is written. Absent unless `ok`. */
  readonly document?: SpecDocument;
  /** Absolute paths of the files to watch: those that the spec refers to, whether they exist or not. */
  readonly inputs: readonly string[];
  /** The spec's files. Empty if its root file is unusable. */
  readonly specFiles: readonly SpecFile[];
}

/** The settings of reading and checking a spec. */
export interface LoadOptions {
  /** Also report hints, which only `validate` prints. Default: false. */
  readonly hints?: boolean;
  /** Treat warnings as errors. Default: false. */
  readonly strict?: boolean;
  /**
   * Folders whose files the spec may read, beside the folder of its root file and the git repository around that. Files
   * elsewhere, and hidden ones, are refused. Default: none.
   */
  readonly allow?: readonly string[];
  /**
   * Reader of texts that are not on disk, such as the unsaved text of an editor. Takes an absolute path; returns undefined
   * for a file that is to be read from disk. In a browser, the only source of files.
   */
  readonly read?: ReadText;
  /** Severities of warnings and hints by code: `{ "open-object": "off" }`. Default: those of the catalogue. */
  readonly rules?: Rules;
}

/**
 * Reads a spec and builds its model. Reports diagnostics sorted by file and line, at most 100 of a file and a
 * count of the others.
 *
 * @param spec Path of the spec's root file.
 */
export async function loadFrom(
  spec: string,
  access: FileAccess,
  { hints = false, strict = false, rules = {} }: LoadOptions,
): Promise<LoadedApi> {
  const read = await readSpec(spec, access);
  const { document, diagnostics: reading, sources, inputs } = read;
  if (document === undefined) {
    return { ok: false, diagnostics: limitPerFile(reading, read.omitted), sources, inputs, specFiles: [] };
  }
  const built = buildModel(document, { hints: hints || raisesAdvice(rules) });
  // The reader has already reported a mistake at the same position. The model then reports its consequence.
  const reported = new Set(reading.map(positionOf));
  const building = built.diagnostics.filter((diagnostic) => !reported.has(positionOf(diagnostic)));
  const reportable = [...reading, ...building].filter(
    ({ code }) => hints || !ADVICE.includes(code) || raisesAdvice(rules, code),
  );
  const all = sortDiagnostics(applyRules(reportable, rules), sources.keys());
  const diagnostics = limitPerFile(all, sum(read.omitted, built.omitted));
  const { model } = built;
  const ok = model !== undefined && !hasErrors(diagnostics, strict);
  const specFiles = document.files.map(({ id, text }) => ({ path: id, text }));
  return { ok, ...(ok && { model, document }), diagnostics, sources, inputs, specFiles };
}

/** References to files above the folder of the root file may climb as many levels. */
const MAX_PARENTS = 16;

/**
 * Loads the spec that a generated package contains.
 *
 * @param files The JSON texts of the spec's files, by their paths relative to the folder of the root file.
 */
export async function loadPackaged({
  root,
  files,
}: {
  readonly root: string;
  readonly files: ReadonlyMap<string, string>;
}): Promise<LoadedApi> {
  const folder = "/spec".repeat(MAX_PARENTS);
  const memory = memoryFiles((path) => files.get(memory.relative(folder, path)));
  const access: FileAccess = { ...memory, resolve: (path, from = folder) => memory.resolve(path, from) };
  return loadFrom(root, access, {});
}

function positionOf({ range }: Diagnostic): string {
  return range === undefined ? "" : `${range.line}:${range.column} ${range.file}`;
}

function sum(a: OmittedCounts, b: OmittedCounts): OmittedCounts {
  return new Map([...a.keys(), ...b.keys()].map((file) => [file, (a.get(file) ?? 0) + (b.get(file) ?? 0)]));
}
