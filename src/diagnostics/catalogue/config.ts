import { defineDiagnostic } from "../define-diagnostic.js";
import { formatList, quote, suggest } from "../words.js";

/** Diagnostics for the configuration file, and for what it names: templates, emitters, parts of the API. */
export const configDiagnostics = {
  "several-configs": defineDiagnostic(
    "error",
    (p: { readonly files: readonly string[] }) =>
      `there are several configuration files: ${p.files.join(", ")}; delete all but one, or name one with --config`,
  ),
  "unknown-config-format": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly endings: readonly string[] }) =>
      `${quote(p.file)} is not a configuration file; its name must end with ${formatList(p.endings, "or")}`,
  ),
  "cannot-run-config": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly reason: string }) =>
      `cannot run ${quote(p.file)}: ${p.reason}; correct the file`,
  ),
  "missing-config-export": defineDiagnostic(
    "error",
    (p: { readonly file: string }) =>
      `${quote(p.file)} has no default export that is an object; write \`export default defineConfig({ spec: "api.yaml" })\``,
  ),
  "missing-spec": defineDiagnostic(
    "error",
    () => "no spec is named; add `spec`, or `jobs` with a `spec` in each",
  ),
  "misplaced-job-key": defineDiagnostic(
    "error",
    (p: { readonly key: string }) => `${quote(p.key)} cannot be beside "jobs"; move it into a job`,
  ),
  "shared-output": defineDiagnostic(
    "error",
    (p: { readonly out: string }) =>
      `another job writes to ${quote(p.out)}, too; give each job an \`out\` of its own`,
  ),
  "import-extension-in-package": defineDiagnostic(
    "error",
    () =>
      'a package that is compiled for Node needs import specifiers with ".js"; remove "importExtension", or set "layout" to "source"',
  ),
  "invalid-emitter": defineDiagnostic(
    "error",
    (p: { readonly found: string }) => `expected a function, found ${p.found}; write \`(api) => files\``,
  ),
  "failed-emitter": defineDiagnostic(
    "error",
    (p: { readonly name: string; readonly reason: string }) =>
      `the emitter ${p.name} failed: ${p.reason}; correct it, then run again`,
  ),
  "unknown-selection": defineDiagnostic(
    "error",
    (p: { readonly key: string; readonly name: string; readonly suggestion: string | undefined }) =>
      `${p.key}: the API has no extension or resource ${quote(p.name)}; ${suggest(p.suggestion, "name one such as `water` or `water.valve`")}`,
  ),
  "empty-selection": defineDiagnostic(
    "error",
    () => "`include` and `exclude` leave no resource; name at least one",
  ),
  "missing-template-folder": defineDiagnostic(
    "error",
    (p: { readonly folder: string }) =>
      `${quote(p.folder)} is not a folder of templates; create it, or remove \`templates\``,
  ),
  "unknown-template": defineDiagnostic(
    "error",
    (p: {
      readonly file: string;
      readonly known: readonly string[];
      readonly suggestion: string | undefined;
    }) =>
      `topicsmith has no template ${quote(p.file)}; ${suggest(p.suggestion, `name it ${formatList(p.known, "or")}, or delete it`)}`,
  ),
  "invalid-template": defineDiagnostic(
    "error",
    (p: { readonly file: string; readonly reason: string }) =>
      `cannot fill ${quote(p.file)}: ${p.reason}; correct the template`,
  ),
  "cannot-format": defineDiagnostic(
    "error",
    (p: { readonly reason: string }) =>
      `the prettier of the project failed: ${p.reason}; correct its configuration, or remove \`format\``,
  ),
};
