import { formatGithub, formatJson, formatJunit, formatText, type Diagnostic } from "../diagnostics/index.js";
import { validate } from "../generate.js";
import { colorOn, countText, exitCodeOf, printLine, type ExitCode } from "./console.js";
import { noteUnusedConfig, printedProblem, readJobs, type JobOptions } from "./jobs.js";

/** An output format of `validate` and `check`. */
export type Format = "text" | "json" | "github" | "junit";

/** Runs `topicsmith validate [spec]`. */
export async function runValidate(
  spec: string | undefined,
  options: JobOptions & { readonly format: Format },
): Promise<ExitCode> {
  const read = await readJobs(spec, options);
  const problem = printedProblem("validate", read, options);
  if (problem !== undefined) return problem;
  noteUnusedConfig(read, spec, options);
  let code: ExitCode = 0;
  const reports: { readonly spec: string; readonly shown: readonly Diagnostic[] }[] = [];
  for (const job of read.jobs) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other: a spec can take hundreds of megabytes
    const { diagnostics, sources } = await validate(job.spec, job);
    if (exitCodeOf(diagnostics, job.strict) !== 0) code = 1;
    const shown =
      options.quiet === true ? diagnostics.filter(({ severity }) => severity === "error") : diagnostics;
    reports.push({ spec: job.spec, shown });
    if (options.format !== "text") continue;
    if (shown.length > 0) {
      process.stdout.write(`${formatText(shown, { sources, color: colorOn(process.stdout) }).trimEnd()}\n`);
    }
    printLine(`${job.spec}: ${countText(diagnostics) || "no problems"}`, options);
  }
  if (options.format !== "text") process.stdout.write(REPORTS[options.format](reports));
  return code;
}

type Reports = readonly { readonly spec: string; readonly shown: readonly Diagnostic[] }[];

/** The whole report of the formats for programs. */
const REPORTS: Readonly<Record<Exclude<Format, "text">, (reports: Reports) => string>> = {
  json: (reports) => formatJson(reports.flatMap(({ shown }) => shown)),
  github: (reports) => formatGithub(reports.flatMap(({ shown }) => shown)),
  junit: (reports) =>
    formatJunit(
      reports.map(({ spec, shown }) => ({
        name: `topicsmith validate ${spec}`,
        cases:
          shown.length === 0
            ? [{ name: "has no problems" }]
            : shown.map(({ code, severity, message, range }) => {
                const name = range === undefined ? spec : `${range.file}:${range.line}:${range.column}`;
                // Hints and warnings are shown, and fail nothing.
                return severity === "error"
                  ? { name, failure: { type: code, message } }
                  : { name: `${name} ${severity} ${code}: ${message}` };
              }),
      })),
    ),
};
