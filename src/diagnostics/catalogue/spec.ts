import { defineDiagnostic } from "../define-diagnostic.js";
import { allOf, oneOf, quote, suggest } from "../words.js";

type Suggestion = string | undefined;

/** What can be wrong with a spec's text, its shape and its references. */
export const specDiagnostics = {
  "missing-file": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly suggestion?: Suggestion }) =>
      `there is no file ${quote(p.file)}; ${suggest(p.suggestion, "check the path")}`,
  ),
  "not-a-file": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly found: "folder" | "device" }) =>
      `${quote(p.file)} is a ${p.found}; name a file`,
  ),
  "unreadable-file": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly reason: string }) =>
      `${quote(p.file)} can not be read: ${p.reason}; make it readable`,
  ),
  "not-utf-8": defineDiagnostic("error", () => "this byte is not UTF-8; save the file in that encoding"),
  "empty-file": defineDiagnostic(
    "error",
    () => "the file is empty; write the spec, or remove what refers to it",
  ),

  "yaml-syntax": defineDiagnostic(
    "error",
    (p: { readonly reason: string }) => `this is not YAML: ${p.reason}`,
  ),
  "yaml-version": defineDiagnostic(
    "error",
    (p: { readonly version: string }) =>
      `YAML ${p.version} reads words like "on" and "no" otherwise; remove the %YAML line, for YAML 1.2`,
  ),
  "multiple-documents": defineDiagnostic(
    "error",
    () => "a second YAML document begins here; split the file, or remove this line",
  ),
  "duplicate-key": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly line: number }) =>
      `the key ${quote(p.key)} stands on line ${p.line} already; rename or remove one of them`,
  ),
  "non-string-key": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly found: string }) =>
      `the key ${p.key} is ${p.found}, but a key is a text; put it in quotes`,
  ),
  "unknown-anchor": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly suggestion?: Suggestion }) =>
      `there is no anchor ${quote(p.name)} above; ${suggest(p.suggestion, `write &${p.name} before what it stands for`)}`,
  ),
  "circular-alias": defineDiagnostic(
    "error",
    (p: { readonly name: string }) =>
      `the alias ${quote(p.name)} stands inside what it stands for, and would never end; write the value out`,
  ),
  "too-many-aliases": defineDiagnostic(
    "error",
    (p: { readonly limit: number }) =>
      `the aliases of this file stand for more than ${p.limit} values; write them out, or share a schema by $ref`,
  ),
  "unknown-tag": defineDiagnostic(
    "error",
    (p: { readonly tag: string }) => `the tag ${quote(p.tag)} means nothing here; remove it`,
  ),
  "non-finite-number": defineDiagnostic(
    "error",
    (p: { readonly value: string }) =>
      `JSON has no ${p.value}; write a finite number, or put it in quotes to have a text`,
  ),
  "too-deep": defineDiagnostic(
    "error",
    (p: { readonly limit: number }) =>
      `more than ${p.limit} levels are nested here; divide it, for example by $ref`,
  ),

  "unknown-key": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly known: readonly string[]; readonly suggestion?: Suggestion }) =>
      `the key ${quote(p.key)} is not known here; ${suggest(
        p.suggestion,
        `known are ${allOf(p.known)}, and a key of your own begins with "x-"`,
      )}`,
  ),
  "missing-key": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly owner: string }) =>
      `the key ${quote(p.key)} is missing in ${p.owner}; add it`,
  ),
  "wrong-type": defineDiagnostic(
    "error",
    (p: { readonly expected: string; readonly found: string; readonly remedy?: string | undefined }) =>
      `${p.expected} belongs here, but this is ${p.found}; ${p.remedy ?? "change it"}`,
  ),
  "wrong-value": defineDiagnostic(
    "error",
    (p: { readonly found: unknown; readonly allowed: readonly unknown[]; readonly suggestion?: unknown }) =>
      `${quote(p.found)} is not possible here; ${
        p.suggestion === undefined
          ? `write ${oneOf(p.allowed.map((value) => quote(value)))}`
          : `did you mean ${quote(p.suggestion)}?`
      }`,
  ),
  "unsupported-format-version": defineDiagnostic(
    "error",
    (p: { readonly found: unknown }) =>
      `the format version ${quote(p.found)} is not known; this topicsmith reads version 1, written \`topicsmith: 1\``,
  ),
  "invalid-format": defineDiagnostic(
    "error",
    (p: { readonly found: string; readonly expected: string }) =>
      `${quote(p.found)} is not as it must be here; write ${p.expected}`,
  ),
  "invalid-pattern": defineDiagnostic(
    "error",
    (p: { readonly pattern: string; readonly reason: string }) =>
      `${quote(p.pattern)} is no regular expression: ${p.reason}; correct it`,
  ),
  "empty-value": defineDiagnostic(
    "error",
    (p: { readonly key: string }) => `${quote(p.key)} must not be empty; fill it in`,
  ),
  "out-of-range": defineDiagnostic(
    "error",
    (p: { readonly found: unknown; readonly limit: string }) =>
      `${quote(p.found)} is out of range; write a number that is ${p.limit}`,
  ),
  "duplicate-item": defineDiagnostic(
    "error",
    (p: { readonly item: unknown }) => `${quote(p.item)} stands in this list twice; remove one`,
  ),
  "binary-schema": defineDiagnostic(
    "error",
    (p: { readonly key: string }) =>
      `bytes have no schema; remove ${quote(p.key)}, or the contentType application/octet-stream`,
  ),
  "not-a-root-file": defineDiagnostic(
    "error",
    () => 'this is an extension file; name the root file, which begins with "topicsmith: 1"',
  ),

  "misplaced-reference": defineDiagnostic(
    "error",
    () => "a $ref stands for an extension, a schema or an error payload only; write this part out",
  ),
  "reference-sibling": defineDiagnostic(
    "error",
    (p: { readonly key: string }) => `beside $ref nothing else may stand here; remove ${quote(p.key)}`,
  ),
  "invalid-reference": defineDiagnostic(
    "error",
    (p: { readonly ref: string; readonly reason: string }) =>
      `${quote(p.ref)} is no reference: ${p.reason}; write it like "./file.yaml#/resources/name"`,
  ),
  "remote-reference": defineDiagnostic(
    "error",
    (p: { readonly ref: string }) =>
      `${quote(p.ref)} is not a file beside this one, and the network is never used; save it, and refer to the file`,
  ),
  "dangling-reference": defineDiagnostic(
    "error",
    (p: {
      readonly ref: string;
      readonly missing: string;
      readonly suggestion?: Suggestion;
      /** Said when the reference would lead somewhere if it began at the file. */
      readonly wholeFile?: string | undefined;
    }) =>
      `${quote(p.ref)} leads nowhere: there is no ${quote(p.missing)}; ${
        p.wholeFile === undefined
          ? suggest(p.suggestion, "check the path after the #")
          : `"#" is the schema that this stands in, so write ${quote(p.wholeFile)}`
      }`,
  ),
  "wrong-target": defineDiagnostic(
    "error",
    (p: { readonly ref: string; readonly expected: string; readonly found: string }) =>
      `${quote(p.ref)} leads to ${p.found}, but must lead to ${p.expected}; refer to another place`,
  ),
  "circular-reference": defineDiagnostic(
    "error",
    (p: { readonly chain: readonly string[] }) =>
      `these references only lead to each other: ${p.chain.join(" -> ")}; let one of them be the thing itself`,
  ),
};
