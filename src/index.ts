/**
 * The generator as a library. `generate`, `check`, `validate` and `diff` do what the commands of the same name do, and return
 * diagnostics or changes instead of printing them. The mock is in `topicsmith/mock`.
 *
 * @module
 */
export {
  type DiagnosticCode,
  type Diagnostic,
  type SourceRange,
  type Rules,
  type Severity,
} from "./diagnostics/index.js";
export { formatGithub, formatJson, formatText, type TextOptions } from "./diagnostics/index.js";
export { defineConfig } from "./config/config.js";
export type {
  Config,
  Emitter,
  EmitterFile,
  JobConfig,
  MockSettings,
  OutputSettings,
  SharedSettings,
} from "./config/config.js";
export type { EmitSettings, PackageSettings } from "./emit/settings.js";
export { diff, formatDiff } from "./diff/index.js";
export type {
  ApiDiff,
  Change,
  ComparedApi,
  DiffFormat,
  DiffOptions,
  Effect,
  ReleaseLevel,
  RuleCode,
  Side,
  VersionAdvice,
  WitnessValue,
} from "./diff/index.js";
export { loadApi } from "./load-api.js";
export { check, generate, render, validate } from "./generate.js";
export type {
  Checked,
  CheckOptions,
  Generated,
  GenerateOptions,
  Outcome,
  Rendered,
  RenderOptions,
  Validated,
} from "./run-options.js";
export type { Findings, LoadedApi, LoadOptions, SpecFile } from "./load-api.js";
export type { FinishedFile, OutdatedFile } from "./write/index.js";
export type * from "./model/api-model.js";
