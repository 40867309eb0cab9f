import { DiagnosticList, type DiagnosticCode, type DiagnosticParams } from "../diagnostics/index.js";
import type { Location } from "./document.js";

/** Collects diagnostics, and the locations of invalid values. */
export class DiagnosticCollector extends DiagnosticList {
  readonly #invalid: Location[] = [];

  /** The locations of values with an invalid structure, which later stages must not use. */
  get invalid(): readonly Location[] {
    return this.#invalid;
  }

  /** Marks the value at a location as invalid. */
  markInvalid(location: Location): void {
    this.#invalid.push(location);
  }

  /** Adds a diagnostic at a value or at its key. */
  addAt<C extends DiagnosticCode>(
    code: C,
    params: DiagnosticParams<C>,
    { file, path }: Location,
    at: "key" | "value" = "value",
  ): void {
    this.addIn(file.path, code, params, () => file.rangeOf(path, at));
  }
}
