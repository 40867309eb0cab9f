import { isObject, property } from "../../json/json.js";
import type { DiagnosticCollector, Location, SourceFile } from "../../spec/index.js";
import { makeDraft } from "../draft/make-draft.js";
import { printValid, type CheckSpec } from "../draft/repair.js";
import type { Side } from "../export/context.js";
import { addParameterSchemas, withChannels } from "./convert.js";
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
  /** Converts a document of AsyncAPI 2 to version 3. Returns undefined if there is no converter. */
  readonly convert: (data: unknown) => Promise<unknown>;
  /** Returns the errors of a spec. */
  readonly check: CheckSpec;
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
  const written = property(source.data, "asyncapi");
  const version = typeof written === "number" ? String(written) : written;
  if (!isObject(source.data) || typeof version !== "string") {
    problems.add("not-asyncapi", {}, source.rangeOf([]));
    return undefined;
  }
  const reader = readerOf(source, options);
  if (isExported(reader))
    return { files: restored(reader, { rootFile, dangling: danglingIn(problems) }), decisions: 0 };
  const major = version.split(".")[0];
  if (major === "3") return drafted(reader, options);
  if (major !== "2") {
    problems.addAt("asyncapi-version", { version: version }, { file: source, path: ["asyncapi"] });
    return undefined;
  }
  const converted = await convertedSource(reader, version, options);
  return converted && drafted(readerOf(converted, options), options);
}

async function drafted(
  reader: DocumentReader,
  { side, problems, rootFile, check }: ImportOptions,
): Promise<ImportedSpec> {
  const draft = makeDraft(reader, side, problems);
  const text = await printValid(draft, check, reader.document);
  return { files: [{ path: rootFile ?? "", text }], decisions: draft.notes.decisions };
}

/** The document in version 3. Its values have no place in the source, so diagnostics are about the whole of it. */
async function convertedSource(
  reader: DocumentReader,
  version: string,
  { convert, problems }: ImportOptions,
): Promise<SourceFile | undefined> {
  const source = reader.root;
  const at = { file: source, path: ["asyncapi"] };
  try {
    const data = await convert(withChannels(reader));
    if (data !== undefined) {
      addParameterSchemas(data, reader);
      return { ...source, data, rangeOf: () => source.rangeOf(["asyncapi"]) };
    }
    problems.addAt("missing-converter", { version }, at);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.addAt("failed-conversion", { version, reason }, at);
  }
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
