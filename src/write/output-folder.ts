import { accessSync, constants, lstatSync, mkdirSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { codeOf, kindOf, readRegularFile } from "../files/index.js";

/** Largest file of an output folder that is read, in bytes: far beyond any generated file. A larger one is a conflict. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The hidden files that are generated. */
const HIDDEN: ReadonlySet<string> = new Set([".gitattributes", ".gitignore"]);

/** The folders of an output folder that contain generated files. */
const FOLDERS: ReadonlySet<string> = new Set(["src", "cjs", "extensions", "resources", "runtime"]);

/** The present state of a path in the output folder. */
export type PathState =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly bytes: Uint8Array }
  /** The path is a symbolic link or lies below one. `link` is the path of the link. */
  | { readonly kind: "link"; readonly link: string }
  /** Not a file, or below something that is not a folder. */
  | { readonly kind: "conflict" };

/**
 * Whether the generator could write a file at a path of an output folder. Manifests and journals come from other people's
 * branches, so the paths in them are held to the rule for written ones.
 *
 * Generated files lie in the output folder itself, in `src` or in `cjs`; without a package around them, in `extensions`, `resources`
 * or `runtime`. Only the files of git are hidden.
 */
export function isOutputPath(path: string): boolean {
  if (HIDDEN.has(path)) return true;
  const levels = path.split("/");
  if (levels.length > 1 && !FOLDERS.has(levels[0] ?? "")) return false;
  return levels.every((level) => /^[\p{L}\p{M}\p{N}_-][\p{L}\p{M}\p{N}._-]*$/u.test(level));
}

/** Reads a path of an output folder. Follows no link inside of it; the folder itself may be a link. */
export function stateOf(out: string, path: string): PathState {
  const above = stateAbove(out, path);
  if (above !== undefined) return above;
  const content = readRegularFile(join(out, path), MAX_OUTPUT_BYTES);
  if (content.kind === "file") return content;
  if (content.kind === "absent") return { kind: "absent" };
  return content.kind === "link" ? { kind: "link", link: path } : { kind: "conflict" };
}

/** The state of a path whose folders do not all exist; undefined if they do. */
function stateAbove(out: string, path: string): PathState | undefined {
  const levels = path.split("/").slice(0, -1);
  for (let depth = 0; depth <= levels.length; depth++) {
    const folder = levels.slice(0, depth).join("/");
    const kind = folderKind(join(out, folder), depth === 0 ? statSync : lstatSync);
    if (kind === "absent") return { kind: "absent" };
    if (kind === "link") return { kind: "link", link: folder };
    if (kind !== "folder") return { kind: "conflict" };
  }
  return undefined;
}

function folderKind(path: string, stat: (path: string) => Stats): ReturnType<typeof kindOf> | "absent" {
  try {
    return kindOf(stat(path));
  } catch (error) {
    // ENOTDIR (a file on the way to the path) does not count as absent, because nothing can be written there.
    return codeOf(error) === "ENOENT" ? "absent" : "device";
  }
}

/**
 * Creates the folders of a path that do not exist.
 *
 * @throws Error if one of them is not a folder or cannot be written.
 */
export function makeFolders(out: string, path: string): void {
  const levels = path.split("/").slice(0, -1);
  for (let depth = 1; depth <= levels.length; depth++) {
    const folder = join(out, ...levels.slice(0, depth));
    const kind = folderKind(folder, lstatSync);
    // Not with `recursive`, which would accept a link that appears in the meantime.
    if (kind === "absent") mkdirSync(folder);
    else if (kind !== "folder") throw new Error(`${folder} is not a folder`);
  }
}

/**
 * Checks that the folder of a path can be written, if it exists already.
 *
 * @throws Error if it cannot be written.
 */
export function checkWritable(out: string, path: string): void {
  const folder = join(out, ...path.split("/").slice(0, -1));
  if (folderKind(folder, lstatSync) === "folder") accessSync(folder, constants.W_OK);
}
