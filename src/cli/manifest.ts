import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The `package.json` of a folder; empty if there is none, or if it is not valid, which the package manager reports. */
export function readManifest(folder: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))) as Record<string, unknown>;
  } catch {
    return {};
  }
}
