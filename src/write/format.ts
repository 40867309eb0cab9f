import type { OutputFile } from "../emit/index.js";

/** A file as it will stand on disk. */
export interface FinishedFile {
  readonly path: string;
  readonly text: string;
}

/** Lays out one piece of code. */
type Layout = (code: string, parser: "babel-ts" | "json") => Promise<string>;

/**
 * Lays out what people read: code, and the examples inside Markdown, whose prose keeps its author's layout. Validators,
 * copied and fixed files stay as they are. One after the other, so that only one syntax tree is in memory.
 */
export async function format(files: readonly OutputFile[]): Promise<readonly FinishedFile[]> {
  const layout = await loadLayout();
  const finished: FinishedFile[] = [];
  for (const { path, text, parser } of files) {
    // A spec can bring other line ends in its prose; git, or an editor, would change them behind our back.
    const unixText = text.replaceAll(/\r\n?/g, "\n");
    // oxlint-disable-next-line no-await-in-loop -- see above
    finished.push({ path, text: await layOut(unixText, parser, layout) });
  }
  return finished;
}

function layOut(text: string, parser: OutputFile["parser"], layout: Layout): string | Promise<string> {
  switch (parser) {
    case undefined:
      return text;
    case "typescript":
      // Gives what the parser called "typescript" gives, in two thirds of its time.
      return layout(text, "babel-ts");
    case "json":
      return layout(text, "json");
    case "markdown":
      return layOutExamples(text, layout);
  }
}

const EXAMPLE = /^```ts\n([^]*?)^```$/gm;
/** Between examples that are laid out together; no code has it. */
const CUT = "// topicsmith: cut here";

/** Lays out the TypeScript examples of a Markdown text, all in one go. */
async function layOutExamples(text: string, layout: Layout): Promise<string> {
  const examples = [...text.matchAll(EXAMPLE)].map(([, code = ""]) => code);
  const done = await layOutTogether(examples, layout);
  const replaced = text.replaceAll(EXAMPLE, () => `\`\`\`ts\n${done.shift() ?? ""}\`\`\``);
  return `${replaced.replaceAll(/\n{3,}/g, "\n\n").trim()}\n`;
}

/** Two may declare one name, which the parser forgives. If one, from the spec's prose, is no TypeScript, all stay as they are. */
async function layOutTogether(examples: readonly string[], layout: Layout): Promise<string[]> {
  try {
    const laidOut = await layout(examples.join(`\n${CUT}\n`), "babel-ts");
    return laidOut.split(`${CUT}\n`).map((code) => `${code.trim()}\n`);
  } catch {
    return [...examples];
  }
}

async function loadLayout(): Promise<Layout> {
  const [{ format: prettier }, estree, babel] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/estree"),
    import("prettier/plugins/babel"),
  ]);
  const plugins = [estree, babel];
  return (code, parser) => prettier(code, { parser, plugins, printWidth: 110 });
}
