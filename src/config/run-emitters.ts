import { diagnostic, type Diagnostic } from "../diagnostics/index.js";
import type { OutputFile } from "../emit/index.js";
import type { ApiModel } from "../model/index.js";
import type { EmitterFile, OutputSettings } from "./config.js";
import type { JobOrigin } from "./load-config.js";
import { firstLine } from "./resolve-settings.js";

/** The files that a project's emitters add, and the entries of the package by which they are imported. */
export interface EmittedByProject {
  readonly files: readonly OutputFile[];
  /** Modules inside `src/` without an ending, by entry: `./hooks`. */
  readonly entries: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs a project's emitters, one after the other. A mistake of an emitter is a diagnostic. */
export async function runEmitters(
  { emitters = [], origin }: OutputSettings & { readonly origin?: JobOrigin },
  model: ApiModel,
): Promise<EmittedByProject> {
  const files: OutputFile[] = [];
  const entries: Record<string, string> = {};
  const diagnostics: Diagnostic[] = [];
  for (const [index, emitter] of emitters.entries()) {
    const name = emitter.name === "" ? `emitters[${index}]` : emitter.name;
    const range = origin?.rangeOf(["emitters", index]);
    try {
      // oxlint-disable-next-line no-await-in-loop -- in order, so that the output does not depend on timing
      for (const file of filesOf(await emitter(model))) {
        files.push({ path: file.path, text: file.text, ...parserOf(file) });
        if (file.entry !== undefined) entries[file.entry] = moduleOf(file);
      }
    } catch (error) {
      diagnostics.push(diagnostic("failed-emitter", { name, reason: firstLine(error) }, range));
    }
  }
  return { files, entries, diagnostics };
}

function filesOf(result: unknown): readonly EmitterFile[] {
  if (!Array.isArray(result)) throw new Error("it did not return a list of files");
  for (const file of result as readonly Partial<EmitterFile>[]) {
    const { path, text, entry } = Object(file) as Partial<EmitterFile>;
    if (typeof path !== "string" || typeof text !== "string")
      throw new Error("it returned a file without a path or a text");
    if (entry !== undefined && !/^\.\/[\w.-]+(?:\/[\w.-]+)*$/.test(entry))
      throw new Error(`the entry ${JSON.stringify(entry)} does not look like "./hooks"`);
  }
  return result as readonly EmitterFile[];
}

function moduleOf({ path, entry }: EmitterFile): string {
  const [, module] = /^src\/(.+)\.ts$/.exec(path) ?? [];
  if (module === undefined)
    throw new Error(`${path} cannot be the entry ${entry}: it is not a module in src/`);
  return module;
}

function parserOf({ path }: EmitterFile): Pick<OutputFile, "parser"> {
  if (path.endsWith(".ts")) return { parser: "typescript" };
  return path.endsWith(".json") ? { parser: "json" } : {};
}
