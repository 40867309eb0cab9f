import type { CommandDefinition } from "./definition.js";

/** `topicsmith explain [code]` */
export const defineExplain: CommandDefinition = (program, finish) => {
  program
    .command("explain")
    .summary("explain a diagnostic code")
    .description(
      "Prints the cause of a diagnostic, an example and a fix. Without a code, lists\nall codes with their severities.",
    )
    .argument("[code]", "such as unknown-key, as printed by validate")
    .action(async (code: string | undefined) => {
      const { runExplain } = await import("../explain.js");
      finish(runExplain(code));
    });
};
