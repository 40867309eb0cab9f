import { defineDiagnostic } from "../define-diagnostic.js";
import { quote } from "../words.js";

/** Diagnostics for the import of AsyncAPI documents, and for the files that export and import write. */
export const asyncapiDiagnostics = {
  "not-asyncapi": defineDiagnostic(
    "error",
    () => 'expected an AsyncAPI document, with the key "asyncapi"; check the path',
  ),
  "asyncapi-version": defineDiagnostic(
    "error",
    (p: { readonly version: string }) =>
      `cannot read AsyncAPI ${quote(p.version)}; convert the document to version 2 or 3`,
  ),
  "missing-converter": defineDiagnostic(
    "error",
    (p: { readonly version: string }) =>
      `AsyncAPI ${p.version} needs a converter that is not installed; run npm install --save-dev @asyncapi/converter`,
  ),
  "failed-conversion": defineDiagnostic(
    "error",
    (p: { readonly version: string; readonly reason: string }) =>
      `@asyncapi/converter cannot convert this AsyncAPI ${p.version} document: ${p.reason}; correct the document`,
  ),
  "lost-reference": defineDiagnostic(
    "warning",
    (p: { readonly ref: string }) =>
      `cannot resolve ${quote(p.ref)}; it was left out, so add what it refers to by hand`,
  ),
  "lost-in-import": defineDiagnostic(
    "warning",
    (p: { readonly what: string; readonly reason: string }) => `not imported: ${p.what}: ${p.reason}`,
  ),
  "import-decision": defineDiagnostic(
    "warning",
    (p: { readonly question: string }) => `decide in the imported spec: ${p.question}`,
  ),
  "existing-file": defineDiagnostic(
    "error",
    (p: { readonly file: string }) =>
      `${quote(p.file)} exists; choose another file with --out, or pass --overwrite`,
  ),
};
