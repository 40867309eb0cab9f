import type { OutputFile } from "../emit/index.js";

/** An output file with its final text. */
export interface FinishedFile {
  readonly path: string;
  readonly text: string;
}

/** Formats a piece of code. */
type Formatter = (code: string, parser: "babel-ts" | "json") => Promise<string>;

/**
 * Formats generated code and the examples in Markdown. Prose in Markdown keeps the line breaks of the spec author.
 * Validators and copied files have no parser and are left unformatted.
 */
export async function format(files: readonly OutputFile[]): Promise<readonly FinishedFile[]> {
  const formatter = await loadFormatter();
  const finished: FinishedFile[] = [];
  for (const { path, text, parser } of files) {
    // Prose of a spec may contain CRLF. Git or an editor may normalize it later, and `check` would report an edit.
    const unixText = text.replaceAll(/\r\n?/g, "\n");
    // oxlint-disable-next-line no-await-in-loop -- one at a time, so that only one syntax tree is in memory
    finished.push({ path, text: await formatFile(unixText, parser, formatter) });
  }
  return finished;
}

function formatFile(
  text: string,
  parser: OutputFile["parser"],
  formatter: Formatter,
): string | Promise<string> {
  switch (parser) {
    case undefined:
      return text;
    case "typescript":
      // Same output as the parser "typescript", in two thirds of the time.
      return formatter(text, "babel-ts");
    case "json":
      return formatter(text, "json");
    case "markdown":
      return formatExamples(text, formatter);
  }
}

const EXAMPLE = /^```ts\n([^]*?)^```$/gm;
/** Separates examples that are formatted together. The comment does not occur in code. */
const SEPARATOR = "// topicsmith: cut here";

/** Formats the TypeScript examples of a Markdown text, in one call of the formatter. */
async function formatExamples(text: string, formatter: Formatter): Promise<string> {
  const examples = [...text.matchAll(EXAMPLE)].map(([, code = ""]) => code);
  const formatted = await formatTogether(examples, formatter);
  const replaced = text.replaceAll(EXAMPLE, () => `\`\`\`ts\n${formatted.shift() ?? ""}\`\`\``);
  return `${replaced.replaceAll(/\n{3,}/g, "\n\n").trim()}\n`;
}

/**
 * Formats examples as one text; the parser accepts that two of them declare the same name. Returns all of them unchanged
 * if one is not valid TypeScript, which an example in a spec's prose may be.
 */
async function formatTogether(examples: readonly string[], formatter: Formatter): Promise<string[]> {
  try {
    const formatted = await formatter(examples.join(`\n${SEPARATOR}\n`), "babel-ts");
    return formatted.split(`${SEPARATOR}\n`).map((code) => `${code.trim()}\n`);
  } catch {
    return [...examples];
  }
}

async function loadFormatter(): Promise<Formatter> {
  const [{ format: prettier }, estree, babel] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/estree"),
    import("prettier/plugins/babel"),
  ]);
  const plugins = [estree, babel];
  return (code, parser) => prettier(code, { parser, plugins, printWidth: 110 });
}
