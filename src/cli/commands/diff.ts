import { InvalidArgumentError, Option } from "commander";
import { DIFF_FORMATS } from "../../diff/formats.js";
import { FAIL_CONDITIONS } from "../../diff/fail-conditions.js";
import type { DiffCommandOptions } from "../diff.js";
import { ALLOW, CONFIG, type CommandDefinition } from "./definition.js";

/** `topicsmith diff <old> <new>` and `topicsmith diff <new> --against <version>` */
export const defineDiff: CommandDefinition = (program, finish) => {
  program
    .command("diff")
    .summary("report what changed between two versions of an API")
    .description(
      "Compares two versions of a spec, and says which changes break devices that are in\n" +
        "the field, or platforms. Schemas are compared by values that only one version\n" +
        "accepts. Recommends a version for the new spec.\n\n" +
        "A version is a spec file, a folder with one of the same name, a generated package,\n" +
        "a git ref (main, v1.2.0, v1.2.0:old/api.yaml) or npm:<package>@<version>.",
    )
    .argument("[old]", "old version; with --against, the new one (default: those of the configuration)")
    .argument("[new]", "new version")
    .option("--against <version>", "old version")
    .addOption(
      new Option("--side <side>", "whose breakage counts: that of old devices, of old platforms, or both")
        .choices(["device", "platform", "both"])
        .default("device"),
    )
    .addOption(new Option("-f, --format <format>", "output format").choices(DIFF_FORMATS).default("text"))
    .option(
      "--fail-on <conditions>",
      `exit with 1 if: ${FAIL_CONDITIONS.join(", ")} (separated by commas)`,
      conditionsOf,
      ["breaking"],
    )
    .option("--write-version", "raise api.version in the new spec if it is too low")
    .option("--rules", "print the rules instead")
    .option(...CONFIG)
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (old: string | undefined, now: string | undefined, options: DiffCommandOptions) => {
      const { runDiff } = await import("../diff.js");
      finish(await runDiff([old, now], options));
    });
};

function conditionsOf(text: string): readonly string[] {
  const conditions = text.split(",").map((condition) => condition.trim());
  const unknown = conditions.find((condition) => !FAIL_CONDITIONS.some((known) => known === condition));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`"${unknown}" is not one of ${FAIL_CONDITIONS.join(", ")}.`);
  return conditions;
}
