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
import { printedProblem, readJobs, type JobOptions } from "./jobs.js";
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
    for (const [old, now, allow] of pairs) {
      const allowed = allow === undefined ? {} : { allow };
      // oxlint-disable-next-line no-await-in-loop -- one after the other, in the order of the configuration
      const newer = await loadVersion(now, allowed);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const older = await loadVersion(old, { ...allowed, like: newer });
      codes.push(compare(older, newer, options));
    }
    return codes.includes(1) ? 1 : 0;
  } catch (error) {
    if (error instanceof VersionError) return refuse(error.message);
    throw error;
  }
}

type VersionPair = readonly [old: string, now: string, allow: readonly string[] | undefined];

/** The versions to compare: the named ones, or each spec of the configuration with `--against`. Else the exit code. */
async function pairsOf(
  first: string | undefined,
  second: string | undefined,
  options: DiffCommandOptions,
): Promise<readonly VersionPair[] | ExitCode> {
  const { against, allow } = options;
  if (against === undefined)
    return first === undefined || second === undefined ? refuse(USAGE) : [[first, second, allow]];
  const read = await readJobs(first, options);
  const problem = printedProblem("diff", read, options);
  return problem ?? read.jobs.map((job) => [against, job.spec, job.allow]);
}

function refuse(problem: string): ExitCode {
  process.stderr.write(`topicsmith diff: ${problem}\n`);
  return 2;
}

function compare(older: Version, newer: Version, options: DiffCommandOptions): ExitCode {
  for (const { loaded, name } of [older, newer]) {
    if (loaded.model !== undefined) continue;
    printFindings(loaded, options);
    process.stderr.write(`Nothing was compared: ${name} has errors.\n`);
    return 1;
  }
  if (older.loaded.model === undefined || newer.loaded.model === undefined) return 1;
  const result = diff(older.loaded.model, newer.loaded.model, { side: options.side });
  if (options.quiet !== true) process.stdout.write(formatDiff(result, options.format));
  const written =
    options.writeVersion === true && !result.version.isEnough ? raise(newer, result) : undefined;
  const code: ExitCode = options.failOn.some((condition) => failsOn(condition, written ?? result)) ? 1 : 0;
  return code;
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
