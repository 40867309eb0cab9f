import { ALLOW, type CommandDefinition } from "./definition.js";

/** `topicsmith check <spec>` */
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
    .argument("<spec>", "root file of the spec")
    .option("-o, --out <dir>", "output folder (default: generated/<api.name>)")
    .option("--strict", "treat warnings as errors")
    .option("--trust-manifest", "if the digests in the manifest match, compare nothing else")
    .option(...ALLOW)
    .option("-q, --quiet", "print errors only")
    .action(async (spec: string, options: object) => {
      const { runCheck } = await import("../check.js");
      finish(await runCheck(spec, options));
    });
};
