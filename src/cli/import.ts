import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse, stringify } from "yaml";
import { importAsyncApi, type Side } from "../asyncapi/index.js";
import { hasErrors, sortDiagnostics, type Diagnostic, plural } from "../diagnostics/index.js";
import { loadFrom } from "../load-from.js";
import { DiagnosticCollector, SourceFiles } from "../spec/index.js";
import { diskFiles } from "../spec/disk-files.js";
import { memoryFiles } from "../spec/memory-files.js";
import {
  countText,
  exitCodeOf,
  printFindings,
  printLine,
  type CommonOptions,
  type ExitCode,
} from "./console.js";
import { writeFiles } from "./write-files.js";

/** The options of `topicsmith import`. */
export interface ImportCommandOptions extends CommonOptions {
  readonly side?: Side;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly strict?: boolean;
  readonly allow?: readonly string[];
}

/** The errors of a spec that is not written yet. */
async function errorsOf(text: string): Promise<readonly Diagnostic[]> {
  const { diagnostics } = await loadFrom(
    "/api.yaml",
    memoryFiles((path) => (path === "/api.yaml" ? text : undefined)),
    {},
  );
  return diagnostics.filter((found) => hasErrors([found]));
}

/** Converts a document with `@asyncapi/converter`, which is installed beside topicsmith or in the user's project. */
async function convertWithPeer(data: unknown): Promise<unknown> {
  const converter = await loadConverter();
  if (converter === undefined) return undefined;
  // The converter prints that it leaves out the schemas of parameters, which the import adds again.
  const warn = console.warn.bind(console);
  console.warn = () => undefined;
  try {
    return parse(converter.convert(stringify(data), "3.0.0", {}));
  } finally {
    console.warn = warn;
  }
}

interface Converter {
  convert(text: string, version: string, options: object): string;
}

async function loadConverter(): Promise<Converter | undefined> {
  const name = "@asyncapi/converter";
  for (const place of [import.meta.url, pathToFileURL(join(process.cwd(), "package.json")).href]) {
    let path: string;
    try {
      path = createRequire(place).resolve(name);
    } catch {
      continue;
    }
    return ((await import(pathToFileURL(path).href)) as { readonly default: Converter }).default;
  }
  return undefined;
}

/** Runs `topicsmith import asyncapi <file>`. */
export async function runImport(file: string, options: ImportCommandOptions): Promise<ExitCode> {
  const { out, side, strict } = options;
  const problems = new DiagnosticCollector();
  const sources = new SourceFiles(file, problems, diskFiles(file, options));
  // A file that cannot be read is a reference that cannot be resolved, which the import reports.
  const others = new SourceFiles(file, new DiagnosticCollector(), diskFiles(file, options));
  const root = sources.root();
  const spec =
    root?.data === undefined
      ? undefined
      : await importAsyncApi(root, {
          ...(side !== undefined && { side }),
          ...(out !== undefined && { rootFile: basename(out) }),
          problems,
          convert: convertWithPeer,
          check: errorsOf,
          readFile: (uri, ref) => others.readRef(uri, ref),
        });
  const texts = new Map(sources.all.map(({ path, text }) => [path, text]));
  const diagnostics = sortDiagnostics(problems.diagnostics, texts.keys());
  printFindings({ diagnostics, sources: texts }, options);
  if (spec === undefined || hasErrors(diagnostics, strict)) {
    process.stderr.write(`Nothing was written: ${countText(diagnostics)}.\n`);
    return exitCodeOf(diagnostics, strict);
  }
  if (out === undefined) {
    process.stdout.write(spec.files[0]?.text ?? "");
    return 0;
  }
  const folder = dirname(out);
  const files = spec.files.map(({ path, text }) => ({ path: join(folder, path), text }));
  const refused = writeFiles(files, () => options.overwrite === true);
  printFindings({ diagnostics: refused, sources: new Map() }, options);
  if (refused.length === 0) {
    const decisions = spec.decisions > 0 ? `; ${plural(spec.decisions, "comment")} "Decide:" to be read` : "";
    printLine(`${out}: ${plural(files.length, "file")} written${decisions}`, options);
  }
  return exitCodeOf(refused);
}
