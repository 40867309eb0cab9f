#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { ExitCode } from "./console.js";
import type { ExchangeOptions } from "./exchange.js";
import type { MockCommandOptions } from "./mock.js";
import type { Format } from "./validate.js";

const FORMATS: readonly Format[] = ["text", "json", "github"];

const EXAMPLES = `
Examples:
  # write the package to generated/kaa
  topicsmith generate spec/kaa/kaa.yaml
  # write it to another folder
  topicsmith generate api.yaml --out packages/client
  # in CI: fail if the generated code is out of date
  topicsmith check api.yaml
  # in CI: report problems as annotations on GitHub
  topicsmith validate api.yaml --format github
  # run a mock platform on port 1883
  topicsmith mock spec/kaa/kaa.yaml
  # push a command to a device by hand
  topicsmith push spec/kaa/kaa.yaml cex.command reboot '[{"id":1}]' --to appVersion=demo-v1,endpointToken=x

Exit codes: 0 ok, 1 problems found, 2 usage error or internal error.`;

// The reader of a pipe may close it early, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

let exitCode: ExitCode = 0;

/** The commands and their options. Each action loads its own modules, so that `--help` stays fast. */
function program(): Command {
  const cli = new Command("topicsmith")
    .description("Generates a typed TypeScript package from the YAML spec of an MQTT device API.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(run with --help for usage)")
    .exitOverride();

  cli
    .command("generate")
    .summary("generate a package from a spec")
    .description(
      "Generates a complete npm package: a typed client, the platform side and\n" +
        "validators. Unchanged files are left alone. If the spec has errors, nothing\n" +
        "is written.",
    )
    .argument("<spec>", "root file of the spec, such as spec/kaa/kaa.yaml")
    .option("-o, --out <dir>", "output folder (default: generated/<api.name>)")
    .option("--overwrite", "overwrite existing files that topicsmith did not generate")
    .option("--strict", "treat warnings as errors")
    .option("--allow <dir>", "also let the spec read files in this folder (repeatable)", listOf)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string, options: object) => {
      exitCode = await (await import("./generate.js")).runGenerate(spec, options);
    });

  cli
    .command("check")
    .summary("fail if a generated package is out of date")
    .description(
      "Compares a generated package with its spec. Writes nothing. Exits with 1 and\n" +
        "prints a short diff if files are missing, outdated, left over or edited. Takes\n" +
        "as long as generating, because a manifest can be forged; for speed on your own\n" +
        "machine, pass --trust-manifest.",
    )
    .argument("<spec>", "root file of the spec")
    .option("-o, --out <dir>", "output folder (default: generated/<api.name>)")
    .option("--strict", "treat warnings as errors")
    .option("--trust-manifest", "if the digests in the manifest match, compare nothing else")
    .option("--allow <dir>", "also let the spec read files in this folder (repeatable)", listOf)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string, options: object) => {
      exitCode = await (await import("./check.js")).runCheck(spec, options);
    });

  cli
    .command("validate")
    .summary("check a spec and report all problems")
    .description(
      "Reads a spec and all files that it refers to. Reports every problem with its\n" +
        "location and a suggested fix.",
    )
    .argument("<spec>", "root file of the spec")
    .addOption(new Option("-f, --format <format>", "output format").choices(FORMATS).default("text"))
    .option("--strict", "treat warnings as errors")
    .option("--allow <dir>", "also let the spec read files in this folder (repeatable)", listOf)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string, options: { readonly format: Format }) => {
      exitCode = await (await import("./validate.js")).runValidate(spec, options);
    });

  cli
    .command("mock")
    .summary("run a mock platform for testing devices")
    .description(
      "Starts an MQTT 3.1.1 broker with a mock platform that responds to every\n" +
        "resource of the spec, from the spec's examples or from your handlers. Prints\n" +
        "the traffic with secrets redacted. Stop it with Ctrl-C.",
    )
    .argument("<spec>", "root file of the spec")
    .option("-p, --port <port>", "port to listen on (0: any free port)", portOf, 1883)
    .option("--host <address>", "address to bind", "127.0.0.1")
    .option("--ws [port]", "also listen on WebSocket (without a port: any free port)", portOf)
    .option("--allow-origin <origin...>", "let web pages of other origins connect over WebSocket")
    .addOption(
      new Option("--deliver <mode>", "deliver to subscribers, or always to the requester")
        .choices(["subscribed", "always"])
        .default("subscribed"),
    )
    .option("--handlers <file>", "module whose default export holds your handlers")
    .option("--faults <file>", "YAML file of faults to inject")
    .option("--record <file>", "record the traffic as JSON Lines, with secrets redacted")
    .addOption(
      new Option("--log-format <format>", "lines for people, or one JSON object per event")
        .choices(["pretty", "json"])
        .default("pretty"),
    )
    .option("--show-secrets", "print secrets instead of redacting them")
    .option("--allow <dir>", "also let the spec read files in this folder (repeatable)", listOf)
    .option("-q, --quiet", "do not print the traffic")
    .action(async (spec: string, options: MockCommandOptions) => {
      exitCode = await (await import("./mock.js")).runMock(spec, options);
    });

  for (const name of ["push", "call"] as const) {
    const isPush = name === "push";
    cli
      .command(name)
      .summary(isPush ? "push a message to a device by hand" : "send a request by hand")
      .description(
        isPush
          ? "Checks a push against the spec and publishes it, on the mock or on any broker.\nWithout a resource, lists those with pushes."
          : "Checks a request against the spec, publishes it and prints the response.\nWithout a resource, lists those with a response.",
      )
      .argument("<spec>", "root file of the spec")
      .argument("[resource]", "such as cex.command")
      .argument("[values...]", "parameters of its path, and the payload (JSON, text, or @file)")
      .option("--to <parameters>", "the endpoint: appVersion=demo-v1,endpointToken=x")
      .option("--url <url>", "the broker", "mqtt://127.0.0.1:1883")
      .option("--timeout <ms>", "time to connect and to wait for a response", millisecondsOf, 10_000)
      .action(
        async (spec: string, resource: string | undefined, values: string[], options: ExchangeOptions) => {
          const { runCall, runPush } = await import("./exchange.js");
          const args = resource === undefined ? [] : [resource, ...values];
          exitCode = await (isPush ? runPush : runCall)(spec, args, options);
        },
      );
  }

  return cli;
}

function millisecondsOf(text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text))
    throw new InvalidArgumentError("A time is a whole number of milliseconds.");
  return Number(text);
}

function portOf(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Infinity;
  if (port > 65_535) throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  return port;
}

/** Collects the values of an option that can be repeated. */
function listOf(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

try {
  const cli = program();
  if (process.argv.length <= 2) cli.help({ error: true });
  await cli.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already printed the problem. It throws for `--help` and `--version` too.
    exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `topicsmith: internal error. Please report this, including the spec that triggers it.\n${text}\n`,
    );
    exitCode = 2;
  }
}
process.exitCode = exitCode;
