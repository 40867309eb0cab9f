import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";

/** A file to write. */
export interface FileToWrite {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes files, all or none: nothing is written if one exists and may not be replaced. Returns what kept it from writing.
 *
 * @param mayReplace Whether a file with this text may be replaced.
 */
export function writeFiles(
  files: readonly FileToWrite[],
  mayReplace: (text: string) => boolean,
): readonly Diagnostic[] {
  const refused = files.filter(({ path }) => existsSync(path) && !mayReplace(textOf(path)));
  if (refused.length > 0) return refused.map(({ path }) => diagnostic("existing-file", { file: path }));
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(path), { recursive: true });
      const temporary = `${path}.${process.pid}.tmp`;
      try {
        writeFileSync(temporary, text, { flag: "wx" });
        renameSync(temporary, path);
      } finally {
        rmSync(temporary, { force: true });
      }
    }
    return [];
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return [diagnostic("cannot-write", { out: files[0]?.path ?? "", cause })];
  }
}

/** The text of a file; empty for what cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
