import { vi } from "vitest";
import { runCommandLine } from "../../src/cli/run.js";

/** The end of a run of the command line. */
export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line in this process, which loads the generator once for all runs. test/unit/cli/cli.test.ts and
 * test/packages run the built command as a process.
 */
export async function runCli(folder: string, ...args: readonly string[]): Promise<CliRun> {
  const before = process.cwd();
  const printed = { stdout: "", stderr: "" };
  const keep = (name: keyof typeof printed) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    });
  const kept = [keep("stdout"), keep("stderr")];
  process.chdir(folder);
  try {
    const status = await runCommandLine(args);
    return { status, ...printed };
  } finally {
    process.chdir(before);
    for (const one of kept) one.mockRestore();
  }
}
