import { mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import type { Change, Comparison } from "./compare.js";
import { digest } from "./digest.js";
import { isIntact, JOURNAL, MANIFEST, manifestText, type Manifest } from "./manifest.js";

/** The files that a run changed, or the diagnostics that kept it from changing any. */
export interface Saved {
  readonly diagnostics: readonly Diagnostic[];
  /** Paths in the output folder. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/** Suffix of temporary files. */
const TEMP_SUFFIX = ".topicsmith-new";

/**
 * Applies a comparison to the output folder. Writes nothing if one of its changes is refused.
 *
 * Crash-safe: the run lists its files in a journal, writes them under temporary names, and renames them, the manifest last.
 * After a crash, every file is complete, and the next run finds the files of this one in the journal.
 */
export function save(
  out: string,
  comparison: Comparison,
  options: { readonly about: Omit<Manifest, "outputs">; readonly overwrite: boolean },
): Saved {
  const { changes } = comparison;
  const errors = changes.flatMap((change) => refusalOf(out, change, options.overwrite));
  if (errors.length > 0) return { diagnostics: errors, written: [], removed: [], unchanged: 0 };

  const writes = changes.flatMap((change) =>
    change.kind !== "unchanged" && "file" in change ? [change.file] : [],
  );
  const removed = changes.flatMap((change) => (change.kind === "remove" ? [change.path] : []));
  const kept = changes.flatMap((change) => (change.kind === "keep-modified" ? [change.path] : []));
  const outputs = Object.fromEntries(
    changes.flatMap((change) => ("file" in change ? [[change.file.path, digest(change.file.text)]] : [])),
  );
  const manifest = manifestText({ ...options.about, outputs });

  try {
    mkdirSync(out, { recursive: true });
    if (writes.length > 0 || removed.length > 0) {
      replace(join(out, JOURNAL), JSON.stringify([...new Set([...Object.keys(outputs), ...removed])]));
    }
    for (const { path, text } of writes) {
      const target = join(out, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target + TEMP_SUFFIX, text);
    }
    for (const { path } of writes) renameSync(join(out, path) + TEMP_SUFFIX, join(out, path));
    for (const path of removed) removeFile(out, path);
    for (const path of comparison.interrupted) rmSync(join(out, path) + TEMP_SUFFIX, { force: true });
    if (
      !isIntact(out) ||
      comparison.manifest === undefined ||
      manifest !== manifestText(comparison.manifest)
    ) {
      replace(join(out, MANIFEST), manifest);
    }
    rmSync(join(out, JOURNAL), { force: true });
  } catch (error) {
    for (const { path } of writes) rmSync(join(out, path) + TEMP_SUFFIX, { force: true });
    const cause = error instanceof Error ? error.message : String(error);
    return {
      diagnostics: [diagnostic("cannot-write", { out, cause })],
      written: [],
      removed: [],
      unchanged: 0,
    };
  }
  const warnings = kept.map((path) => diagnostic("modified-file-kept", { file: join(out, path) }));
  const unchanged = changes.filter(({ kind }) => kind === "unchanged").length;
  return { diagnostics: warnings, written: writes.map(({ path }) => path), removed, unchanged };
}

function refusalOf(out: string, change: Change, overwrite: boolean): Diagnostic[] {
  if (change.kind === "conflict") return [diagnostic("path-conflict", { file: join(out, change.file.path) })];
  if (change.kind === "unmanaged" && !overwrite)
    return [diagnostic("unmanaged-file", { file: join(out, change.file.path) })];
  return [];
}

/** Writes a file atomically. */
function replace(path: string, text: string): void {
  writeFileSync(path + TEMP_SUFFIX, text);
  renameSync(path + TEMP_SUFFIX, path);
}

/** Removes a generated file, and the folders that become empty by it. */
function removeFile(out: string, path: string): void {
  rmSync(join(out, path), { force: true });
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    try {
      rmdirSync(join(out, folder));
    } catch {
      return; // The folder is not empty.
    }
  }
}
