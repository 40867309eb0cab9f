import { formatText } from "../diagnostics/index.js";
import { loadApi } from "../load-api.js";
import { startMock, type Fault, type Mock } from "../mock/index.js";
import { loadHandlers } from "../mock/load-handlers.js";
import { readFaults } from "../mock/read-faults.js";
import { watchMock } from "./watch-mock.js";
import type { ApiModel } from "../model/index.js";
import { colorOn, printLine, type CommonOptions, type ExitCode } from "./console.js";

/** The options of `topicsmith mock`. */
export interface MockCommandOptions extends CommonOptions {
  readonly port: number;
  readonly host: string;
  /** True: any free port. */
  readonly ws?: number | true;
  readonly allowOrigin?: readonly string[];
  readonly deliver: "subscribed" | "always";
  readonly handlers?: string;
  readonly faults?: string;
  readonly record?: string;
  readonly allow?: readonly string[];
  readonly showSecrets?: boolean;
  readonly logFormat: "pretty" | "json";
}

/** Runs `topicsmith mock <spec>` until Ctrl-C. */
export async function runMock(spec: string, options: MockCommandOptions): Promise<ExitCode> {
  const { model, diagnostics, sources, inputs } = await loadApi(spec, options);
  const color = colorOn(process.stderr);
  if (!model) {
    process.stderr.write(formatText(diagnostics, { sources, color }));
    return 1;
  }
  let faults: readonly Fault[] = [];
  if (options.faults !== undefined) {
    const resources = model.extensions.flatMap((extension) => extension.resources.map(({ id }) => id));
    const read = await readFaults(options.faults, resources);
    if (read.diagnostics.length > 0) {
      process.stderr.write(formatText(read.diagnostics, { sources: read.sources, color }));
      return 1;
    }
    faults = read.faults;
  }
  let mock: Mock;
  try {
    mock = await start(model, faults, options);
  } catch (error) {
    process.stderr.write(`topicsmith mock: ${reasonOf(error, options)}\n`);
    return 1;
  }
  const isJson = options.logFormat === "json";
  const stopWatching = await watchMock(
    mock,
    { spec, ...options },
    {
      inputs,
      color,
      print: (text) =>
        printLine(
          isJson ? JSON.stringify({ at: new Date().toISOString(), kind: "note", text }) : text,
          options,
        ),
      printError: (text) => process.stderr.write(`${text}\n`),
    },
  );
  // Listen for signals first: a program that waits for this line may send one as soon as it appears.
  const ended = interrupted();
  process.stdout.write(`${listeningLine(model, mock, options)}\n`);
  await ended;
  await stopWatching();
  const failure = await mock.close().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (options.logFormat === "pretty") printLine(`\n${mock.summary()}`, options);
  if (failure === undefined) return 0;
  process.stderr.write(`topicsmith mock: ${reasonOf(failure, options)}\n`);
  return 1;
}

async function start(model: ApiModel, faults: readonly Fault[], options: MockCommandOptions): Promise<Mock> {
  return startMock(model, {
    port: options.port,
    host: options.host,
    deliver: options.deliver,
    ...(options.ws !== undefined && { ws: options.ws }),
    ...(options.allowOrigin && { allowOrigins: options.allowOrigin }),
    ...(options.record !== undefined && { record: options.record }),
    ...(options.handlers !== undefined && { handlers: await loadHandlers(options.handlers) }),
    faults,
    printError: (text) => process.stderr.write(`${text}\n`),
    showSecrets: options.showSecrets === true,
    logFormat: options.logFormat,
    print: (line) => printLine(line, options),
    color: colorOn(process.stdout),
  });
}

function listeningLine({ title }: ApiModel, { url, wsUrl }: Mock, { logFormat }: MockCommandOptions): string {
  if (logFormat === "json")
    return JSON.stringify({ at: new Date().toISOString(), kind: "listening", url, wsUrl });
  const addresses = [url, ...(wsUrl === undefined ? [] : [wsUrl])].join(" and ");
  return `${title}: mock listening on ${addresses} (stop with Ctrl-C)`;
}

/** Resolves at the first SIGINT or SIGTERM. A second signal has no listener, so it ends the process at once. */
async function interrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

/** The reason why the mock could not start or stop, and the option that helps. */
function reasonOf(error: unknown, { port, ws, host, record }: MockCommandOptions): string {
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
