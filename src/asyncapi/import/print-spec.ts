import { printDocument } from "../print.js";

/** A file of an imported spec. */
export interface PrintedFile {
  /** Relative to the folder of the root file, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Prints the files of a spec: JSON if they are called so, else YAML. */
export function printSpec(files: ReadonlyMap<string, unknown>): readonly PrintedFile[] {
  return Array.from(files, ([path, data]) => ({
    path,
    text: printDocument(data, path.endsWith(".json") ? "json" : "yaml", "1.2"),
  }));
}
