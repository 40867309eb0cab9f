import type { SourceRange } from "./source-range.js";
import { terminalSafe } from "./terminal.js";

/** A place's line of text and the marks to print under it. */
export interface CodeFrame {
  readonly text: string;
  /** Blanks, then a `^` for each column of the place. */
  readonly marks: string;
}

/** Longest part of a line that is shown, in columns: a whole file may stand on one line. */
const MAX_FRAME_WIDTH = 120;
/** How much of a long line is shown before the place. */
const LEAD = 40;

/** The frame for a place, or undefined if the text has no such line. */
export function codeFrame(lines: readonly string[], place: SourceRange): CodeFrame | undefined {
  const line = lines[place.line - 1];
  if (line === undefined) return undefined;
  const start = place.column - 1;
  const end = place.endLine === place.line ? place.endColumn - 1 : line.length;
  const from = line.length > MAX_FRAME_WIDTH && start > LEAD ? start - LEAD : 0;
  const to = Math.min(line.length, from + MAX_FRAME_WIDTH);
  const [before, after] = [from > 0 ? "…" : "", to < line.length ? "…" : ""];
  const marked = blank(line.slice(start, Math.min(end, to)));
  return {
    text: before + terminalSafe(line.slice(from, to)) + after,
    marks: before.replace("…", " ") + blank(line.slice(from, start)) + "^".repeat(Math.max(1, marked.length)),
  };
}

/** As many blanks as the text takes columns, tabs kept: East Asian characters take two. */
function blank(text: string): string {
  return text
    .replace(
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g,
      "  ",
    )
    .replace(/[^\t]/g, " ");
}
