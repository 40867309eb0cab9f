#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { ExitCode } from "./console.js";
import { FORMATS, type Format } from "./formats.js";
import type { MockCommandOptions } from "./mock.js";

const EXAMPLES = `
Examples:
  topicsmith generate spec/kaa/kaa.yaml              write the package to generated/kaa
  topicsmith generate api.yaml --out packages/client write it elsewhere
  topicsmith check api.yaml                          in CI: is what is committed what the spec gives?
  topicsmith validate api.yaml --format github       in CI: findings as annotations
  topicsmith mock spec/kaa/kaa.yaml                  answer devices on this machine, from the spec's examples

Exit codes: 0 good, 1 something was found, 2 wrong usage or a bug of topicsmith's.`;

// Whoever reads our output may stop reading, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

let exitCode: ExitCode = 0;

/** Reads the arguments and runs one command, which loads what it needs itself. */
function program(): Command {
  const cli = new Command("topicsmith")
    .description("Turns the YAML spec of an MQTT device API into a typed TypeScript package.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(run with --help to see how it is used)")
    .exitOverride();

  cli
    .command("generate")
    .summary("write the package that a spec describes")
    .description(
      "Reads a spec, checks it, and writes a complete npm package: typed client, platform side, validators.\n" +
        "Files that are right already are not touched. If anything is wrong, nothing is written.",
    )
    .argument("<spec>", "the spec's root file, e.g. spec/kaa/kaa.yaml")
    .option("-o, --out <dir>", "output folder (default: generated/<api.name>)")
    .option("--overwrite", "replace files in the way that topicsmith did not generate")
    .option("--strict", "let warnings stop the run")
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string, options: object) => {
      exitCode = await (await import("./generate.js")).runGenerate(spec, options);
    });

  cli
    .command("check")
    .summary("compare a package with its spec, and write nothing")
    .description("Exits 1 and shows a short diff when files are missing, stale, left over or edited by hand.")
    .argument("<spec>", "the spec's root file")
    .option("-o, --out <dir>", "output folder (default: generated/<api.name>)")
    .option("--strict", "let warnings stop the run")
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string, options: object) => {
      exitCode = await (await import("./check.js")).runCheck(spec, options);
    });

  cli
    .command("validate")
    .summary("say everything that is wrong with a spec")
    .description(
      "Reads a spec and all files it refers to, and prints every problem with its place and the way out.",
    )
    .argument("<spec>", "the spec's root file")
    .addOption(new Option("-f, --format <format>", "how to print findings").choices(FORMATS).default("text"))
    .option("--strict", "exit 1 on warnings too")
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string, options: { readonly format: Format }) => {
      exitCode = await (await import("./validate.js")).runValidate(spec, options);
    });

  cli
    .command("mock")
    .summary("answer devices on this machine, as the platform would")
    .description(
      "Starts an MQTT 3.1.1 broker, and on it a platform that answers every resource of the spec: from the spec's\n" +
        "examples, or with handlers of yours. Shows what is said, without secrets, until Ctrl-C.",
    )
    .argument("<spec>", "the spec's root file")
    .option("-p, --port <port>", "where to listen; 0: any free port", portOf, 1883)
    .option("--host <address>", "on which address to listen", "127.0.0.1")
    .option("--ws [port]", "MQTT over WebSocket, too; without a port: any free one", portOf)
    .addOption(
      new Option("--deliver <how>", "to who subscribed, or always to who asked")
        .choices(["subscribed", "always"])
        .default("subscribed"),
    )
    .option("--handlers <file>", "a module whose default export has handlers: { epmx: { get: () => … } }")
    .option("--faults <file>", "a YAML file with faults on purpose")
    .option("--record <file>", "write what happens to a file, a JSON value a line, without secrets")
    .option("--show-secrets", "show secrets")
    .option("-q, --quiet", "do not show what is said")
    .action(async (spec: string, options: MockCommandOptions) => {
      exitCode = await (await import("./mock.js")).runMock(spec, options);
    });

  return cli;
}

function portOf(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Infinity;
  if (port > 65_535) throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  return port;
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
    // Commander has said what was wrong already; --help and --version end here too.
    exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `topicsmith: this is a bug of topicsmith's, please report it with the spec that shows it.\n${text}\n`,
    );
    exitCode = 2;
  }
}
process.exitCode = exitCode;
