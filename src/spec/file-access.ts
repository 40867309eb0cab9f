import type { FileContent } from "../files/index.js";

/** Access to the files of a spec: those of a disk, texts in memory, or both. Full paths are absolute. */
export interface FileAccess {
  /** The full path of a path that the user spelled, or of one relative to a full path of a folder. */
  resolve(path: string, folder?: string): string;
  dirname(fullPath: string): string;
  basename(fullPath: string): string;
  /** The way from a folder to a file, with `/` between levels. */
  relative(folder: string, fullPath: string): string;
  /** A path as the user spelled it, with `/` between levels. */
  withSlashes(path: string): string;
  /** The `file:` URL of a full path. */
  toUrl(fullPath: string): string;
  /**
   * The full path of a `file:` URL.
   *
   * @throws Error if the URL has no path on this system.
   */
  fromUrl(url: string): string;
  /** Reads a file; `outside` if the spec may not read it, whether it exists or not. */
  read(fullPath: string, maxBytes: number): FileContent | { readonly kind: "outside" };
  /** The names of the files beside a file, for suggestions. Empty if its folder cannot be read. */
  siblings(fullPath: string): readonly string[];
}

/**
 * A reader of texts that are not on disk, such as the unsaved text of an editor.
 *
 * @param path The absolute path of a file.
 * @returns The file's text; undefined to read it from disk, where there is one.
 */
export type ReadText = (path: string) => string | undefined;

/** The text that a reader has for a file, as content. */
export function contentOf(text: string, maxBytes: number): FileContent {
  const bytes = new TextEncoder().encode(text);
  return bytes.length > maxBytes ? { kind: "too-large" } : { kind: "file", bytes };
}

/** The folder of a path whose levels `/` separates; `.` if it has none. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf("/");
  if (end < 0) return ".";
  return path.slice(0, end).replace(/\/+$/, "") || "/";
}

/** The last level of a path whose levels `/` separates. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Joins a folder and a relative path, and resolves `.` and `..`. Like `join` of Node's POSIX paths, `.` disappears. */
export function joinPaths(folder: string, path: string): string {
  const isAbsolute = folder.startsWith("/");
  const levels: string[] = [];
  for (const level of `${folder}/${path}`.split("/")) {
    if (level === "" || level === ".") continue;
    if (level !== "..") levels.push(level);
    else if (levels.length > 0 && levels.at(-1) !== "..") levels.pop();
    else if (!isAbsolute) levels.push(level);
  }
  return `${isAbsolute ? "/" : ""}${levels.join("/")}` || ".";
}
