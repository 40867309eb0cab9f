import { formatText, hasErrors } from "../diagnostics/index.js";
import { concealer, showSecrets } from "../mock/concealer.js";
import { describeApi } from "../mock/descriptors.js";
import { startMock, type Fault, type Mock } from "../mock/index.js";
import { loadHandlers } from "../mock/load-handlers.js";
import { readModel } from "../mock/load-model.js";
import { MessageReader } from "../mock/message-reader.js";
import { readFaults } from "../mock/read-faults.js";
import { colorOn, say, type CommonOptions, type ExitCode } from "./console.js";
import { Traffic } from "./traffic.js";

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
  const api = describeApi(model);
  const reader = new MessageReader(api);
  let faults: readonly Fault[] = [];
  if (options.faults !== undefined) {
    const read = await readFaults(
      options.faults,
      reader.resources.map(({ shape }) => shape.name),
    );
    if (read.diagnostics.length > 0) {
      process.stderr.write(formatText(read.diagnostics, { sources: read.sources, color }));
      return 1;
    }
    faults = read.faults;
  }
  const traffic = new Traffic({
    reader,
    concealer: options.showSecrets === true ? showSecrets : concealer(api),
    color: colorOn(process.stdout),
  });
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
      onEvent(event) {
        const line = traffic.line(event);
        if (line !== undefined) say(line, options);
      },
    });
  } catch (error) {
    process.stderr.write(`topicsmith mock: ${whyNot(error, options)}\n`);
    return 1;
  }
  const listening = [mock.url, ...(mock.wsUrl === undefined ? [] : [mock.wsUrl])].join(" and ");
  process.stdout.write(`${model.title}: a mock listens at ${listening} (Ctrl-C ends it)\n`);
  await interrupted();
  await mock.close();
  say(`\n${traffic.summary()}`, options);
  return 0;
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
function whyNot(error: unknown, { port, host, record }: MockCommandOptions): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `port ${port} is taken; choose another with --port, 0 for any free one`;
  if (code === "EACCES") return `port ${port} needs more rights; choose one above 1023 with --port`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is no address of this machine`;
  if (code === "EEXIST")
    return `${record} is there already, and records are not written over; move it, or choose another name`;
  return error instanceof Error ? error.message : String(error);
}
