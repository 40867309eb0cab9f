import type { OutputFile } from "../emit/index.js";

/** A file as it will stand on disk. */
export interface FinishedFile {
  readonly path: string;
  readonly text: string;
}

/** Lays out what people read. Validators, copied and fixed files stay as they are. */
export async function format(files: readonly OutputFile[]): Promise<readonly FinishedFile[]> {
  const [{ format: prettier }, estree, typescript, babel, markdown] = await Promise.all([
    import("prettier/standalone"),
    import("prettier/plugins/estree"),
    import("prettier/plugins/typescript"),
    import("prettier/plugins/babel"),
    import("prettier/plugins/markdown"),
  ]);
  const plugins = [estree, typescript, babel, markdown];
  return Promise.all(
    files.map(async ({ path, text, parser }) =>
      parser === undefined
        ? { path, text }
        : {
            path,
            text: await prettier(text, {
              parser,
              plugins,
              printWidth: 110,
              embeddedLanguageFormatting: "auto",
            }),
          },
    ),
  );
}
