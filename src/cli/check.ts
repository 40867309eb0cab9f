import { check } from "../generate.js";
import type { CheckOptions } from "../run-options.js";
import {
  countText,
  exitCodeOf,
  plural,
  printFindings,
  printLine,
  type CommonOptions,
  type ExitCode,
} from "./console.js";

/** Runs `topicsmith check <spec>`. */
export async function runCheck(
  spec: string,
  options: CommonOptions & Omit<CheckOptions, "spec">,
): Promise<ExitCode> {
  const result = await check({ spec, ...options });
  printFindings(result, options);
  if (exitCodeOf(result.diagnostics, options.strict) !== 0) {
    process.stderr.write(`Nothing was compared: ${countText(result.diagnostics)}.\n`);
    return 1;
  }
  for (const { diagnostic, diff } of result.outdated) {
    printFindings({ diagnostics: [diagnostic], sources: new Map() }, options);
    if (diff !== "" && options.quiet !== true) process.stderr.write(`${diff}\n`);
  }
  if (result.outdated.length > 0) {
    process.stderr.write(
      `${result.out}: ${plural(result.outdated.length, "problem")}; the output is out of date.\n`,
    );
    return 1;
  }
  printLine(`${result.out}: up to date`, options);
  return 0;
}
