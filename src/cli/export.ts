import {
  exportAsyncApi,
  isExportedText,
  printDocument,
  type DocumentFormat,
  type Side,
} from "../asyncapi/index.js";
import { loadApi } from "../load-api.js";
import { countText, exitCodeOf, printFindings, printLine, type ExitCode } from "./console.js";
import { specJobsOrExit, type CliJob, type JobOptions } from "./jobs.js";
import { writeFiles } from "./write-files.js";

/** The options of `topicsmith export`. */
export interface ExportCommandOptions extends JobOptions {
  readonly side: Side;
  readonly format?: DocumentFormat;
  readonly overwrite?: boolean;
}

/** Runs `topicsmith export asyncapi [spec]`. */
export async function runExport(spec: string | undefined, options: ExportCommandOptions): Promise<ExitCode> {
  const jobs = await specJobsOrExit("export", spec, { ...options, needsOne: true });
  if (typeof jobs === "number") return jobs;
  const [job] = jobs;
  return job === undefined ? 1 : exportJob(job, options);
}

async function exportJob(job: CliJob, options: ExportCommandOptions): Promise<ExitCode> {
  const { out, side } = options;
  const loaded = await loadApi(job.spec, job);
  printFindings(loaded, options);
  const { document, model } = loaded;
  if (document === undefined || model === undefined || !loaded.ok) {
    process.stderr.write(`Nothing was written: ${countText(loaded.diagnostics)}.\n`);
    return exitCodeOf(loaded.diagnostics, job.strict);
  }
  const format = options.format ?? (out?.endsWith(".json") === true ? "json" : "yaml");
  const text = printDocument(exportAsyncApi({ document, model, side }), format);
  if (out === undefined) {
    process.stdout.write(text);
    return 0;
  }
  const mayReplace = (old: string) => options.overwrite === true || isExportedText(old);
  const diagnostics = writeFiles([{ path: out, text }], mayReplace);
  printFindings({ diagnostics, sources: new Map() }, options);
  if (diagnostics.length === 0)
    printLine(`${out}: AsyncAPI document written, as seen by the ${side}`, options);
  return exitCodeOf(diagnostics);
}
