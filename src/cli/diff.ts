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
import { printFindings, type CommonOptions, type ExitCode } from "./console.js";
import { loadVersion, VersionError, type Version } from "./versions.js";
import { writeVersion } from "./write-version.js";

/** The options of `topicsmith diff`. */
export interface DiffCommandOptions extends CommonOptions {
  readonly against?: string;
  readonly side: Side;
  readonly format: DiffFormat;
  readonly failOn: readonly FailCondition[];
  readonly writeVersion?: boolean;
  readonly rules?: boolean;
  readonly allow?: readonly string[];
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
  const [old, now] = against === undefined ? [first, second] : [against, second ?? first];
  if (old === undefined || now === undefined || (against !== undefined && second !== undefined))
    return refuse(USAGE);
  try {
    const newer = await loadVersion(now, options);
    const older = await loadVersion(old, { ...options, like: newer });
    return await compare(older, newer, options);
  } catch (error) {
    if (error instanceof VersionError) return refuse(error.message);
    throw error;
  }
}

function refuse(problem: string): ExitCode {
  process.stderr.write(`topicsmith diff: ${problem}\n`);
  return 2;
}

async function compare(older: Version, newer: Version, options: DiffCommandOptions): Promise<ExitCode> {
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
