import { catalogue, type DiagnosticCode, type DiagnosticParams } from "./catalogue.js";
import type { DiagnosticDefinition, Severity } from "./define-diagnostic.js";
import type { SourceRange } from "./source-range.js";

/** One problem in what the user wrote: a value, never thrown. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** States the fact, then the way out. */
  readonly message: string;
  /** Absent when there is no text to point at, as for a root file that does not exist. */
  readonly range?: SourceRange;
}

const entries: { readonly [C in DiagnosticCode]: DiagnosticDefinition<DiagnosticParams<C>> } = catalogue;

/** Makes the diagnostic of a code. */
export function diagnostic<C extends DiagnosticCode>(
  code: C,
  params: DiagnosticParams<C>,
  place?: SourceRange,
): Diagnostic {
  const { severity, message } = entries[code];
  return { code, severity, message: message(params), ...(place && { range: place }) };
}

/** Whether any of them stops the run; with `strict`, a warning does too. */
export function hasErrors(diagnostics: readonly Diagnostic[], strict = false): boolean {
  return diagnostics.some(({ severity }) => severity === "error" || (strict && severity === "warning"));
}

/**
 * In the order a reader expects: by file as met (`files`; unknown ones after), then line, then column. What has no
 * place comes first; equals keep their order.
 */
export function sortDiagnostics(
  diagnostics: readonly Diagnostic[],
  files: Iterable<string>,
): readonly Diagnostic[] {
  const order = new Map([...files].map((file, index) => [file, index]));
  const rank = (place?: SourceRange) => (place === undefined ? -1 : (order.get(place.file) ?? order.size));
  return diagnostics.toSorted(
    ({ range: a }, { range: b }) =>
      rank(a) - rank(b) || (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0),
  );
}
