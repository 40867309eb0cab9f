import {
  firstLine,
  resolveSettings,
  runEmitters,
  selectPart,
  type ResolvedSettings,
} from "./config/index.js";
import { diagnostic, hasErrors, type Diagnostic } from "./diagnostics/index.js";
import type { OutputFile, SpecFiles, TemplateError } from "./emit/index.js";
import { loadApi, type SpecFile } from "./load-api.js";
import type { Rendered, RenderOptions } from "./run-options.js";
import type { SpecDocument } from "./spec/index.js";
import { type FormatCache, FormatQueue, isOutputPath } from "./write/index.js";
import { PACKAGED_SPEC, printPackagedSpec } from "./write/packaged-spec.js";

/** A package that is not written yet, and the files that it was rendered from. */
export interface RenderedPackage extends Rendered {
  readonly specFiles: readonly SpecFile[];
}

/**
 * Runs the pipeline up to writing: reads the spec, builds the model, emits the package and formats it.
 *
 * @param given The settings with the texts of the files that they name. Default: these files are read.
 * @param cache Formatted texts of the last run. Default: none.
 */
export async function renderPackage(
  options: RenderOptions,
  given?: ResolvedSettings,
  cache?: FormatCache,
): Promise<RenderedPackage> {
  const settings = given ?? (await resolveSettings(options, options.out ?? "."));
  // Started first, so that a second thread loads the formatter while this one reads the spec.
  const queue = settings.format === undefined ? new FormatQueue(cache) : undefined;
  try {
    return await renderWith(options, settings, queue);
  } finally {
    await queue?.stop();
  }
}

async function renderWith(
  options: RenderOptions,
  settings: ResolvedSettings,
  queue: FormatQueue | undefined,
): Promise<RenderedPackage> {
  const { origin } = options;
  const { model, ...loaded } = await loadApi(options.spec, options);
  const sources = new Map([...loaded.sources, ...settings.sources]);
  if (origin) sources.set(origin.file, origin.text);
  const inputs = [...loaded.inputs, ...settings.inputs];
  const failed = (problems: readonly Diagnostic[]): RenderedPackage => {
    const diagnostics = [...problems, ...loaded.diagnostics];
    return { ...loaded, ok: false, diagnostics, sources, inputs, files: [] };
  };
  if (model === undefined || hasErrors(settings.diagnostics)) return failed(settings.diagnostics);
  const selected = selectPart(model, options);
  if (selected.problems.length > 0) return failed(selected.problems);
  const own = await runEmitters(options, selected.model);
  if (own.diagnostics.length > 0) return failed(own.diagnostics);
  // Loaded only now: a broken spec needs no compiler.
  const { emit, TemplateError } = await import("./emit/index.js");
  try {
    const spec = specFilesOf(loaded.document, settings);
    const emitSettings = { ...settings.emit, entries: own.entries };
    const emitted = await emit(selected.model, emitSettings, {
      added: [...own.files, ...packagedSpec(spec, options)],
      ...(spec && { spec }),
      onFiles: (files) => queue?.add(files),
    });
    const misplaced = misplacedFiles(emitted.map(({ path }) => path));
    if (misplaced.length > 0) return failed(misplaced);
    const files = await (settings.format?.(emitted) ?? queue?.finish() ?? []);
    return { ...loaded, model: selected.model, sources, inputs, files };
  } catch (error) {
    const problem =
      error instanceof TemplateError ? templateProblem(error, options) : problemOf(error, options);
    if (problem === undefined) throw error;
    return failed([problem]);
  }
}

/** The spec for the package; undefined where only modules are generated. */
function specFilesOf(
  document: SpecDocument | undefined,
  { emit: { layout } }: ResolvedSettings,
): SpecFiles | undefined {
  if (document === undefined || layout === "source") return undefined;
  return { root: document.root.id, files: document.files.map(({ id, data }) => ({ path: id, data })) };
}

function packagedSpec(
  spec: SpecFiles | undefined,
  { include, exclude }: RenderOptions,
): readonly OutputFile[] {
  if (spec === undefined) return [];
  return [{ path: PACKAGED_SPEC, text: printPackagedSpec(spec, { include, exclude }) }];
}

/** Files of own emitters at paths that are generated already, or that topicsmith does not write. */
function misplacedFiles(paths: readonly string[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return paths.flatMap((path) => {
    const isDuplicate = seen.has(path);
    seen.add(path);
    if (!isDuplicate && isOutputPath(path)) return [];
    const reason = isDuplicate
      ? `two files have the path ${path}`
      : `no file can have the path ${path}; it must be visible, and in the package's folder or below src`;
    return [diagnostic("failed-emitter", { name: "of the project", reason })];
  });
}

function templateProblem(error: TemplateError, { templates = "." }: RenderOptions): Diagnostic {
  const file = `${templates}/${error.file}`;
  const line = error.line ?? 1;
  const range = { file, line, column: 1, endLine: line + 1, endColumn: 1 };
  return diagnostic("invalid-template", { file, reason: error.reason }, range);
}

/** The diagnostic for a mistake in the project's emitters or prettier configuration; undefined for others. */
function problemOf(error: unknown, { format: formatter, emitters = [] }: RenderOptions) {
  const reason = firstLine(error);
  // topicsmith's own files always have a form that prettier reads.
  if (formatter === "project") return diagnostic("cannot-format", { reason });
  const isSyntax = error instanceof SyntaxError || (error instanceof Error && error.name === "SyntaxError");
  return emitters.length > 0 && isSyntax
    ? diagnostic("failed-emitter", { name: "of the project", reason: `a file is not valid: ${reason}` })
    : undefined;
}
