import { statSync } from "node:fs";
import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import { codeOf } from "../files/index.js";
import { readManifest } from "./manifest.js";

/**
 * Reports an output folder that cannot be the one of an API, in one diagnostic instead of one for each file: it is not a
 * folder, or another API owns it.
 */
export function folderProblem(out: string, api: string): Diagnostic | undefined {
  if (stateOfFolder(out) === "other") return diagnostic("output-not-a-folder", { out });
  const owner = readManifest(out)?.api;
  return owner === undefined || owner === api ? undefined : diagnostic("foreign-output", { out, owner, api });
}

/** Reports an output folder that does not exist. */
export function missingFolder(out: string, command: string): Diagnostic | undefined {
  return stateOfFolder(out) === "absent" ? diagnostic("missing-output-folder", { out, command }) : undefined;
}

function stateOfFolder(out: string): "folder" | "absent" | "other" {
  try {
    return statSync(out).isDirectory() ? "folder" : "other";
  } catch (error) {
    // ENOTDIR: a file is on the way to the folder.
    return codeOf(error) === "ENOENT" ? "absent" : "other";
  }
}
