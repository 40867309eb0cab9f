import type { SourceRange } from "./diagnostic.js";
import { terminalSafe } from "./terminal.js";

/** A line of source text and the marks to print below it. */
export interface CodeFrame {
  readonly text: string;
  /** Spaces, then a `^` for each column of the range. */
  readonly marks: string;
}

/** Longest part of a line to show, in columns: about a terminal's width. A file may consist of a single long line. */
const MAX_FRAME_WIDTH = 120;
/** Columns shown before the range if the line is longer than that: enough to recognize the context. */
const LEADING_COLUMNS = 40;

/** Makes the code frame of a range; undefined if the text has no such line. */
export function codeFrame(lines: readonly string[], range: SourceRange): CodeFrame | undefined {
  const line = lines[range.line - 1];
  if (line === undefined) return undefined;
  const start = range.column - 1;
  const end = range.endLine === range.line ? range.endColumn - 1 : line.length;
  const from = line.length > MAX_FRAME_WIDTH && start > LEADING_COLUMNS ? start - LEADING_COLUMNS : 0;
  const to = Math.min(line.length, from + MAX_FRAME_WIDTH);
  const [before, after] = [from > 0 ? "…" : "", to < line.length ? "…" : ""];
  const marked = blank(line.slice(start, Math.min(end, to)));
  return {
    text: before + terminalSafe(line.slice(from, to)) + after,
    marks: before.replace("…", " ") + blank(line.slice(from, start)) + "^".repeat(Math.max(1, marked.length)),
  };
}

/** As many spaces as the text has columns. Tabs are kept; East Asian wide characters have two columns. */
function blank(text: string): string {
  return text
    .replace(
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g,
      "  ",
    )
    .replace(/[^\t]/g, " ");
}
