import { readFileSync, writeFileSync } from "node:fs";
import { isScalar, parseDocument } from "yaml";
import { VersionError } from "./version-error.js";

/**
 * Sets `api.version` in a spec. Replaces nothing but the value: comments, order and layout of the file stay as they are.
 *
 * @param file Path of the root file.
 * @throws VersionError if the file has no such value, or cannot be written.
 */
export function writeVersion(file: string, version: string): void {
  const text = readFileSync(file, "utf8");
  const node = parseDocument(text).getIn(["api", "version"], true);
  const range = isScalar(node) ? node.range : undefined;
  if (!range)
    throw new VersionError(`${file} has no value of api.version to replace; write ${version} there`);
  const [start, end] = range;
  const quote = /^["']/.exec(text.slice(start, end))?.[0] ?? "";
  try {
    writeFileSync(file, `${text.slice(0, start)}${quote}${version}${quote}${text.slice(end)}`);
  } catch (error) {
    throw new VersionError(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
