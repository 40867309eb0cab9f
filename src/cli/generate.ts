import { generate } from "../generate.js";
import type { GenerateOptions } from "../run-options.js";
import {
  countText,
  exitCodeOf,
  plural,
  printFindings,
  printLine,
  type CommonOptions,
  type ExitCode,
} from "./console.js";

/** Runs `topicsmith generate <spec>`. */
export async function runGenerate(
  spec: string,
  options: CommonOptions & Omit<GenerateOptions, "spec">,
): Promise<ExitCode> {
  const result = await generate({ spec, ...options });
  printFindings(result, options);
  const code = exitCodeOf(result.diagnostics, options.strict);
  if (code !== 0) {
    process.stderr.write(`Nothing was written: ${countText(result.diagnostics)}.\n`);
    return code;
  }
  if (result.upToDate) {
    printLine(`${result.out}: up to date`, options);
  } else {
    const parts = [
      `${plural(result.written.length, "file")} written`,
      ...(result.removed.length > 0 ? [`${result.removed.length} removed`] : []),
      `${result.unchanged} unchanged`,
    ];
    printLine(`${result.out}: ${parts.join(", ")}`, options);
  }
  return code;
}
