import { formatText, hasErrors, plural, type Diagnostic } from "../diagnostics/index.js";
import type { Findings } from "../load-api.js";

/** 0: ok, 1: problems found, 2: usage error or internal error. */
export type ExitCode = 0 | 1 | 2;

/** Options of every command. */
export interface CommonOptions {
  readonly quiet?: boolean;
}

/** Whether to print color to a stream: only to a terminal, and not if NO_COLOR is set (no-color.org). */
export function colorOn(stream: NodeJS.WriteStream): boolean {
  // A pipe has no `isTTY`, although its type declares one.
  if (!stream.isTTY) return false;
  return (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb";
}

/** Prints diagnostics to standard error; with `quiet`, errors only. */
export function printFindings({ diagnostics, sources }: Findings, { quiet }: CommonOptions): void {
  const shown = quiet === true ? diagnostics.filter(({ severity }) => severity === "error") : diagnostics;
  if (shown.length === 0) return;
  process.stderr.write(`${formatText(shown, { sources, color: colorOn(process.stderr) }).trimEnd()}\n`);
}

/** Prints a line to standard output, unless `quiet` is set. */
export function printLine(line: string, { quiet }: CommonOptions): void {
  if (quiet !== true) process.stdout.write(`${line}\n`);
}

/** `1 error, 2 warnings`; empty if there are no diagnostics. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  return (["error", "warning", "hint"] as const)
    .map((severity) => [severity, diagnostics.filter((item) => item.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => plural(count, severity))
    .join(", ");
}

/** 1 if there are errors, or warnings and `strict` is set; otherwise 0. */
export function exitCodeOf(diagnostics: readonly Diagnostic[], strict = false): ExitCode {
  return hasErrors(diagnostics, strict) ? 1 : 0;
}
