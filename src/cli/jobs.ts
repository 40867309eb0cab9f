import { resolve } from "node:path";
import { findConfigs, type Job } from "../config/index.js";
import { diagnostic, formatList, type Diagnostic } from "../diagnostics/index.js";
import { generateCommand } from "../command-line.js";
import { printFindings, type CommonOptions, type ExitCode } from "./console.js";

/** The options of a command that decide what it runs for. */
export interface JobOptions extends CommonOptions {
  /** Configuration file, instead of the one of the project. */
  readonly config?: string;
  readonly out?: string;
  readonly strict?: boolean;
  readonly allow?: readonly string[];
}

/** One run of a command: for a spec that was named, or for a job of a configuration. */
export interface CliJob extends Omit<Job, "origin" | "root">, Partial<Pick<Job, "origin" | "root">> {
  /** The command that generates the output of this job, for messages. */
  readonly command: string;
}

/** The jobs of a command, or the reasons why there are none. */
export interface ReadJobs {
  /** Empty if there is a problem. */
  readonly jobs: readonly CliJob[];
  /** Mistakes in the configuration. */
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
  /** A mistake in the arguments. */
  readonly usage?: string;
  /** Paths of the configuration's files, to watch. */
  readonly inputs: readonly string[];
  /** The configuration file that was read, or that was found and is not used because a spec is named. */
  readonly config?: string;
}

const NOTHING: ReadJobs = { jobs: [], diagnostics: [], sources: new Map(), inputs: [] };

/**
 * The jobs of a command. With a spec, that is the only one, and no configuration is read unless `config` names it: a file
 * that the user did not name must not run because it lies in a folder. Without a spec, the configuration of the project
 * around the working directory has the jobs.
 */
export async function readJobs(spec: string | undefined, options: JobOptions): Promise<ReadJobs> {
  const found = options.config === undefined ? findConfigs(process.cwd()) : [options.config];
  if (spec !== undefined && options.config === undefined) {
    const { out, strict, allow } = options;
    const named = { spec, ...defined({ out, strict, allow }) };
    const job: CliJob = { ...named, command: generateCommand(named) };
    return { ...NOTHING, jobs: [job], ...(found[0] !== undefined && { config: found[0] }) };
  }
  const [config, ...others] = found;
  if (config === undefined) {
    const usage =
      "no spec is named, and there is no topicsmith.config.ts; name the spec's root file, or run `npx topicsmith init`";
    return { ...NOTHING, usage };
  }
  if (others.length > 0)
    return { ...NOTHING, diagnostics: [diagnostic("several-configs", { files: found })] };
  const { loadConfig } = await import("../config/load-config.js");
  const loaded = await loadConfig(config);
  const jobs = loaded.jobs.map((job) => withOptions(job, options));
  return { ...loaded, config, ...selected(jobs, spec, { options, config }) };
}

/** The jobs of a command; prints the reasons if there are none, and returns the exit code. */
export async function jobsOrExit(
  name: string,
  spec: string | undefined,
  options: JobOptions,
): Promise<readonly CliJob[] | ExitCode> {
  const read = await readJobs(spec, options);
  return printedProblem(name, read, options) ?? read.jobs;
}

/**
 * The jobs of a command that describes an API as one file, one for each spec: the output folders of jobs do not matter.
 * Prints the reasons if there are none, and returns the exit code.
 *
 * @param options `out` is the file, which takes only one description.
 */
export async function specJobsOrExit(
  name: string,
  spec: string | undefined,
  { needsOne, ...options }: JobOptions & { readonly needsOne: boolean },
): Promise<readonly CliJob[] | ExitCode> {
  const { out, ...others } = options;
  const read = await readJobs(spec, others);
  const problem = printedProblem(name, read, options);
  if (problem !== undefined) return problem;
  noteUnusedConfig(read, spec, options);
  const paths = read.jobs.map((job) => resolve(job.spec));
  const jobs = read.jobs.filter((_job, index) => paths.indexOf(paths[index] ?? "") === index);
  if (jobs.length === 1 || !needsOne) return jobs;
  const target = out === undefined ? "standard output takes" : "--out names";
  const specs = jobs.map((job) => job.spec);
  process.stderr.write(
    `topicsmith ${name}: ${target} one file, but ${read.config} has ${jobs.length} specs; name ${formatList(specs, "or")}, too\n`,
  );
  return 2;
}

/** Prints why there are no jobs, and returns the exit code; undefined if there are jobs. */
export function printedProblem(name: string, read: ReadJobs, options: CommonOptions): ExitCode | undefined {
  if (read.usage !== undefined) {
    process.stderr.write(`topicsmith ${name}: ${read.usage}\n`);
    return 2;
  }
  printFindings(read, options);
  return read.jobs.length === 0 ? 1 : undefined;
}

/**
 * Says that the project's configuration is not used, because its settings could change the result.
 *
 * @param spec The spec that is named.
 */
export function noteUnusedConfig({ config }: ReadJobs, spec: string | undefined, options: JobOptions): void {
  if (spec === undefined || config === undefined || options.config !== undefined || options.quiet === true)
    return;
  process.stderr.write(
    `note: ${config} is not used, because a spec is named; leave out the spec, or pass --config ${config}\n`,
  );
}

/** The jobs that the arguments leave, or a mistake in these. */
function selected(
  jobs: readonly CliJob[],
  spec: string | undefined,
  { options, config }: { readonly options: JobOptions; readonly config: string },
): Pick<ReadJobs, "jobs" | "usage"> {
  if (jobs.length === 0) return { jobs };
  const chosen = spec === undefined ? jobs : jobs.filter((job) => resolve(job.spec) === resolve(spec));
  if (chosen.length === 0) {
    const specs = [...new Set(jobs.map((job) => job.spec))].join(", ");
    return { jobs: [], usage: `${config} has no job for ${spec}; its specs are ${specs}` };
  }
  if (options.out !== undefined && chosen.length > 1)
    return {
      jobs: [],
      usage: `--out names one folder, but ${config} has ${chosen.length} jobs; name a spec, too`,
    };
  return { jobs: chosen };
}

/** A job with the options of the command line in place of its own. */
function withOptions(job: Job, { config, out, strict, allow = [] }: JobOptions): CliJob {
  const command = generateCommand(defined({ config }));
  return {
    ...job,
    ...defined({ out, strict }),
    ...(allow.length > 0 && { allow: [...(job.allow ?? []), ...allow] }),
    command,
  };
}

function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
