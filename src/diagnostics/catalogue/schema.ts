import { defineDiagnostic } from "../define-diagnostic.js";
import { formatList, quote, suggest } from "../words.js";

/** Diagnostics about JSON Schemas. */
export const schemaDiagnostics = {
  "invalid-schema": defineDiagnostic(
    "error",
    (p: { readonly reason: string }) => `not a valid JSON Schema: ${p.reason}`,
  ),
  "unknown-dialect": defineDiagnostic(
    "error",
    (p: { readonly metaSchema: string; readonly known: readonly string[] }) =>
      `${quote(p.metaSchema)} is not a supported JSON Schema dialect; use ${formatList(p.known, "or")}, or omit $schema for 2020-12`,
  ),
  "mixed-dialects": defineDiagnostic(
    "error",
    (p: { readonly reference: string; readonly from: string; readonly to: string }) =>
      `this schema is ${p.from}, but ${quote(p.reference)} refers to a ${p.to} schema; give both the same $schema`,
  ),
  "dangling-schema-ref": defineDiagnostic(
    "error",
    (p: { readonly reference: string; readonly suggestion?: string | undefined }) =>
      `${quote(p.reference)} cannot be resolved; ${suggest(p.suggestion, "correct it, or add the schema")}`,
  ),
  "unregistered-schema": defineDiagnostic(
    "error",
    (p: { readonly reference: string }) =>
      `${quote(p.reference)} is not fetched, because the network is never used; save the schema to a file and register it under "schemas:" in the root file`,
  ),
  "slow-pattern": defineDiagnostic(
    "warning",
    (p: { readonly pattern: string }) =>
      `${quote(p.pattern)} is vulnerable to catastrophic backtracking (ReDoS); rewrite it so that it can match each string in only one way`,
  ),
  "polynomial-pattern": defineDiagnostic(
    "warning",
    (p: { readonly pattern: string; readonly maxLength?: number | undefined }) =>
      `the time that ${quote(p.pattern)} takes grows with a power of the text's length; anchor it, rewrite it so that neighboring repetitions cannot match the same characters, or ${p.maxLength === undefined ? `set "maxLength"` : `lower "maxLength", which allows ${p.maxLength}`}`,
  ),
  "bounded-pattern": defineDiagnostic(
    "hint",
    (p: { readonly pattern: string; readonly maxLength: number }) =>
      `the time that ${quote(p.pattern)} takes grows with a power of the text's length, of which "maxLength" allows ${p.maxLength}; keep that short`,
  ),
  "deep-schema": defineDiagnostic(
    "error",
    (p: { readonly limit: number }) =>
      `nested deeper than ${p.limit} levels; move inner schemas to "$defs" and refer to them`,
  ),
  "unknown-keyword": defineDiagnostic(
    "warning",
    (p: { readonly keyword: string; readonly suggestion?: string | undefined }) =>
      `unknown keyword ${quote(p.keyword)} is ignored; ${suggest(p.suggestion, `remove it, or begin it with "x-"`)}`,
  ),
  "foreign-keyword": defineDiagnostic(
    "error",
    (p: {
      readonly keyword: string;
      readonly own: string;
      /** The dialects that have it; none if only draft-03 has, which is not supported. */
      readonly from: readonly string[];
      readonly instead?: string | undefined;
    }) =>
      `${p.own} has no keyword ${quote(p.keyword)}, so it would be ignored; ${p.instead === undefined ? "remove it" : `use ${quote(p.instead)}`}${p.from.length === 0 ? "" : `, or set "$schema" to ${formatList(p.from, "or")}`}`,
  ),
  "ignored-keyword": defineDiagnostic(
    "warning",
    (p: { readonly keyword: string; readonly dialect: string }) =>
      `${p.dialect} ignores ${quote(p.keyword)} beside "$ref"; move both into "allOf"`,
  ),
  "ineffective-keyword": defineDiagnostic(
    "warning",
    (p: { readonly keyword: string; readonly reason: string; readonly remedy: string }) =>
      `${quote(p.keyword)} has no effect ${p.reason}; ${p.remedy}`,
  ),
  "unsatisfiable-schema": defineDiagnostic(
    "warning",
    (p: { readonly reason: string }) => `no value can match this schema: ${p.reason}; correct the schema`,
  ),
  "unsafe-integer": defineDiagnostic(
    "warning",
    (p: { readonly what: string }) =>
      `JavaScript rounds integers beyond 2^53, and ${p.what} allows them; use a string, or set "minimum" and "maximum" within ±9007199254740991`,
  ),
  "refused-schema": defineDiagnostic(
    "error",
    (p: { readonly reason: string }) => `cannot compile this schema: ${p.reason}; rewrite it`,
  ),
  "unknown-format": defineDiagnostic(
    "warning",
    (p: { readonly format: string; readonly suggestion?: string | undefined }) =>
      `unknown format ${quote(p.format)} is not validated; ${suggest(p.suggestion, "use a known format or a pattern")}`,
  ),
  "untyped-schema": defineDiagnostic(
    "hint",
    (p: { readonly keywords: readonly string[]; readonly type: string }) =>
      `without "type: ${p.type}", ${formatList(p.keywords.map(quote), "and")} ${p.keywords.length === 1 ? "applies" : "apply"} to ${p.type}s only and any other value is valid; add it unless that is intended`,
  ),
  "open-object": defineDiagnostic(
    "hint",
    () =>
      `properties that are not listed are accepted, including misspelled ones; set "additionalProperties: false", or true if that is intended`,
  ),
};
