import { defineDiagnostic } from "../define-diagnostic.js";
import { formatList, quote, suggest } from "../words.js";

/** What can be wrong with a JSON Schema. */
export const schemaDiagnostics = {
  "invalid-schema": defineDiagnostic(
    "error",
    (p: { readonly reason: string }) => `this is not a valid JSON Schema: ${p.reason}`,
  ),
  "unknown-dialect": defineDiagnostic(
    "error",
    (p: { readonly metaSchema: string; readonly known: readonly string[] }) =>
      `${quote(p.metaSchema)} is no version of JSON Schema that is known here; use ${formatList(p.known, "or")}, or leave $schema out for the last`,
  ),
  "mixed-dialects": defineDiagnostic(
    "error",
    (p: { readonly reference: string; readonly from: string; readonly to: string }) =>
      `this schema is ${p.from}, but ${quote(p.reference)} leads to one that is ${p.to}; give both the same $schema`,
  ),
  "dangling-schema-ref": defineDiagnostic(
    "error",
    (p: { readonly reference: string; readonly suggestion?: string | undefined }) =>
      `${quote(p.reference)} leads to no schema; ${suggest(p.suggestion, "correct it, or add what it should lead to")}`,
  ),
  "unregistered-schema": defineDiagnostic(
    "error",
    (p: { readonly reference: string }) =>
      `${quote(p.reference)} is not fetched: the network is never used; save it as a file and register that under "schemas:" in the root file`,
  ),
  "endless-schema": defineDiagnostic(
    "error",
    (p: { readonly reference: string }) =>
      `${quote(p.reference)} leads back here before any member or item is reached, so checking would never end; remove the circle`,
  ),
  "slow-pattern": defineDiagnostic(
    "warning",
    (p: { readonly pattern: string }) =>
      `${quote(p.pattern)} can take exponential time on text made for it, and that text comes from the network; write it so that it can match each text in one way only`,
  ),
  "refused-schema": defineDiagnostic(
    "error",
    (p: { readonly reason: string }) =>
      `no validator can be made from this schema: ${p.reason}; say it in another way`,
  ),
  "unknown-format": defineDiagnostic(
    "warning",
    (p: { readonly format: string; readonly suggestion?: string | undefined }) =>
      `the format ${quote(p.format)} is not known here and is not checked; ${suggest(p.suggestion, "use a pattern instead, or a known format")}`,
  ),
  "untyped-schema": defineDiagnostic(
    "hint",
    (p: { readonly keywords: readonly string[]; readonly type: string }) =>
      `${formatList(p.keywords.map(quote), "or")} says nothing about what is no ${p.type}, so every other value is allowed too; add "type: ${p.type}" unless that is meant`,
  ),
  "open-object": defineDiagnostic(
    "hint",
    () =>
      `members that are not listed are allowed here, misspelt ones too; add "additionalProperties: false", or true to say that it is meant`,
  ),
};
