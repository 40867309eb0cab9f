/** The program of `npm run kaa`: runs a Kaa platform until Ctrl-C. */
import { Command, InvalidArgumentError, Option } from "commander";
import type { Unchanged } from "./configuration.js";
import { type RunningKaa, startKaa } from "./platform.js";

interface Options {
  readonly port: number;
  readonly http?: number;
  readonly ws?: number | true;
  readonly host: string;
  readonly app?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly maxPush: number;
  readonly token?: readonly string[];
  readonly data?: string;
  readonly deliver: "always" | "subscribed";
  readonly unchanged: Unchanged;
  readonly readOnly?: readonly string[];
  readonly hidden?: readonly string[];
  readonly showSecrets?: boolean;
  readonly quiet?: boolean;
}

const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

const program = new Command("kaa")
  .description("Runs a stateful Kaa platform for testing devices.")
  .option("--port <port>", "MQTT port to listen on (0: any free port)", toPort, 1883)
  .option("--http <port>", "HTTP port to listen on (default: MQTT port + 1)", toPort)
  .option("--ws [port]", "also listen on WebSocket, at /ws (without a port: any free port)", toPort)
  .option("--host <address>", "address to bind (0.0.0.0: all networks)", "127.0.0.1")
  .option(
    "--app <app version>",
    "serve the application of this version only; repeatable (default: any)",
    collect,
  )
  .option(
    "--allow-origin <origin>",
    "let web pages of this origin use HTTP and WebSocket; repeatable",
    toOrigins,
  )
  .option("--token <token>", "accept this endpoint token; repeatable (default: any)", collect)
  .option("--data <folder>", "folder to keep the state in (default: in memory)")
  .addOption(
    new Option("--deliver <mode>", "respond always to the requester, as Kaa does, or to subscribers only")
      .choices(["always", "subscribed"])
      .default("always"),
  )
  .addOption(
    new Option(
      "--unchanged <form>",
      "response to an endpoint that has the configuration: {}, status code 304, or no body",
    )
      .choices(["empty", "304", "void"])
      .default("empty"),
  )
  .option("--max-push <bytes>", "largest MQTT packet of pushed commands; further ones follow", toBytes, 256)
  .option("--read-only <key>", "metadata key that endpoints cannot write; repeatable", collect)
  .option("--hidden <key>", "metadata key that endpoints cannot see; repeatable", collect)
  .option("--show-secrets", "print tokens instead of redacting them")
  .option("-q, --quiet", "do not print the traffic")
  .action(serve);

await program.parseAsync();

async function serve(options: Options): Promise<void> {
  const { port, http = port === 0 ? 0 : port + 1, host, app, token, data, deliver, unchanged } = options;
  if (token !== undefined && app === undefined)
    return program.error("error: --token needs the application of the token; add --app");
  // The database creates its files with the default mode, and they hold tokens.
  process.umask(0o077);
  let kaa: RunningKaa;
  try {
    kaa = await startKaa({
      port,
      httpPort: http,
      host,
      deliver,
      unchanged,
      maxPushBytes: options.maxPush,
      ...(options.allowOrigin && { allowOrigins: options.allowOrigin }),
      ...(options.ws !== undefined && { ws: options.ws }),
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
        console.error("error: cannot write the state:", error);
        process.exit(1);
      },
    });
  } catch (error) {
    return program.error(`error: ${reasonOf(error)}`);
  }
  // Listen for signals first: a program that waits for this line may send one as soon as it appears.
  const ended = interrupted();
  const mqtt = [kaa.url, ...(kaa.ws === undefined ? [] : [`${kaa.ws}/ws`])].join(" and ");
  process.stdout.write(`Kaa platform listening on ${mqtt}, HTTP on ${kaa.httpUrl} (stop with Ctrl-C)\n`);
  await ended;
  await kaa.close();
  if (options.quiet !== true) process.stdout.write(`\n${kaa.summary()}\n`);
}

/**
 * Resolves at the first SIGINT or SIGTERM. Another one a second later ends the program at once. Until then it is ignored, because
 * npm forwards a signal that the terminal has sent to the whole process group.
 */
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
    // The reader of the output is gone.
    process.stdout.on("error", () => resolve());
  });
}

function toPort(text: string): number {
  const port = /^[0-9]+$/u.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  return port;
}

function toBytes(text: string): number {
  const bytes = /^[0-9]{1,9}$/u.test(text) ? Number(text) : 0;
  if (bytes < 1) throw new InvalidArgumentError("A size is a whole number of bytes, 1 or more.");
  return bytes;
}

function toOrigins(text: string, earlier?: readonly string[]): readonly string[] {
  if (!URL.canParse(text) || new URL(text).origin !== text)
    throw new InvalidArgumentError(
      "An origin is a scheme, a host and perhaps a port: https://example.com:8080",
    );
  return collect(text, earlier);
}

/** The reason why the platform could not start, and the option that helps. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (code === "EADDRINUSE")
    return `port ${port} is already in use; choose others with --port and --http, or 0 for any free port`;
  if (code === "EACCES") return `port ${port} needs root privileges; choose one above 1023`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return "--host is not an address of this machine";
  return error.message;
}
