import { isObject, property } from "../json/json.js";

/** The file of a generated package that holds its spec, so that later versions can be compared with it. */
export const PACKAGED_SPEC = "spec.json";

/** The spec in a generated package. */
export interface PackagedSpec {
  /** The root file's path. */
  readonly root: string;
  /** The JSON texts of the spec's files, by their paths relative to the folder of the root file. */
  readonly files: ReadonlyMap<string, string>;
  readonly part: PackagedPart;
}

/** The part of the API that a package contains: the settings `include` and `exclude` with which it was generated. */
export interface PackagedPart {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/** Prints a spec for a package: its data without comments, one file on each line. */
export function printPackagedSpec(
  spec: {
    readonly root: string;
    readonly files: readonly { readonly path: string; readonly data: unknown }[];
  },
  { include, exclude }: PackagedPart = {},
): string {
  const part = [["include", include] as const, ["exclude", exclude] as const]
    .filter(([, names]) => names !== undefined)
    .map(([key, names]) => `  "${key}": ${JSON.stringify(names)},\n`);
  const lines = spec.files.map(({ path, data }) => `    ${JSON.stringify(path)}: ${JSON.stringify(data)}`);
  return `{\n  "root": ${JSON.stringify(spec.root)},\n${part.join("")}  "files": {\n${lines.join(",\n")}\n  }\n}\n`;
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
  const part = { include: namesOf(value, "include"), exclude: namesOf(value, "exclude") };
  return {
    root,
    files: new Map(Object.keys(files).map((path) => [path, JSON.stringify(property(files, path))])),
    part,
  };
}

function namesOf(value: unknown, key: string): readonly string[] | undefined {
  const names = property(value, key);
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : undefined;
}
