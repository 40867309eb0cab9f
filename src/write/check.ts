import { join } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import { compareOutput, type Change } from "./compare.js";
import { digest } from "./digest.js";
import type { FinishedFile } from "./format-queue.js";
import { isIntact, MANIFEST, type Manifest } from "./manifest.js";

/** A file of the output folder that differs from what the spec generates. */
export interface OutdatedFile {
  /** Path of the file, below the output folder as it was given. */
  readonly file: string;
  readonly diagnostic: Diagnostic;
  /** An excerpt of the differences, one per line; empty for a file that is missing or left over. */
  readonly diff: string;
}

/** The command of messages if the caller knows none with arguments. */
export const GENERATE = "npx topicsmith generate";

/** Enough lines to recognize a change by; the rest is only counted. */
const MAX_DIFF_LINES = 20;

/**
 * Reports the files of `out` that are missing, outdated, edited or left over. Writes nothing.
 *
 * @param command The command that brings the folder up to date, for messages.
 */
export async function checkOutput(
  out: string,
  files: readonly FinishedFile[],
  command = GENERATE,
): Promise<readonly OutdatedFile[]> {
  const { changes, manifest, interrupted } = compareOutput(out, files);
  const outdated: OutdatedFile[] = [];
  for (const change of changes) {
    const found = diagnosticOf(out, change, command);
    if (found !== undefined) outdated.push({ ...found, diff: await diffOf(change) });
  }
  if (outdated.length === 0 && (!isIntact(out) || !lists(manifest, files) || interrupted)) {
    const file = join(out, MANIFEST);
    outdated.push({ file, diagnostic: diagnostic("outdated-manifest", { file, command }), diff: "" });
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

function diagnosticOf(
  out: string,
  change: Change,
  command: string,
): { readonly file: string; readonly diagnostic: Diagnostic } | undefined {
  if (change.kind === "unchanged") return undefined;
  const file = join(out, "file" in change ? change.file.path : change.path);
  switch (change.kind) {
    case "create":
      return { file, diagnostic: diagnostic("missing-output", { file, command }) };
    case "update":
      return { file, diagnostic: diagnostic("outdated-file", { file, command }) };
    case "edited":
      return { file, diagnostic: diagnostic("edited-file", { file, command }) };
    case "unmanaged":
      return { file, diagnostic: diagnostic("unmanaged-file", { file }) };
    case "conflict":
      return { file, diagnostic: diagnostic("path-conflict", { file }) };
    case "link":
      return { file, diagnostic: diagnostic("linked-output", { file }) };
    case "remove":
    case "keep-modified":
    case "keep-unknown":
      return { file, diagnostic: diagnostic("leftover-file", { file, command }) };
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
