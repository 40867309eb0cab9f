import { formatText, hasErrors, type Diagnostic } from "../diagnostics/index.js";
import type { Findings } from "../generate.js";

/** 0: good, 1: findings, 2: wrong usage or a bug of ours. */
export type ExitCode = 0 | 1 | 2;

/** Options that every command has. */
export interface CommonOptions {
  readonly quiet?: boolean;
}

/** Colour only for people: on a terminal, and not with NO_COLOR (no-color.org). */
export function colorOn(stream: NodeJS.WriteStream): boolean {
  // A pipe has no `isTTY` at all, whatever its type says.
  if (!stream.isTTY) return false;
  return (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb";
}

/** Prints what was found on standard error; with `quiet`, errors only. */
export function printFindings({ diagnostics, sources }: Findings, { quiet }: CommonOptions): void {
  const shown = quiet === true ? diagnostics.filter(({ severity }) => severity === "error") : diagnostics;
  if (shown.length === 0) return;
  process.stderr.write(`${formatText(shown, { sources, color: colorOn(process.stderr) }).trimEnd()}\n`);
}

/** One line for people on standard output. */
export function say(line: string, { quiet }: CommonOptions): void {
  if (quiet !== true) process.stdout.write(`${line}\n`);
}

/** `1 error, 2 warnings`; empty if there is nothing. */
export function countText(diagnostics: readonly Diagnostic[]): string {
  return (["error", "warning", "hint"] as const)
    .map((severity) => [severity, diagnostics.filter((found) => found.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => plural(count, severity))
    .join(", ");
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The exit code of findings. */
export function exitCodeOf(diagnostics: readonly Diagnostic[], strict = false): ExitCode {
  return hasErrors(diagnostics, strict) ? 1 : 0;
}
