import { readdirSync } from "node:fs";
import { join } from "node:path";
import { didYouMean, diagnostic, type Diagnostic, type Rules } from "../diagnostics/index.js";
import { TEMPLATE_NAMES } from "../emit/assets.js";
import type { OutputFile } from "../emit/index.js";
import type { EmitSettings } from "../emit/settings.js";
import { readRegularFile } from "../files/index.js";
import type { FinishedFile } from "../write/format-queue.js";
import type { OutputSettings } from "./config.js";
import type { JobOrigin } from "./load-config.js";

/** Settings with the texts of the files that they name. */
export interface ResolvedSettings {
  readonly emit: EmitSettings;
  /**
   * A text that changes whenever the settings could change the output; empty for default settings, undefined if it cannot be
   * known, because emitters are code.
   */
  readonly identity: string | undefined;
  /** Formats files as the project does; absent for topicsmith's format. */
  readonly format?: (files: readonly OutputFile[]) => Promise<readonly FinishedFile[]>;
  /** Paths of the files that were read, to watch. */
  readonly inputs: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
}

const DEFAULT: ResolvedSettings = { emit: {}, identity: "", inputs: [], diagnostics: [], sources: new Map() };

/** Largest template that is read, in bytes: far more than any of topicsmith's. */
const MAX_TEMPLATE_BYTES = 1024 * 1024;

/**
 * Resolves a project's settings.
 *
 * @param out Output folder, around which the project's prettier is searched.
 */
export async function resolveSettings(
  settings: OutputSettings & { readonly origin?: JobOrigin; readonly rules?: Rules },
  out: string,
): Promise<ResolvedSettings> {
  const { layout, runtime, importExtension, header, include, exclude, format } = settings;
  const plain = { layout, runtime, importExtension, header, include, exclude, format };
  const packageFields = settings.package;
  const isDefault =
    Object.values(plain).every((value) => value === undefined) &&
    packageFields === undefined &&
    settings.templates === undefined &&
    settings.emitters === undefined &&
    settings.rules === undefined;
  if (isDefault) return DEFAULT;
  const templates = readTemplates(settings);
  const prettier = format === "project" ? await prettierOf(out) : undefined;
  const { texts } = templates;
  const emit: EmitSettings = {
    ...defined({ layout, runtime, importExtension, header, package: packageFields }),
    ...(Object.keys(texts).length > 0 && { templates: texts }),
  };
  const identity = JSON.stringify([plain, packageFields, texts, settings.rules, prettier?.configuration]);
  return {
    emit,
    identity: (settings.emitters ?? []).length > 0 ? undefined : identity,
    ...(prettier?.format && { format: prettier.format }),
    inputs: [...templates.inputs, ...(prettier?.inputs ?? [])],
    diagnostics: [...templates.diagnostics, ...(prettier?.diagnostics ?? [])],
    sources: templates.sources,
  };
}

interface ReadTemplates {
  readonly texts: Readonly<Record<string, string>>;
  readonly inputs: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, string>;
}

function readTemplates({
  templates: folder,
  origin,
}: OutputSettings & { readonly origin?: JobOrigin }): ReadTemplates {
  const texts: Record<string, string> = {};
  const sources = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  if (folder === undefined) return { texts, inputs: [], diagnostics, sources };
  const at = () => origin?.rangeOf(["templates"]);
  let names: readonly string[];
  try {
    names = readdirSync(folder).toSorted();
  } catch {
    diagnostics.push(diagnostic("missing-template-folder", { folder }, at()));
    return { texts, inputs: [folder], diagnostics, sources };
  }
  for (const file of names.filter((name) => name.endsWith(".hbs"))) {
    if (!TEMPLATE_NAMES.includes(file)) {
      const suggestion = didYouMean(file, TEMPLATE_NAMES);
      diagnostics.push(diagnostic("unknown-template", { file, known: TEMPLATE_NAMES, suggestion }, at()));
      continue;
    }
    const path = join(folder, file);
    const content = readRegularFile(path, MAX_TEMPLATE_BYTES);
    if (content.kind !== "file") {
      diagnostics.push(
        diagnostic("invalid-template", { file: path, reason: `it is not a file (${content.kind})` }),
      );
      continue;
    }
    texts[file] = new TextDecoder().decode(content.bytes);
    sources.set(path, texts[file]);
  }
  return { texts, inputs: [folder], diagnostics, sources };
}

interface ReadPrettier {
  readonly configuration?: string;
  readonly format?: ResolvedSettings["format"];
  readonly inputs: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

async function prettierOf(out: string): Promise<ReadPrettier> {
  try {
    const { ProjectFormatter } = await import("../write/format-project.js");
    const formatter = await ProjectFormatter.of(out);
    const file = await formatter.configurationFile();
    return {
      configuration: await formatter.configuration(),
      format: (files) => formatter.format(files),
      inputs: file === undefined ? [] : [file],
      diagnostics: [],
    };
  } catch (error) {
    return { inputs: [], diagnostics: [diagnostic("cannot-format", { reason: firstLine(error) })] };
  }
}

/** The first line of an error's message, without the colon that would introduce the others. */
export function firstLine(error: unknown): string {
  const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
  return line.replace(/\s*:\s*$/, "");
}

/** An object without the properties that are undefined. */
function defined<T extends object>(object: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as never;
}
