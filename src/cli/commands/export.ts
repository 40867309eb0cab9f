import { Argument, Option } from "commander";
import type { ExportCommandOptions } from "../export.js";
import { ALLOW, CONFIG, SPEC, type CommandDefinition } from "./definition.js";

/** `topicsmith export asyncapi [spec]` */
export const defineExport: CommandDefinition = (program, finish) => {
  program
    .command("export")
    .summary("describe an API in another format")
    .description(
      "Writes an AsyncAPI 3 document for a spec, seen from one side: a device sends\n" +
        "what a platform receives. What AsyncAPI cannot say is in its descriptions and\n" +
        "under x-topicsmith, so that import gives back an equal spec.",
    )
    .addArgument(new Argument("<format>", "the other format").choices(["asyncapi"]))
    .argument(...SPEC)
    .addOption(
      new Option("--side <side>", "side that the document describes")
        .choices(["device", "platform"])
        .default("device"),
    )
    .option("-o, --out <file>", "file to write (default: standard output)")
    .addOption(
      new Option(
        "-f, --format <format>",
        "yaml or json (default: by the name of the file, else yaml)",
      ).choices(["yaml", "json"]),
    )
    .option("--overwrite", "overwrite an existing file that export did not write")
    .option(...CONFIG)
    .option("--strict", "treat warnings as errors")
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (_format: string, spec: string | undefined, options: ExportCommandOptions) => {
      const { runExport } = await import("../export.js");
      finish(await runExport(spec, options));
    });
};
