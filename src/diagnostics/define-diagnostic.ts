/** An error stops the run, a warning only with `--strict`, a hint never. */
export type Severity = "error" | "warning" | "hint";

/** What the catalogue holds for one code. */
export interface DiagnosticDefinition<P> {
  readonly severity: Severity;
  /** States the fact, then the way out: `the key "pth" is not known here; did you mean "path"?` */
  readonly message: (params: P) => string;
}

/** Makes a catalogue entry. An entry without parameters takes `{}`. */
export function defineDiagnostic<P = Readonly<Record<string, never>>>(
  severity: Severity,
  message: (params: P) => string,
): DiagnosticDefinition<P> {
  return { severity, message };
}
