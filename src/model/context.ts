import { DiagnosticList, type DiagnosticCode, type DiagnosticParams } from "../diagnostics/index.js";
import type { SchemaSet } from "../schema/index.js";
import type { Location, Path, SpecDocument } from "../spec/document.js";

/** The spec and its schemas, and the diagnostics that building the model has reported. */
export class Context {
  readonly problems = new DiagnosticList();
  /** Positions of invalid paths. */
  readonly withoutTopic = new Set<string>();
  readonly #once = new Set<string>();

  constructor(
    readonly document: SpecDocument,
    readonly schemas: SchemaSet,
  ) {}

  /** Adds a diagnostic at the value, or the key, at `location`. */
  report<C extends DiagnosticCode>(
    code: C,
    params: DiagnosticParams<C>,
    location: Location,
    at: "key" | "value" = "value",
  ): void {
    const { file, path } = location;
    this.problems.addIn(file.path, code, params, () => file.rangeOf(path, at));
  }

  /** Reports a mistake of a protocol's message, which every resource shares, only once. */
  reportOnce<C extends DiagnosticCode>(code: C, params: DiagnosticParams<C>, location: Location): void {
    const id = `${code} ${location.file.id} ${location.path.join("/")} ${"name" in params ? String(params.name) : ""}`;
    if (this.#once.has(id)) return;
    this.#once.add(id);
    this.report(code, params, location);
  }

  /** A location in the root file. */
  root(...path: Path): Location {
    return { file: this.document.root, path };
  }
}
