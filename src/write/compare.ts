import { lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { digest } from "./digest.js";
import type { FinishedFile } from "./format.js";
import { isInside, readJournal, readManifest, type Manifest } from "./manifest.js";

/** What stands at a path of the output folder. */
export type Presence =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly text: string }
  | { readonly kind: "obstacle" };

/** What has to happen to one path. */
export type Change =
  | { readonly kind: "unchanged" | "create"; readonly file: FinishedFile }
  | { readonly kind: "update"; readonly file: FinishedFile; readonly before: string }
  /** In our way, and we did not print it. */
  | { readonly kind: "foreign"; readonly file: FinishedFile; readonly obstacle: boolean }
  /** We printed it earlier and no longer do. */
  | { readonly kind: "remove"; readonly path: string }
  /** The same, but somebody edited it since: it stays. */
  | { readonly kind: "leave"; readonly path: string };

/** An output folder beside what should be in it. */
export interface Comparison {
  readonly changes: readonly Change[];
  readonly manifest: Manifest | undefined;
  /** What an earlier run that did not come to its end was about to write. */
  readonly interrupted: readonly string[];
}

/** Compares what was printed with what is there; touches nothing. */
export function compareOutput(out: string, files: readonly FinishedFile[]): Comparison {
  const manifest = readManifest(out);
  const journal = readJournal(out);
  const ours = new Set([...Object.keys(manifest?.outputs ?? {}), ...journal]);
  const printed = new Set(files.map(({ path }) => path));
  const changes = files.map((file): Change => {
    const present = presence(out, file.path);
    if (present.kind === "absent") return { kind: "create", file };
    if (present.kind === "obstacle") return { kind: "foreign", file, obstacle: true };
    if (present.text === file.text) return { kind: "unchanged", file };
    return ours.has(file.path)
      ? { kind: "update", file, before: present.text }
      : { kind: "foreign", file, obstacle: false };
  });
  for (const path of ours) {
    if (printed.has(path) || !isInside(path)) continue;
    const present = presence(out, path);
    if (present.kind !== "file") continue;
    const known = manifest?.outputs[path];
    // What only the journal knows was never finished: nobody can have relied on it.
    const edited = known !== undefined && known !== digest(present.text);
    changes.push({ kind: edited ? "leave" : "remove", path });
  }
  return { changes, manifest, interrupted: journal };
}

/** What stands at `path` below `out`; a file where a folder should be is an obstacle too. */
function presence(out: string, path: string): Presence {
  const levels = path.split("/");
  for (let depth = 0; depth < levels.length; depth++) {
    const folder = join(out, ...levels.slice(0, depth));
    // The output folder itself may be a link; inside it, nothing is.
    const kind = kindOf(folder, depth === 0 ? statSync : lstatSync);
    if (kind === "absent") return { kind: "absent" };
    if (kind !== "folder") return { kind: "obstacle" };
  }
  const full = join(out, path);
  const kind = kindOf(full, lstatSync);
  if (kind === "absent") return { kind: "absent" };
  return kind === "file" ? { kind: "file", text: readFileSync(full, "utf8") } : { kind: "obstacle" };
}

function kindOf(path: string, stat: typeof lstatSync): "absent" | "folder" | "file" | "other" {
  try {
    const entry = stat(path);
    return entry.isDirectory() ? "folder" : entry.isFile() ? "file" : "other";
  } catch (error) {
    // A file among the folders on the way is no absence: nothing can be written below it.
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "absent" : "other";
  }
}
