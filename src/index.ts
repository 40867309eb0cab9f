export {
  type DiagnosticCode,
  type Diagnostic,
  type SourceRange,
  type Severity,
} from "./diagnostics/index.js";
export { formatGithub, formatJson, formatText } from "./diagnostics/index.js";
export { check, generate, validate } from "./generate.js";
export type { Checked, Findings, Generated, GenerateOptions } from "./generate.js";
export type * from "./model/api-model.js";
