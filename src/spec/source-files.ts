import { isUtf8 } from "node:buffer";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, posix, relative, resolve, sep } from "node:path";
import { TextDecoder } from "node:util";
import { fileURLToPath, pathToFileURL } from "node:url";
import { didYouMean, type SourceRange } from "../diagnostics/index.js";
import type { Location, SourceFile } from "./document.js";
import { valueAt } from "./location.js";
import { parseSource } from "./parse-source.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { firstInvalidByte } from "./text-position.js";

/** Reads the files of a spec, each of them once. */
export class SourceFiles {
  readonly #problems: DiagnosticCollector;
  /** The root file's folder: as the user spelled it, and as an absolute path. */
  readonly #folder: { readonly spelled: string; readonly full: string };
  readonly #rootPath: string;
  readonly #files = new Map<string, SourceFile>();

  constructor(rootPath: string, problems: DiagnosticCollector) {
    const spelled = sep === "\\" ? rootPath.replaceAll("\\", "/") : rootPath;
    this.#problems = problems;
    this.#rootPath = resolve(rootPath);
    this.#folder = { spelled: posix.dirname(spelled), full: dirname(this.#rootPath) };
  }

  /** Every file that was read, in reading order. */
  get all(): readonly SourceFile[] {
    return [...this.#files.values()];
  }

  /** Reads the root file. */
  root(): Promise<SourceFile | undefined> {
    return this.read(this.#rootPath);
  }

  /** The absolute path of a file. */
  fullPath(file: SourceFile): string {
    return resolve(this.#folder.full, file.id);
  }

  /** The `file:` URL of a file, against which its references are resolved. */
  urlOf(file: SourceFile): string {
    return pathToFileURL(this.fullPath(file)).href;
  }

  /** The absolute path of a `file:` URL. Reports the `$ref` and returns undefined if the URL has no path on this system. */
  pathOf(url: string, ref: Location): string | undefined {
    try {
      return fileURLToPath(url);
    } catch (error) {
      // The URL contains an escaped "/", or a host.
      const reason = error instanceof Error ? error.message : String(error);
      this.#problems.addAt("invalid-reference", { ref: String(valueAt(ref)), reason }, ref);
      return undefined;
    }
  }

  /** Reads the file that the part of a `$ref` before its `#` names. */
  async readRef(uri: string, ref: Location): Promise<SourceFile | undefined> {
    const path = this.pathOf(new URL(uri, this.urlOf(ref.file)).href, ref);
    return path === undefined ? undefined : await this.read(path, ref.file.rangeOf(ref.path));
  }

  /**
   * Reads a file by its absolute path. If the file cannot be read, reports this at `from`, the range that names the file,
   * and returns undefined. A file with a syntax error has no `data`.
   */
  async read(fullPath: string, from?: SourceRange): Promise<SourceFile | undefined> {
    const id = relative(this.#folder.full, fullPath).replaceAll(sep, "/") || basename(fullPath);
    const known = this.#files.get(id);
    if (known) return known;
    const path = posix.join(this.#folder.spelled, id);
    const bytes = await this.#readBytes(fullPath, { path, from });
    if (!bytes) return undefined;
    const file = this.#parse(bytes, { path, id });
    this.#files.set(id, file);
    return file;
  }

  async #readBytes(fullPath: string, named: Named): Promise<Uint8Array | undefined> {
    const { path: file, from } = named;
    try {
      const found = await stat(fullPath);
      // Reading a device or a named pipe may block forever.
      if (found.isFile()) return await readFile(fullPath);
      this.#problems.add("not-a-file", { file, found: found.isDirectory() ? "folder" : "device" }, from);
    } catch (error) {
      const reason = codeOf(error);
      if (MISSING.has(reason)) {
        const suggestion = await similarFile(fullPath);
        this.#problems.add("missing-file", { file, suggestion }, from);
      } else {
        this.#problems.add("unreadable-file", { file, reason }, from);
      }
    }
    return undefined;
  }

  #parse(bytes: Uint8Array, named: { readonly path: string; readonly id: string }): SourceFile {
    // The decoder removes a byte order mark.
    const text = new TextDecoder("utf-8").decode(bytes);
    if (isUtf8(bytes)) return parseSource({ ...named, text }, this.#problems);
    const { line, column } = firstInvalidByte(bytes);
    const range: SourceRange = { file: named.path, line, column, endLine: line, endColumn: column + 1 };
    this.#problems.add("not-utf-8", {}, range);
    return { ...named, text, data: undefined, rangeOf: () => range };
  }
}

interface Named {
  readonly path: string;
  readonly from: SourceRange | undefined;
}

/** The error codes that mean that a file does not exist. ERR_INVALID_ARG_VALUE: the path contains a NUL character. */
const MISSING = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** The file in the same folder whose name is most similar to that of a missing file. */
async function similarFile(fullPath: string): Promise<string | undefined> {
  try {
    return didYouMean(basename(fullPath), (await readdir(dirname(fullPath))).toSorted());
  } catch {
    // The folder does not exist either.
    return undefined;
  }
}
