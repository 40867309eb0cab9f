import { contentOf, folderOf, joinPaths, nameOf, type FileAccess, type ReadText } from "./file-access.js";

/** The files of a spec in memory. Paths have `/` between levels; a relative one is below `/`. */
export function memoryFiles(read: ReadText): FileAccess {
  return {
    resolve: (path, folder = "/") => joinPaths(path.startsWith("/") ? "/" : folder, path),
    dirname: folderOf,
    basename: nameOf,
    relative: relativeTo,
    withSlashes: (path) => path,
    toUrl: (fullPath) => `file://${fullPath.split("/").map(encodeURIComponent).join("/")}`,
    fromUrl: pathOf,
    read(fullPath, maxBytes) {
      const text = read(fullPath);
      return text === undefined ? { kind: "absent" } : contentOf(text, maxBytes);
    },
    siblings: () => [],
  };
}

function relativeTo(folder: string, fullPath: string): string {
  const from = folder.split("/").filter((level) => level !== "");
  const to = fullPath.split("/").filter((level) => level !== "");
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => ".."), ...to.slice(shared)].join("/");
}

function pathOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  if (protocol !== "file:") throw new TypeError("The URL must be of scheme file");
  if (host !== "") throw new TypeError("File URL host must be empty");
  if (/%2f/i.test(pathname)) throw new TypeError("File URL path must not include encoded / characters");
  return decodeURIComponent(pathname);
}
