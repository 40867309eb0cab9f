import { join } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import { compareOutput, type Change } from "./compare.js";
import type { FinishedFile } from "./format.js";
import { isSealed, MANIFEST } from "./manifest.js";

/** One file that is not what the spec gives. */
export interface Stale {
  readonly diagnostic: Diagnostic;
  /** A few lines that show the difference; empty where a file is there or is not. */
  readonly diff: string;
}

/** The lines of a difference that are shown; the rest is counted. */
const SHOWN_LINES = 20;

/** Compares only: says which files of `out` are missing, stale, edited or left over. */
export async function checkOutput(out: string, files: readonly FinishedFile[]): Promise<readonly Stale[]> {
  const { changes, interrupted } = compareOutput(out, files);
  const stale: Stale[] = [];
  for (const change of changes) {
    const found = problemOf(out, change);
    if (found !== undefined) stale.push({ diagnostic: found, diff: await diffOf(change) });
  }
  if (stale.length === 0 && (!isSealed(out) || interrupted.length > 0)) {
    stale.push({ diagnostic: diagnostic("stale-manifest", { file: join(out, MANIFEST) }), diff: "" });
  }
  return stale;
}

function problemOf(out: string, change: Change): Diagnostic | undefined {
  switch (change.kind) {
    case "unchanged":
      return undefined;
    case "create":
      return diagnostic("missing-output", { file: join(out, change.file.path) });
    case "update":
      return diagnostic("stale-file", { file: join(out, change.file.path) });
    case "foreign":
      return diagnostic(change.obstacle ? "obstacle" : "foreign-file", { file: join(out, change.file.path) });
    case "remove":
    case "leave":
      return diagnostic("leftover-file", { file: join(out, change.path) });
  }
}

async function diffOf(change: Change): Promise<string> {
  if (change.kind !== "update") return "";
  const { structuredPatch } = await import("diff");
  const { path, text } = change.file;
  const { hunks } = structuredPatch(path, path, change.before, text, undefined, undefined, { context: 1 });
  const lines = hunks.flatMap((hunk) => [`@@ line ${hunk.oldStart} @@`, ...hunk.lines]);
  const rest = lines.length - SHOWN_LINES;
  return [...lines.slice(0, SHOWN_LINES), ...(rest > 0 ? [`… ${rest} more lines`] : [])]
    .map((line) => `  ${line}`)
    .join("\n");
}
