import { join } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import { compareOutput, type Change } from "./compare.js";
import { digest } from "./digest.js";
import type { FinishedFile } from "./format.js";
import { isIntact, MANIFEST, type Manifest } from "./manifest.js";

/** A file of the output folder that differs from what the spec generates. */
export interface OutdatedFile {
  readonly diagnostic: Diagnostic;
  /** An excerpt of the differences, one per line; empty for a file that is missing or left over. */
  readonly diff: string;
}

/** Enough lines to recognize a change by; the rest is only counted. */
const MAX_DIFF_LINES = 20;

/** Reports the files of `out` that are missing, outdated, edited or left over. Writes nothing. */
export async function checkOutput(
  out: string,
  files: readonly FinishedFile[],
): Promise<readonly OutdatedFile[]> {
  const { changes, manifest, interrupted } = compareOutput(out, files);
  const outdated: OutdatedFile[] = [];
  for (const change of changes) {
    const problem = diagnosticOf(out, change);
    if (problem !== undefined) outdated.push({ diagnostic: problem, diff: await diffOf(change) });
  }
  if (outdated.length === 0 && (!isIntact(out) || !lists(manifest, files) || interrupted)) {
    outdated.push({ diagnostic: diagnostic("outdated-manifest", { file: join(out, MANIFEST) }), diff: "" });
  }
  return outdated;
}

/** Whether a manifest lists exactly these files. */
function lists(manifest: Manifest | undefined, files: readonly FinishedFile[]): boolean {
  const outputs = manifest?.outputs ?? {};
  return (
    Object.keys(outputs).length === files.length &&
    files.every(({ path, text }) => Object.hasOwn(outputs, path) && outputs[path] === digest(text))
  );
}

function diagnosticOf(out: string, change: Change): Diagnostic | undefined {
  switch (change.kind) {
    case "unchanged":
      return undefined;
    case "create":
      return diagnostic("missing-output", { file: join(out, change.file.path) });
    case "update":
      return diagnostic("outdated-file", { file: join(out, change.file.path) });
    case "edited":
      return diagnostic("edited-file", { file: join(out, change.file.path) });
    case "unmanaged":
      return diagnostic("unmanaged-file", { file: join(out, change.file.path) });
    case "conflict":
      return diagnostic("path-conflict", { file: join(out, change.path) });
    case "link":
      return diagnostic("linked-output", { file: join(out, change.path) });
    case "remove":
    case "keep-modified":
    case "keep-unknown":
      return diagnostic("leftover-file", { file: join(out, change.path) });
  }
}

async function diffOf(change: Change): Promise<string> {
  if (change.kind !== "update" && change.kind !== "edited") return "";
  const { structuredPatch } = await import("diff");
  const { path, text } = change.file;
  const { hunks } = structuredPatch(path, path, change.text, text, undefined, undefined, { context: 1 });
  const lines = hunks.flatMap((hunk) => [`@@ line ${hunk.oldStart} @@`, ...hunk.lines]);
  const omitted = lines.length - MAX_DIFF_LINES;
  return [...lines.slice(0, MAX_DIFF_LINES), ...(omitted > 0 ? [`… ${omitted} more lines`] : [])]
    .map((line) => `  ${line}`)
    .join("\n");
}
