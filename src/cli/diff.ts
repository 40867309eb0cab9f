import { resolve } from "node:path";
import {
  failsOn,
  formatDiff,
  formatRules,
  diff,
  type ApiDiff,
  type DiffFormat,
  type FailCondition,
  type Side,
} from "../diff/index.js";
import { printFindings, type ExitCode } from "./console.js";
import { selectPart } from "../config/select-part.js";
import type { Findings } from "../load-from.js";
import { selectResources, type ApiModel } from "../model/index.js";
import { noteUnusedConfig, printedProblem, readJobs, type CliJob, type JobOptions } from "./jobs.js";
import { loadVersion, VersionError, type Version } from "./versions.js";
import { writeVersion } from "./write-version.js";

/** The options of `topicsmith diff`. */
export interface DiffCommandOptions extends JobOptions {
  readonly against?: string;
  readonly side: Side;
  readonly format: DiffFormat;
  readonly failOn: readonly FailCondition[];
  readonly writeVersion?: boolean;
  readonly rules?: boolean;
}

const USAGE = "give two versions, as in `topicsmith diff old.yaml new.yaml`, or one and --against";

/** Runs `topicsmith diff <old> <new>`. */
export async function runDiff(
  [first, second]: readonly [string | undefined, string | undefined],
  options: DiffCommandOptions,
): Promise<ExitCode> {
  const { against, format } = options;
  if (options.rules === true) {
    process.stdout.write(formatRules(format === "json" || format === "markdown" ? format : "text"));
    return 0;
  }
  if ((against === undefined) !== (second !== undefined)) return refuse(USAGE);
  const pairs = await pairsOf(first, second, options);
  if (typeof pairs === "number") return pairs;
  try {
    const codes: ExitCode[] = [];
    for (const { old, now, job } of pairs) {
      const allowed = job.allow === undefined ? {} : { allow: job.allow };
      // oxlint-disable-next-line no-await-in-loop -- one after the other, in the order of the configuration
      const newer = await loadVersion(now, allowed);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const older = await loadVersion(old, { ...allowed, like: newer });
      codes.push(compare(partOf(older, newer, job), options));
    }
    return codes.includes(1) ? 1 : 0;
  } catch (error) {
    if (error instanceof VersionError) return refuse(error.message);
    throw error;
  }
}

/** The settings of a job that decide what is compared. */
type ComparedPart = Pick<CliJob, "allow" | "include" | "exclude" | "origin">;

interface NamedVersions {
  readonly old: string;
  readonly now: string;
  readonly job: ComparedPart;
}

/** The versions to compare: the named ones, or each spec of the configuration with `--against`. Else the exit code. */
async function pairsOf(
  first: string | undefined,
  second: string | undefined,
  options: DiffCommandOptions,
): Promise<readonly NamedVersions[] | ExitCode> {
  const { against, allow } = options;
  if (against === undefined) {
    if (first === undefined || second === undefined) return refuse(USAGE);
    return [{ old: first, now: second, job: allow === undefined ? {} : { allow } }];
  }
  const read = await readJobs(first, options);
  const problem = printedProblem("diff", read, options);
  if (problem !== undefined) return problem;
  noteUnusedConfig(read, first, options);
  // Jobs that generate the same part of an API into several folders have the same changes.
  const jobs = new Map(
    read.jobs.map((job) => [JSON.stringify([resolve(job.spec), job.include, job.exclude]), job]),
  );
  return [...jobs.values()].map((job) => ({ old: against, now: job.spec, job }));
}

interface Versions {
  readonly older: Version;
  readonly newer: Version;
  /** The problems of the settings of the job. */
  readonly problems?: Findings;
}

/**
 * The part of both versions that counts: what a package contains, which a job with `include` or `exclude` generates. A package
 * knows its part. The older spec has the part of the job, as far as it has that already.
 */
function partOf(older: Version, newer: Version, job: ComparedPart): Versions {
  const before = older.loaded.model;
  const now = newer.loaded.model;
  if (before === undefined || now === undefined) return { older, newer };
  const chosen = selectPart(now, job);
  const { origin } = job;
  const sources = new Map(origin === undefined ? [] : [[origin.file, origin.text] as const]);
  return {
    older: withModel(older, selectResources(before, older.part ?? job)),
    newer: withModel(newer, newer.part === undefined ? chosen.model : selectResources(now, newer.part)),
    ...(chosen.problems.length > 0 && { problems: { diagnostics: chosen.problems, sources } }),
  };
}

function withModel(version: Version, model: ApiModel): Version {
  return { ...version, loaded: { ...version.loaded, model } };
}

function refuse(problem: string): ExitCode {
  process.stderr.write(`topicsmith diff: ${problem}\n`);
  return 2;
}

function compare({ older, newer, problems }: Versions, options: DiffCommandOptions): ExitCode {
  if (problems !== undefined) {
    printFindings(problems, options);
    return 1;
  }
  for (const { loaded, name } of [older, newer]) {
    if (loaded.model !== undefined) continue;
    printFindings(loaded, options);
    process.stderr.write(`Nothing was compared: ${name} has errors.\n`);
    return 1;
  }
  if (older.loaded.model === undefined || newer.loaded.model === undefined) return 1;
  const compared = diff(older.loaded.model, newer.loaded.model, { side: options.side });
  const result =
    options.writeVersion === true && !compared.version.isEnough ? raise(newer, compared) : compared;
  if (options.quiet !== true) process.stdout.write(formatDiff(result, options.format));
  return options.failOn.some((condition) => failsOn(condition, result)) ? 1 : 0;
}

/** Writes the recommended version. Returns the comparison as it is then. */
function raise({ file }: Version, result: ApiDiff): ApiDiff {
  const { recommended } = result.version;
  if (file === undefined) throw new VersionError("--write-version needs a spec file as the new version");
  writeVersion(file, recommended);
  process.stderr.write(`${file}: api.version set to ${recommended}\n`);
  return {
    ...result,
    new: { ...result.new, version: recommended },
    version: { ...result.version, isEnough: true },
  };
}
