export type {
  ExtensionDocument,
  ExtensionSpec,
  Location,
  MessageSpec,
  ParameterSpec,
  Path,
  PayloadSpec,
  ProtocolSpec,
  ReplyOccasion,
  RequestIdSpec,
  ResourceSpec,
  RootSpec,
  SchemaResource,
  SchemaUse,
  SourceFile,
  SpecDocument,
} from "./document.js";
export type { FileAccess, ReadText } from "./file-access.js";
export { DiagnosticCollector } from "./diagnostic-collector.js";
export { readSpec, type ReadResult } from "./read-spec.js";
export { SourceFiles } from "./source-files.js";
export { parseSource } from "./parse-source.js";
export { TextLines } from "./text-position.js";
export { reportStructureErrors } from "./validate-structure.js";
