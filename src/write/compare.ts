import { lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { digest } from "./digest.js";
import type { FinishedFile } from "./format.js";
import { isInside, readJournal, readManifest, type Manifest } from "./manifest.js";

/** The present state of a path in the output folder. */
type PathState =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly text: string }
  /** Not a file, or below something that is not a folder. */
  | { readonly kind: "conflict" };

/** The change that brings one path of the output folder up to date. */
export type Change =
  | { readonly kind: "unchanged" | "create"; readonly file: FinishedFile }
  | { readonly kind: "update"; readonly file: FinishedFile; readonly before: string }
  /** A file exists at the path that topicsmith did not generate. */
  | { readonly kind: "unmanaged"; readonly file: FinishedFile }
  /** No file can be written to the path: it is a folder, or below a file. */
  | { readonly kind: "conflict"; readonly file: FinishedFile }
  /** A file that an earlier run generated and this one does not. */
  | { readonly kind: "remove"; readonly path: string }
  /** Like `remove`, but the user has edited the file since, so it is kept. */
  | { readonly kind: "keep-modified"; readonly path: string };

/** An output folder, compared with the files that belong into it. */
export interface Comparison {
  readonly changes: readonly Change[];
  readonly manifest: Manifest | undefined;
  /** Paths in the journal of a run that was interrupted. */
  readonly interrupted: readonly string[];
}

/** Compares generated files with those in the output folder. Writes nothing. */
export function compareOutput(out: string, files: readonly FinishedFile[]): Comparison {
  const manifest = readManifest(out);
  const journal = readJournal(out);
  const managed = new Set([...Object.keys(manifest?.outputs ?? {}), ...journal]);
  const generated = new Set(files.map(({ path }) => path));
  const changes = files.map((file): Change => {
    const state = stateOf(out, file.path);
    if (state.kind === "absent") return { kind: "create", file };
    if (state.kind === "conflict") return { kind: "conflict", file };
    if (state.text === file.text) return { kind: "unchanged", file };
    return managed.has(file.path)
      ? { kind: "update", file, before: state.text }
      : { kind: "unmanaged", file };
  });
  for (const path of managed) {
    if (generated.has(path) || !isInside(path)) continue;
    const state = stateOf(out, path);
    if (state.kind !== "file") continue;
    const expected = manifest?.outputs[path];
    // A file that only the journal lists was never finished, so it has no edits worth keeping.
    const modified = expected !== undefined && expected !== digest(state.text);
    changes.push({ kind: modified ? "keep-modified" : "remove", path });
  }
  return { changes, manifest, interrupted: journal };
}

function stateOf(out: string, path: string): PathState {
  const levels = path.split("/");
  for (let depth = 0; depth < levels.length; depth++) {
    const folder = join(out, ...levels.slice(0, depth));
    // The output folder itself may be a symbolic link. Folders inside it must be real ones.
    const kind = kindOf(folder, depth === 0 ? statSync : lstatSync);
    if (kind === "absent") return { kind: "absent" };
    if (kind !== "folder") return { kind: "conflict" };
  }
  const full = join(out, path);
  const kind = kindOf(full, lstatSync);
  if (kind === "absent") return { kind: "absent" };
  return kind === "file" ? { kind: "file", text: readFileSync(full, "utf8") } : { kind: "conflict" };
}

function kindOf(path: string, stat: typeof lstatSync): "absent" | "folder" | "file" | "other" {
  try {
    const entry = stat(path);
    return entry.isDirectory() ? "folder" : entry.isFile() ? "file" : "other";
  } catch (error) {
    // ENOTDIR (a file on the way to the path) does not count as absent, because nothing can be written there.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "absent" : "other";
  }
}
