import { sortDiagnostics, type Diagnostic } from "../diagnostics/index.js";
import { below } from "../json/pointer.js";
import { checkShape } from "./check-shape.js";
import type { Location, SchemaUse, SourceFile, SpecDocument } from "./document.js";
import { ExtensionReader } from "./extension-reader.js";
import { isObject } from "./json.js";
import { below, locationId } from "./location.js";
import { DiagnosticCollector } from "./diagnostic-collector.js";
import { SchemaReader } from "./schema-reader.js";
import { SchemaRegistry } from "./schema-registry.js";
import { SourceFiles } from "./source-files.js";
import { makeDocument } from "./spec-document.js";
import { SpecLocations } from "./spec-locations.js";
import { SpecReferences } from "./spec-references.js";
import { usableParts } from "./usable.js";

/** What came of reading a spec. */
export interface ReadResult {
  /**
   * What could be read. Resources and extensions of a wrong shape are left out, so that the rest can be judged in the
   * same run; absent if too little is left. With an error among the diagnostics nothing may be made from it.
   */
  readonly document?: SpecDocument;
  /** All that is wrong, in the order of the files read, then by line and column. */
  readonly diagnostics: readonly Diagnostic[];
  /** The text of every file read, by its path as it stands in the diagnostics. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Reads a root file and all that it refers to; checks the shape, and follows every reference. What is wrong with the
 * files becomes diagnostics: it never throws for them.
 */
export async function readSpec(rootPath: string): Promise<ReadResult> {
  const problems = new DiagnosticCollector();
  const files = new SourceFiles(rootPath, problems);
  const root = await files.root();
  const document = root?.data === undefined ? undefined : await readFrom(root, files, problems);
  const diagnostics = sortDiagnostics(
    problems.diagnostics,
    files.all.map(({ path }) => path),
  );
  const sources = new Map(files.all.map(({ path, text }) => [path, text]));
  return { diagnostics, sources, ...(document && { document }) };
}

/** Follows everything from the root file on. */
async function readFrom(
  root: SourceFile,
  files: SourceFiles,
  problems: DiagnosticCollector,
): Promise<SpecDocument | undefined> {
  if (looksLikeExtension(root.data)) {
    problems.add("not-a-root-file", {}, root.rangeOf([]));
    return undefined;
  }
  const at: Location = { file: root, path: [] };
  checkShape("root", at, problems);

  const places = new SpecLocations();
  const reader = new ExtensionReader({
    references: new SpecReferences(files, problems),
    locations: places,
    problems,
  });
  const extensions = await reader.read(at);

  const registry = new SchemaRegistry(below(at, "schemas"), files, problems);
  const schemaReader = new SchemaReader({ files, locations: places, registry, problems });
  const uses = new Map<string, SchemaUse>();
  for (const place of reader.schemas) {
    const use = await schemaReader.use(place);
    if (use) uses.set(locationId(place), use);
  }
  const schemas = await schemaReader.readAll();
  // A registered file that nothing refers to must exist all the same.
  for (const { fullPath, at: named } of registry.all)
    await files.read(fullPath, named.file.rangeOf(named.path));

  const usable = usableParts(root, extensions, problems.invalid);
  return usable && makeDocument({ root: at, usable, errors: reader.errors, uses, schemas, files: files.all });
}

function looksLikeExtension(data: unknown): boolean {
  return (
    isObject(data) &&
    !Object.hasOwn(data, "topicsmith") &&
    !Object.hasOwn(data, "api") &&
    Object.hasOwn(data, "resources")
  );
}
