export type {
  ExtensionDocument,
  ExtensionSpec,
  Location,
  ParameterSpec,
  Path,
  PayloadSpec,
  ProtocolSpec,
  ReplyOccasion,
  ResourceSpec,
  RootSpec,
  SchemaResource,
  SchemaUse,
  SourceFile,
  SpecDocument,
} from "./document.js";
export { Problems } from "./problems.js";
export { readSpec, type ReadResult } from "./read-spec.js";
export { SourceFiles } from "./source-files.js";
