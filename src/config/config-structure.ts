import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { PACKAGE_ROOT } from "../host/package-root.js";
import { isObject } from "../json/json.js";
import { below } from "../json/pointer.js";
import { reportStructureErrors, type DiagnosticCollector, type SourceFile } from "../spec/index.js";
import { typeNameOf } from "../spec/yaml-type-names.js";
import type { Config } from "./config.js";

// Not imported, because Node 20 prints a warning for JSON modules.
const FILE = new URL("src/config/config.schema.json", PACKAGE_ROOT);

/** The value of a configuration file, and the functions in it, which JSON Schema cannot describe. */
interface Separated {
  readonly data: unknown;
  readonly emitters: readonly { readonly path: readonly (string | number)[]; readonly value: unknown }[];
}

/** Checks the structure of a configuration. Returns it if no error was reported. */
export function checkConfig(
  file: SourceFile,
  value: unknown,
  problems: DiagnosticCollector,
): Config | undefined {
  const { data, emitters } = separate(value);
  const location = { file: { ...file, data }, path: [] };
  reportStructureErrors(errorsOf(data), location, problems);
  for (const { path, value: list } of emitters) {
    for (const [index, emitter] of (Array.isArray(list) ? list : [list]).entries()) {
      if (Array.isArray(list) && typeof emitter === "function") continue;
      const found = `${typeNameOf(emitter)}${Array.isArray(list) ? "" : " instead of a list"}`;
      problems.addAt("invalid-emitter", { found }, { file, path: [...path, index] });
    }
  }
  if (isObject(data)) checkJobs(file, data, problems);
  return problems.diagnostics.length === 0 ? (value as Config) : undefined;
}

function checkJobs(file: SourceFile, data: Record<string, unknown>, problems: DiagnosticCollector): void {
  const root = { file, path: [] };
  const { jobs } = data;
  if (jobs === undefined || (Array.isArray(jobs) && jobs.length === 0)) {
    if (data["spec"] === undefined) problems.addAt("missing-spec", {}, root);
    return;
  }
  for (const key of ["spec", "out"])
    if (data[key] !== undefined) problems.addAt("misplaced-job-key", { key }, below(root, key), "key");
}

function separate(value: unknown): Separated {
  const emitters: { path: readonly (string | number)[]; value: unknown }[] = [];
  const copy = (from: unknown, path: readonly (string | number)[]): unknown => {
    if (Array.isArray(from)) return from.map((item, index) => copy(item, [...path, index]));
    if (!isObject(from)) return from;
    const isJob = path.length === 0 || (path.length === 2 && path[0] === "jobs");
    return Object.fromEntries(
      Object.entries(from).flatMap(([key, item]) => {
        // A module may write `out: process.env.OUT`.
        if (item === undefined) return [];
        if (!isJob || key !== "emitters") return [[key, copy(item, [...path, key])]];
        emitters.push({ path: [...path, key], value: item });
        return [];
      }),
    );
  };
  return { data: copy(value, []), emitters };
}

function errorsOf(data: unknown) {
  const ajv = new Ajv2020({
    allErrors: true,
    // Adds the failing schema to each error; messages use its title.
    verbose: true,
    strict: false,
    validateSchema: false,
    meta: false,
    ownProperties: true,
  });
  const validate = ajv.compile(JSON.parse(readFileSync(FILE, "utf8")) as object);
  return validate(data) ? [] : (validate.errors ?? []);
}
