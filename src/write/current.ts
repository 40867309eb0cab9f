import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { digest, generatorDigest } from "./digest.js";
import { isSealed, readJournal, readManifest, type Manifest } from "./manifest.js";

/** Digests of the files at `ids`, which are relative to the folder of the root file. Throws if one can not be read. */
export function inputDigests(rootPath: string, ids: readonly string[]): Readonly<Record<string, string>> {
  const folder = dirname(rootPath);
  return Object.fromEntries(ids.map((id) => [id, digest(readFileSync(join(folder, id)))]));
}

/**
 * The manifest of an output folder that holds just what this generator gives for this spec, told by digests alone: a run
 * that changes nothing reads files and loads no library. A spec with remarks is read again, to repeat them.
 */
export function currentManifest(rootPath: string, out: string): Manifest | undefined {
  const manifest = readManifest(out);
  if (manifest === undefined || manifest.remarks > 0 || readJournal(out).length > 0) return undefined;
  if (!isSealed(out)) return undefined;
  try {
    const inputs = inputDigests(rootPath, Object.keys(manifest.inputs));
    if (!same(inputs, manifest.inputs) || manifest.spec !== basename(rootPath)) return undefined;
    for (const [path, expected] of Object.entries(manifest.outputs)) {
      if (digest(readFileSync(join(out, path))) !== expected) return undefined;
    }
    return manifest.generator === generatorDigest() ? manifest : undefined;
  } catch {
    // A file is gone, or can not be read: the full run says which, and why.
    return undefined;
  }
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.entries(a).every(([key, value]) => b[key] === value);
}

/** The folder that a spec without `--out` was generated into, if it is current. */
export function currentDefault(rootPath: string, parent: string): string | undefined {
  let names: readonly string[];
  try {
    names = readdirSync(parent);
  } catch {
    return undefined;
  }
  return names
    .map((name) => join(parent, name))
    .find(
      (out, index) => readManifest(out)?.api === names[index] && currentManifest(rootPath, out) !== undefined,
    );
}
