import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Prettier from "prettier";
import type { OutputFile } from "../emit/index.js";
import type { FinishedFile } from "./format-queue.js";
import { format } from "./format.js";

/** The prettier of the project around an output folder, or topicsmith's if the project has none. */
export class ProjectFormatter {
  readonly #prettier: typeof Prettier;
  readonly #out: string;

  private constructor(prettier: typeof Prettier, out: string) {
    this.#prettier = prettier;
    this.#out = resolve(out);
  }

  /** @throws Error if the project's prettier cannot be loaded. */
  static async of(out: string): Promise<ProjectFormatter> {
    const url = pathToFileURL(resolvedFrom(join(resolve(out), "index.js"))).href;
    const { default: prettier } = (await import(url)) as { readonly default: typeof Prettier };
    await prettier.clearConfigCache();
    return new ProjectFormatter(prettier, out);
  }

  /** A text that changes with the project's configuration: its options for one file of each kind. */
  async configuration(): Promise<string> {
    const names = ["src/index.ts", "package.json", "README.md"];
    const options = await Promise.all(names.map((name) => this.#optionsFor(join(this.#out, name))));
    return JSON.stringify([this.#prettier.version, ...options]);
  }

  /** The configuration file of the project, if it has one. */
  async configurationFile(): Promise<string | undefined> {
    return (await this.#prettier.resolveConfigFile(join(this.#out, "src/index.ts"))) ?? undefined;
  }

  /**
   * Formats every file as `prettier --write` would. A file that the project tells prettier to ignore is formatted as usual.
   *
   * @throws Error if the project's configuration is invalid.
   */
  async format(files: readonly OutputFile[]): Promise<readonly FinishedFile[]> {
    const finished: FinishedFile[] = [];
    for (const file of await format(files)) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time, so that only one syntax tree is in memory
      finished.push({ path: file.path, text: await this.#formatFile(file) });
    }
    return finished;
  }

  async #formatFile({ path, text }: FinishedFile): Promise<string> {
    const filepath = join(this.#out, path);
    const { ignored, inferredParser } = await this.#prettier.getFileInfo(filepath, {
      ignorePath: [".prettierignore"],
    });
    if (ignored || inferredParser === null) return text;
    return this.#prettier.format(text, { ...(await this.#optionsFor(filepath)), filepath });
  }

  async #optionsFor(path: string): Promise<Prettier.Options | null> {
    return this.#prettier.resolveConfig(path, { editorconfig: true });
  }
}

/** The path of prettier, as the module at `path` would import it. */
function resolvedFrom(path: string): string {
  try {
    return createRequire(path).resolve("prettier");
  } catch {
    // The project has no prettier of its own.
    return createRequire(import.meta.url).resolve("prettier");
  }
}
