import { basename, dirname, join } from "node:path";
import { importAsyncApi, type Side } from "../asyncapi/index.js";
import { hasErrors, sortDiagnostics } from "../diagnostics/index.js";
import { DiagnosticCollector, SourceFiles } from "../spec/index.js";
import { diskFiles } from "../spec/disk-files.js";
import {
  countText,
  exitCodeOf,
  plural,
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
