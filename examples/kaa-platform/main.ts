/** What `npm run kaa` runs: a Kaa on this machine, until Ctrl-C. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { Unchanged } from "./configuration.js";
import { type RunningKaa, startKaa } from "./platform.js";

interface Options {
  readonly port: number;
  readonly http?: number;
  readonly ws?: number | true;
  readonly host: string;
  readonly app?: string;
  readonly token?: readonly string[];
  readonly data?: string;
  readonly deliver: "always" | "subscribed";
  readonly unchanged: Unchanged;
  readonly readOnly?: readonly string[];
  readonly hidden?: readonly string[];
  readonly showSecrets?: boolean;
  readonly quiet?: boolean;
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const program = new Command("kaa")
  .description("A Kaa on this machine, for clients of its MQTT device API.")
  .option("--port <port>", "where MQTT listens; 0 for any free port", toPort, 1883)
  .option("--http <port>", "where HTTP listens (default: the port after MQTT's)", toPort)
  .option("--ws [port]", "MQTT over WebSocket as well, at /ws; without a port, on any free one", toPort)
  .option("--host <address>", "the address to listen on; 0.0.0.0 for every network", "127.0.0.1")
  .option("--app <app version>", "serves this application only (default: any)")
  .option("--token <token>", "an endpoint token that there is, again for another one (default: any)", collect)
  .option("--data <folder>", "where all is kept (default: in memory)")
  .addOption(
    new Option("--deliver <to>", "who asks is answered always, as Kaa does, or only where it subscribed")
      .choices(["always", "subscribed"])
      .default("always"),
  )
  .addOption(
    new Option("--unchanged <how>", 'how "you have that already" is said: {}, status code 304, or no body')
      .choices(["empty", "304", "void"])
      .default("empty"),
  )
  .option("--read-only <key>", "a metadata key that endpoints may not write, again for another one", collect)
  .option("--hidden <key>", "a metadata key that endpoints may not see, again for another one", collect)
  .option("--show-secrets", "shows tokens in what is printed")
  .option("-q, --quiet", "does not show what is said")
  .action(serve);

await program.parseAsync();

async function serve(options: Options): Promise<void> {
  const { port, http = port === 0 ? 0 : port + 1, host, app, token, data, deliver, unchanged } = options;
  if (token !== undefined && app === undefined)
    return program.error("error: tokens are an application's: say which one it is with --app");
  let kaa: RunningKaa;
  try {
    kaa = await startKaa({
      port,
      httpPort: http,
      host,
      deliver,
      unchanged,
      ...(options.ws !== undefined && { webSocket: options.ws }),
      ...(app !== undefined && { appVersion: app }),
      ...(token !== undefined && { tokens: token }),
      ...(data !== undefined && { data }),
      metadata: {
        ...(options.readOnly && { readOnly: options.readOnly }),
        ...(options.hidden && { hidden: options.hidden }),
      },
      showSecrets: options.showSecrets === true,
      color: process.stdout.isTTY,
      ...(options.quiet !== true && { print: (line: string) => void process.stdout.write(`${line}\n`) }),
      onError: (error) => console.error(error),
      onFailure: (error) => {
        console.error("error: nothing can be written any more:", error);
        process.exit(1);
      },
    });
  } catch (error) {
    return program.error(`error: ${whyNot(error)}`);
  }
  // Before anybody can read that it listens.
  const ended = interrupted();
  const mqtt = [kaa.url, ...(kaa.wsUrl === undefined ? [] : [`${kaa.wsUrl}/ws`])].join(" and ");
  process.stdout.write(`Kaa listens at ${mqtt}, HTTP at ${kaa.httpUrl} (Ctrl-C ends it)\n`);
  await ended;
  await kaa.close();
  if (options.quiet !== true) process.stdout.write(`\n${kaa.summary()}\n`);
}

/** Settles at the first signal to end. A later one ends the program at once; npm may pass on what a terminal has sent already. */
async function interrupted(): Promise<void> {
  let first = 0;
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (first > 0 && Date.now() - first > 1_000) process.exit(130);
        first ||= Date.now();
        resolve();
      });
    }
    // Whoever read it has gone.
    process.stdout.on("error", () => resolve());
  });
}

function toPort(text: string): number {
  const port = /^[0-9]+$/u.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError("a port is a number from 0 to 65535.");
  return port;
}

/** Says what the user can do about it. */
function whyNot(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (code === "EADDRINUSE")
    return `port ${port} is taken; choose others with --port and --http, 0 for any free ones`;
  if (code === "EACCES") return `port ${port} needs more rights; choose one above 1023`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "--host is no address of this machine";
  return error.message;
}
