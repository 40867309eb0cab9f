import { Argument, Option } from "commander";
import type { ImportCommandOptions } from "../import.js";
import { ALLOW, type CommandDefinition } from "./definition.js";

/** `topicsmith import asyncapi <file>` */
export const defineImport: CommandDefinition = (program, finish) => {
  program
    .command("import")
    .summary("make a spec from a description in another format")
    .description(
      "Reads an AsyncAPI document and writes a spec. Of a document that export wrote,\n" +
        "the spec is equal to the exported one. Of any other document, it is a draft:\n" +
        "comments mark what a person has to decide, and warnings report what was lost.\n" +
        "AsyncAPI 2 needs the package @asyncapi/converter.",
    )
    .addArgument(new Argument("<format>", "the other format").choices(["asyncapi"]))
    .argument("<file>", "AsyncAPI document, as YAML or JSON")
    .addOption(
      new Option(
        "--side <side>",
        "side that the document describes (default: as exported, else platform)",
      ).choices(["device", "platform"]),
    )
    .option("-o, --out <file>", "root file of the spec to write (default: standard output)")
    .option("--overwrite", "overwrite existing files")
    .option("--strict", "treat warnings as errors")
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (_format: string, file: string, options: ImportCommandOptions) => {
      const { runImport } = await import("../import.js");
      finish(await runImport(file, options));
    });
};
