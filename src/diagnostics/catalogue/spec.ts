import { defineDiagnostic } from "../define-diagnostic.js";
import { formatList, quote, suggest } from "../words.js";

type Suggestion = string | undefined;

/** Diagnostics for the text, the structure and the references of a spec. */
export const specDiagnostics = {
  "missing-file": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly suggestion?: Suggestion }) =>
      `the file ${quote(p.file)} does not exist; ${suggest(p.suggestion, "check the path")}`,
  ),
  "not-a-file": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly found: "folder" | "device" }) =>
      `${quote(p.file)} is a ${p.found}, not a file; give the path of a file`,
  ),
  "outside-file": defineDiagnostic(
    "error",
    (p: { readonly file: string }) =>
      `${quote(p.file)} is hidden or outside of the folders that this spec may read (that of the root file, and its git repository); copy it there, or allow its folder with --allow`,
  ),
  "too-large-file": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly limit: number }) =>
      `${quote(p.file)} is larger than ${p.limit} bytes; split it with $ref`,
  ),
  "unreadable-file": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly reason: string }) =>
      `cannot read ${quote(p.file)}: ${p.reason}; make sure that the file is readable`,
  ),
  "not-utf-8": defineDiagnostic("error", () => "invalid UTF-8; save the file as UTF-8"),
  "empty-file": defineDiagnostic(
    "error",
    () => "the file is empty; add its content, or remove the reference to it",
  ),

  "yaml-syntax": defineDiagnostic("error", (p: { readonly reason: string }) => `invalid YAML: ${p.reason}`),
  "unquoted-template": defineDiagnostic(
    "error",
    (p: { readonly template: string }) =>
      `YAML reads the brackets of the template ${p.template} as a mapping or a list; quote the template: ${quote(p.template)}`,
  ),
  "yaml-version": defineDiagnostic(
    "error",
    (p: { readonly version: string }) =>
      `YAML ${p.version} is not supported, because it reads words such as "on" and "no" differently; remove the %YAML line to use YAML 1.2`,
  ),
  "multiple-documents": defineDiagnostic(
    "error",
    () => "the file contains a second YAML document; split the file, or remove this line",
  ),
  "duplicate-key": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly line: number }) =>
      `duplicate key ${quote(p.key)} (first on line ${p.line}); rename or remove one of them`,
  ),
  "non-string-key": defineDiagnostic(
    "error",
    (p: {
      /** The key as written; absent if it is not a scalar. */
      readonly key?: string | undefined;
      readonly found: string;
    }) =>
      `${p.key === undefined ? "this key" : `the key ${quote(p.key)}`} is ${p.found}, but keys must be strings; put it in quotes`,
  ),
  "unknown-anchor": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly suggestion?: Suggestion }) =>
      `the anchor ${quote(p.name)} is not defined before this alias; ${suggest(p.suggestion, `define it with &${p.name}`)}`,
  ),
  "circular-alias": defineDiagnostic(
    "error",
    (p: { readonly name: string }) =>
      `the alias ${quote(p.name)} is recursive: it refers to a value that contains it; inline the value`,
  ),
  "too-many-aliases": defineDiagnostic(
    "error",
    (p: { readonly limit: number }) =>
      `the aliases in this file expand to more than ${p.limit} values; inline them, or share schemas with $ref`,
  ),
  "unknown-tag": defineDiagnostic(
    "error",
    (p: { readonly tag: string }) => `unknown YAML tag ${quote(p.tag)}; remove it`,
  ),
  "non-finite-number": defineDiagnostic(
    "error",
    (p: { readonly value: string }) =>
      `${p.value} is not a JSON value; write a finite number, or put it in quotes to make it a string`,
  ),
  "too-deep": defineDiagnostic(
    "error",
    (p: { readonly limit: number }) => `nested deeper than ${p.limit} levels; split it with $ref`,
  ),

  "unknown-key": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly known: readonly string[]; readonly suggestion?: Suggestion }) =>
      `unknown key ${quote(p.key)}; ${suggest(p.suggestion, `use ${formatList([...p.known, "an x- key"], "or")}`)}`,
  ),
  "missing-key": defineDiagnostic(
    "error",
    (p: {
      readonly key: string;
      /** With an article: `a resource`. */
      readonly owner: string;
    }) => `${p.owner} must have the key ${quote(p.key)}; add it`,
  ),
  "wrong-type": defineDiagnostic(
    "error",
    (p: { readonly expected: string; readonly found: string; readonly remedy?: string | undefined }) =>
      `expected ${p.expected}, found ${p.found}${p.remedy === undefined ? "" : `; ${p.remedy}`}`,
  ),
  "wrong-value": defineDiagnostic(
    "error",
    (p: { readonly found: unknown; readonly allowed: readonly unknown[]; readonly suggestion?: unknown }) =>
      `invalid value ${quote(p.found)}; ${
        p.suggestion === undefined
          ? `use ${formatList(
              p.allowed.map((value) => quote(value)),
              "or",
            )}`
          : `did you mean ${quote(p.suggestion)}?`
      }`,
  ),
  "unsupported-format-version": defineDiagnostic("error", (p: { readonly found: unknown }) =>
    typeof p.found === "string" && Number(p.found) === 1
      ? `the format version ${quote(p.found)} is a string; remove the quotes: \`topicsmith: 1\``
      : `format version ${quote(p.found)} is not supported; use version 1, written as \`topicsmith: 1\``,
  ),
  "invalid-format": defineDiagnostic(
    "error",
    (p: { readonly found: string; readonly expected: string }) =>
      `invalid value ${quote(p.found)}; use ${p.expected}`,
  ),
  "invalid-pattern": defineDiagnostic(
    "error",
    (p: { readonly pattern: string; readonly reason: string }) =>
      `${quote(p.pattern)} is not a valid regular expression: ${p.reason}; correct the pattern`,
  ),
  "empty-value": defineDiagnostic(
    "error",
    (p: { readonly key: string }) => `${quote(p.key)} must not be empty; add a value`,
  ),
  "out-of-range": defineDiagnostic(
    "error",
    (p: {
      readonly found: unknown;
      /** `at least 0` */
      readonly limit: string;
    }) => `${quote(p.found)} is out of range; use a number of ${p.limit}`,
  ),
  "duplicate-item": defineDiagnostic(
    "error",
    (p: { readonly item: unknown }) => `${quote(p.item)} is listed twice; remove one of them`,
  ),
  "binary-schema": defineDiagnostic(
    "error",
    (p: { readonly key: string }) =>
      `binary bodies cannot have a schema; remove ${quote(p.key)}, or the contentType application/octet-stream`,
  ),
  "not-a-root-file": defineDiagnostic(
    "error",
    () => 'this is an extension file; pass the root file instead, which begins with "topicsmith: 1"',
  ),

  "foreign-format": defineDiagnostic(
    "error",
    (p: {
      /** With an article: `an AsyncAPI 3.0.0 document`. */
      readonly found: string;
      /** The name of the format for `topicsmith import`, if that reads it. */
      readonly importable?: string | undefined;
    }) =>
      `this is ${p.found}, not a topicsmith spec; ${p.importable === undefined ? "" : `convert it with "npx topicsmith import ${p.importable}", or `}write a root file that begins with "topicsmith: 1" and refer to the schemas with $ref`,
  ),

  "misplaced-reference": defineDiagnostic(
    "error",
    () => "$ref is allowed only for extensions, schemas and error payloads; inline the value",
  ),
  "reference-sibling": defineDiagnostic(
    "error",
    (p: { readonly key: string }) => `$ref cannot have sibling keys; remove ${quote(p.key)}`,
  ),
  "invalid-reference": defineDiagnostic(
    "error",
    (p: { readonly ref: string; readonly reason: string }) =>
      `${quote(p.ref)} is not a valid reference: ${p.reason}; write it like "./file.yaml#/resources/name"`,
  ),
  "remote-reference": defineDiagnostic(
    "error",
    (p: { readonly ref: string }) =>
      `${quote(p.ref)} is not a local file, and remote files are not fetched; save it next to the spec and refer to that file`,
  ),
  "dangling-reference": defineDiagnostic(
    "error",
    (p: {
      readonly ref: string;
      readonly missing: string;
      readonly suggestion?: Suggestion;
      /** The spelling that resolves, if the reference was meant to start at the root of the file. */
      readonly wholeFile?: string | undefined;
    }) =>
      `cannot resolve ${quote(p.ref)}: ${quote(p.missing)} does not exist; ${
        p.wholeFile === undefined
          ? suggest(p.suggestion, "check the path after the #")
          : `"#" refers to this schema, not to the file, so write ${quote(p.wholeFile)}`
      }`,
  ),
  "wrong-target": defineDiagnostic(
    "error",
    (p: { readonly ref: string; readonly expected: string; readonly found: string }) =>
      `${quote(p.ref)} must refer to ${p.expected}, but refers to ${p.found}; correct the reference`,
  ),
  "circular-reference": defineDiagnostic(
    "error",
    (p: { readonly chain: readonly string[] }) =>
      `circular $ref: ${p.chain.join(" -> ")}; replace one of these references with a value`,
  ),
};
