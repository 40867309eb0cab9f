import { createColors } from "picocolors";
import { codeFrame } from "./code-frame.js";
import type { Diagnostic } from "./diagnostic.js";
import type { Severity } from "./define-diagnostic.js";
import type { SourceRange } from "./source-range.js";
import { terminalSafe } from "./terminal.js";

/** How to print for people. */
export interface TextOptions {
  /** The text of each file, by the name in the places: for code frames. A file that is missing gets none. */
  readonly sources: ReadonlyMap<string, string>;
  readonly color: boolean;
}

type Colors = ReturnType<typeof createColors>;

const COLOR = { error: "red", warning: "yellow", hint: "cyan" } as const satisfies Record<
  Severity,
  keyof Colors
>;

/**
 * For people: `file:line:column - error code: message` with the line of text under it, a blank line between two.
 * Ends with a newline unless it is empty.
 */
export function formatText(diagnostics: readonly Diagnostic[], { sources, color }: TextOptions): string {
  const colors = createColors(color);
  const lines = new Map<string, readonly string[]>();
  const linesOf = (file: string): readonly string[] => {
    const known = lines.get(file) ?? (sources.get(file) ?? "").split(/\r?\n/);
    lines.set(file, known);
    return known;
  };
  return diagnostics.map((item) => block(item, linesOf, colors)).join("\n");
}

function block(
  { code, severity, message, range: place }: Diagnostic,
  linesOf: (file: string) => readonly string[],
  colors: Colors,
): string {
  const paint = colors[COLOR[severity]];
  const at = place ? `${header(place, colors)} - ` : "";
  const text = terminalSafe(message.replaceAll("\n", " "));
  const frame = place && printFrame(place, linesOf(place.file), { paint, dim: colors.dim });
  return `${at}${paint(severity)} ${colors.bold(code)}: ${text}\n${frame ?? ""}`;
}

function header({ file, line, column }: SourceRange, { cyan, yellow }: Colors): string {
  return `${cyan(terminalSafe(file))}:${yellow(String(line))}:${yellow(String(column))}`;
}

function printFrame(
  place: SourceRange,
  lines: readonly string[],
  { paint, dim }: { readonly paint: (text: string) => string; readonly dim: (text: string) => string },
): string | undefined {
  const frame = codeFrame(lines, place);
  if (!frame || frame.text.trim() === "") return undefined;
  const number = String(place.line);
  const bar = (gutter: string) => dim(`  ${gutter} |`);
  const marks = frame.marks.replace(/\^+$/, (run) => paint(run));
  return `${bar(number)} ${frame.text}\n${bar(" ".repeat(number.length))} ${marks}\n`;
}
