import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { realPath } from "./real-path.js";

/**
 * The folders whose files a spec may read: that of its root file, the git repository around it, and those that the user
 * allows. Paths are judged after all links are resolved.
 *
 * In all of them, hidden files and folders are excluded, because `.git`, `.env` and `.npmrc` hold passwords and tokens.
 */
export class ReadableFolders {
  readonly #folders: readonly string[];
  readonly #rootFile: string;

  /**
   * @param rootPath Path of the spec's root file.
   * @param allow Folders that the user allows, beside the two that every spec may read.
   */
  constructor(rootPath: string, allow: readonly string[] = []) {
    const folder = realPath(dirname(resolve(rootPath)));
    this.#rootFile = join(folder, basename(rootPath));
    const repository = repositoryOf(folder);
    this.#folders = [
      folder,
      ...(repository === undefined ? [] : [repository]),
      ...allow.map((path) => realPath(resolve(path))),
    ];
  }

  /**
   * The real path of a file, whether it exists or not; undefined if the spec may not read it. The answer does not depend on
   * whether a file outside of these folders exists.
   */
  find(path: string): string | undefined {
    // No path in the file system contains a NUL character, and functions that take paths throw for it.
    const real = path.includes("\0") ? path : realPath(path);
    // The user named the root file, so its name may begin with a dot. If it is a link, its real path differs.
    if (real === this.#rootFile) return real;
    return this.#folders.some((folder) => isVisibleIn(folder, real)) ? real : undefined;
  }
}

function isVisibleIn(folder: string, path: string): boolean {
  const way = relative(folder, path);
  if (isAbsolute(way)) return false;
  // `..` begins with a dot, too.
  return way !== "" && !way.split(sep).some((level) => level.startsWith("."));
}

/** The nearest folder, from `folder` on upwards, that has a `.git`. */
function repositoryOf(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryOf(parent);
}
