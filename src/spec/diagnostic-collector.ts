import {
  diagnostic,
  type DiagnosticCode,
  type Diagnostic,
  type DiagnosticParams,
  type SourceRange,
} from "../diagnostics/index.js";
import type { Location } from "./document.js";

/** Collects diagnostics, and the locations of invalid values. */
export class DiagnosticCollector {
  readonly #byId = new Map<string, Diagnostic>();

  readonly #invalid: Location[] = [];

  /** The locations of values with an invalid structure, which later stages must not use. */
  get invalid(): readonly Location[] {
    return this.#invalid;
  }

  /** Marks the value at a location as invalid. */
  markInvalid(location: Location): void {
    this.#invalid.push(location);
  }

  /** All diagnostics in the order in which they were added, without duplicates. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.#byId.values()];
  }

  /** Adds a diagnostic. */
  add<C extends DiagnosticCode>(code: C, params: DiagnosticParams<C>, range?: SourceRange): void {
    const added = diagnostic(code, params, range);
    // Two references may lead to the same mistake.
    const id = JSON.stringify(added);
    if (!this.#byId.has(id)) this.#byId.set(id, added);
  }

  /** Adds a diagnostic at a value or at its key. */
  addAt<C extends DiagnosticCode>(
    code: C,
    params: DiagnosticParams<C>,
    { file, path }: Location,
    at: "key" | "value" = "value",
  ): void {
    this.add(code, params, file.rangeOf(path, at));
  }
}
