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

/** The files of a spec, each read once. */
export class SourceFiles {
  readonly #problems: DiagnosticCollector;
  /** The folder of the root file: as the user spelled it, and in full. */
  readonly #folder: { readonly spelled: string; readonly full: string };
  readonly #rootPath: string;
  readonly #files = new Map<string, SourceFile>();

  constructor(rootPath: string, problems: DiagnosticCollector) {
    const spelled = sep === "\\" ? rootPath.replaceAll("\\", "/") : rootPath;
    this.#problems = problems;
    this.#rootPath = resolve(rootPath);
    this.#folder = { spelled: posix.dirname(spelled), full: dirname(this.#rootPath) };
  }

  /** Every file that has a text, in the order met. */
  get all(): readonly SourceFile[] {
    return [...this.#files.values()];
  }

  /** Reads the root file. */
  root(): Promise<SourceFile | undefined> {
    return this.read(this.#rootPath);
  }

  /** The full path of a file. */
  fullPath(file: SourceFile): string {
    return resolve(this.#folder.full, file.id);
  }

  /** The `file:` URL of a file, which its references start from. */
  urlOf(file: SourceFile): string {
    return pathToFileURL(this.fullPath(file)).href;
  }

  /** The full path that a `file:` URL names; undefined, and a problem at the `$ref`, if it names none. */
  pathOf(url: string, ref: Location): string | undefined {
    try {
      return fileURLToPath(url);
    } catch (error) {
      // An escaped "/", or a host.
      const reason = error instanceof Error ? error.message : String(error);
      this.#problems.addAt("invalid-reference", { ref: String(valueAt(ref)), reason }, ref);
      return undefined;
    }
  }

  /** Reads the file behind the part before the `#` of a `$ref`, from file to file. */
  async readRef(uri: string, ref: Location): Promise<SourceFile | undefined> {
    const path = this.pathOf(new URL(uri, this.urlOf(ref.file)).href, ref);
    return path === undefined ? undefined : await this.read(path, ref.file.rangeOf(ref.path));
  }

  /**
   * Reads a file by its full path. Gives undefined, and a problem at `from` (what names the file), if it can not be
   * read; a file with a problem inside it has no `data`.
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
      // Reading a device or a pipe may never end.
      if (found.isFile()) return await readFile(fullPath);
      this.#problems.add("not-a-file", { file, found: found.isDirectory() ? "folder" : "device" }, from);
    } catch (error) {
      const reason = codeOf(error);
      if (MISSING.has(reason)) {
        const suggestion = await neighbourLike(fullPath);
        this.#problems.add("missing-file", { file, suggestion }, from);
      } else {
        this.#problems.add("unreadable-file", { file, reason }, from);
      }
    }
    return undefined;
  }

  #parse(bytes: Uint8Array, named: { readonly path: string; readonly id: string }): SourceFile {
    // A byte order mark is no part of the text: the decoder takes it away.
    const text = new TextDecoder("utf-8").decode(bytes);
    if (isUtf8(bytes)) return parseSource({ ...named, text }, this.#problems);
    const { line, column } = firstInvalidByte(bytes);
    const place: SourceRange = { file: named.path, line, column, endLine: line, endColumn: column + 1 };
    this.#problems.add("not-utf-8", {}, place);
    return { ...named, text, data: undefined, rangeOf: () => place };
  }
}

interface Named {
  readonly path: string;
  readonly from: SourceRange | undefined;
}

/** What the file system says when there is no such file; the last is a path with a NUL character. */
const MISSING = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** A file of the same folder whose name is like that of a missing one. */
async function neighbourLike(fullPath: string): Promise<string | undefined> {
  try {
    return didYouMean(basename(fullPath), (await readdir(dirname(fullPath))).toSorted());
  } catch {
    // The folder is missing too.
    return undefined;
  }
}
