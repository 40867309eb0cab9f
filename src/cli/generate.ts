import { generate } from "../generate.js";
import type { Generated, GenerateOptions } from "../run-options.js";
import { countText, exitCodeOf, printFindings, printLine, type ExitCode } from "./console.js";
import { plural } from "../diagnostics/index.js";
import { noteUnusedConfig, printedProblem, readJobs, type CliJob, type JobOptions } from "./jobs.js";
import { nextSteps } from "./next-steps.js";

/** The options of `topicsmith generate`. */
export interface GenerateCommandOptions extends JobOptions, Pick<GenerateOptions, "overwrite"> {
  /** Generate again whenever a file changes, until Ctrl-C. */
  readonly watch?: boolean;
}

/** Runs `topicsmith generate [spec]`. */
export async function runGenerate(
  spec: string | undefined,
  options: GenerateCommandOptions,
): Promise<ExitCode> {
  if (options.watch === true) {
    const { watchGenerate } = await import("./watch-generate.js");
    return watchGenerate(spec, options);
  }
  const read = await readJobs(spec, options);
  const problem = printedProblem("generate", read, options);
  if (problem !== undefined) return problem;
  noteUnusedConfig(read, spec, options);
  let code: ExitCode = 0;
  for (const job of read.jobs) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that messages of jobs are not mixed
    const result = await generate({ ...job, overwrite: options.overwrite === true });
    printFindings(result, options);
    const failed = exitCodeOf(result.diagnostics, job.strict);
    if (failed !== 0) process.stderr.write(`${notWritten(job, result, read.jobs.length)}\n`);
    else for (const line of resultLines(job, result)) printLine(line, options);
    code = failed === 0 ? code : failed;
  }
  return code;
}

/** `Nothing was written: 1 error.`; with several jobs, for which spec. */
export function notWritten({ spec }: CliJob, { diagnostics }: Generated, jobs: number): string {
  const about = jobs > 1 ? ` for ${spec}` : "";
  return `Nothing was written${about}: ${countText(diagnostics)}.`;
}

/** The result in a line, and for a new package what comes next. */
export function resultLines(job: CliJob, result: Generated): readonly string[] {
  const { out = "", upToDate, written, removed, unchanged } = result;
  if (upToDate) return [`${out}: up to date`];
  const parts = [
    `${plural(written.length, "file")} written`,
    ...(removed.length > 0 ? [`${removed.length} removed`] : []),
    `${unchanged} unchanged`,
  ];
  return [`${out}: ${parts.join(", ")}`, ...(result.isNew ? nextSteps(job, result) : [])];
}
