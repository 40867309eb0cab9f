import type { GenerateCommandOptions } from "../generate.js";
import { ALLOW, CONFIG, OUT_FOLDER, SPEC, type CommandDefinition } from "./definition.js";
import { expectShortRun } from "../short-run.js";

/** `topicsmith generate [spec]` */
export const defineGenerate: CommandDefinition = (program, finish) => {
  program
    .command("generate")
    .summary("generate a package from a spec")
    .description(
      "Generates a complete npm package: a typed client, the platform side and\n" +
        "validators. Unchanged files are left alone. If the spec has errors, nothing\n" +
        "is written. Without a spec, runs every job of topicsmith.config.ts.",
    )
    .argument(...SPEC)
    .option(...OUT_FOLDER)
    .option("--overwrite", "overwrite files that were edited or not generated")
    .option("-w, --watch", "generate again whenever a file changes")
    .option(...CONFIG)
    .option("--strict", "treat warnings as errors")
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string | undefined, options: GenerateCommandOptions) => {
      if (options.watch !== true) expectShortRun();
      const { runGenerate } = await import("../generate.js");
      finish(await runGenerate(spec, options));
    });
};
