import { ALLOW, CONFIG, SPEC, type CommandDefinition } from "./definition.js";
import type { DocsOptions } from "../docs.js";

/** `topicsmith docs [spec]` */
export const defineDocs: CommandDefinition = (program, finish) => {
  program
    .command("docs")
    .summary("write the documentation of an API as one HTML page")
    .description(
      "Writes one HTML page for the users of an API: resources with their topics,\n" +
        "payloads, errors and pushes, and examples to copy. It needs no server and no\n" +
        "network.",
    )
    .argument(...SPEC)
    .option("-o, --out <file>", "output file (default: <api.name>-api.html)")
    .option("--overwrite", "overwrite an existing file that topicsmith did not write")
    .option(...CONFIG)
    .option("--strict", "treat warnings as errors")
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string | undefined, options: DocsOptions) => {
      const { runDocs } = await import("../docs.js");
      finish(await runDocs(spec, options));
    });
};
