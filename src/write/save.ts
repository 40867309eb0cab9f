import { mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import type { Change, Comparison } from "./compare.js";
import { digest } from "./digest.js";
import { isSealed, JOURNAL, MANIFEST, manifestText, type Manifest } from "./manifest.js";

/** What a run did to the output folder, or why it did nothing. */
export interface Saved {
  readonly diagnostics: readonly Diagnostic[];
  /** Paths in the output folder. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/** Ends the name of a file that was written aside. */
const ASIDE = ".topicsmith-new";

/**
 * Brings the output folder to what was printed. Files are written aside first and then renamed, the manifest last:
 * a crash leaves whole files only, and a journal by which the next run knows its own.
 */
export function save(
  out: string,
  comparison: Comparison,
  options: { readonly about: Omit<Manifest, "outputs">; readonly overwrite: boolean },
): Saved {
  const { changes } = comparison;
  const refusals = changes.flatMap((change) => refusal(out, change, options.overwrite));
  if (refusals.length > 0) return { diagnostics: refusals, written: [], removed: [], unchanged: 0 };

  const writes = changes.flatMap((change) =>
    change.kind !== "unchanged" && "file" in change ? [change.file] : [],
  );
  const removed = changes.flatMap((change) => (change.kind === "remove" ? [change.path] : []));
  const kept = changes.flatMap((change) => (change.kind === "leave" ? [change.path] : []));
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
      writeFileSync(target + ASIDE, text);
    }
    for (const { path } of writes) renameSync(join(out, path) + ASIDE, join(out, path));
    for (const path of removed) removeFile(out, path);
    for (const path of comparison.interrupted) rmSync(join(out, path) + ASIDE, { force: true });
    if (
      !isSealed(out) ||
      comparison.manifest === undefined ||
      manifest !== manifestText(comparison.manifest)
    ) {
      replace(join(out, MANIFEST), manifest);
    }
    rmSync(join(out, JOURNAL), { force: true });
  } catch (error) {
    for (const { path } of writes) rmSync(join(out, path) + ASIDE, { force: true });
    const cause = error instanceof Error ? error.message : String(error);
    return {
      diagnostics: [diagnostic("cannot-write", { out, cause })],
      written: [],
      removed: [],
      unchanged: 0,
    };
  }
  const left = kept.map((path) => diagnostic("edited-file-left", { file: join(out, path) }));
  const unchanged = changes.filter(({ kind }) => kind === "unchanged").length;
  return { diagnostics: left, written: writes.map(({ path }) => path), removed, unchanged };
}

function refusal(out: string, change: Change, overwrite: boolean): Diagnostic[] {
  if (change.kind !== "foreign") return [];
  const file = join(out, change.file.path);
  if (change.obstacle) return [diagnostic("obstacle", { file })];
  return overwrite ? [] : [diagnostic("foreign-file", { file })];
}

/** Writes a file so that it is there wholly or not at all. */
function replace(path: string, text: string): void {
  writeFileSync(path + ASIDE, text);
  renameSync(path + ASIDE, path);
}

/** Removes a file that we printed, and the folders that this empties. */
function removeFile(out: string, path: string): void {
  rmSync(join(out, path), { force: true });
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    try {
      rmdirSync(join(out, folder));
    } catch {
      return; // Not empty: it holds what others put there, or what is still printed.
    }
  }
}
