import { formatGithub, formatJunit, type Diagnostic, plural } from "../diagnostics/index.js";
import { check } from "../generate.js";
import type { Checked, CheckOptions } from "../run-options.js";
import { countText, exitCodeOf, printFindings, printLine, type ExitCode } from "./console.js";
import { noteUnusedConfig, printedProblem, readJobs, type CliJob, type JobOptions } from "./jobs.js";
import type { Format } from "./validate.js";

/** The options of `topicsmith check`. */
export interface CheckCommandOptions extends JobOptions, Pick<CheckOptions, "trustManifest"> {
  readonly format: Format;
}

/** A job with its result. */
interface CheckedJob {
  readonly job: CliJob;
  readonly result: Checked;
  /** Whether the spec has errors, so that nothing was compared. */
  readonly hasFailed: boolean;
}

/** Runs `topicsmith check [spec]`. */
export async function runCheck(spec: string | undefined, options: CheckCommandOptions): Promise<ExitCode> {
  const read = await readJobs(spec, options);
  const problem = printedProblem("check", read, options);
  if (problem !== undefined) return problem;
  noteUnusedConfig(read, spec, options);
  const all: CheckedJob[] = [];
  for (const job of read.jobs) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: a package takes hundreds of megabytes
    const result = await check({ ...job, trustManifest: options.trustManifest === true });
    const checked = { job, result, hasFailed: exitCodeOf(result.diagnostics, job.strict) !== 0 };
    all.push(checked);
    if (options.format === "text") printText(checked, options);
  }
  if (options.format !== "text") process.stdout.write(REPORTS[options.format](all));
  return all.some(({ hasFailed, result }) => hasFailed || result.outdated.length > 0) ? 1 : 0;
}

/** One line for each file, then the differences, then the command that helps. */
function printText({ job, result, hasFailed }: CheckedJob, options: CheckCommandOptions): void {
  printFindings(result, options);
  if (hasFailed) {
    process.stderr.write(`Nothing was compared: ${countText(result.diagnostics)}.\n`);
    return;
  }
  const { out = "", outdated } = result;
  if (outdated.length === 0) return printLine(`${out}: up to date`, options);
  for (const { diagnostic } of outdated) {
    printFindings({ diagnostics: [diagnostic], sources: new Map() }, options);
  }
  // A problem of the whole folder says everything already.
  if (outdated[0]?.file === out) return;
  for (const { file, diff } of outdated) {
    if (diff !== "" && options.quiet !== true) process.stderr.write(`\n${file}\n${diff}\n`);
  }
  const separator = options.quiet === true ? "" : "\n";
  // `generate` takes no edit in silence.
  const remedy = outdated.some(({ diagnostic }) => diagnostic.code === "edited-file")
    ? `Undo the edits and run \`${job.command}\`, or discard them with \`${job.command} --overwrite\`.`
    : `Run \`${job.command}\`.`;
  process.stderr.write(
    `${separator}${out}: ${plural(outdated.length, "problem")}; the output is out of date. ${remedy}\n`,
  );
}

/** The whole report of the formats for programs. */
const REPORTS: Readonly<Record<Exclude<Format, "text">, (all: readonly CheckedJob[]) => string>> = {
  json(all) {
    const jobs = all.map(({ job, result: { ok, out, diagnostics, outdated } }) => ({
      spec: job.spec,
      out,
      upToDate: ok,
      command: job.command,
      diagnostics,
      outdated: outdated.map(({ file, diagnostic: { code, message }, diff }) => ({
        code,
        file,
        message,
        diff,
      })),
    }));
    return `${JSON.stringify(jobs, undefined, 2)}\n`;
  },
  github: (all) =>
    all.map(({ result }) => formatGithub([...result.diagnostics, ...located(result)])).join(""),
  junit: (all) =>
    formatJunit(
      all.map(({ job, result, hasFailed }) => ({
        name: `topicsmith check ${result.out ?? job.spec}`,
        cases: [
          ...result.diagnostics
            .filter(({ severity }) => severity === "error" || hasFailed)
            .map(({ code, message, range }) => ({
              name: range === undefined ? job.spec : `${range.file}:${range.line}:${range.column}`,
              failure: { type: code, message },
            })),
          ...result.outdated.map(({ file, diagnostic: { code, message }, diff }) => ({
            name: file,
            failure: { type: code, message, text: diff },
          })),
          ...(result.ok && !hasFailed ? [{ name: "is up to date" }] : []),
        ],
      })),
    ),
};

/** The diagnostics of files, with the first line as their range: an annotation has to be at a line. */
function located({ outdated }: Checked): readonly Diagnostic[] {
  return outdated.map(({ file, diagnostic }) => ({
    ...diagnostic,
    range: { file, line: 1, column: 1, endLine: 1, endColumn: 1 },
  }));
}
