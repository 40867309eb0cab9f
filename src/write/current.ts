import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { digest, generatorDigest } from "./digest.js";
import { readJournal, readManifest, type Manifest } from "./manifest.js";

/** Digests of the files at `ids`, which are relative to the folder of the root file. Throws if one can not be read. */
export function inputDigests(rootPath: string, ids: readonly string[]): Readonly<Record<string, string>> {
  const folder = dirname(rootPath);
  return Object.fromEntries(ids.map((id) => [id, digest(readFileSync(join(folder, id)))]));
}

/**
 * Whether the output folder holds just what this generator gave for this spec, told by digests alone, so that a run
 * that changes nothing reads files and loads no library. A spec with remarks is read again, to repeat them.
 */
export function isCurrent(rootPath: string, out: string): Manifest | undefined {
  const manifest = readManifest(out);
  if (manifest === undefined || manifest.remarks > 0 || readJournal(out).length > 0) return undefined;
  try {
    const inputs = inputDigests(rootPath, Object.keys(manifest.inputs));
    if (!same(inputs, manifest.inputs) || !isRootOf(rootPath, manifest)) return undefined;
    for (const [path, expected] of Object.entries(manifest.outputs)) {
      if (digest(readFileSync(join(out, path))) !== expected) return undefined;
    }
    return manifest.generator === generatorDigest() ? manifest : undefined;
  } catch {
    // A file is gone, or can not be read: the full run says which, and why.
    return undefined;
  }
}

/** The root file is always the first input. */
function isRootOf(rootPath: string, manifest: Manifest): boolean {
  const name = rootPath.replaceAll("\\", "/").split("/").at(-1) ?? "";
  return Object.hasOwn(manifest.inputs, name);
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.entries(a).every(([key, value]) => b[key] === value);
}
