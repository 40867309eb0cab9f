import { readdirSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ReadableFolders, readRegularFile } from "../files/index.js";
import { contentOf, type FileAccess, type ReadText } from "./file-access.js";

/** The settings of {@link diskFiles}. */
export interface DiskOptions {
  /** Folders whose files may be read, beside the root file's folder and its git repository. */
  readonly allow?: readonly string[] | undefined;
  /** A reader that is asked before the disk. */
  readonly read?: ReadText | undefined;
}

/** The files of a spec on disk, as far as it may read them. */
export function diskFiles(rootPath: string, { allow, read }: DiskOptions = {}): FileAccess {
  const readable = new ReadableFolders(rootPath, allow);
  return {
    resolve: (path, folder = ".") => resolve(folder, path),
    dirname,
    basename: (path) => basename(path),
    relative: (folder, fullPath) => relative(folder, fullPath).replaceAll(sep, "/"),
    withSlashes: (path) => (sep === "\\" ? path.replaceAll("\\", "/") : path),
    toUrl: (fullPath) => pathToFileURL(fullPath).href,
    fromUrl: (url) => fileURLToPath(url),
    read(fullPath, maxBytes) {
      const text = read?.(fullPath);
      if (text !== undefined) return contentOf(text, maxBytes);
      const realPath = readable.find(fullPath);
      return realPath === undefined ? { kind: "outside" } : readRegularFile(realPath, maxBytes);
    },
    siblings(fullPath) {
      const realPath = readable.find(fullPath);
      if (realPath === undefined) return [];
      try {
        return readdirSync(dirname(realPath)).toSorted();
      } catch {
        return []; // The folder does not exist either.
      }
    },
  };
}
