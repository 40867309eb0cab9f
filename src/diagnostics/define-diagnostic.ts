/** Errors make a run fail, warnings only with `--strict`, hints never. */
export type Severity = "error" | "warning" | "hint";

/** The definition of a diagnostic code. */
export interface DiagnosticDefinition<P> {
  readonly severity: Severity;
  /** Formats the message: the fact, then the remedy, as in `unknown key "pth"; did you mean "path"?`. */
  readonly message: (params: P) => string;
}

/** Defines a diagnostic code of the catalogue. The message of a code without parameters takes `{}`. */
export function defineDiagnostic<P = Readonly<Record<string, never>>>(
  severity: Severity,
  message: (params: P) => string,
): DiagnosticDefinition<P> {
  return { severity, message };
}
