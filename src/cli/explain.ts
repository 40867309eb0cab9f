import { readFileSync } from "node:fs";
import pc from "picocolors";
import { PACKAGE_ROOT } from "../host/package-root.js";
import { catalogue, didYouMean, quote, suggest, terminalSafe } from "../diagnostics/index.js";
import { pageOfRule, RULES, type RuleCode } from "../diff/index.js";
import { colorOn, type ExitCode } from "./console.js";

/** The pages of diagnostics, which are part of the package and of the documentation's site. */
const PAGES = new URL("docs/diagnostics/", PACKAGE_ROOT);

/** Runs `topicsmith explain [code]`. */
export function runExplain(code: string | undefined): ExitCode {
  const codes = Object.keys(catalogue);
  if (code === undefined) {
    const width = Math.max(...codes.map((name) => name.length));
    const lines = Object.entries(catalogue).map(
      ([name, { severity }]) => `${name.padEnd(width)}  ${severity}`,
    );
    process.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  }
  // As printed by `validate`: `error unknown-key: …`.
  const name = code
    .trim()
    .toLowerCase()
    .replace(/^(?:error|warning|hint)\s+/, "")
    .replace(/:.*$/s, "");
  const colors = pc.createColors(colorOn(process.stdout));
  if (Object.hasOwn(catalogue, name)) {
    const { severity } = catalogue[name as keyof typeof catalogue];
    const page = readFileSync(new URL(`${name}.md`, PAGES), "utf8");
    process.stdout.write(formatPage(page, severity, colors));
    return 0;
  }
  if (Object.hasOwn(RULES, name)) {
    process.stdout.write(formatPage(pageOfRule(name as RuleCode), "rule of topicsmith diff", colors));
    return 0;
  }
  const remedy = suggest(
    didYouMean(name, [...codes, ...Object.keys(RULES)]),
    "run `topicsmith explain` for a list",
  );
  process.stderr.write(
    `topicsmith explain: ${quote(terminalSafe(code))} is not a diagnostic code; ${remedy}\n`,
  );
  return 2;
}

/** Formats a page for a terminal: Markdown is read as it is, except for titles, fences and links. */
function formatPage(page: string, kind: string, colors: ReturnType<typeof pc.createColors>): string {
  let isCode = false;
  const lines = page
    .trimEnd()
    .split("\n")
    .flatMap((line) => {
      if (line.startsWith("```")) {
        isCode = !isCode;
        return [];
      }
      if (isCode) return [line === "" ? "" : `    ${colors.cyan(line)}`];
      const [, title] = /^#+ (.*)$/.exec(line) ?? [];
      if (title === undefined) return [line.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")];
      const text = title.replaceAll("`", "");
      return [colors.bold(line.startsWith("# ") ? `${text} (${kind})` : text)];
    });
  return `${lines.join("\n")}\n`;
}
