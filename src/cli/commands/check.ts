import { Option } from "commander";
import type { CheckCommandOptions } from "../check.js";
import { ALLOW, CONFIG, FORMATS, OUT_FOLDER, SPEC, type CommandDefinition } from "./definition.js";
import { expectShortRun } from "../short-run.js";

/** `topicsmith check [spec]` */
export const defineCheck: CommandDefinition = (program, finish) => {
  program
    .command("check")
    .summary("fail if a generated package is out of date")
    .description(
      "Compares a generated package with its spec. Writes nothing. Exits with 1 and\n" +
        "prints a short diff if files are missing, outdated, left over or edited. Takes\n" +
        "as long as generating, because a manifest can be forged; for speed on your own\n" +
        "machine, pass --trust-manifest.",
    )
    .argument(...SPEC)
    .option(...OUT_FOLDER)
    .option(...CONFIG)
    .addOption(new Option("-f, --format <format>", "output format").choices(FORMATS).default("text"))
    .option("--strict", "treat warnings as errors")
    .option("--trust-manifest", "if the digests in the manifest match, compare nothing else")
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string | undefined, options: CheckCommandOptions) => {
      expectShortRun();
      const { runCheck } = await import("../check.js");
      finish(await runCheck(spec, options));
    });
};
