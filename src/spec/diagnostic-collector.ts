import {
  diagnostic,
  type DiagnosticCode,
  type Diagnostic,
  type DiagnosticParams,
  type SourceRange,
} from "../diagnostics/index.js";
import type { Location } from "./document.js";

/** Collects what is wrong while a spec is read. */
export class DiagnosticCollector {
  readonly #found = new Map<string, Diagnostic>();

  readonly #damaged: Location[] = [];

  /** Where a value is not what its type says. */
  get invalid(): readonly Location[] {
    return this.#damaged;
  }

  /** Notes that the value at a location has a wrong shape, so that nothing is to be concluded from it. */
  markInvalid(location: Location): void {
    this.#damaged.push(location);
  }

  /** All of them, in the order met, each once. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.#found.values()];
  }

  /** Adds one with a place in a text. */
  add<C extends DiagnosticCode>(code: C, params: DiagnosticParams<C>, place?: SourceRange): void {
    const problem = diagnostic(code, params, place);
    // One text may be reached in two ways.
    const id = JSON.stringify(problem);
    if (!this.#found.has(id)) this.#found.set(id, problem);
  }

  /** Adds one at a value, or at its key. */
  addAt<C extends DiagnosticCode>(
    code: C,
    params: DiagnosticParams<C>,
    { file, path }: Location,
    at: "key" | "value" = "value",
  ): void {
    this.add(code, params, file.rangeOf(path, at));
  }
}
