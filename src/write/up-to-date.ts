import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { digest, generatorDigest } from "./digest.js";
import { isIntact, readJournal, readManifest } from "./manifest.js";

/**
 * SHA-256 digests of the files of a spec.
 *
 * @param rootPath Path of the spec's root file.
 * @param ids Paths of the files, relative to the folder of the root file.
 * @throws Error if a file cannot be read.
 */
export function inputDigests(rootPath: string, ids: readonly string[]): Readonly<Record<string, string>> {
  const folder = dirname(rootPath);
  return Object.fromEntries(ids.map((id) => [id, digest(readFileSync(join(folder, id)))]));
}

/**
 * Whether an output folder holds exactly what this generator writes for a spec.
 *
 * Compares digests only, so that a run without changes loads no library. A spec with warnings or hints is never up to
 * date, because they have to be reported again.
 */
export function isUpToDate(rootPath: string, out: string): boolean {
  const manifest = readManifest(out);
  if (manifest === undefined || manifest.diagnosticCount > 0 || readJournal(out).length > 0) return false;
  if (!isIntact(out)) return false;
  try {
    const inputs = inputDigests(rootPath, Object.keys(manifest.inputs));
    if (!same(inputs, manifest.inputs) || manifest.spec !== basename(rootPath)) return false;
    for (const [path, expected] of Object.entries(manifest.outputs)) {
      if (digest(readFileSync(join(out, path))) !== expected) return false;
    }
    return manifest.generator === generatorDigest();
  } catch {
    // A file is missing or unreadable. The full run reports which one, and why.
    return false;
  }
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.entries(a).every(([key, value]) => b[key] === value);
}

/** The folder in `parent` that is named after its API and up to date with a spec, if there is such a folder. */
export function findUpToDate(rootPath: string, parent: string): string | undefined {
  let names: readonly string[];
  try {
    names = readdirSync(parent);
  } catch {
    return undefined;
  }
  return names
    .map((name) => join(parent, name))
    .find((out, index) => readManifest(out)?.api === names[index] && isUpToDate(rootPath, out));
}
