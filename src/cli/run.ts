import { CommanderError } from "commander";
import type { ExitCode } from "./console.js";
import { createProgram } from "./program.js";

/**
 * Runs the command line with a user's arguments: prints to the standard streams, and returns the exit code of the process.
 * Reports a bug of topicsmith instead of throwing.
 */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  try {
    const program = createProgram((code) => {
      exitCode = code;
    });
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // Commander has already printed the problem. It throws for `--help` and `--version` too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `topicsmith: internal error. Please report this, including the spec that triggers it.\n${text}\n`,
    );
    return 2;
  }
  return exitCode;
}
