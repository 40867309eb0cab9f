import { basename, join } from "node:path";
import { hasErrors, sortDiagnostics, type Diagnostic } from "./diagnostics/index.js";
import type { FinishedFile, Stale } from "./write/index.js";

/** Where output goes without `out`: a folder here, called like the API. */
const PARENT = "generated";

const NO_FINDINGS: Findings = { diagnostics: [], sources: new Map() };

/** What a run works on. */
export interface GenerateOptions {
  /** Path of the spec's root file. */
  readonly spec: string;
  /** Output folder; `generated/<api.name>` if absent. */
  readonly out?: string;
  /** Replace files in the way that were not generated. */
  readonly overwrite?: boolean;
  /** Warnings stop the run too. */
  readonly strict?: boolean;
}

/** What every run gives: what is wrong with the spec, and the text to show it in. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files read, by path, for code frames. */
  readonly sources: ReadonlyMap<string, string>;
}

/** What {@link generate} did. */
export interface Generated extends Findings {
  /** The output folder; absent if the spec is too broken to name one. */
  readonly out?: string;
  /** Nothing had to be looked at twice: digests say that all is as it was. */
  readonly current: boolean;
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** How many files were right already; not counted when `current`. */
  readonly unchanged: number;
}

/** What {@link check} found. */
export interface Checked extends Findings {
  readonly out?: string;
  readonly stale: readonly Stale[];
}

/** The whole line: read, decide, print, write. Stops before writing if anything is wrong. */
export async function generate(options: GenerateOptions): Promise<Generated> {
  const write = await import("./write/index.js");
  const nothing = { current: false, written: [], removed: [], unchanged: 0 };
  const current = await currentFolder(options);
  if (current !== undefined) {
    return { ...nothing, ...NO_FINDINGS, out: current, current: true };
  }
  const printed = await printSpec(options);
  if (printed.files === undefined) return { ...nothing, ...printed };
  const { out, files, diagnostics, sources, inputs, api } = printed;
  const about = {
    api,
    spec: basename(options.spec),
    generator: write.generatorDigest(),
    remarks: diagnostics.length,
    inputs: write.inputDigests(options.spec, inputs),
  };
  const saved = write.save(out, write.compareOutput(out, files), {
    about,
    overwrite: options.overwrite === true,
  });
  return { ...saved, out, current: false, diagnostics: [...diagnostics, ...saved.diagnostics], sources };
}

/** The same line, but only compares: which files of the output are not what the spec gives. */
export async function check(options: GenerateOptions): Promise<Checked> {
  const write = await import("./write/index.js");
  const current = await currentFolder(options);
  if (current !== undefined) return { ...NO_FINDINGS, out: current, stale: [] };
  const printed = await printSpec(options);
  if (printed.files === undefined) return { ...printed, stale: [] };
  const { out, files, diagnostics, sources } = printed;
  return { diagnostics, sources, out, stale: await write.checkOutput(out, files) };
}

/** Reads and decides: all that can be wrong with a spec, and nothing written. */
export async function validate(spec: string): Promise<Findings> {
  const { diagnostics, sources } = await readAndDecide(spec, true);
  return { diagnostics, sources };
}

async function readAndDecide(spec: string, hints = false) {
  const { readSpec } = await import("./spec/index.js");
  const { document, diagnostics, sources } = await readSpec(spec);
  if (document === undefined) return { diagnostics, sources };
  const { buildModel: decide } = await import("./model/index.js");
  const decided = decide(document, { hints });
  const all = [...diagnostics, ...decided.diagnostics.filter((found) => !isTold(found, diagnostics))];
  return { document, model: decided.model, diagnostics: sortDiagnostics(all, sources.keys()), sources };
}

/** What reading has said of a place is not said twice. */
function isTold({ range: place }: Diagnostic, told: readonly Diagnostic[]): boolean {
  return told.some(
    (earlier) =>
      earlier.range?.file === place?.file &&
      earlier.range?.line === place?.line &&
      earlier.range?.column === place?.column,
  );
}

/** A printed package, or why there is none. */
export type Printed = Findings &
  (
    | {
        readonly api: string;
        readonly out: string;
        readonly files: readonly FinishedFile[];
        /** Files of the spec, relative to the root file's folder. */
        readonly inputs: readonly string[];
      }
    | { readonly files?: undefined }
  );

/** Reads, decides and prints; no files if the spec has errors. */
export async function printSpec({ spec, out, strict }: GenerateOptions): Promise<Printed> {
  const { document, model, diagnostics, sources } = await readAndDecide(spec);
  if (document === undefined || model === undefined || hasErrors(diagnostics, strict))
    return { diagnostics, sources };
  const [{ emit }, { format }] = await Promise.all([import("./emit/index.js"), import("./write/index.js")]);
  const files = await format(await emit(model));
  const inputs = document.files.map(({ id }) => id);
  return { diagnostics, sources, api: model.name, out: out ?? join(PARENT, model.name), files, inputs };
}

/** The output folder if digests alone say that there is nothing to do. */
async function currentFolder({ spec, out }: GenerateOptions): Promise<string | undefined> {
  const { currentDefault, currentManifest } = await import("./write/index.js");
  if (out === undefined) return currentDefault(spec, PARENT);
  return currentManifest(spec, out) === undefined ? undefined : out;
}
