import type { DiagnosticCode, DiagnosticParams } from "./catalogue.js";
import { diagnostic, type Diagnostic, type SourceRange } from "./diagnostic.js";
import type { Severity } from "./define-diagnostic.js";

/**
 * Number of diagnostics of a severity that are kept for a file. Ten times what is shown, so that the first by position are
 * among them. Further ones are only counted: a file of 8 MiB can have more than a million mistakes.
 */
const MAX_KEPT = 1_000;

/** Numbers of diagnostics that were not kept, by file. */
export type OmittedCounts = ReadonlyMap<string, number>;

/** Collects diagnostics without duplicates. Keeps a bounded number for each file and severity, and counts the rest. */
export class DiagnosticList {
  readonly #byId = new Map<string, Diagnostic>();
  readonly #kept = new Map<string, number>();
  readonly #omitted = new Map<string, number>();

  /** The diagnostics that were kept, in the order in which they were added. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.#byId.values()];
  }

  /** The numbers of the others. Duplicates among those are counted, too. */
  get omitted(): OmittedCounts {
    return this.#omitted;
  }

  /** Adds a diagnostic. */
  add<C extends DiagnosticCode>(code: C, params: DiagnosticParams<C>, range?: SourceRange): void {
    if (range) this.addIn(range.file, code, params, () => range);
    else this.#keep(diagnostic(code, params));
  }

  /** Adds a diagnostic in a file. Finding its range takes time, so that `rangeOf` is called only if it is kept. */
  addIn<C extends DiagnosticCode>(
    file: string,
    code: C,
    params: DiagnosticParams<C>,
    rangeOf: () => SourceRange,
  ): void {
    const { severity } = diagnostic(code, params);
    if (this.isFull(file, severity)) this.omit(file, 1);
    else if (this.#keep(diagnostic(code, params, rangeOf())))
      this.#kept.set(`${severity} ${file}`, (this.#kept.get(`${severity} ${file}`) ?? 0) + 1);
  }

  /** Whether further diagnostics of a severity are only counted. */
  isFull(file: string, severity: Severity): boolean {
    return (this.#kept.get(`${severity} ${file}`) ?? 0) >= MAX_KEPT;
  }

  /** Counts diagnostics that were not even created. */
  omit(file: string, count: number): void {
    this.#omitted.set(file, (this.#omitted.get(file) ?? 0) + count);
  }

  /** Whether the diagnostic is new. */
  #keep(added: Diagnostic): boolean {
    // Two references may lead to the same mistake.
    const id = JSON.stringify(added);
    if (this.#byId.has(id)) return false;
    this.#byId.set(id, added);
    return true;
  }
}
