import { join } from "node:path";
import type { Argument, Command, Option } from "commander";

/** The parts of a program that its documentation shows. */
export type Program = Pick<Command, "commands">;

/** Loads the compiled program. The site is built after topicsmith. */
export async function loadProgram(): Promise<Program> {
  const { createProgram } = (await import(join(process.cwd(), "../dist/cli/program.js"))) as {
    readonly createProgram: (finish: () => void) => Command;
  };
  return createProgram(() => undefined);
}

/** Expands `<!-- commands -->`: every command with its arguments and options, as `--help` describes them. */
export function commandReference({ commands }: Program): string {
  return commands
    .filter((command) => command.name() !== "help")
    .map(section)
    .join("\n");
}

function section(command: Command): string {
  const { registeredArguments: args, options } = command;
  const usage = [
    "topicsmith",
    command.parent?.parent ? command.parent.name() : "",
    command.name(),
    command.usage(),
  ];
  return [
    `\n## \`${command.name()}\`\n`,
    `${escape(command.description()).replaceAll("\n", " ").trim()}\n`,
    `\`\`\`sh\n${usage.filter(Boolean).join(" ")}\n\`\`\`\n`,
    table(
      "argument",
      args.map((argument) => [argumentName(argument), argument.description]),
    ),
    table(
      "option",
      options.filter(({ hidden }) => !hidden).map((option) => [option.flags, optionText(option)]),
    ),
    ...command.commands.map(section),
  ].join("\n");
}

function table(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "";
  const lines = rows.map(
    ([name, text]) => `| \`${name.replaceAll("|", "\\|")}\` | ${escape(text).replaceAll("|", "\\|")} |`,
  );
  return `| ${title} | |\n| --- | --- |\n${lines.join("\n")}\n`;
}

function argumentName(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

function optionText({ description, argChoices, defaultValue }: Option): string {
  const choices = argChoices ? ` (${argChoices.map((choice) => `\`${choice}\``).join(", ")})` : "";
  const fallback = defaultValue === undefined ? "" : `. Default: \`${String(defaultValue)}\``;
  return description + choices + fallback;
}

/** Escapes text that VitePress would read as HTML. */
function escape(text: string): string {
  return text.replaceAll("<", "&lt;");
}
