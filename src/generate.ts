import { basename } from "node:path";
import type { Diagnostic } from "./diagnostics/index.js";
import type { Findings } from "./load-api.js";
import {
  checkOutput,
  compareOutput,
  defaultFolder,
  generatorDigest,
  inputDigests,
  isUpToDate,
  linkedAway,
  save,
  type OutdatedFile,
} from "./write/index.js";

const NO_FINDINGS: Findings = { diagnostics: [], sources: new Map() };

/** The files that a spec may read. */
export interface ReadOptions {
  /**
   * Folders whose files the spec may read, beside the folder of its root file and the git repository around that. Files
   * elsewhere, and hidden ones, are refused. Default: none.
   */
  readonly allow?: readonly string[];
}

/** The input and output of {@link generate} and {@link check}. */
interface OutputOptions extends ReadOptions {
  /** Path of the spec's root file. */
  readonly spec: string;
  /** Output folder. Default: `generated/<api.name>` in the working directory. */
  readonly out?: string;
  /** Treat warnings as errors. Default: false. */
  readonly strict?: boolean;
}

/** The options of {@link generate}. */
export interface GenerateOptions extends OutputOptions {
  /** Overwrite existing files that topicsmith did not generate. Default: false. */
  readonly overwrite?: boolean;
}

/** The options of {@link check}. */
export interface CheckOptions extends OutputOptions {
  /**
   * If the digests in the manifest match, compare nothing else. Takes a tenth of the time, but anyone who can edit the
   * output can also edit the digests. Default: false.
   */
  readonly trustManifest?: boolean;
}

/** The result of {@link generate}. Paths are relative to the output folder. */
export interface Generated extends Findings {
  /** The output folder; absent if nothing was written because of errors in the spec. */
  readonly out?: string;
  /** True if the digests in the manifest match, so that the spec was not read at all. */
  readonly upToDate: boolean;
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Number of files that did not change; 0 if `upToDate`. */
  readonly unchanged: number;
}

/** The result of {@link check}. */
export interface Checked extends Findings {
  /** The output folder; absent if nothing was compared because of errors in the spec. */
  readonly out?: string;
  /** Empty if the output folder is up to date. */
  readonly outdated: readonly OutdatedFile[];
}

/**
 * Generates a package from a spec: read, build the model, emit, write. Writes nothing if there is any error.
 *
 * Mistakes in the spec and files that cannot be written are returned as diagnostics, not thrown.
 */
export async function generate(options: GenerateOptions): Promise<Generated> {
  const { spec, overwrite = false } = options;
  const nothing = { upToDate: false, written: [], removed: [], unchanged: 0 };
  const upToDate = await upToDateFolder(options);
  if (upToDate !== undefined) return { ...nothing, ...NO_FINDINGS, out: upToDate, upToDate: true };

  // Loaded only now: the compilers take most of a second, and a run without changes needs none of them.
  const { emitPackage } = await import("./pipeline.js");
  const emitted = await emitPackage(spec, options);
  if (emitted.files === undefined) return { ...nothing, ...emitted };
  const { api, files, inputs, diagnostics, sources } = emitted;
  const { out, refused } = folderOf(options, api);
  if (refused) return { ...nothing, diagnostics: [...diagnostics, refused], sources };
  const about = {
    api,
    spec: basename(spec),
    generator: generatorDigest(),
    diagnosticCount: diagnostics.length,
    inputs: inputDigests(options, inputs),
  };
  const saved = save(out, compareOutput(out, files), { about, overwrite });
  return { ...saved, out, upToDate: false, diagnostics: [...diagnostics, ...saved.diagnostics], sources };
}

/**
 * Compares an output folder with the package that a spec generates. Writes nothing.
 *
 * Always builds the whole package, so that it takes as long as generating: a manifest beside edited files can be forged.
 */
export async function check(options: CheckOptions): Promise<Checked> {
  const upToDate = options.trustManifest === true ? await upToDateFolder(options) : undefined;
  if (upToDate !== undefined) return { ...NO_FINDINGS, out: upToDate, outdated: [] };

  const { emitPackage } = await import("./pipeline.js");
  const emitted = await emitPackage(options.spec, options);
  if (emitted.files === undefined) return { ...emitted, outdated: [] };
  const { api, files, diagnostics, sources } = emitted;
  const { out, refused } = folderOf(options, api);
  const outdated = refused ? [{ diagnostic: refused, diff: "" }] : await checkOutput(out, files);
  return { diagnostics, sources, out, outdated };
}

/**
 * Checks a spec without generating anything. Reports hints too.
 *
 * @param spec Path of the spec's root file.
 */
export async function validate(spec: string, { allow }: ReadOptions = {}): Promise<Findings> {
  const { loadApi } = await import("./load-api.js");
  const { diagnostics, sources } = await loadApi(spec, { hints: true, ...(allow && { allow }) });
  return { diagnostics, sources };
}

/** The output folder, and the reason why the default one is not used. */
function folderOf(
  { out }: OutputOptions,
  api: string,
): { readonly out: string; readonly refused?: Diagnostic | undefined } {
  if (out !== undefined) return { out };
  const folder = defaultFolder(api);
  return { out: folder, refused: linkedAway(folder) };
}

/** The API's own output folder, if its manifest says that it is up to date. */
async function upToDateFolder(options: OutputOptions): Promise<string | undefined> {
  const { spec, out, allow } = options;
  if (out !== undefined) return isUpToDate(options, out) ? out : undefined;
  // Not from a manifest: any folder beside the API's own could claim to be it.
  const { readApiName } = await import("./spec/api-name.js");
  const api = readApiName(spec, allow);
  if (api === undefined) return undefined;
  const folder = folderOf(options, api);
  return folder.refused === undefined && isUpToDate(options, folder.out, api) ? folder.out : undefined;
}
