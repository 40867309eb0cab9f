import { mkdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import { GENERATE } from "./check.js";
import type { Change, Comparison } from "./compare.js";
import { digest } from "./digest.js";
import type { FinishedFile } from "./format-queue.js";
import { JOURNAL, journalText, type Journal } from "./journal.js";
import { isIntact, MANIFEST, manifestText, type Manifest } from "./manifest.js";
import { checkWritable, isOutputPath, makeFolders } from "./output-folder.js";
import { leftoverStagings, removeStaging, Staging } from "./staging.js";

/** The files that a run changed, or the diagnostics that kept it from changing any. */
export interface Saved {
  readonly diagnostics: readonly Diagnostic[];
  /** Paths in the output folder. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/** The steps of a run, decided before the first one is taken. */
interface Plan {
  readonly writes: readonly FinishedFile[];
  /** Paths of the files to remove. */
  readonly removed: readonly string[];
  readonly journal: Journal;
  /** The text of the manifest; undefined if the present one is right. */
  readonly manifest: string | undefined;
}

/**
 * Applies a comparison to the output folder. Writes nothing if one of its changes is refused.
 *
 * Crash-safe: the run writes its files to a staging folder, records them in a journal, and renames them, the manifest last.
 * After a crash, every file is complete, and the next run recognizes the files of this one by the digests in the journal.
 */
export function save(
  out: string,
  comparison: Comparison,
  options: {
    readonly about: Omit<Manifest, "outputs">;
    readonly overwrite: boolean;
    /** The command that generates, for messages. */
    readonly command?: string;
  },
): Saved {
  const { changes } = comparison;
  const errors = changes.flatMap((change) => refusalOf(out, change, options));
  if (errors.length > 0) return { diagnostics: errors, written: [], removed: [], unchanged: 0 };
  const plan = planOf(out, comparison, options.about);
  try {
    mkdirSync(out, { recursive: true });
    apply(out, plan);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return {
      diagnostics: [diagnostic("cannot-write", { out, cause })],
      written: [],
      removed: [],
      unchanged: 0,
    };
  }
  return {
    diagnostics: [...comparison.warnings, ...changes.flatMap((change) => warningOf(out, change))],
    written: plan.writes.map(({ path }) => path),
    removed: plan.removed,
    unchanged: changes.filter(({ kind }) => kind === "unchanged").length,
  };
}

function planOf(out: string, comparison: Comparison, about: Omit<Manifest, "outputs">): Plan {
  const { changes } = comparison;
  const files = changes.flatMap((change) => ("file" in change ? [change.file] : []));
  const impossible = files.find(({ path }) => !isOutputPath(path));
  if (impossible) throw new Error(`no generated file can have the path ${impossible.path}`);
  const manifest = manifestText({
    ...about,
    outputs: Object.fromEntries(files.map(({ path, text }) => [path, digest(text)])),
  });
  const isRight =
    isIntact(out) && comparison.manifest !== undefined && manifest === manifestText(comparison.manifest);
  return {
    writes: changes.flatMap((change) =>
      change.kind !== "unchanged" && "file" in change ? [change.file] : [],
    ),
    removed: changes.flatMap((change) => (change.kind === "remove" ? [change.path] : [])),
    journal: new Map(changes.flatMap(journalEntry)),
    manifest: isRight ? undefined : manifest,
  };
}

function journalEntry(change: Change): [string, readonly string[]][] {
  // The present content too, so that the next run recognizes it if this one is interrupted.
  if (change.kind === "update") return [[change.file.path, [digest(change.file.text), change.before]]];
  if ("file" in change) return [[change.file.path, [digest(change.file.text)]]];
  return change.kind === "remove" ? [[change.path, [change.before]]] : [];
}

function apply(out: string, { writes, removed, journal, manifest }: Plan): void {
  for (const folder of leftoverStagings(out)) removeStaging(folder);
  if (writes.length > 0 || removed.length > 0 || manifest !== undefined) {
    const staging = new Staging(out);
    try {
      const staged = writes.map(({ path, text }) => ({ path, temporary: staging.write(text) }));
      for (const path of [...writes.map((file) => file.path), ...removed]) checkWritable(out, path);
      if (writes.length > 0 || removed.length > 0) staging.replace(join(out, JOURNAL), journalText(journal));
      for (const { path, temporary } of staged) {
        makeFolders(out, path);
        renameSync(temporary, join(out, path));
      }
      for (const path of removed) removeFile(out, path);
      if (manifest !== undefined) staging.replace(join(out, MANIFEST), manifest);
    } finally {
      staging.remove();
    }
  }
  rmSync(join(out, JOURNAL), { force: true });
}

function refusalOf(
  out: string,
  change: Change,
  { overwrite, command = GENERATE }: { readonly overwrite: boolean; readonly command?: string },
): Diagnostic[] {
  if (change.kind === "conflict") return [diagnostic("path-conflict", { file: join(out, change.path) })];
  if (change.kind === "link") return [diagnostic("linked-output", { file: join(out, change.path) })];
  if (overwrite) return [];
  if (change.kind === "unmanaged")
    return [diagnostic("unmanaged-file", { file: join(out, change.file.path) })];
  if (change.kind === "edited")
    return [diagnostic("edited-file", { file: join(out, change.file.path), command })];
  return [];
}

function warningOf(out: string, change: Change): Diagnostic[] {
  if (change.kind === "keep-modified")
    return [diagnostic("modified-file-kept", { file: join(out, change.path) })];
  if (change.kind === "keep-unknown")
    return [diagnostic("unknown-file-kept", { file: join(out, change.path) })];
  return [];
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
