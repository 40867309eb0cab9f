import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve, sep } from "node:path";
import type { Diagnostic, SourceRange } from "../diagnostics/index.js";
import { runModule } from "../files/index.js";
import { DiagnosticCollector, SourceFiles, type Path, type SourceFile } from "../spec/index.js";
import { diskFiles } from "../spec/disk-files.js";
import { findApiName } from "../spec/find-api-name.js";
import { readApiName } from "../spec/read-api-name.js";
import { defaultFolder } from "../write/default-folder.js";
import { checkConfig } from "./config-structure.js";
import { defineConfig, type Config, type JobConfig, type MockSettings } from "./config.js";
import { CONFIG_ENDINGS } from "./find-config.js";
import { moduleRanges } from "./module-source.js";

/** The place of a job in its configuration file, for messages about its values. */
export interface JobOrigin {
  /** The configuration file, as it is shown. */
  readonly file: string;
  readonly text: string;
  rangeOf(path: Path, at?: "key" | "value"): SourceRange;
}

/** A job whose paths are relative to the working directory, completed with the settings that jobs share. */
export interface Job extends JobConfig {
  /** The folder in which the default output folder is: that of the configuration file. */
  readonly root: string;
  readonly origin: JobOrigin;
}

/** A configuration file that was read. */
export interface LoadedConfig {
  /** Empty if there is an error. */
  readonly jobs: readonly Job[];
  readonly diagnostics: readonly Diagnostic[];
  /** The text of the file, by its path as it is shown. */
  readonly sources: ReadonlyMap<string, string>;
  /** Paths of the file and of the modules that it imports from its own project, to watch. */
  readonly inputs: readonly string[];
}

/**
 * Reads a configuration file. A module runs, with everything that it imports; JSON and YAML are only data.
 *
 * @param path Path of the file, as it is shown.
 */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const problems = new DiagnosticCollector();
  const ending = CONFIG_ENDINGS.find((one) => path.endsWith(one));
  const nothing = { jobs: [], sources: new Map<string, string>(), inputs: [path] };
  if (ending === undefined && !path.endsWith(".yml")) {
    problems.add("unknown-config-format", { file: path, endings: CONFIG_ENDINGS });
    return { ...nothing, diagnostics: problems.diagnostics };
  }
  const isData = ending === undefined || ending === ".json" || ending === ".yaml";
  const file = isData
    ? new SourceFiles(path, problems, diskFiles(path)).root()
    : await readModule(path, problems);
  const sources = new Map(file === undefined ? [] : [[file.path, file.text]]);
  const config = file?.data === undefined ? undefined : checkConfig(file, file.data, problems);
  const jobs = file && config ? jobsOf(path, file, config) : [];
  if (file) checkJobs(file, jobs, problems);
  const { diagnostics } = problems;
  const inputs = isData ? [path] : importsOf(path);
  return { jobs: diagnostics.length > 0 ? [] : jobs, diagnostics, sources, inputs };
}

/**
 * Reads a configuration that another program holds, such as a plugin.
 *
 * @param path Path of the file in which it is written, for messages and for relative paths.
 */
export function readConfigObject(config: unknown, path: string): LoadedConfig {
  const problems = new DiagnosticCollector();
  const start = { file: path, line: 1, column: 1, endLine: 1, endColumn: 1 };
  const file: SourceFile = { path, id: basename(path), text: "", data: config, rangeOf: () => start };
  const checked = checkConfig(file, config, problems);
  const jobs = checked ? jobsOf(path, file, checked) : [];
  checkJobs(file, jobs, problems);
  const { diagnostics } = problems;
  return { jobs: diagnostics.length > 0 ? [] : jobs, diagnostics, sources: new Map(), inputs: [] };
}

async function readModule(path: string, problems: DiagnosticCollector): Promise<SourceFile | undefined> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // Reports in the words for every file that cannot be read.
    new SourceFiles(path, problems, diskFiles(path)).root();
    return undefined;
  }
  const shown = path.replaceAll(sep, "/");
  const ranges = moduleRangesOnce(shown, text);
  const file = { path: shown, id: basename(path), text, rangeOf: ranges };
  let exported: unknown;
  try {
    exported = (await runModule(path, { topicsmith: { defineConfig } })).default;
  } catch (error) {
    problems.add("cannot-run-config", { file: shown, reason: reasonOf(error) }, placeIn(error, path, shown));
    return { ...file, data: undefined };
  }
  if (typeof exported === "object" && exported !== null) return { ...file, data: exported };
  problems.add("missing-config-export", { file: shown }, ranges([]));
  return { ...file, data: undefined };
}

/** Parses the module only if a range is needed. */
function moduleRangesOnce(file: string, text: string): SourceFile["rangeOf"] {
  let ranges: SourceFile["rangeOf"] | undefined;
  return (path, at) => (ranges ??= moduleRanges(file, text))(path, at);
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // Babel puts the path in front, and a code frame behind.
  return (message.split("\n", 1)[0] ?? "").replace(/^(?:SyntaxError: )?\/.*?: /, "").trim();
}

/** The line of a configuration file that an error comes from. */
function placeIn(error: unknown, path: string, file: string): SourceRange | undefined {
  const { stack = "", message = "" } = Object(error) as {
    readonly stack?: string;
    readonly message?: string;
  };
  const [, syntaxLine, column] = /^[^\n]{0,500}\((\d+):(\d+)\)/.exec(message) ?? [];
  if (syntaxLine !== undefined) {
    // Babel counts columns from 0.
    const at = { line: Number(syntaxLine), column: Number(column) + 1 };
    return { file, ...at, endLine: at.line, endColumn: at.column + 1 };
  }
  const after = stack.split(resolve(path)).slice(1).join(" ");
  const [, line] = /^:(\d+):/.exec(after) ?? [];
  // What ran was compiled, so that only the line is that of the file.
  return line === undefined
    ? undefined
    : { file, line: Number(line), column: 1, endLine: Number(line) + 1, endColumn: 1 };
}

function jobsOf(path: string, file: SourceFile, config: Config): readonly Job[] {
  const { jobs, ...shared } = config as Config & { readonly jobs?: readonly JobConfig[]; $schema?: string };
  const root = dirname(path);
  const place = (target: string) => shownPath(resolve(root, target));
  return (jobs ?? [shared as JobConfig]).map((own, index): Job => {
    const job = jobs === undefined ? own : merged(shared, own);
    const { out, templates, allow, mock } = job;
    return {
      ...job,
      root,
      spec: place(job.spec),
      ...(out !== undefined && { out: place(out) }),
      ...(templates !== undefined && { templates: place(templates) }),
      ...(allow !== undefined && { allow: allow.map(place) }),
      ...(mock !== undefined && { mock: placedMock(mock, place) }),
      origin: originOf(file, jobs === undefined ? [] : ["jobs", index]),
    };
  });
}

/** Mappings of a job complete those that jobs share. Other values replace them. */
function merged(shared: Partial<JobConfig>, own: JobConfig): JobConfig {
  const both = { ...shared, ...own };
  return {
    ...both,
    ...(both.rules && { rules: { ...shared.rules, ...own.rules } }),
    ...(both.package && { package: { ...shared.package, ...own.package } }),
    ...(both.mock && { mock: { ...shared.mock, ...own.mock } }),
  };
}

function placedMock(mock: MockSettings, place: (path: string) => string): MockSettings {
  const { handlers, faults } = mock;
  return {
    ...mock,
    ...(handlers !== undefined && { handlers: place(handlers) }),
    ...(faults !== undefined && { faults: place(faults) }),
  };
}

/** The range of a value in a job, or of the one that it shares with other jobs. */
function originOf(file: SourceFile, job: Path): JobOrigin {
  return {
    file: file.path,
    text: file.text,
    rangeOf: (path, at) => {
      const own = file.rangeOf([...job, ...path], at);
      const whole = file.rangeOf(job);
      const isMissing = job.length > 0 && own.line === whole.line && own.column === whole.column;
      return isMissing ? file.rangeOf(path, at) : own;
    },
  };
}

/** A path relative to the working directory, with `/` between levels. */
function shownPath(path: string): string {
  return (relative(process.cwd(), path) || ".").replaceAll(sep, "/");
}

function checkJobs(file: SourceFile, jobs: readonly Job[], problems: DiagnosticCollector): void {
  const folders = new Set<string>();
  for (const job of jobs) {
    const {
      out = jobs.length > 1 ? ownFolder(job) : undefined,
      origin,
      layout,
      importExtension = ".js",
    } = job;
    if (out !== undefined) {
      const folder = resolve(out);
      const key = job.out === undefined ? "spec" : "out";
      if (folders.has(folder))
        problems.addIn(file.path, "shared-output", { out }, () => origin.rangeOf([key]));
      folders.add(folder);
    }
    if (importExtension !== ".js" && layout !== "source")
      problems.addIn(file.path, "import-extension-in-package", {}, () => origin.rangeOf(["importExtension"]));
  }
}

/** The output folder of a job that names none; undefined if its spec has no name, which every command reports. */
function ownFolder({ spec, root, allow }: Job): string | undefined {
  const api = findApiName(spec, { allow }) ?? readApiName(spec, { allow });
  return api === undefined ? undefined : shownPath(defaultFolder(api, root));
}

const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

/** A module and the files that it imports by relative paths. */
function importsOf(path: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(path) || seen.size > MAX_WATCHED_MODULES) return [...seen];
  seen.add(path);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [...seen];
  }
  for (const [, specifier = ""] of text.matchAll(IMPORT)) {
    const target = moduleAt(join(dirname(path), specifier));
    if (target !== undefined) importsOf(target, seen);
  }
  return [...seen];
}

/** Modules of a configuration that are watched: more than anyone writes. Changes of further ones need a restart. */
const MAX_WATCHED_MODULES = 200;

/** The file that a relative specifier without an ending, or with that of the compiled file, leads to. */
function moduleAt(path: string): string | undefined {
  const base = path.slice(0, path.length - extname(path).length);
  const names = [
    path,
    `${base}.ts`,
    `${path}.ts`,
    `${path}.js`,
    join(path, "index.ts"),
    join(path, "index.js"),
  ];
  return names.find((name) => existsSync(name) && !isFolder(name));
}

function isFolder(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
