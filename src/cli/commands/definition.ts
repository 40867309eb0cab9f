import { InvalidArgumentError, type Command } from "commander";
import type { ExitCode } from "../console.js";
import type { Format } from "../validate.js";

/** Receives the exit code of a command that has run. */
export type Finish = (code: ExitCode) => void;

/**
 * Adds a command to the program: arguments, options, help and an action. Its file loads nothing but this vocabulary; the
 * action imports what it runs, so that `--help` stays fast.
 */
export type CommandDefinition = (program: Command, finish: Finish) => void;

/** The output formats of `validate` and `check`. */
export const FORMATS: readonly Format[] = ["text", "json", "github", "junit"];

/** The argument of every command that can run for the specs of a configuration, too. */
export const SPEC = ["[spec]", "root file of the spec (default: the specs of topicsmith.config.ts)"] as const;

/** The option `--config` of these commands. */
export const CONFIG = [
  "-c, --config <file>",
  "configuration file (default: topicsmith.config.* of this project)",
] as const;

/** The option `--out` of commands that write or compare a folder. */
export const OUT_FOLDER = [
  "-o, --out <dir>",
  "output folder (default: generated/<api.name>)",
  folderOf,
] as const;

/** The option `--allow` of every command that reads a spec. */
export const ALLOW = [
  "--allow <dir>",
  "also let the spec read files in this folder (repeatable)",
  listOf,
] as const;

/** Collects the values of an option that can be repeated. */
export function listOf(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Reads the name of a folder. A variable of a shell that is not set makes it empty. */
function folderOf(text: string): string {
  if (text === "") throw new InvalidArgumentError('A folder has a name; "." is the working directory.');
  return text;
}

/** Reads a time in milliseconds. */
export function millisecondsOf(text: string): number {
  if (!/^[1-9][0-9]{0,6}$/.test(text))
    throw new InvalidArgumentError("A time is a whole number of milliseconds.");
  return Number(text);
}

/** Reads a port; 0 stands for any free port. */
export function portOf(text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Infinity;
  if (port > 65_535) throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
  return port;
}
