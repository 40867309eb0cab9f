import { basename, dirname, resolve } from "node:path";
import { resolveSettings, type ResolvedSettings } from "./config/index.js";
import { hasErrors, type Diagnostic } from "./diagnostics/index.js";
import type {
  Checked,
  CheckOptions,
  Generated,
  GenerateOptions,
  Rendered,
  RenderOptions,
  Validated,
} from "./run-options.js";
import {
  checkOutput,
  compareOutput,
  defaultFolder,
  folderProblem,
  FormatCache,
  generatorDigest,
  inputDigests,
  linkedAway,
  missingFolder,
  save,
  upToDateInputs,
} from "./write/index.js";
import { generateCommand } from "./command-line.js";
import type { LoadOptions } from "./load-api.js";

/** An output folder that is up to date, and the files that it depends on. */
interface UpToDate {
  readonly out: string;
  readonly inputs: readonly string[];
}

/**
 * Renders a package in memory: reads the spec, builds the model, emits and formats. Writes nothing.
 *
 * The text of a file depends on the options and the spec only: no date, no absolute path, no machine.
 */
export async function render(options: RenderOptions): Promise<Rendered> {
  const { renderPackage } = await import("./pipeline.js");
  const { specFiles: _, ...rendered } = await renderPackage(options, await settingsOf(options));
  return rendered;
}

/**
 * Generates a package from a spec: read, build the model, emit, write. Writes nothing if there is any error.
 *
 * Mistakes in the spec and files that cannot be written are returned as diagnostics, not thrown.
 */
export async function generate(options: GenerateOptions): Promise<Generated> {
  const { spec, strict, overwrite = false } = options;
  const nothing = { upToDate: false, isNew: false, written: [], removed: [], unchanged: 0 };
  const settings = await settingsOf(options);
  const upToDate = await upToDateFolder(options, settings);
  if (upToDate !== undefined) return { ...nothing, ...withoutFindings(upToDate), upToDate: true };

  // Loaded only now: the compilers take most of a second, and a run without changes needs none of them.
  const { renderPackage } = await import("./pipeline.js");
  const generator = generatorDigest(settings.identity);
  const cache = FormatCache.for(spec, generator);
  const { model, files, specFiles, ...outcome } = await renderPackage(options, settings, cache);
  if (model === undefined) return { ...nothing, ...outcome };
  const { diagnostics } = outcome;
  const { out, refused = folderProblem(out, model.name) } = folderOf(options, model.name);
  if (refused && !(overwrite && refused.code === "foreign-output"))
    return { ...nothing, ...outcome, ok: false, diagnostics: [...diagnostics, refused] };
  const about = {
    api: model.name,
    spec: basename(spec),
    generator,
    diagnosticCount: diagnostics.length,
    inputs: inputDigests(specFiles),
  };
  const comparison = compareOutput(out, files);
  const saved = save(out, comparison, { about, overwrite, command: commandOf(options) });
  const ok = outcome.ok && !hasErrors(saved.diagnostics, strict);
  return {
    ...outcome,
    ...saved,
    ok,
    out,
    upToDate: false,
    isNew: comparison.manifest === undefined && saved.written.length > 0,
    diagnostics: [...diagnostics, ...saved.diagnostics],
  };
}

/**
 * Compares an output folder with the package that a spec generates. Writes nothing.
 *
 * Always builds the whole package, so that it takes as long as generating: a manifest beside edited files can be forged.
 */
export async function check(options: CheckOptions): Promise<Checked> {
  const settings = options.trustManifest === true ? await settingsOf(options) : undefined;
  const upToDate = settings && (await upToDateFolder(options, settings));
  if (upToDate !== undefined) return { ...withoutFindings(upToDate), outdated: [] };

  const { model, files, ...outcome } = await render(options);
  if (model === undefined) return { ...outcome, outdated: [] };
  const command = commandOf(options);
  const { out, refused = folderProblem(out, model.name) ?? missingFolder(out, command) } = folderOf(
    options,
    model.name,
  );
  const outdated = refused
    ? [{ file: out, diagnostic: refused, diff: "" }]
    : await checkOutput(out, files, command);
  return { ...outcome, ok: outcome.ok && outdated.length === 0, out, outdated };
}

/**
 * Checks a spec without generating anything. Reports hints too.
 *
 * @param spec Path of the spec's root file.
 */
export async function validate(spec: string, options: LoadOptions = {}): Promise<Validated> {
  const { loadApi } = await import("./load-api.js");
  const { ok, diagnostics, sources, inputs } = await loadApi(spec, { hints: true, ...options });
  return { ok, diagnostics, sources, inputs };
}

function withoutFindings({ out, inputs }: UpToDate): Omit<Checked, "outdated"> {
  return { ok: true, diagnostics: [], sources: new Map(), inputs, out };
}

/** The command that does what {@link generate} does with these options. */
function commandOf({ command, spec, out }: RenderOptions): string {
  return command ?? generateCommand({ spec, ...(out !== undefined && { out }) });
}

/** The project's prettier is searched around the output folder. */
async function settingsOf(options: RenderOptions): Promise<ResolvedSettings> {
  return resolveSettings(options, options.out ?? defaultFolder("", options.root));
}

/** The output folder, and the reason why the default one is not used. */
function folderOf(
  { out, root }: RenderOptions,
  api: string,
): { readonly out: string; readonly refused?: Diagnostic | undefined } {
  if (out !== undefined) return { out };
  const folder = defaultFolder(api, root);
  return { out: folder, refused: linkedAway(folder, root) };
}

/** The API's own output folder, if its manifest says that it is up to date. */
async function upToDateFolder(
  options: RenderOptions,
  { identity: settings, inputs }: ResolvedSettings,
): Promise<UpToDate | undefined> {
  const { spec, allow, read } = options;
  // Emitters are code: whether their files are up to date is known only after they ran.
  if (settings === undefined) return undefined;
  let { out } = options;
  let api: string | undefined;
  if (out === undefined) {
    // Not from a manifest: any folder beside the API's own could claim to be it.
    const { findApiName } = await import("./spec/find-api-name.js");
    api = findApiName(spec, { allow, read });
    api ??= (await import("./spec/read-api-name.js")).readApiName(spec, { allow, read });
    if (api === undefined) return undefined;
    const folder = folderOf(options, api);
    if (folder.refused !== undefined) return undefined;
    ({ out } = folder);
  }
  const paths = upToDateInputs({ spec, allow, read, settings }, out, api);
  return paths && { out, inputs: [...paths.map((path) => resolve(dirname(spec), path)), ...inputs] };
}
