import { property } from "../json/json.js";
import { DiagnosticCollector } from "./diagnostic-collector.js";
import { diskFiles, type DiskOptions } from "./disk-files.js";
import { SourceFiles } from "./source-files.js";

/** Reads the API's name from a root file, and nothing else. Undefined if there is none; a full run reports why. */
export function readApiName(spec: string, options: DiskOptions): string | undefined {
  const root = new SourceFiles(spec, new DiagnosticCollector(), diskFiles(spec, options)).root();
  const name = property(property(root?.data, "api"), "name");
  // The pattern of spec.schema.json: the name becomes that of a folder.
  return typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name) ? name : undefined;
}
