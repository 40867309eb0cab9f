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

/** Lays out the TypeScript examples of a Markdown text. */
async function layOutExamples(text: string, layout: Layout): Promise<string> {
  const parts = text.split(/(^```ts\n[^]*?^```$)/m);
  const done: string[] = [];
  for (const part of parts) {
    const code = /^```ts\n([^]*)```$/.exec(part)?.[1];
    // oxlint-disable-next-line no-await-in-loop -- one syntax tree at a time
    done.push(code === undefined ? part : `\`\`\`ts\n${await exampleOr(code, layout)}\`\`\``);
  }
  return `${done.join("").replaceAll(/\n{3,}/g, "\n\n").trim()}\n`;
}

/** An example laid out; as it is if it comes from the spec's prose and is no TypeScript. */
async function exampleOr(code: string, layout: Layout): Promise<string> {
  try {
    return await layout(code, "babel-ts");
  } catch {
    return code;
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
