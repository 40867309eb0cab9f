import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import {
  exportAsyncApi,
  importAsyncApi,
  printDocument,
  type ImportedSpec,
  type Side,
} from "../../../src/asyncapi/index.js";
import { hasErrors, type Diagnostic } from "../../../src/diagnostics/index.js";
import { loadFrom, type LoadedApi } from "../../../src/load-from.js";
import type { ApiModel } from "../../../src/model/index.js";
import { diskFiles } from "../../../src/spec/disk-files.js";
import { DiagnosticCollector, SourceFiles, type SpecDocument } from "../../../src/spec/index.js";
import { memoryFiles } from "../../../src/spec/memory-files.js";
import { SCENARIOS, scenarioNames } from "../../support/scenarios.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Root files of all specs of the repository: those of APIs, those of tests, and those of scenarios. */
export const SPECS: readonly string[] = [
  ...readdirSync(join(ROOT, "spec")).map((name) => `spec/${name}/${name}.yaml`),
  ...["garden", "kettle", "sensors"].map((name) => `test/support/${name}.yaml`),
  ...scenarioNames.map((name) => join(SCENARIOS, name, "input/api.yaml").slice(ROOT.length)),
];

/** A spec without errors. */
export interface ValidSpec {
  readonly document: SpecDocument;
  readonly model: ApiModel;
}

/** The data of a root file, as far as tests change it. */
export interface RootData {
  readonly api: object;
  readonly extensions?: Readonly<Record<string, { readonly resources?: Readonly<Record<string, object>> }>>;
}

/**
 * Loads a spec of the repository; undefined if it has errors, as some scenarios have on purpose.
 *
 * @param change Changes the data of the root file before it is read.
 */
export async function loadSpec(
  path: string,
  change?: (data: RootData) => void,
): Promise<ValidSpec | undefined> {
  const full = join(ROOT, path);
  const read = (name: string): string | undefined => {
    if (change === undefined || name !== full) return undefined;
    const data = parse(readFileSync(full, "utf8")) as RootData;
    change(data);
    return stringify(data);
  };
  return validOf(await loadFrom(full, diskFiles(full, { read }), {}));
}

function validOf({ document, model }: LoadedApi): ValidSpec | undefined {
  return document === undefined || model === undefined ? undefined : { document, model };
}

/** The text of the AsyncAPI document for a spec. */
export function exported(
  { document, model }: ValidSpec,
  side: Side,
  format: "yaml" | "json" = "yaml",
): string {
  return printDocument(exportAsyncApi({ document, model, side }), format);
}

/** The exported document as data, to be changed. */
export function exportedData(spec: ValidSpec, side: Side = "device"): ExportedData {
  return JSON.parse(exported(spec, side, "json")) as ExportedData;
}

/** An exported document, as far as tests change it. */
export interface ExportedData {
  info: Record<string, unknown>;
  servers: Record<string, Record<string, unknown>>;
  channels: Record<string, Record<string, unknown>>;
  operations: Record<string, Record<string, unknown>>;
  components: Record<string, Record<string, Record<string, unknown>>>;
}

// The tools of others, which .ci/run installs: npm ci --prefix tools/asyncapi
export const TOOLS = fileURLToPath(new URL("../../../tools/asyncapi/", import.meta.url));

/** Whether the tools are installed. */
export const hasTools = existsSync(join(TOOLS, "node_modules/@asyncapi/converter"));

/** Converts a document of AsyncAPI 2, if the converter is installed. */
async function convert(data: unknown): Promise<unknown> {
  if (!hasTools) return undefined;
  const converter = createRequire(join(TOOLS, "package.json"))("@asyncapi/converter") as {
    convert(text: string, version: string, options: object): string;
  };
  return parse(converter.convert(stringify(data), "3.0.0", {}));
}

function loadText(text: string): Promise<LoadedApi> {
  return loadFrom(
    "/api.yaml",
    memoryFiles((path) => (path === "/api.yaml" ? text : undefined)),
    {},
  );
}

/** The result of an import, and what it reported. */
export interface Imported {
  readonly spec: ImportedSpec | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Imports a document that is a text. */
export async function imported(
  text: string,
  options: {
    readonly rootFile?: string;
    readonly side?: Side;
    readonly others?: Readonly<Record<string, string>>;
    readonly convert?: (data: unknown) => Promise<unknown>;
  } = {},
): Promise<Imported> {
  const { rootFile, side, others = {} } = options;
  const path = "/document.yaml";
  const access = memoryFiles((name) => (name === path ? text : others[name.slice(1)]));
  const problems = new DiagnosticCollector();
  const root = new SourceFiles(path, problems, access).root();
  const quiet = new SourceFiles(path, new DiagnosticCollector(), access);
  if (root?.data === undefined) return { spec: undefined, diagnostics: problems.diagnostics };
  const spec = await importAsyncApi(root, {
    problems,
    convert: options.convert ?? convert,
    check: async (draft) => (await loadText(draft)).diagnostics.filter((found) => hasErrors([found])),
    readFile: (uri, ref) => quiet.readRef(uri, ref),
    ...(rootFile !== undefined && { rootFile }),
    ...(side !== undefined && { side }),
  });
  return { spec, diagnostics: problems.diagnostics };
}

/** Loads an imported spec. Fails with its errors if it has any. */
export async function loadImported({ spec }: Imported, rootFile = "api.yaml"): Promise<ValidSpec> {
  const loaded = await load(spec, rootFile);
  const valid = validOf(loaded);
  if (valid === undefined) {
    const errors = loaded.diagnostics.filter((found) => hasErrors([found]));
    throw new Error(
      errors.map(({ message, range }) => `${range?.file}:${range?.line} ${message}`).join("\n"),
    );
  }
  return valid;
}

async function load(spec: ImportedSpec | undefined, rootFile: string): Promise<LoadedApi> {
  const files = spec?.files ?? [];
  const texts = new Map(files.map(({ path, text }, index) => [`/${index === 0 ? rootFile : path}`, text]));
  return loadFrom(
    `/${rootFile}`,
    memoryFiles((path) => texts.get(path)),
    {},
  );
}

/** The data of an imported spec's root file. */
export function rootOf({ spec }: Imported): Readonly<Record<string, unknown>> {
  return parse(spec?.files[0]?.text ?? "{}") as Readonly<Record<string, unknown>>;
}

/** A model as plain data, without the places in files. */
export function plainModel({ model, document }: ValidSpec): unknown {
  const { schemas: _, ...rest } = model;
  const data = JSON.parse(
    JSON.stringify(rest, (key, value: unknown) => (key === "range" ? undefined : value)),
  ) as unknown;
  const schemas = Object.fromEntries(document.schemas.map(({ uri, value }) => [uri, value]));
  return { model: data, schemas: JSON.parse(JSON.stringify(schemas)) as unknown };
}

/** Exports and imports a spec. */
export async function roundTrip(spec: ValidSpec, path: string, side: Side): Promise<ValidSpec> {
  const name = basename(path);
  return loadImported(await imported(exported(spec, side), { rootFile: name }), name);
}
