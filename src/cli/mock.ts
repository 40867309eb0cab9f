import { formatText, hasErrors } from "../diagnostics/index.js";
import { startMock, type Fault, type Mock } from "../mock/index.js";
import { loadHandlers } from "../mock/load-handlers.js";
import { readModel } from "../mock/load-model.js";
import { readFaults } from "../mock/read-faults.js";
import { colorOn, say, type CommonOptions, type ExitCode } from "./console.js";

/** What `topicsmith mock` may be told. */
export interface MockCommandOptions extends CommonOptions {
  readonly port: number;
  readonly host: string;
  /** True: any free port. */
  readonly ws?: number | true;
  readonly deliver: "subscribed" | "always";
  readonly handlers?: string;
  readonly faults?: string;
  readonly record?: string;
  readonly showSecrets?: boolean;
}

/** `topicsmith mock <spec>`: serves until Ctrl-C. */
export async function runMock(spec: string, options: MockCommandOptions): Promise<ExitCode> {
  const { model, diagnostics, sources } = await readModel(spec);
  const color = colorOn(process.stderr);
  if (!model || hasErrors(diagnostics)) {
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
    mock = await startMock(model, {
      port: options.port,
      host: options.host,
      deliver: options.deliver,
      ...(options.ws !== undefined && { webSocket: options.ws }),
      ...(options.record !== undefined && { record: options.record }),
      ...(options.handlers !== undefined && { handlers: await loadHandlers(options.handlers) }),
      faults,
      platform: {
        onError: (error, context) => process.stderr.write(`${textOf(error, context?.resource)}\n`),
      },
      showSecrets: options.showSecrets === true,
      print: (line) => say(line, options),
      color: colorOn(process.stdout),
    });
  } catch (error) {
    process.stderr.write(`topicsmith mock: ${whyNot(error, options)}\n`);
    return 1;
  }
  // Before anybody can read that it listens.
  const ended = interrupted();
  const listening = [mock.url, ...(mock.wsUrl === undefined ? [] : [mock.wsUrl])].join(" and ");
  process.stdout.write(`${model.title}: a mock listens at ${listening} (Ctrl-C ends it)\n`);
  await ended;
  const failed = await mock.close().then(
    () => undefined,
    (error: unknown) => error,
  );
  say(`\n${mock.summary()}`, options);
  if (failed === undefined) return 0;
  process.stderr.write(`topicsmith mock: ${whyNot(failed, options)}\n`);
  return 1;
}

/** Settles at the first signal to end. A second one ends the program at once, as if nobody listened. */
async function interrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

function textOf(error: unknown, resource: string | undefined): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return resource === undefined ? text : `${resource}: ${text}`;
}

/** Says what the user can do about it. */
function whyNot(error: unknown, { port, ws, host, record }: MockCommandOptions): string {
  const {
    code,
    syscall,
    port: concerned = port,
  } = Object(error) as NodeJS.ErrnoException & { port?: number };
  const option = concerned === ws ? "--ws" : "--port";
  if (code === "EADDRINUSE")
    return `port ${concerned} is taken; choose another with ${option}, 0 for any free one`;
  if (code === "EACCES" && syscall === "listen")
    return `port ${concerned} needs more rights; choose one above 1023 with ${option}`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is no address of this machine`;
  if (code === "EEXIST")
    return `${record} is there already, and records are not written over; move it, or choose another name`;
  if (syscall === "open") return `--record ${record} can not be written: ${code}; does its folder exist?`;
  return error instanceof Error ? error.message : String(error);
}
