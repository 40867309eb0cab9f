export { catalogue, type DiagnosticCode, type DiagnosticParams } from "./catalogue.js";
export { diagnostic, hasErrors, sortDiagnostics, type Diagnostic, type SourceRange } from "./diagnostic.js";
export { DiagnosticList, type OmittedCounts } from "./diagnostic-list.js";
export { didYouMean } from "./did-you-mean.js";
export type { DiagnosticDefinition, Severity } from "./define-diagnostic.js";
export { formatGithub, formatJson, formatText, type TextOptions } from "./format.js";
export { limitPerFile } from "./limit-per-file.js";
export { terminalSafe } from "./terminal.js";
export { formatList, quote, suggest } from "./words.js";
