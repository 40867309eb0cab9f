import { Option } from "commander";
import type { JobOptions } from "../jobs.js";
import type { Format } from "../validate.js";
import { ALLOW, CONFIG, FORMATS, SPEC, type CommandDefinition } from "./definition.js";
import { expectShortRun } from "../short-run.js";

/** `topicsmith validate [spec]` */
export const defineValidate: CommandDefinition = (program, finish) => {
  program
    .command("validate")
    .summary("check a spec and report all problems")
    .description(
      "Reads a spec and all files that it refers to. Reports every problem with its\n" +
        "location and a suggested fix.",
    )
    .argument(...SPEC)
    .option(...CONFIG)
    .addOption(new Option("-f, --format <format>", "output format").choices(FORMATS).default("text"))
    .option("--strict", "treat warnings as errors")
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string | undefined, options: JobOptions & { readonly format: Format }) => {
      expectShortRun();
      const { runValidate } = await import("../validate.js");
      finish(await runValidate(spec, options));
    });
};
