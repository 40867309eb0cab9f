import { generate } from "../generate.js";
import type { Generated } from "../run-options.js";
import { exitCodeOf, printFindings, printLine, type ExitCode } from "./console.js";
import { plural } from "../diagnostics/index.js";
import { FileWatcher } from "./file-watcher.js";
import { notWritten, resultLines, type GenerateCommandOptions } from "./generate.js";
import { interrupted } from "./interrupted.js";
import { noteUnusedConfig, printedProblem, readJobs } from "./jobs.js";

/** Clears a terminal and what was scrolled out of it, as `tsc --watch` does. */
const CLEAR = "\u001b[2J\u001b[3J\u001b[H";

/**
 * Runs `topicsmith generate --watch`: generates again whenever the spec, a file that it refers to, a template or the
 * configuration changes, until Ctrl-C. While there are errors, the output stays as it was.
 */
export async function watchGenerate(
  spec: string | undefined,
  options: GenerateCommandOptions,
): Promise<ExitCode> {
  const first = await runOnce(spec, options);
  if (first.stop !== undefined) return first.stop;
  let hadErrors = first.hasErrors;
  let watcher: FileWatcher | undefined;
  const ended = interrupted();
  const again = async (): Promise<void> => {
    if (process.stdout.isTTY && options.quiet !== true) process.stdout.write(CLEAR);
    printLine(`${time()} a file changed; generating`, options);
    // Edits of generated files that are made from now on are not discarded.
    const run = await runOnce(spec, { ...options, overwrite: false });
    watcher?.add(run.inputs);
    if (hadErrors && !run.hasErrors) printLine(`${time()} the errors are resolved`, options);
    hadErrors = run.hasErrors;
    printState(run.hasErrors, watcher, options);
  };
  watcher = await FileWatcher.start(first.inputs, again, (message) => process.stderr.write(`${message}\n`));
  printState(hadErrors, watcher, options);
  await ended;
  await watcher.close();
  return 0;
}

/** The outcome of one run for all jobs. */
interface Run {
  readonly hasErrors: boolean;
  readonly inputs: readonly string[];
  /** The exit code, if there is nothing to watch. */
  readonly stop?: ExitCode;
}

async function runOnce(spec: string | undefined, options: GenerateCommandOptions): Promise<Run> {
  const read = await readJobs(spec, options);
  const problem = printedProblem("generate", read, options);
  if (problem !== undefined) {
    const { inputs } = read;
    return { hasErrors: true, inputs, ...(inputs.length === 0 && { stop: problem }) };
  }
  noteUnusedConfig(read, spec, options);
  const inputs = [...read.inputs];
  let hasErrors = false;
  for (const job of read.jobs) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that messages of jobs are not mixed
    const result = await generateSafely({ ...job, overwrite: options.overwrite === true });
    inputs.push(job.spec, ...result.inputs);
    printFindings(result, options);
    if (exitCodeOf(result.diagnostics, job.strict) !== 0) {
      hasErrors = true;
      process.stderr.write(`${notWritten(job, result, read.jobs.length)}\n`);
    } else for (const line of resultLines(job, result)) printLine(line, options);
  }
  return { hasErrors, inputs };
}

/** Goes on after a bug of topicsmith, too: the next version of the spec may not meet it. */
async function generateSafely(options: Parameters<typeof generate>[0]): Promise<Generated> {
  try {
    return await generate(options);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`topicsmith: internal error. Please report this, including the spec.\n${text}\n`);
    const nothing = { upToDate: false, isNew: false, written: [], removed: [], unchanged: 0 };
    return { ...nothing, ok: false, diagnostics: [], sources: new Map(), inputs: [] };
  }
}

function printState(
  hasErrors: boolean,
  watcher: FileWatcher | undefined,
  options: GenerateCommandOptions,
): void {
  const state = hasErrors ? "the output is left as it was; watching" : "watching";
  printLine(`${time()} ${state} ${plural(watcher?.size ?? 0, "file")} (stop with Ctrl-C)`, options);
}

/** `[09:05:00]` */
function time(): string {
  return `[${new Date().toTimeString().slice(0, 8)}]`;
}
