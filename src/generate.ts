import { basename, join } from "node:path";
import type { Findings } from "./load-api.js";
import {
  checkOutput,
  compareOutput,
  findUpToDate,
  generatorDigest,
  inputDigests,
  isUpToDate,
  save,
  type OutdatedFile,
} from "./write/index.js";

/** Parent of the default output folder, relative to the working directory. */
const PARENT = "generated";

const NO_FINDINGS: Findings = { diagnostics: [], sources: new Map() };

/** The input and output of {@link generate} and {@link check}. */
export interface GenerateOptions {
  /** Path of the spec's root file. */
  readonly spec: string;
  /** Output folder. Default: `generated/<api.name>` in the working directory. */
  readonly out?: string;
  /** Overwrite existing files that topicsmith did not generate. Default: false. */
  readonly overwrite?: boolean;
  /** Treat warnings as errors. Default: false. */
  readonly strict?: boolean;
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
  const { spec, overwrite = false, strict = false } = options;
  const nothing = { upToDate: false, written: [], removed: [], unchanged: 0 };
  const upToDate = upToDateFolder(options);
  if (upToDate !== undefined) return { ...nothing, ...NO_FINDINGS, out: upToDate, upToDate: true };

  // Loaded only now: the compilers take most of a second, and a run without changes needs none of them.
  const { emitPackage } = await import("./pipeline.js");
  const emitted = await emitPackage(spec, strict);
  if (emitted.files === undefined) return { ...nothing, ...emitted };
  const { api, files, inputs, diagnostics, sources } = emitted;
  const out = options.out ?? join(PARENT, api);
  const about = {
    api,
    spec: basename(spec),
    generator: generatorDigest(),
    diagnosticCount: diagnostics.length,
    inputs: inputDigests(spec, inputs),
  };
  const saved = save(out, compareOutput(out, files), { about, overwrite });
  return { ...saved, out, upToDate: false, diagnostics: [...diagnostics, ...saved.diagnostics], sources };
}

/** Compares an output folder with the package that a spec generates. Writes nothing. */
export async function check(options: GenerateOptions): Promise<Checked> {
  const upToDate = upToDateFolder(options);
  if (upToDate !== undefined) return { ...NO_FINDINGS, out: upToDate, outdated: [] };

  const { emitPackage } = await import("./pipeline.js");
  const emitted = await emitPackage(options.spec, options.strict);
  if (emitted.files === undefined) return { ...emitted, outdated: [] };
  const { api, files, diagnostics, sources } = emitted;
  const out = options.out ?? join(PARENT, api);
  return { diagnostics, sources, out, outdated: await checkOutput(out, files) };
}

/**
 * Checks a spec without generating anything. Reports hints too.
 *
 * @param spec Path of the spec's root file.
 */
export async function validate(spec: string): Promise<Findings> {
  const { loadApi } = await import("./load-api.js");
  const { diagnostics, sources } = await loadApi(spec, { hints: true });
  return { diagnostics, sources };
}

function upToDateFolder({ spec, out }: GenerateOptions): string | undefined {
  if (out === undefined) return findUpToDate(spec, PARENT);
  return isUpToDate(spec, out) ? out : undefined;
}
