import { isAbsolute, join, resolve } from "node:path";
import { findConfigs, type Config } from "../config/index.js";
import { loadConfig, readConfigObject, type LoadedConfig } from "../config/load-config.js";
import { diagnostic, formatText, type Diagnostic } from "../diagnostics/index.js";
import { generate } from "../generate.js";
import type { PluginError } from "./plugin-types.js";

/** The outcome of generating for all jobs. */
export interface JobsResult {
  /** The first error; absent if every job succeeded. */
  readonly error?: PluginError & { readonly stack: string };
  readonly warnings: readonly PluginError[];
  /** Absolute paths of the files and folders to watch. */
  readonly inputs: readonly string[];
  /** Absolute paths of the files that were written or removed. */
  readonly changed: readonly string[];
}

/** The configuration of the plugin: the project's file, another file, or the settings themselves. */
export type PluginOptions = Config | { readonly config?: string };

/** Generates for every job of a project. Does not throw for mistakes of its user. */
export async function runJobs(options: PluginOptions, root: string): Promise<JobsResult> {
  const config = await configOf(options, root);
  const found: { diagnostics: Diagnostic[]; sources: Map<string, string> } = {
    diagnostics: [...config.diagnostics],
    sources: new Map(config.sources),
  };
  const inputs = config.inputs.map((path) => resolve(path));
  const changed: string[] = [];
  for (const job of config.jobs) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: a package takes hundreds of megabytes
    const result = await generate({ ...job, command: "npx topicsmith generate" });
    const isError = (item: Diagnostic) => job.strict === true && item.severity === "warning";
    found.diagnostics.push(
      ...result.diagnostics.map((item): Diagnostic =>
        isError(item) ? { ...item, severity: "error" } : item,
      ),
    );
    for (const [file, text] of result.sources) found.sources.set(file, text);
    inputs.push(...[job.spec, ...result.inputs].map((path) => resolve(path)));
    changed.push(...[...result.written, ...result.removed].map((path) => resolve(result.out ?? "", path)));
  }
  const errors = found.diagnostics.filter(({ severity }) => severity === "error");
  const [first] = errors;
  return {
    ...(first && { error: { ...errorOf(first, found.sources), stack: textOf(errors, found.sources) } }),
    warnings: found.diagnostics
      .filter(({ severity }) => severity === "warning")
      .map((item) => errorOf(item, found.sources)),
    inputs: [...new Set(inputs)],
    changed,
  };
}

async function configOf(options: PluginOptions, root: string): Promise<LoadedConfig> {
  if ("spec" in options || "jobs" in options) return readConfigObject(options, join(root, "vite.config"));
  const { config } = options;
  if (config !== undefined) return loadConfig(isAbsolute(config) ? config : join(root, config));
  const [first, ...others] = findConfigs(root);
  const nothing = { jobs: [], sources: new Map<string, string>(), inputs: [] };
  if (first === undefined) return { ...nothing, diagnostics: [diagnostic("missing-spec", {})] };
  if (others.length > 0) {
    const files = [first, ...others];
    return { ...nothing, diagnostics: [diagnostic("several-configs", { files })] };
  }
  return loadConfig(join(root, first));
}

function errorOf(item: Diagnostic, sources: ReadonlyMap<string, string>): PluginError {
  const { code, message, range } = item;
  const base = { message: `${code}: ${message}`, plugin: "topicsmith" } as const;
  if (range === undefined) return base;
  const file = resolve(range.file);
  // Below its first line, the text of a diagnostic is its code frame.
  const frame = textOf([item], sources).split("\n").slice(1).join("\n").trimEnd();
  return {
    ...base,
    id: file,
    loc: { file, line: range.line, column: range.column },
    ...(frame !== "" && { frame }),
  };
}

function textOf(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>): string {
  return formatText(diagnostics, { sources, color: false });
}
