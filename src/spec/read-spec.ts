import { below } from "../json/pointer.js";
import { sortDiagnostics, type Diagnostic, type OmittedCounts } from "../diagnostics/index.js";
import { DiagnosticCollector } from "./diagnostic-collector.js";
import type { Location, SchemaUse, SourceFile, SpecDocument } from "./document.js";
import type { FileAccess } from "./file-access.js";
import { ExtensionReader } from "./extension-reader.js";
import { isObject } from "../json/json.js";
import { locationId } from "./location.js";
import { validParts } from "./recovery.js";
import { ReferenceCycles } from "./reference-cycles.js";
import { SchemaReader } from "./schema-reader.js";
import { SchemaRegistry } from "./schema-registry.js";
import { SourceFiles } from "./source-files.js";
import { makeDocument } from "./make-document.js";
import { SpecLocations } from "./spec-locations.js";
import { SpecReferences } from "./spec-references.js";
import { validateStructure } from "./validate-structure.js";

/** The result of reading a spec. */
export interface ReadResult {
  /**
   * The spec without the resources and extensions that have an invalid structure, so that the same run can check the
   * rest. Absent if the root file is unusable. If `diagnostics` contains an error, generate nothing from it.
   */
  readonly document?: SpecDocument;
  /** All problems, in the order in which the files were read, then by line and column. At most 1,000 errors of a file. */
  readonly diagnostics: readonly Diagnostic[];
  /** Numbers of the problems beyond that, by file. */
  readonly omitted: OmittedCounts;
  /** The text of every file read, by the path that the diagnostics' ranges use. */
  readonly sources: ReadonlyMap<string, string>;
  /** Absolute paths of the files that were read, and of those that could not be read. */
  readonly inputs: readonly string[];
}

/**
 * Reads a root file and every file that it refers to, validates their structure and resolves every reference. Problems
 * in the files, and files that cannot be read, are returned as diagnostics. Never throws because of them.
 */
export async function readSpec(rootPath: string, access: FileAccess): Promise<ReadResult> {
  const problems = new DiagnosticCollector();
  const files = new SourceFiles(rootPath, problems, access);
  const root = files.root();
  const document = root?.data === undefined ? undefined : await readFrom(root, files, problems);
  const diagnostics = sortDiagnostics(
    problems.diagnostics,
    files.all.map(({ path }) => path),
  );
  const sources = new Map(files.all.map(({ path, text }) => [path, text]));
  const { inputs } = files;
  return { diagnostics, omitted: problems.omitted, sources, inputs, ...(document && { document }) };
}

/** Reads everything that is reachable from the root file. */
async function readFrom(
  root: SourceFile,
  files: SourceFiles,
  problems: DiagnosticCollector,
): Promise<SpecDocument | undefined> {
  if (looksLikeExtension(root.data)) {
    problems.add("not-a-root-file", {}, root.rangeOf([]));
    return undefined;
  }
  const foreign = foreignFormat(root.data);
  if (foreign !== undefined) {
    problems.add("foreign-format", foreign, root.rangeOf([foreign.key], "key"));
    return undefined;
  }
  const at: Location = { file: root, path: [] };
  validateStructure("root", at, problems);

  const locations = new SpecLocations();
  const cycles = new ReferenceCycles(problems);
  const references = new SpecReferences({ files, cycles, problems });
  const reader = new ExtensionReader({ references, locations, problems });
  const extensions = await reader.read(at);

  const registry = new SchemaRegistry(below(at, "schemas"), files, problems);
  const schemaReader = new SchemaReader({ files, locations, registry, cycles, problems });
  const uses = new Map<string, SchemaUse>();
  for (const location of reader.schemas) {
    const use = await schemaReader.use(location);
    if (use) uses.set(locationId(location), use);
  }
  const schemas = await schemaReader.readAll();
  // A registered file must exist even if no schema refers to it.
  for (const { fullPath, at: named } of registry.all) files.read(fullPath, named.file.rangeOf(named.path));

  const valid = validParts(root, extensions, problems.invalid);
  return valid && makeDocument({ root: at, valid, errors: reader.errors, uses, schemas, files: files.all });
}

/** The keys by which files of other formats are known, and what a file with the key is. */
const FOREIGN_KEYS: readonly (readonly [key: string, name: (version: string) => string])[] = [
  ["asyncapi", (version) => `an AsyncAPI ${version} document`],
  ["openapi", (version) => `an OpenAPI ${version} document`],
  ["swagger", (version) => `a Swagger ${version} document`],
  ["$schema", () => "a JSON Schema"],
];

/** The format of a file that is of another one than ours: its name, and the key that tells. */
function foreignFormat(
  data: unknown,
): { readonly key: string; readonly found: string; readonly importable?: string } | undefined {
  if (!isObject(data) || Object.hasOwn(data, "topicsmith") || Object.hasOwn(data, "extensions"))
    return undefined;
  const known = FOREIGN_KEYS.find(([key]) => Object.hasOwn(data, key));
  if (known === undefined) return undefined;
  const [key, name] = known;
  return { key, found: name(String(data[key])), ...(key === "asyncapi" && { importable: key }) };
}

function looksLikeExtension(data: unknown): boolean {
  return (
    isObject(data) &&
    !Object.hasOwn(data, "topicsmith") &&
    !Object.hasOwn(data, "api") &&
    Object.hasOwn(data, "resources")
  );
}
