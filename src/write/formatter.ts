import type { OutputFile } from "../emit/index.js";
import { PRINT_WIDTH, stableStatement } from "./stable-code.js";

/** Formats a piece of code with prettier. */
type Prettier = (code: string, parser: "babel-ts" | "json") => Promise<string>;

/** Separates pieces of code that are formatted together. The comment does not occur in code. */
const SEPARATOR = "// topicsmith: cut here";
const AROUND_SEPARATOR = new RegExp(`\\n*${SEPARATOR}\\n*`);
const INDENTED_SEPARATOR = new RegExp(`^[ \\t]+${SEPARATOR}`, "m");

/** Formats the text of a file. Prose in Markdown keeps the line breaks of the spec author; validators have no parser. */
export async function formatText(text: string, parser: OutputFile["parser"]): Promise<string> {
  // Prose of a spec may contain CRLF. Git or an editor may normalize it later, and `check` would report an edit.
  const unixText = text.replaceAll(/\r\n?/g, "\n");
  switch (parser) {
    case undefined:
      return unixText;
    case "typescript":
      return formatModule(unixText);
    case "json":
      return (await loadPrettier())(unixText, "json");
    case "markdown":
      return formatExamples(unixText);
  }
}

/** Formats a module, statement by statement: prettier gets only those that it may change, all of them in one call. */
async function formatModule(text: string): Promise<string> {
  const pieces = piecesOf(text);
  const others = pieces.filter(({ isStable }) => !isStable);
  const code = others.map((piece) => piece.text).join(`\n\n${SEPARATOR}\n\n`);
  // Same output as the parser "typescript", in two thirds of the time.
  const prettier = await loadPrettier();
  // An error has to name the line of the whole text.
  const formatted =
    others.length === 0 ? "" : await prettier(code, "babel-ts").catch(() => prettier(text, "babel-ts"));
  const printed = formatted.trimEnd().split(AROUND_SEPARATOR);
  // An indented separator is inside of a statement, whose lines look like other statements.
  if ((others.length > 0 && printed.length !== others.length) || INDENTED_SEPARATOR.test(formatted))
    return prettier(text, "babel-ts");
  return `${pieces.map((piece) => (piece.isStable ? piece.text : (printed.shift() ?? ""))).join("\n\n")}\n`;
}

/** A part of a module between blank lines, and whether it is formatted already. */
interface Piece {
  readonly text: string;
  readonly isStable: boolean;
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const part of text.trim().split(/\n{2,}/)) {
    const stable = stableStatement(part);
    const last = pieces.at(-1);
    if (stable !== undefined) pieces.push({ text: stable, isStable: true });
    else if (last === undefined || last.isStable) pieces.push({ text: part, isStable: false });
    // A blank line inside of a function ends no statement.
    else pieces[pieces.length - 1] = { text: `${last.text}\n\n${part}`, isStable: false };
  }
  return pieces;
}

const EXAMPLE = /^```ts\n([^]*?)^```$/gm;

/** Formats the TypeScript examples of a Markdown text, in one call of prettier. */
async function formatExamples(text: string): Promise<string> {
  const examples = [...text.matchAll(EXAMPLE)].map(([, code = ""]) => code);
  const formatted = await formatTogether(examples);
  const replaced = text.replaceAll(EXAMPLE, () => `\`\`\`ts\n${formatted.shift() ?? ""}\`\`\``);
  return `${replaced.replaceAll(/\n{3,}/g, "\n\n").trim()}\n`;
}

/**
 * Formats examples as one text; the parser accepts that two of them declare the same name. Returns all of them unchanged
 * if one is not valid TypeScript, which an example in a spec's prose may be.
 */
async function formatTogether(examples: readonly string[]): Promise<string[]> {
  try {
    const formatted = await (await loadPrettier())(examples.join(`\n${SEPARATOR}\n`), "babel-ts");
    return formatted.split(`${SEPARATOR}\n`).map((code) => `${code.trim()}\n`);
  } catch {
    return [...examples];
  }
}

let loading: Promise<Prettier> | undefined;

function loadPrettier(): Promise<Prettier> {
  return (loading ??= importPrettier());
}

async function importPrettier(): Promise<Prettier> {
  const [{ format }, estree, babel] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/estree"),
    import("prettier/plugins/babel"),
  ]);
  const plugins = [estree, babel];
  // Generated code embeds no other language, so that prettier need not search for any.
  const options = { plugins, printWidth: PRINT_WIDTH, embeddedLanguageFormatting: "off" } as const;
  return (code, parser) => format(code, { ...options, parser });
}
