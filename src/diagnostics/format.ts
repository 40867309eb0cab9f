import { createColors } from "picocolors";
import { codeFrame } from "./code-frame.js";
import type { Severity } from "./define-diagnostic.js";
import type { Diagnostic, SourceRange } from "./diagnostic.js";
import { terminalSafe } from "./terminal.js";

/** The options of {@link formatText}. */
export interface TextOptions {
  /** The text of each file, by the `file` of the ranges. Diagnostics in other files are printed without a code frame. */
  readonly sources: ReadonlyMap<string, string>;
  readonly color: boolean;
}

type Colors = ReturnType<typeof createColors>;

const COLOR = { error: "red", warning: "yellow", hint: "cyan" } as const satisfies Record<
  Severity,
  keyof Colors
>;

/**
 * Formats diagnostics for a terminal: `file:line:column - error code: message` and a code frame, with a blank line in
 * between. Ends with a newline unless there are no diagnostics.
 */
export function formatText(diagnostics: readonly Diagnostic[], { sources, color }: TextOptions): string {
  const colors = createColors(color);
  const lines = new Map<string, readonly string[]>();
  const linesOf = (file: string): readonly string[] => {
    const known = lines.get(file) ?? (sources.get(file) ?? "").split(/\r?\n/);
    lines.set(file, known);
    return known;
  };
  return diagnostics.map((item) => formatItem(item, linesOf, colors)).join("\n");
}

function formatItem(
  { code, severity, message, range }: Diagnostic,
  linesOf: (file: string) => readonly string[],
  colors: Colors,
): string {
  const paint = colors[COLOR[severity]];
  const header = range ? `${formatPosition(range, colors)} - ` : "";
  const text = terminalSafe(message.replaceAll("\n", " "));
  const frame = range && formatFrame(range, linesOf(range.file), { paint, dim: colors.dim });
  return `${header}${paint(severity)} ${colors.bold(code)}: ${text}\n${frame ?? ""}`;
}

function formatPosition({ file, line, column }: SourceRange, { cyan, yellow }: Colors): string {
  return `${cyan(terminalSafe(file))}:${yellow(String(line))}:${yellow(String(column))}`;
}

function formatFrame(
  range: SourceRange,
  lines: readonly string[],
  { paint, dim }: { readonly paint: (text: string) => string; readonly dim: (text: string) => string },
): string | undefined {
  const frame = codeFrame(lines, range);
  if (!frame || frame.text.trim() === "") return undefined;
  const number = String(range.line);
  const bar = (gutter: string) => dim(`  ${gutter} |`);
  const marks = frame.marks.replace(/\^+$/, (run) => paint(run));
  return `${bar(number)} ${frame.text}\n${bar(" ".repeat(number.length))} ${marks}\n`;
}

/** Formats diagnostics as a JSON array that ends with a newline. */
export function formatJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify(diagnostics, undefined, 2)}\n`;
}

const GITHUB_COMMAND: Readonly<Record<Severity, "error" | "warning" | "notice">> = {
  error: "error",
  warning: "warning",
  hint: "notice",
};

/** Formats diagnostics as GitHub Actions workflow commands, one a line, which appear as annotations in a pull request. */
export function formatGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((item) => `${formatCommand(item)}\n`).join("");
}

function formatCommand({ code, severity, message, range }: Diagnostic): string {
  return githubCommand(GITHUB_COMMAND[severity], { title: code, ...(range && { range }) }, message);
}

/** A workflow command of GitHub Actions, which appears as an annotation. */
export function githubCommand(
  command: "error" | "warning" | "notice",
  at: { readonly title: string; readonly range?: SourceRange },
  message: string,
): string {
  const { title, range } = at;
  const properties = [
    ...(range ? [`file=${escapeProperty(range.file)}`, `line=${range.line}`, `col=${range.column}`] : []),
    `title=${escapeProperty(title)}`,
  ];
  return `::${command} ${properties.join(",")}::${escapeData(message)}`;
}

// The same escapes as in @actions/core, src/command.ts: the runner splits at newlines, `::`, `:` and `,`.
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
