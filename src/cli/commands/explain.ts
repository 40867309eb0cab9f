import type { CommandDefinition } from "./definition.js";

/** `topicsmith explain [code]` */
export const defineExplain: CommandDefinition = (program, finish) => {
  program
    .command("explain")
    .summary("explain a diagnostic code")
    .description(
      "Prints the cause of a diagnostic, an example and a fix, or a rule of diff.\nWithout a code, lists all codes of diagnostics with their severities.",
    )
    .argument("[code]", "such as unknown-key, as printed by validate, or request-narrowed, by diff")
    .action(async (code: string | undefined) => {
      const { runExplain } = await import("../explain.js");
      finish(runExplain(code));
    });
};
