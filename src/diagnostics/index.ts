export { catalogue, type DiagnosticCode, type DiagnosticParams } from "./catalogue.js";
export { diagnostic, hasErrors, sortDiagnostics, type Diagnostic } from "./diagnostic.js";
export { didYouMean } from "./did-you-mean.js";
export type { DiagnosticDefinition, Severity } from "./define-diagnostic.js";
export { formatGithub } from "./format-github.js";
export { formatJson } from "./format-json.js";
export { formatText, type TextOptions } from "./format-text.js";
export type { SourceRange } from "./source-range.js";
export { allOf, oneOf, quote, suggest } from "./words.js";
