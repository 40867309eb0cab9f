/** Completion in shells, by a library that writes the scripts and completes the words of commander's commands. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import tab from "@bomb.sh/tab/commander";
import { loadApi } from "../load-api.js";
import { resourcesFor } from "./exchange.js";
import { createProgram } from "./program.js";

/** The commands whose second argument is a resource of the spec before it. */
const EXCHANGES = ["push", "call"] as const;

/**
 * Prints a completion script, or the completions of the words after `--`.
 *
 * @param argv As `process.argv`.
 */
export async function runComplete(argv: readonly string[]): Promise<void> {
  // The library adds a command of the same name.
  const program = createProgram(() => undefined, { completion: false });
  // A description may have several lines, a completion has one.
  for (const command of program.commands) command.description(command.summary());
  const root = tab(program);
  const words = argv.slice(argv.indexOf("--") + 1);
  const [command, spec] = words;
  // The library turns off the shell's own completion of files.
  for (const { arguments: all } of root.commands.values()) {
    const argument = all.get("spec");
    if (argument)
      argument.handler = (complete) => specFiles(words.at(-1) ?? "").forEach((file) => complete(file, ""));
  }
  const direction = EXCHANGES.find((name) => name === command);
  if (argv.includes("--") && direction !== undefined && spec !== undefined && words.length > 2) {
    const ids = await resourceIds(spec, direction);
    const argument = root.commands.get(direction)?.arguments.get("resource");
    if (argument)
      argument.handler = (complete) => ids.forEach(({ id, summary }) => complete(id, summary ?? ""));
  }
  await program.parseAsync([...argv]);
}

/** The resources of a spec; none if it has errors, because a shell has no place for them. */
async function resourceIds(
  spec: string,
  direction: (typeof EXCHANGES)[number],
): Promise<readonly { readonly id: string; readonly summary?: string }[]> {
  const { model } = await loadApi(spec);
  return model === undefined ? [] : resourcesFor(model, direction);
}

/** The folders and YAML files that a path may go on to. */
function specFiles(start: string): readonly string[] {
  const folder = start.endsWith("/") ? start : dirname(start);
  try {
    const entries = readdirSync(folder === "" ? "." : folder, { withFileTypes: true });
    const files = entries.filter((entry) =>
      entry.isDirectory() ? !/^\.|^node_modules$/.test(entry.name) : /\.ya?ml$/.test(entry.name),
    );
    return files.map((entry) => join(folder, entry.name) + (entry.isDirectory() ? "/" : ""));
  } catch {
    // There is no such folder, so there is nothing to complete.
    return [];
  }
}
