import type { CommandDefinition } from "./definition.js";

/** `topicsmith complete <shell>`, and what the script of a shell calls: `topicsmith complete -- <words...>` */
export const defineComplete: CommandDefinition = (program) => {
  program
    .command("complete")
    .summary("print a completion script for a shell")
    .description(
      "Prints a script that completes commands, options and the resources of a spec.\n" +
        "For bash: source <(topicsmith complete bash)",
    )
    .argument("[shell]", "bash, zsh, fish or powershell")
    .allowExcessArguments()
    .allowUnknownOption()
    .action(async () => {
      const { runComplete } = await import("../complete.js");
      await runComplete(process.argv);
    });
};
