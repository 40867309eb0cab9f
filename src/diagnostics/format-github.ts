import type { Diagnostic } from "./diagnostic.js";
import type { Severity } from "./define-diagnostic.js";

const COMMAND: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", hint: "notice" };

/** For GitHub Actions: one workflow command a line, which shows as an annotation in the changed files. */
export function formatGithub(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((item) => `${command(item)}\n`).join("");
}

function command({ code, severity, message, range: place }: Diagnostic): string {
  const properties = [
    ...(place ? [`file=${property(place.file)}`, `line=${place.line}`, `col=${place.column}`] : []),
    `title=${property(code)}`,
  ];
  return `::${COMMAND[severity]} ${properties.join(",")}::${data(message)}`;
}

// The escapes are those of @actions/core, src/command.ts: the runner splits at newlines, `::`, `:` and `,`.
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
