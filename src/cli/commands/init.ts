import { Option } from "commander";
import type { InitOptions } from "../init.js";
import type { CommandDefinition } from "./definition.js";

/** `topicsmith init` */
export const defineInit: CommandDefinition = (program, finish) => {
  program
    .command("init")
    .summary("set up a project: a spec, a configuration, a test")
    .description(
      "Writes a small spec that works, a configuration, npm scripts and a test, and\n" +
        "prints what to run next. Asks nothing. Existing files are left alone;\n" +
        "package.json and pnpm-workspace.yaml only get what they lack.",
    )
    .option("-n, --name <name>", "name of the API (default: that of the folder)")
    .addOption(
      new Option("--layout <layout>", "source: modules in src/api. package: an npm package to publish")
        .choices(["source", "package"])
        .default("source"),
    )
    .action(async (options: InitOptions) => {
      const { runInit } = await import("../init.js");
      finish(runInit(options));
    });
};
