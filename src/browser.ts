/**
 * The part of topicsmith that runs in browsers: reading and checking a spec whose files are in memory. Imported as
 * `topicsmith/browser`; bundlers for browsers take it for `topicsmith`, too.
 *
 * @module
 */
import draft06 from "ajv/dist/refs/json-schema-draft-06.json" with { type: "json" };
import ajvEqual from "ajv/dist/runtime/equal.js";
import * as refa from "refa";
import * as scslre from "scslre";
import structureSchema from "../src/spec/spec.schema.json" with { type: "json" };
import { provide } from "./host/index.js";
import { loadFrom, type LoadedApi, type LoadOptions } from "./load-from.js";
import type { CompilerLetters } from "./model/letters.js";
import type { Validated } from "./run-options.js";
import { memoryFiles } from "./spec/memory-files.js";
import type { ReadText } from "./spec/index.js";
import { STRUCTURE_SCHEMA } from "./spec/structure-schema.js";

export {
  formatGithub,
  formatJson,
  formatText,
  type Diagnostic,
  type DiagnosticCode,
  type Severity,
  type SourceRange,
  type TextOptions,
} from "./diagnostics/index.js";
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
export type { Findings, LoadedApi, LoadOptions, SpecFile } from "./load-from.js";
export type { Outcome, Validated } from "./run-options.js";
export type { ReadText } from "./spec/index.js";
export type * from "./model/api-model.js";

/** The letters of identifiers, as the browser knows them: TypeScript's compiler is larger than all the rest. */
const letters: CompilerLetters = {
  ScriptTarget: { ESNext: 99 },
  isIdentifierStart: (point) => /[$_\p{ID_Start}]/u.test(String.fromCodePoint(point)),
  isIdentifierPart: (point) => /[$\u200c\u200d\p{ID_Continue}]/u.test(String.fromCodePoint(point)),
};

provide({
  [STRUCTURE_SCHEMA]: structureSchema,
  "ajv/dist/refs/json-schema-draft-06.json": draft06,
  "ajv/dist/runtime/equal": ajvEqual,
  refa,
  scslre,
  "ts-morph": { ts: letters },
});

/** The settings of reading a spec in memory. */
export interface BrowserOptions extends LoadOptions {
  /** Reads a file by its absolute path, such as `/api.yaml`; returns undefined if there is none. */
  readonly read: ReadText;
}

/**
 * Reads a spec from memory and builds its model. Reports diagnostics sorted by file and line, at most 100 of a file and a
 * count of the others.
 *
 * @param spec Path of the spec's root file. A relative path is below `/`.
 */
export async function loadApi(spec: string, options: BrowserOptions): Promise<LoadedApi> {
  return loadFrom(spec, memoryFiles(options.read), options);
}

/**
 * Checks a spec in memory. Reports hints too.
 *
 * @param spec Path of the spec's root file.
 */
export async function validate(spec: string, options: BrowserOptions): Promise<Validated> {
  const { ok, diagnostics, sources, inputs } = await loadApi(spec, { hints: true, ...options });
  return { ok, diagnostics, sources, inputs };
}
