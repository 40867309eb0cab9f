import { catalogue, type DiagnosticCode, type DiagnosticParams } from "./catalogue.js";
import type { DiagnosticDefinition, Severity } from "./define-diagnostic.js";

/** A range of text in a file. Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
export interface SourceRange {
  /** The path as the user spelled it, with `/` as the separator. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A problem in the user's files. Diagnostics are returned, never thrown. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** The fact, then the remedy. */
  readonly message: string;
  /** Absent if no text can be shown, for example for a root file that does not exist. */
  readonly range?: SourceRange;
}

const definitions: { readonly [C in DiagnosticCode]: DiagnosticDefinition<DiagnosticParams<C>> } = catalogue;

/** Creates a diagnostic from the definition of its code. */
export function diagnostic<C extends DiagnosticCode>(
  code: C,
  params: DiagnosticParams<C>,
  range?: SourceRange,
): Diagnostic {
  const { severity, message } = definitions[code];
  return { code, severity, message: message(params), ...(range && { range }) };
}

/** Whether any diagnostic makes the run fail. With `strict`, warnings do as well. */
export function hasErrors(diagnostics: readonly Diagnostic[], strict = false): boolean {
  return diagnostics.some(({ severity }) => severity === "error" || (strict && severity === "warning"));
}

/**
 * Sorts diagnostics by file, in the order of `files` with unknown files last, then by line and column. Diagnostics
 * without a range come first. The sort is stable.
 */
export function sortDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: Iterable<string>,
): readonly Diagnostic[] {
  const order = new Map([...files].map((file, index) => [file, index]));
  const rank = (range?: SourceRange) => (range === undefined ? -1 : (order.get(range.file) ?? order.size));
  return diagnostics.toSorted(
    ({ range: a }, { range: b }) =>
      rank(a) - rank(b) || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
  );
}
