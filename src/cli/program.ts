import { Command } from "commander";
import { ownVersion } from "../emit/own-manifest.js";
import { defineCheck } from "./commands/check.js";
import { defineComplete } from "./commands/complete.js";
import type { CommandDefinition, Finish } from "./commands/definition.js";
import { defineDiff } from "./commands/diff.js";
import { defineCall, definePush } from "./commands/exchange.js";
import { defineDocs } from "./commands/docs.js";
import { defineExplain } from "./commands/explain.js";
import { defineExport } from "./commands/export.js";
import { defineGenerate } from "./commands/generate.js";
import { defineImport } from "./commands/import.js";
import { defineInit } from "./commands/init.js";
import { defineMock } from "./commands/mock.js";
import { defineValidate } from "./commands/validate.js";

/** In the order of `--help`. */
const COMMANDS: readonly CommandDefinition[] = [
  defineInit,
  defineGenerate,
  defineCheck,
  defineValidate,
  defineExplain,
  defineDiff,
  defineDocs,
  defineMock,
  definePush,
  defineCall,
  defineExport,
  defineImport,
  defineComplete,
];

const EXAMPLES = `
Examples:
  # set up a project: a spec, a configuration, a test
  topicsmith init
  # generate for every spec of topicsmith.config.ts, again whenever a file changes
  topicsmith generate --watch
  # write the package to generated/garden
  topicsmith generate garden.yaml
  # write it to another folder
  topicsmith generate api.yaml --out packages/client
  # in CI: fail if the generated code is out of date
  topicsmith check
  # in CI: report problems as annotations on GitHub
  topicsmith validate --format github
  # in CI: report what breaks devices in the field
  topicsmith diff api.yaml --against origin/main
  # run a mock platform on port 1883
  topicsmith mock garden.yaml
  # push a command to a device by hand
  topicsmith push garden.yaml water.valve north '{"open":true}' --to site=home,deviceId=g1

Exit codes: 0 ok, 1 problems found, 2 usage error or internal error.`;

/**
 * Creates the program with all commands, without running it. Also the source of its documentation: each command's summary,
 * description, arguments and options can be read from `commands`.
 *
 * @param finish Receives the exit code of the command that has run.
 * @param options.completion Whether to include the command that completes the others.
 */
export function createProgram(finish: Finish, { completion = true } = {}): Command {
  const program = new Command("topicsmith")
    .description("Generates a typed TypeScript package from the YAML spec of an MQTT device API.")
    .version(ownVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText("after", EXAMPLES)
    .showHelpAfterError("(run with --help for usage)")
    .exitOverride();
  for (const define of COMMANDS) if (completion || define !== defineComplete) define(program, finish);
  return program;
}
