import { lstatSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import { realPath } from "../files/index.js";

/** Parent of the default output folder, in the working directory or beside the configuration file. */
const PARENT = "generated";

/** The output folder of an API if the user names none: `generated/<api>` in the folder of the project. */
export function defaultFolder(api: string, root = ""): string {
  return join(root, PARENT, api);
}

/**
 * Reports a default output folder that is a link out of the project. The user named no folder, so that a link in
 * other people's branches would decide where files are written.
 */
export function linkedAway(out: string, root = "."): Diagnostic | undefined {
  const way = relative(realPath(resolve(root)), realPath(resolve(out)));
  const isInside = way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  if (isInside) return undefined;
  const parent = join(root, PARENT);
  const file = isLink(parent) ? parent : out;
  return diagnostic("linked-output", { file });
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}
