import { formatGithub, formatJson, formatText } from "../diagnostics/index.js";
import { validate } from "../generate.js";
import { colorOn, countText, exitCodeOf, printLine, type CommonOptions, type ExitCode } from "./console.js";

/** The output formats of `validate`. */
export type Format = "text" | "json" | "github";

/** Runs `topicsmith validate <spec>`. */
export async function runValidate(
  spec: string,
  options: CommonOptions & {
    readonly format: Format;
    readonly strict?: boolean;
    readonly allow?: readonly string[];
  },
): Promise<ExitCode> {
  const { diagnostics, sources } = await validate(spec, options);
  const code = exitCodeOf(diagnostics, options.strict);
  const shown =
    options.quiet === true ? diagnostics.filter(({ severity }) => severity === "error") : diagnostics;
  if (options.format === "json") {
    process.stdout.write(`${formatJson(shown).trimEnd()}\n`);
  } else if (options.format === "github") {
    if (shown.length > 0) process.stdout.write(`${formatGithub(shown).trimEnd()}\n`);
  } else {
    if (shown.length > 0) {
      process.stdout.write(`${formatText(shown, { sources, color: colorOn(process.stdout) }).trimEnd()}\n`);
    }
    printLine(`${spec}: ${countText(diagnostics) || "no problems"}`, options);
  }
  return code;
}
