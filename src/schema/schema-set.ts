import { infiniteRecursionProblems } from "./check/infinite-recursion.js";
import { hintsFor } from "./check/hints.js";
import { metaProblems } from "./check/meta.js";
import { patternProblems } from "./check/patterns.js";
import { referenceProblems } from "./check/references.js";
import { Compiler } from "./compiler.js";
import { EqualSchemas } from "./equal-schemas.js";
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
  /** The schemas that those at `uris` refer to and that get a type of their own, each once, in the order met. */
  definitions(uris: readonly string[]): readonly SchemaDefinition[];
  /** The URI of the first schema that equals the one at `uri`; `uri` itself if no reference leads to either. */
  representative(uri: string): string;
}

/** The parts of a set that the printers of this layer need. */
export interface SchemaSetInternals extends SchemaSet {
  readonly compiler: Compiler;
}

/** Creates a set of JSON Schema documents: determines their dialects and checks them. */
export function createSchemaSet(documents: readonly SchemaDocument[]): SchemaSet {
  const index = new SchemaIndex(documents);
  const files = documents.flatMap(({ uri, isFile }) => (isFile === true ? [uri] : []));
  const equals = new EqualSchemas(index, files);
  const compiler = new Compiler(index, equals);
  const problems = findProblems(index, compiler);
  const broken = new Set(problems.filter(isError).map(({ uri }) => splitUri(uri).address));
  let hints: readonly SchemaProblem[] | undefined;
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

function findProblems(index: SchemaIndex, compiler: Compiler): readonly SchemaProblem[] {
  const problems = [
    ...dialectProblems(index),
    ...[...index.roots()].flatMap(metaProblems),
    ...referenceProblems(index),
    ...patternProblems(index),
    ...infiniteRecursionProblems(index),
  ];
  const broken = new Set(problems.filter(isError).map(({ uri }) => uri));
  return [...problems, ...refusals(index, compiler, broken)];
}

/** Whether neither the schema nor any that it refers to is in a document with errors. */
function isSound(compiler: Compiler, location: SchemaLocation, broken: ReadonlySet<string>): boolean {
  return broken.size === 0 || compiler.documentsOf(location).every((document) => !broken.has(document));
}

function isError({ code }: SchemaProblem): boolean {
  return code !== "slow-pattern";
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
  index: SchemaIndex,
  compiler: Compiler,
  broken: ReadonlySet<string>,
): readonly SchemaProblem[] {
  return [...index.roots()].flatMap((root) => {
    if (!isSound(compiler, root, broken)) return [];
    try {
      compiler.compile(root, { allErrors: false });
      return [];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [problem("refused-schema", { reason }, { uri: root.document, pointer: "", at: "value" })];
    }
  });
}
