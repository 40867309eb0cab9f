import { basename, dirname, resolve } from "node:path";
import { ReadableFolders, readRegularFile } from "../files/index.js";
import { digest, generatorDigest } from "./digest.js";
import { readJournal } from "./journal.js";
import { isIntact, readManifest, type Manifest } from "./manifest.js";
import { isOutputPath, stateOf } from "./output-folder.js";
import { leftoverStagings } from "./staging.js";

/** Largest input whose digest is computed, in bytes; the reader of specs refuses smaller files already. */
const MAX_INPUT_BYTES = 64 * 1024 * 1024;

/** The root file of a spec, and the files that the spec may read beside its own. */
export interface SpecLocation {
  readonly spec: string;
  readonly allow?: readonly string[] | undefined;
  readonly read?: ((path: string) => string | undefined) | undefined;
  /** A text that changes whenever the settings of the project do; empty for the default ones. */
  readonly settings?: string;
}

/** SHA-256 digests of the texts of a spec's files, by path. */
export function inputDigests(
  files: readonly { readonly path: string; readonly text: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(files.map(({ path, text }) => [path, digest(text)]));
}

/** Whether the files of a spec have the digests of a manifest. */
function haveDigests({ spec, allow, read }: SpecLocation, inputs: Manifest["inputs"]): boolean {
  const folders = new ReadableFolders(spec, allow);
  return Object.entries(inputs).every(([id, expected]) => {
    const fullPath = resolve(dirname(spec), id);
    const text = read?.(fullPath);
    if (text !== undefined) return digest(text) === expected;
    const path = folders.find(fullPath);
    const content = path === undefined ? undefined : readRegularFile(path, MAX_INPUT_BYTES);
    // A file that is missing or unreadable differs. The full run reports which one, and why.
    return content?.kind === "file" && digest(withoutMark(content.bytes)) === expected;
  });
}

/** The bytes without a byte order mark, which is not part of a text. */
function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/**
 * The paths of a spec's files, relative to the folder of its root file, if an output folder holds exactly what this
 * generator writes for it, according to the folder's manifest. Otherwise undefined.
 *
 * Compares digests only, so that a run without changes loads no library. Whoever can write the folder can forge its manifest.
 * A spec with warnings or hints is never up to date, because they have to be reported again.
 *
 * @param api The API's name; undefined if the user named the folder.
 */
export function upToDateInputs(
  location: SpecLocation,
  out: string,
  api?: string,
): readonly string[] | undefined {
  const manifest = readManifest(out);
  const matches = manifest !== undefined && isUpToDate(location, out, { manifest, api });
  return matches ? Object.keys(manifest.inputs) : undefined;
}

function isUpToDate(
  location: SpecLocation,
  out: string,
  { manifest, api }: { readonly manifest: Manifest; readonly api: string | undefined },
): boolean {
  if (manifest.diagnosticCount > 0 || !isIntact(out)) return false;
  if (api !== undefined && manifest.api !== api) return false;
  const outputs = Object.entries(manifest.outputs);
  const root = basename(location.spec);
  // A manifest without these would match any spec, or an empty folder.
  if (outputs.length === 0 || manifest.spec !== root || !Object.hasOwn(manifest.inputs, root)) return false;
  if (readJournal(out).exists || leftoverStagings(out).length > 0) return false;
  if (!haveDigests(location, manifest.inputs)) return false;
  return (
    outputs.every((entry) => isOutput(out, entry)) &&
    manifest.generator === generatorDigest(location.settings)
  );
}

function isOutput(out: string, [path, expected]: readonly [string, string]): boolean {
  if (!isOutputPath(path)) return false;
  const state = stateOf(out, path);
  return state.kind === "file" && digest(state.bytes) === expected;
}
