import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from "node:fs";

/** The content of a regular file, or the reason why it was not read. */
export type FileContent =
  | { readonly kind: "file"; readonly bytes: Uint8Array }
  | { readonly kind: "absent" | "folder" | "link" | "device" | "too-large" }
  | { readonly kind: "unreadable"; readonly code: string };

/** Error codes that mean that a path does not exist. ERR_INVALID_ARG_VALUE: the path contains a NUL character. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"]);

/**
 * Reads a regular file of at most `maxBytes` bytes. Does not follow a link at the end of the path. Opens no named pipe, no
 * device and no socket, because that could block forever.
 */
export function readRegularFile(path: string, maxBytes: number): FileContent {
  let descriptor: number | undefined;
  try {
    const before = kindOf(lstatSync(path));
    if (before !== "file") return { kind: before };
    // Something else may have taken its place by now: a link is not followed, and opening a pipe does not wait for a writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const opened = fstatSync(descriptor);
    const kind = kindOf(opened);
    return kind === "file" ? readAll(descriptor, opened.size, maxBytes) : { kind };
  } catch (error) {
    const code = codeOf(error);
    return ABSENT.has(code) ? { kind: "absent" } : { kind: "unreadable", code };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The kind of an entry: a regular file, a folder, a link, or something that reads from elsewhere. */
export function kindOf(entry: Stats): "file" | "folder" | "link" | "device" {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "device";
}

/** The code of a file system error, such as `EACCES`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** Bytes to read at once beyond the size that a file claims: only files that grow, and those in /proc, have them. */
const FURTHER_BYTES = 65_536;

/** Reads up to the end, since the size of a file may change, and files such as those in /proc claim to be empty. */
function readAll(descriptor: number, size: number, maxBytes: number): FileContent {
  const chunks: Uint8Array[] = [];
  // One byte more than expected, so that the end shows without another buffer.
  let chunk = new Uint8Array(Math.min(maxBytes, size) + 1);
  let total = 0;
  for (let filled = 0; ;) {
    const count = readSync(descriptor, chunk, filled, chunk.length - filled, null);
    filled += count;
    total += count;
    if (total > maxBytes) return { kind: "too-large" };
    if (count > 0 && filled < chunk.length) continue;
    chunks.push(chunk.subarray(0, filled));
    if (count === 0)
      return { kind: "file", bytes: chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks) };
    chunk = new Uint8Array(FURTHER_BYTES);
    filled = 0;
  }
}
