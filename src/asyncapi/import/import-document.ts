import { isObject, property } from "../../json/json.js";
import type { DiagnosticCollector, Location, SourceFile } from "../../spec/index.js";
import type { Side } from "../export/context.js";
import { ownKeysOf, DocumentReader, type Found } from "./reader.js";
import { isExported, restoreSpec } from "./restore.js";
import { printSpec, type PrintedFile } from "./print-spec.js";

/** The settings of {@link importAsyncApi}. */
export interface ImportOptions {
  /** The side that the document describes. Default: as it was exported, else the platform. */
  readonly side?: Side;
  /** The name of the spec's root file. Without it, everything is put into one file. */
  readonly rootFile?: string;
  /** Receives what is wrong with the document, and what was lost. */
  readonly problems: DiagnosticCollector;
  /** Reads a file that a reference names. */
  readonly readFile: (uri: string, ref: Location) => SourceFile | undefined;
}

/** An imported spec. */
export interface ImportedSpec {
  /** The root file is the first. */
  readonly files: readonly PrintedFile[];
  /** The number of comments that ask a person to decide. */
  readonly decisions: number;
}

/** Makes a spec from an AsyncAPI document. Undefined if the document cannot be read, which is reported. */
export async function importAsyncApi(
  source: SourceFile,
  options: ImportOptions,
): Promise<ImportedSpec | undefined> {
  const { problems, rootFile } = options;
  const version = property(source.data, "asyncapi");
  if (!isObject(source.data) || version === undefined) {
    problems.add("not-asyncapi", {}, source.rangeOf([]));
    return undefined;
  }
  const reader = readerOf(source, options);
  if (isExported(reader))
    return { files: restored(reader, { rootFile, dangling: danglingIn(problems) }), decisions: 0 };
  return undefined;
}

function readerOf(source: SourceFile, { readFile }: ImportOptions): DocumentReader {
  return new DocumentReader(source, (uri, { file, path }) =>
    /^[a-z][a-z0-9+.-]*:/i.test(uri) ? undefined : readFile(uri, { file, path: [...path, "$ref"] }),
  );
}

type Dangling = (ref: string, from: Found) => void;

function danglingIn(problems: DiagnosticCollector): Dangling {
  return (ref, { file, path }) => problems.addAt("lost-reference", { ref }, { file, path });
}

/** The exported spec. Its files are put into one if their folder is not known, unless it was one already. */
function restored(
  reader: DocumentReader,
  { rootFile, dangling }: { rootFile: string | undefined; dangling: Dangling },
): readonly PrintedFile[] {
  const own = property(ownKeysOf(reader.root.data), "file");
  const name = rootFile ?? (typeof own === "string" ? own : undefined);
  const { files } = restoreSpec(reader, { rootFile: name, dangling });
  if (rootFile !== undefined || files.size === 1) return printSpec(files);
  return printSpec(restoreSpec(reader, { rootFile: undefined, dangling }).files);
}
