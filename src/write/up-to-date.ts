import { basename, dirname, resolve } from "node:path";
import { ReadableFolders, readRegularFile } from "../files/index.js";
import { digest, generatorDigest } from "./digest.js";
import { readJournal } from "./journal.js";
import { isIntact, readManifest } from "./manifest.js";
import { isOutputPath, stateOf } from "./output-folder.js";
import { leftoverStagings } from "./staging.js";

/** Largest input whose digest is computed, in bytes; the reader of specs refuses smaller files already. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/** The root file of a spec, and the folders that the spec may read beside its own. */
export interface SpecLocation {
  readonly spec: string;
  readonly allow?: readonly string[];
}

/**
 * SHA-256 digests of the files of a spec.
 *
 * @param ids Paths of the files, relative to the folder of the root file.
 * @throws Error if a file cannot be read, or lies where the spec may not read.
 */
export function inputDigests(
  { spec, allow }: SpecLocation,
  ids: readonly string[],
): Readonly<Record<string, string>> {
  const folders = new ReadableFolders(spec, allow);
  return Object.fromEntries(
    ids.map((id) => {
      const path = folders.find(resolve(dirname(spec), id));
      const content = path === undefined ? undefined : readRegularFile(path, MAX_INPUT_BYTES);
      if (content?.kind !== "file") throw new Error(`cannot read ${id}`);
      return [id, digest(content.bytes)];
    }),
  );
}

/**
 * Whether an output folder holds exactly what this generator writes for a spec, according to its manifest.
 *
 * Compares digests only, so that a run without changes loads no library. Whoever can write the folder can forge its manifest.
 * A spec with warnings or hints is never up to date, because they have to be reported again.
 *
 * @param api The API's name; undefined if the user named the folder.
 */
export function isUpToDate(location: SpecLocation, out: string, api?: string): boolean {
  const manifest = readManifest(out);
  if (manifest === undefined || manifest.diagnosticCount > 0 || !isIntact(out)) return false;
  if (api !== undefined && manifest.api !== api) return false;
  const outputs = Object.entries(manifest.outputs);
  const root = basename(location.spec);
  // A manifest without these would match any spec, or an empty folder.
  if (outputs.length === 0 || manifest.spec !== root || !Object.hasOwn(manifest.inputs, root)) return false;
  if (readJournal(out).exists || leftoverStagings(out).length > 0) return false;
  try {
    const inputs = inputDigests(location, Object.keys(manifest.inputs));
    if (Object.entries(inputs).some(([id, value]) => manifest.inputs[id] !== value)) return false;
  } catch {
    // A file is missing or unreadable. The full run reports which one, and why.
    return false;
  }
  return outputs.every((entry) => isOutput(out, entry)) && manifest.generator === generatorDigest();
}

function isOutput(out: string, [path, expected]: readonly [string, string]): boolean {
  if (!isOutputPath(path)) return false;
  const state = stateOf(out, path);
  return state.kind === "file" && digest(state.bytes) === expected;
}
