import { Option } from "commander";
import type { Format } from "../validate.js";
import { ALLOW, type CommandDefinition } from "./definition.js";

const FORMATS: readonly Format[] = ["text", "json", "github"];

/** `topicsmith validate <spec>` */
export const defineValidate: CommandDefinition = (program, finish) => {
  program
    .command("validate")
    .summary("check a spec and report all problems")
    .description(
      "Reads a spec and all files that it refers to. Reports every problem with its\n" +
        "location and a suggested fix.",
    )
    .argument("<spec>", "root file of the spec")
    .addOption(new Option("-f, --format <format>", "output format").choices(FORMATS).default("text"))
    .option("--strict", "treat warnings as errors")
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string, options: { readonly format: Format }) => {
      const { runValidate } = await import("../validate.js");
      finish(await runValidate(spec, options));
    });
};
