import { catalogue } from "../diagnostics/index.js";
import { depthProblems } from "./check/depth.js";
import { judgePattern } from "./check/judge-pattern.js";
import { keywordProblems } from "./check/keywords.js";
import { combinedProblems } from "./check/combined.js";
import { ineffectiveKeywords } from "./check/ineffective-keywords.js";
import { contradictionProblems } from "./check/unsatisfiable.js";
import { circularReferenceProblems } from "./check/circular-references.js";
import { hintsFor } from "./check/hints.js";
import { metaProblems } from "./check/meta.js";
import { patternProblems, patternsOf } from "./check/patterns.js";
import { referenceProblems } from "./check/references.js";
import { MAX_WATCHED_DEPTH, TooDeepError } from "./too-deep.js";
import { Compiler } from "./compiler.js";
import { EqualSchemas } from "./equal-schemas.js";
import { entrySchemas } from "./entry-schemas.js";
import { findDefinitions, type SchemaDefinition } from "./definitions.js";
import { DIALECTS, dialectFor } from "./dialect.js";
import { isObject, stringProperty } from "../json/json.js";
import { type SchemaLocation, SchemaIndex, type SchemaDocument } from "./schema-index.js";
import { problem, type SchemaProblem } from "./problems.js";
import { splitUri } from "./uris.js";

/** A validation error, as ajv reports it. */
export interface ValidationErrorLike {
  readonly keyword: string;
  /** A JSON pointer into the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** A compiled schema. After a call that returned false, `errors` holds the problems. */
export interface SchemaValidator {
  (value: unknown): value is unknown;
  errors?: readonly ValidationErrorLike[] | null;
}

/** A set of schemas that may refer to each other. */
export interface SchemaSet {
  /** The schemas, and the resolver of their references. */
  readonly index: SchemaIndex;
  /** Errors and warnings. If there is an error, types and validators must not be printed. */
  readonly problems: readonly SchemaProblem[];
  /** Legal constructs that are probably not intended. Computed on first access. */
  readonly hints: readonly SchemaProblem[];
  /**
   * Validates `value` against the schema at `uri`: a document, optionally with `#` and a pointer. Returns ajv's
   * errors, none
   * for a valid value. Returns none, too, if the schema or one that it refers to has an error in `problems`. Compiles
   * on
   * first use.
   *
   * @throws Error if there is no schema at `uri`.
   */
  validate(uri: string, value: unknown): readonly ValidationErrorLike[];
  /**
   * The validator of the schema at `uri`, which stops at the first error as generated ones do. Of a schema with an error in
   * `problems`, it accepts everything.
   *
   * @throws Error if there is no schema at `uri`.
   */
  validator(uri: string): SchemaValidator;
  /**
   * Whether validating a value of `length` characters could take very long, because of a pattern in the schema at `uri`
   * or in one that it refers to.
   */
  isSlow(uri: string, length: number): boolean;
  /** The schemas that those at `uris` refer to and that get a type of their own, each once, in the order met. */
  definitions(uris: readonly string[]): readonly SchemaDefinition[];
  /** The URI of the first schema that equals the one at `uri`; `uri` itself if no reference leads to either. */
  representative(uri: string): string;
}

/** The parts of a set that the printers of this layer need. */
export interface SchemaSetInternals extends SchemaSet {
  readonly compiler: Compiler;
}

/**
 * Creates a set of JSON Schema documents: determines their dialects and checks them. `used` are the URIs of the schemas that
 * will be asked for; by default, those of the documents.
 */
export function createSchemaSet(documents: readonly SchemaDocument[], used?: readonly string[]): SchemaSet {
  const index = new SchemaIndex(documents);
  const entries = entrySchemas(index, used ?? documents.map(({ uri }) => uri));
  const files = documents.flatMap(({ uri, isFile }) => (isFile === true ? [uri] : []));
  const equals = new EqualSchemas(index, files);
  const compiler = new Compiler(index, equals);
  const problems = findProblems(index, entries, compiler);
  const broken = new Set(problems.filter(isError).map(({ uri }) => splitUri(uri).address));
  let hints: readonly SchemaProblem[] | undefined;
  let speeds: ReadonlyMap<string, SlowVerdict> | undefined;
  const set: SchemaSetInternals = {
    index,
    compiler,
    problems,
    get hints() {
      return (hints ??= hintsFor(index));
    },
    validate(uri, value) {
      const location = index.at(uri);
      if (location === undefined) throw new Error(`there is no schema at ${uri}`);
      return isSound(compiler, location, broken) ? validateValue(compiler, location, value) : [];
    },
    validator(uri) {
      const location = index.at(uri);
      if (location === undefined) throw new Error(`there is no schema at ${uri}`);
      const compiled = isSound(compiler, location, broken)
        ? compiler.compile(location, { allErrors: false }).validate
        : () => true;
      return compiled as SchemaValidator;
    },
    isSlow(uri, length) {
      const location = index.at(uri);
      if (location === undefined) return false;
      speeds ??= slowestPatterns(index);
      const verdicts = compiler.documentsOf(location).map((document) => speeds?.get(document));
      return verdicts.includes("exponential") || (length > LONG_TEXT && verdicts.includes("polynomial"));
    },
    definitions: (uris) => findDefinitions(index, uris),
    representative: (uri) => {
      const location = index.at(uri);
      return location === undefined ? uri : equals.representativeOf(location).uri;
    },
  };
  return set;
}

/** The internals of a set. Every set is created by {@link createSchemaSet}, so it has them. */
export function internalsOf(set: SchemaSet): SchemaSetInternals {
  return set as SchemaSetInternals;
}

function validateValue(
  compiler: Compiler,
  location: SchemaLocation,
  value: unknown,
): readonly ValidationErrorLike[] {
  // Most values are valid. For those, only the code of generated validators has to be compiled.
  if (compiler.compile(location, { allErrors: false }).validate(value) === true) return [];
  const { validate } = compiler.compile(location, { allErrors: true });
  return validate(value) === true ? [] : (validate.errors ?? []);
}

function findProblems(
  index: SchemaIndex,
  entries: readonly SchemaLocation[],
  compiler: Compiler,
): readonly SchemaProblem[] {
  const deep = entries.flatMap((root) => depthProblems(index, root));
  // Other checks of a document that is too deep could overflow the stack.
  if (deep.length > 0) return deep;
  const problems = [
    ...dialectProblems(index),
    ...entries.flatMap((root) => metaProblems(index, root)),
    ...referenceProblems(index),
    ...keywordProblems(index),
    ...patternProblems(index),
    ...contradictionProblems(index),
    ...combinedProblems(index),
    ...ineffectiveKeywords(index),
    ...circularReferenceProblems(index),
  ];
  const broken = new Set(problems.filter(isError).map(({ uri }) => uri));
  return [...problems, ...refusals(entries, compiler, broken)];
}

/** Whether neither the schema nor any that it refers to is in a document with errors. */
function isSound(compiler: Compiler, location: SchemaLocation, broken: ReadonlySet<string>): boolean {
  return broken.size === 0 || compiler.documentsOf(location).every((document) => !broken.has(document));
}

function isError({ code }: SchemaProblem): boolean {
  return catalogue[code].severity === "error";
}

/** Length of a text on which a pattern of polynomial time is not run. Quadratic time is a millisecond there. */
const LONG_TEXT = 1000;

type SlowVerdict = "polynomial" | "exponential";

/** The verdict on the slowest pattern of each document that has a slow one. */
function slowestPatterns(index: SchemaIndex): ReadonlyMap<string, SlowVerdict> {
  const slowest = new Map<string, SlowVerdict>();
  for (const location of index.locations()) {
    for (const { pattern } of patternsOf(location)) {
      const verdict = judgePattern(pattern);
      const isSlower =
        verdict === "exponential" || (verdict === "polynomial" && !slowest.has(location.document));
      if (isSlower) slowest.set(location.document, verdict);
    }
  }
  return slowest;
}

function dialectProblems(index: SchemaIndex): readonly SchemaProblem[] {
  return [...index.roots()].flatMap(({ schema, document }) => {
    const metaSchema = isObject(schema) ? stringProperty(schema, "$schema") : undefined;
    if (metaSchema === undefined || dialectFor(schema) !== undefined || index.at(metaSchema)) return [];
    const known = Object.values(DIALECTS).map((dialect) => dialect.metaSchema);
    return [
      problem("unknown-dialect", { metaSchema, known }, { uri: document, pointer: "/$schema", at: "value" }),
    ];
  });
}

/**
 * Errors that ajv throws. Schemas are normalized for ajv before, so these are constructs that normalization does not
 * cover.
 */
function refusals(
  entries: readonly SchemaLocation[],
  compiler: Compiler,
  broken: ReadonlySet<string>,
): readonly SchemaProblem[] {
  return entries.flatMap((root) => {
    if (!isSound(compiler, root, broken)) return [];
    try {
      compiler.compile(root, { allErrors: false });
      return [];
    } catch (error) {
      if (error instanceof TooDeepError) {
        const { document: uri, pointer } = error.location;
        return [problem("deep-schema", { limit: MAX_WATCHED_DEPTH }, { uri, pointer, at: "value" })];
      }
      const reason = error instanceof Error ? error.message : String(error);
      return [
        problem("refused-schema", { reason }, { uri: root.document, pointer: root.pointer, at: "value" }),
      ];
    }
  });
}
