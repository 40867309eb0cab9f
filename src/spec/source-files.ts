import { didYouMean, type SourceRange } from "../diagnostics/index.js";
import type { Location, SourceFile } from "./document.js";
import { folderOf, joinPaths, type FileAccess } from "./file-access.js";
import { valueAt } from "./location.js";
import { parseSource } from "./parse-source.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import { firstInvalidByte, isUtf8 } from "./text-position.js";

/**
 * Largest file of a spec, in bytes. The YAML library needs up to 330 bytes of memory for a byte of text, so that a larger file
 * could exceed Node's default heap of 4 GB. Schemas of whole products, such as that of FHIR, have half of this size.
 */
const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Reads the files of a spec, each of them once. */
export class SourceFiles {
  readonly #problems: DiagnosticCollector;
  /** The root file's folder: as the user spelled it, and as an absolute path. */
  readonly #folder: { readonly spelled: string; readonly full: string };
  readonly #rootPath: string;
  readonly #access: FileAccess;
  readonly #files = new Map<string, SourceFile>();
  readonly #inputs = new Set<string>();

  constructor(rootPath: string, problems: DiagnosticCollector, access: FileAccess) {
    this.#problems = problems;
    this.#access = access;
    this.#rootPath = access.resolve(rootPath);
    this.#folder = {
      spelled: folderOf(access.withSlashes(rootPath)),
      full: access.dirname(this.#rootPath),
    };
  }

  /** Every file that was read, in reading order. */
  get all(): readonly SourceFile[] {
    return [...this.#files.values()];
  }

  /** Full paths of the files that were read, and of those that could not be read. */
  get inputs(): readonly string[] {
    return [...this.#inputs];
  }

  /** Reads the root file. */
  root(): SourceFile | undefined {
    return this.read(this.#rootPath);
  }

  /** The absolute path of a file. */
  fullPath(file: SourceFile): string {
    return this.#access.resolve(file.id, this.#folder.full);
  }

  /** The `file:` URL of a file, against which its references are resolved. */
  urlOf(file: SourceFile): string {
    return this.#access.toUrl(this.fullPath(file));
  }

  /**
   * The absolute path of a `file:` URL, or of a reference relative to its file. Reports the `$ref` and returns undefined for a URL that has
   * no path on this system.
   */
  pathOf(uri: string, ref: Location): string | undefined {
    try {
      return this.#access.fromUrl(new URL(uri, this.urlOf(ref.file)).href);
    } catch (error) {
      // The URL contains an escaped "/", or a host, or is none: a "\" counts as "/", so that a host may follow.
      const reason = error instanceof Error ? error.message : String(error);
      this.#problems.addAt("invalid-reference", { ref: String(valueAt(ref)), reason }, ref);
      return undefined;
    }
  }

  /** Reads the file that the part of a `$ref` before its `#` names. */
  readRef(uri: string, ref: Location): SourceFile | undefined {
    const path = this.pathOf(uri, ref);
    return path === undefined ? undefined : this.read(path, ref.file.rangeOf(ref.path));
  }

  /**
   * Reads a file by its absolute path. If the file cannot be read, reports this at `from`, the range that names the file,
   * and returns undefined. A file with a syntax error has no `data`.
   */
  read(fullPath: string, from?: SourceRange): SourceFile | undefined {
    const id = this.#access.relative(this.#folder.full, fullPath) || this.#access.basename(fullPath);
    const known = this.#files.get(id);
    if (known) return known;
    const path = joinPaths(this.#folder.spelled, id);
    const bytes = this.#readBytes(fullPath, { path, from });
    if (!bytes) return undefined;
    const file = this.#parse(bytes, { path, id });
    this.#files.set(id, file);
    return file;
  }

  #readBytes(fullPath: string, { path: file, from }: Named): Uint8Array | undefined {
    const content = this.#access.read(fullPath, MAX_FILE_BYTES);
    // A file that the spec may not read is not even named: its folder would be watched.
    if (content.kind !== "outside") this.#inputs.add(fullPath);
    switch (content.kind) {
      case "file":
        return content.bytes;
      case "outside":
        // Nothing about the file is reported, not even whether it exists.
        this.#problems.add("outside-file", { file }, from);
        break;
      case "absent":
        this.#problems.add("missing-file", { file, suggestion: this.#similarFile(fullPath) }, from);
        break;
      case "folder":
      case "device":
        this.#problems.add("not-a-file", { file, found: content.kind }, from);
        break;
      case "too-large":
        this.#problems.add("too-large-file", { file, limit: MAX_FILE_BYTES }, from);
        break;
      case "link":
        this.#problems.add("unreadable-file", { file, reason: "ELOOP" }, from);
        break;
      case "unreadable":
        this.#problems.add("unreadable-file", { file, reason: content.code }, from);
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

  /** The file in the same folder whose name is most similar to that of a missing file. */
  #similarFile(fullPath: string): string | undefined {
    return didYouMean(this.#access.basename(fullPath), this.#access.siblings(fullPath));
  }
}

interface Named {
  readonly path: string;
  readonly from: SourceRange | undefined;
}
