import {
  diagnostic,
  type DiagnosticCode,
  type Diagnostic,
  type DiagnosticParams,
} from "../diagnostics/index.js";
import type { SchemaSet } from "../schema/index.js";
import type { Location, Path, SpecDocument } from "../spec/document.js";

/** The spec and its schemas, and the diagnostics that building the model has reported. */
export class Context {
  readonly diagnostics: Diagnostic[] = [];
  /** Positions of invalid paths. */
  readonly withoutTopic = new Set<string>();
  readonly #seen = new Set<string>();

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
    const found = diagnostic(code, params, location.file.rangeOf(location.path, at));
    const key = JSON.stringify(found);
    // Two extensions that share a file would say everything twice.
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.diagnostics.push(found);
  }

  /** A location in the root file. */
  root(...path: Path): Location {
    return { file: this.document.root, path };
  }
}
