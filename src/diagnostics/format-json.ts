import type { Diagnostic } from "./diagnostic.js";

/** For programs: a JSON array of the diagnostics as they are, and a newline. */
export function formatJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify(diagnostics, undefined, 2)}\n`;
}
