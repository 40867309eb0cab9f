import { header } from "./header.js";
import type { Imports } from "./imports.js";
import type { OutputFile } from "./output-file.js";
import { printLines } from "./print.js";
import { render } from "./render.js";

/** The slots of `module.ts.hbs`. */
interface ModuleView {
  readonly header: string;
  readonly imports: string;
  readonly declarations: readonly string[];
}

/** A module of declarations under the common header; `imports` knows its path. */
export function emitModule(module: {
  readonly source: string;
  readonly imports: Imports;
  readonly declarations: readonly string[];
}): OutputFile {
  const { source, imports, declarations } = module;
  const view = { header: header(source), imports: printLines(imports.structures()), declarations };
  const text = render<ModuleView>("module.ts", view);
  return { path: `src/${imports.from}.ts`, text, parser: "typescript" };
}
