#!/usr/bin/env node
import { CommanderError } from "commander";
import type { ExitCode } from "./console.js";
import { createProgram } from "./program.js";

// The reader of a pipe may close it early, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

let exitCode: ExitCode = 0;
try {
  const program = createProgram((code) => {
    exitCode = code;
  });
  if (process.argv.length <= 2) program.help({ error: true });
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has already printed the problem. It throws for `--help` and `--version` too.
    exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `topicsmith: internal error. Please report this, including the spec that triggers it.\n${text}\n`,
    );
    exitCode = 2;
  }
}
process.exitCode = exitCode;
