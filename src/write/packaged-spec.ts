import { isObject, property } from "../json/json.js";

/** The file of a generated package that holds its spec, so that later versions can be compared with it. */
export const PACKAGED_SPEC = "spec.json";

/** The spec in a generated package. */
export interface PackagedSpec {
  /** The root file's path. */
  readonly root: string;
  /** The JSON texts of the spec's files, by their paths relative to the folder of the root file. */
  readonly files: ReadonlyMap<string, string>;
}

/** Prints a spec for a package: its data without comments, one file on each line. */
export function printPackagedSpec(
  root: string,
  files: readonly { readonly path: string; readonly data: unknown }[],
): string {
  const lines = files.map(({ path, data }) => `    ${JSON.stringify(path)}: ${JSON.stringify(data)}`);
  return `{\n  "root": ${JSON.stringify(root)},\n  "files": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** Reads the text of {@link printPackagedSpec}; undefined if it is anything else. */
export function parsePackagedSpec(text: string): PackagedSpec | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const [root, files] = [property(value, "root"), property(value, "files")];
  if (typeof root !== "string" || !isObject(files) || !Object.hasOwn(files, root)) return undefined;
  return {
    root,
    files: new Map(Object.keys(files).map((path) => [path, JSON.stringify(property(files, path))])),
  };
}
