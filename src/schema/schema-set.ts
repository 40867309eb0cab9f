import { infiniteRecursionProblems } from "./check/infinite-recursion.js";
import { hintsFor } from "./check/hints.js";
import { metaProblems } from "./check/meta.js";
import { patternProblems } from "./check/patterns.js";
import { referenceProblems } from "./check/references.js";
import { Compiler } from "./compiler.js";
import { findDefinitions, type SchemaDefinition } from "./definitions.js";
import { DIALECTS, dialectFor } from "./dialect.js";
import { isObject, stringProperty } from "../json/json.js";
import { type SchemaLocation, SchemaIndex, type SchemaDocument } from "./schema-index.js";
import { problem, type SchemaProblem } from "./problems.js";
import { splitUri } from "./uris.js";

/** What ajv says about a value that a schema refuses. */
export interface ValidationErrorLike {
  readonly keyword: string;
  /** A JSON pointer into the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Schemas that were opened together and may refer to each other. */
export interface SchemaSet {
  /** The schemas, and the resolver of their references. */
  readonly index: SchemaIndex;
  /** Errors and warnings. With an error among them, nothing is to be printed. */
  readonly problems: readonly SchemaProblem[];
  /** What is legal but probably not meant. Found out when first asked for. */
  readonly hints: readonly SchemaProblem[];
  /**
   * ajv's errors for `value` against the schema at `uri` (a document, plus optionally `#` and a pointer); empty when it
   * is valid, or when the schema or one that it refers to is broken, which `problems` tells. Compiled when first asked.
   *
   * @throws Error when there is no schema at `uri`.
   */
  validate(uri: string, value: unknown): readonly ValidationErrorLike[];
  /** What the schemas at these URIs refer to and that deserves a type of its own, each once, in the order met. */
  definitions(uris: readonly string[]): readonly SchemaDefinition[];
}

/** What a set is made of; for the printers in this room. */
export interface SchemaSetInternals extends SchemaSet {
  readonly compiler: Compiler;
}

/** Opens documents of JSON Schema: finds out their dialects, checks them, and stands ready to validate and to print. */
export function createSchemaSet(documents: readonly SchemaDocument[]): SchemaSet {
  const index = new SchemaIndex(documents);
  const compiler = new Compiler(index);
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
  };
  return set;
}

/** The insides of a set. */
export function internalsOf(set: SchemaSet): SchemaSetInternals {
  return set as SchemaSetInternals;
}

function validateValue(
  compiler: Compiler,
  location: SchemaLocation,
  value: unknown,
): readonly ValidationErrorLike[] {
  // Most values are valid, and then the generated validators' own kind of code is all that has to be compiled.
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

/** Whether neither the schema nor what it refers to is in a broken document. */
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

/** ajv is given schemas in words that it can take, so what it refuses is what no one thought of. */
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
