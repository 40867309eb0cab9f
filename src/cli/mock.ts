import { formatText } from "../diagnostics/index.js";
import { loadApi } from "../load-api.js";
import { startMock, type Fault, type Mock } from "../mock/index.js";
import { type LoadedHandlers, loadHandlers } from "../mock/load-handlers.js";
import { readFaults } from "../mock/read-faults.js";
import { watchMock, type MockFiles } from "./watch-mock.js";
import type { ApiModel } from "../model/index.js";
import { colorOn, printLine, type CommonOptions, type ExitCode } from "./console.js";
import { interrupted } from "./interrupted.js";
import { printedProblem, readJobs, type CliJob, type JobOptions } from "./jobs.js";
import { mockAddress } from "./mock-settings.js";

/** The options of `topicsmith mock`. */
export interface MockCommandOptions extends CommonOptions, Pick<JobOptions, "allow" | "config"> {
  readonly port?: number;
  readonly host?: string;
  /** True: any free port. */
  readonly ws?: number | true;
  readonly allowOrigin?: readonly string[];
  readonly deliver?: "subscribed" | "always";
  readonly handlers?: string;
  readonly faults?: string;
  readonly record?: string;
  readonly showSecrets?: boolean;
  readonly logFormat: "pretty" | "json";
}

/** The options of the mock of one job: those of the command line, else those of the configuration. */
interface MockOptions extends MockCommandOptions {
  readonly port: number;
  readonly host: string;
  /** Precedes every line if there are several mocks. */
  readonly label: string;
}

/** A mock that listens. */
interface Running {
  readonly mock: Mock;
  readonly options: MockOptions;
  readonly stopWatching: () => Promise<void>;
  readonly line: string;
}

/** Runs `topicsmith mock [spec]` until Ctrl-C: one mock for each job. */
export async function runMock(spec: string | undefined, options: MockCommandOptions): Promise<ExitCode> {
  const read = await readJobs(spec, options);
  const problem = printedProblem("mock", read, options);
  if (problem !== undefined) return problem;
  if (options.record !== undefined && read.jobs.length > 1) {
    process.stderr.write("topicsmith mock: --record names one file for several mocks; name a spec, too\n");
    return 2;
  }
  const running: Running[] = [];
  for (const [index, job] of read.jobs.entries()) {
    const own = optionsOf(job, index, { options, count: read.jobs.length });
    // oxlint-disable-next-line no-await-in-loop -- in order of their ports
    const started = await startJob(job, own, { spec, options, inputs: read.inputs });
    if (started !== undefined) {
      running.push(started);
      continue;
    }
    // oxlint-disable-next-line no-await-in-loop -- the command ends here
    await closeAll(running);
    return 1;
  }
  // Listen for signals first: a program that waits for this line may send one as soon as it appears.
  const ended = interrupted();
  for (const { line } of running) process.stdout.write(`${line}\n`);
  await ended;
  return closeAll(running);
}

function optionsOf(
  job: CliJob,
  index: number,
  { options, count }: { readonly options: MockCommandOptions; readonly count: number },
): MockOptions {
  const { ws, allowOrigin, deliver, handlers, faults } = { ...job.mock, ...options };
  return {
    ...options,
    ...(ws !== undefined && { ws }),
    ...(allowOrigin !== undefined && { allowOrigin }),
    ...(deliver !== undefined && { deliver }),
    ...(handlers !== undefined && { handlers }),
    ...(faults !== undefined && { faults }),
    ...mockAddress(job, index, options),
    label: count > 1 ? `${job.spec}: ` : "",
  };
}

/** Starts the mock of a job; undefined if it cannot start, for a reason that was printed. */
async function startJob(
  job: CliJob,
  options: MockOptions,
  config: {
    /** The arguments of the command, by which the configuration is read again. */
    readonly spec: string | undefined;
    readonly options: MockCommandOptions;
    readonly inputs: readonly string[];
  },
): Promise<Running | undefined> {
  const { model, diagnostics, sources, inputs } = await loadApi(job.spec, job);
  const color = colorOn(process.stderr);
  if (!model) {
    process.stderr.write(formatText(diagnostics, { sources, color }));
    return undefined;
  }
  let faults: readonly Fault[] = [];
  if (options.faults !== undefined) {
    const resources = model.extensions.flatMap((extension) => extension.resources.map(({ id }) => id));
    const read = await readFaults(options.faults, resources);
    if (read.diagnostics.length > 0) {
      process.stderr.write(formatText(read.diagnostics, { sources: read.sources, color }));
      return undefined;
    }
    ({ faults } = read);
  }
  let mock: Mock;
  let handlers: LoadedHandlers | undefined;
  try {
    handlers = options.handlers === undefined ? undefined : await loadHandlers(options.handlers);
    mock = await start(model, { faults, handlers }, options);
  } catch (error) {
    process.stderr.write(`topicsmith mock: ${reasonOf(error, options)}\n`);
    return undefined;
  }
  const stopWatching = await watchMock(mock, filesOf(job, options), {
    inputs: [...inputs, ...config.inputs, ...(handlers?.files ?? [])],
    color,
    ...(config.inputs.length > 0 && { refresh: () => refreshed(job, config.options, config.spec) }),
    print: (text) => printNote(text, options),
    printError: (text) => process.stderr.write(`${options.label}${text}\n`),
  });
  return { mock, options, stopWatching, line: listeningLine(model, mock, options) };
}

function filesOf(job: CliJob, { handlers, faults }: Pick<MockOptions, "handlers" | "faults">): MockFiles {
  return {
    spec: job.spec,
    ...(handlers !== undefined && { handlers }),
    ...(faults !== undefined && { faults }),
    ...(job.allow && { allow: job.allow }),
    ...(job.rules && { rules: job.rules }),
  };
}

/** The files of a job's mock after a change of the configuration, or what is wrong with that. Its address stays. */
async function refreshed(
  job: CliJob,
  options: MockCommandOptions,
  spec: string | undefined,
): Promise<MockFiles | string> {
  const read = await readJobs(spec, options);
  if (read.jobs.length === 0)
    return formatText(read.diagnostics, { sources: read.sources, color: colorOn(process.stderr) });
  const changed = read.jobs.find((other) => other.spec === job.spec);
  if (changed === undefined)
    return `${job.spec} is no longer a spec of the configuration; start the mock again`;
  return filesOf(changed, { ...changed.mock, ...options });
}

async function closeAll(running: readonly Running[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  for (const { mock, options, stopWatching } of running) {
    // oxlint-disable-next-line no-await-in-loop -- summaries are printed in order
    await stopWatching();
    // oxlint-disable-next-line no-await-in-loop -- summaries are printed in order
    const failure = await mock.close().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (options.logFormat === "pretty") printLine(`\n${options.label}${mock.summary()}`, options);
    if (failure === undefined) continue;
    process.stderr.write(`topicsmith mock: ${reasonOf(failure, options)}\n`);
    code = 1;
  }
  return code;
}

async function start(
  model: ApiModel,
  { faults, handlers }: { readonly faults: readonly Fault[]; readonly handlers: LoadedHandlers | undefined },
  options: MockOptions,
): Promise<Mock> {
  const prefix = options.logFormat === "pretty" ? options.label : "";
  return startMock(model, {
    port: options.port,
    host: options.host,
    deliver: options.deliver ?? "subscribed",
    ...(options.ws !== undefined && { ws: options.ws }),
    ...(options.allowOrigin && { allowOrigins: options.allowOrigin }),
    ...(options.record !== undefined && { record: options.record }),
    ...(handlers && { handlers: handlers.handlers }),
    faults,
    printError: (text) => process.stderr.write(`${options.label}${text}\n`),
    showSecrets: options.showSecrets === true,
    logFormat: options.logFormat,
    print: (line) => printLine(`${prefix}${line}`, options),
    color: colorOn(process.stdout),
  });
}

function printNote(text: string, options: MockOptions): void {
  const at = new Date().toISOString();
  const isJson = options.logFormat === "json";
  printLine(isJson ? JSON.stringify({ at, kind: "note", text }) : `${options.label}${text}`, options);
}

function listeningLine({ title }: ApiModel, { url, ws }: Mock, { logFormat }: MockOptions): string {
  if (logFormat === "json")
    return JSON.stringify({ at: new Date().toISOString(), kind: "listening", url, ws });
  const addresses = [url, ...(ws === undefined ? [] : [ws])].join(" and ");
  return `${title}: mock listening on ${addresses} (stop with Ctrl-C)`;
}

/** The reason why the mock could not start or stop, and the option that helps. */
function reasonOf(error: unknown, { port, ws, host, record }: MockOptions): string {
  const { code, syscall, port: refused = port } = Object(error) as NodeJS.ErrnoException & { port?: number };
  const option = refused === ws ? "--ws" : "--port";
  if (code === "EADDRINUSE")
    return `port ${refused} is already in use; choose another with ${option}, or 0 for any free port`;
  if (code === "EACCES" && syscall === "listen")
    return `port ${refused} needs root privileges; choose one above 1023 with ${option}`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is not an address of this machine`;
  if (code === "EEXIST") return `${record} already exists; choose another file name for --record`;
  if (syscall === "open") return `cannot write ${record}: ${code}; check that the folder of --record exists`;
  return error instanceof Error ? error.message : String(error);
}
