import { lstatSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import { realPath } from "../files/index.js";

/** Parent of the default output folder, relative to the working directory. */
const PARENT = "generated";

/** The output folder of an API if the user names none: `generated/<api>` in the working directory. */
export function defaultFolder(api: string): string {
  return join(PARENT, api);
}

/**
 * Reports a default output folder that is a link out of the working directory. The user named no folder, so that a link in
 * other people's branches would decide where files are written.
 */
export function linkedAway(out: string): Diagnostic | undefined {
  const way = relative(realPath(process.cwd()), realPath(resolve(out)));
  const isInside = way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  if (isInside) return undefined;
  const file = isLink(PARENT) ? PARENT : out;
  return diagnostic("linked-output", { file });
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
