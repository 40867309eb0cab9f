import type { ErrorObject } from "ajv";
import type { AnyValidateFunction } from "ajv/dist/core.js";
import { load } from "../../host/index.js";
import { didYouMean, formatList, quote } from "../../diagnostics/index.js";
import type { Dialect, DialectName } from "../dialect.js";
import { createMetaAjv } from "../ajv.js";
import { isObject, setProperty } from "../../json/json.js";
import type { SchemaIndex, SchemaLocation } from "../schema-index.js";
import { follow, parsePointer, pointerStep } from "../../json/pointer.js";
import { problem, type SchemaProblem } from "../problems.js";

// Meta-schemas never change, and compiling one takes longer than all other checks. Only mistakes need it.
const compiled = new Map<DialectName, AnyValidateFunction>();

function metaValidator(dialect: Dialect): AnyValidateFunction {
  const known = compiled.get(dialect.name);
  if (known !== undefined) return known;
  const validate = createMetaAjv(dialect).getSchema(dialect.metaSchema);
  if (validate === undefined) throw new Error(`ajv has no meta-schema for ${dialect.name}`);
  compiled.set(dialect.name, validate);
  return validate;
}

type Verdict = (schema: unknown) => boolean;

const verdicts = new Map<DialectName, Verdict>();

/** The function that says of most schemas at once that they have no mistake. */
function verdictOf({ name }: Dialect): Verdict {
  const known = verdicts.get(name) ?? loadVerdict(name);
  verdicts.set(name, known);
  return known;
}

function loadVerdict(name: DialectName): Verdict {
  try {
    // The path is that from `dist/host`.
    return (load(`../schema/meta-schemas/${name}.cjs`) as { readonly isValid: Verdict }).isValid;
  } catch {
    // In a browser, and where topicsmith is not built, as in its own tests.
    return () => false;
  }
}

/** Levels of schemas that are checked at once. Code by ajv calls itself for each, and 550 overflow the stack of Node 20. */
const LEVELS = 100;

/** Reports the errors of a document against its meta-schema. */
export function metaProblems(index: SchemaIndex, root: SchemaLocation): readonly SchemaProblem[] {
  return pieces(index, root).flatMap((piece) => {
    if (verdictOf(root.dialect)(piece.schema)) return [];
    const validate = metaValidator(root.dialect);
    if (validate(piece.schema) === true) return [];
    return mostTelling(validate.errors ?? []).map((error) =>
      problem(
        "invalid-schema",
        { reason: reasonOf(error, piece) },
        {
          uri: root.document,
          pointer: piece.pointer + error.instancePath,
          at: error.keyword === "propertyNames" ? "key" : "value",
        },
      ),
    );
  });
}

/** The document, cut into pieces of at most {@link LEVELS} levels. In a piece, `{}` stands for the next one. */
function pieces(index: SchemaIndex, root: SchemaLocation): readonly SchemaLocation[] {
  const cuts = new Map<string, SchemaLocation>();
  const open = [{ location: root, depth: 0 }];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { location, depth } = at;
    if (depth > 0 && depth % LEVELS === 0) cuts.set(location.pointer, location);
    for (const inside of index.subschemas(location))
      open.push({ location: inside.location, depth: depth + 1 });
  }
  if (cuts.size === 0) return [root];
  return [root, ...cuts.values()].map((piece) => ({
    ...piece,
    schema: withoutCuts(
      piece.schema,
      piece.pointer,
      (pointer) => pointer !== piece.pointer && cuts.has(pointer),
    ),
  }));
}

function withoutCuts(value: unknown, pointer: string, isCut: (pointer: string) => boolean): unknown {
  if (isCut(pointer)) return {};
  const inner = (item: unknown, key: string | number) => withoutCuts(item, pointer + pointerStep(key), isCut);
  if (Array.isArray(value)) return value.map(inner);
  if (!isObject(value)) return value;
  const copy = {};
  for (const key of Object.keys(value)) setProperty(copy, key, inner(value[key], key));
  return copy;
}

/**
 * Keeps one error per location, and only the innermost locations: the `anyOf` of a meta-schema gives an error per
 * branch.
 */
function mostTelling(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const byPath = new Map<string, ErrorObject>();
  for (const error of errors) {
    const known = byPath.get(error.instancePath);
    if (known === undefined || rank(error) < rank(known)) byPath.set(error.instancePath, error);
  }
  const paths = [...byPath.keys()];
  return [...byPath.values()].filter(
    ({ instancePath }) => !paths.some((path) => path.startsWith(`${instancePath}/`)),
  );
}

const RANKS = ["enum", "minItems", "uniqueItems", "minimum", "format", "pattern", "type", "required"];

function rank({ keyword }: ErrorObject): number {
  const found = RANKS.indexOf(keyword);
  return found < 0 ? RANKS.length : found;
}

function reasonOf(error: ErrorObject, { schema, dialect }: SchemaLocation): string {
  const steps = parsePointer(error.instancePath) ?? [];
  const name = steps.at(-1);
  // An item is named after its list.
  const keyword = name !== undefined && /^\d+$/.test(name) ? (steps.at(-2) ?? name) : name;
  const subject = keyword === undefined ? "it" : quote(keyword);
  const found = follow(schema, steps);
  const value = "missing" in found ? undefined : found.value;
  const allowed: unknown = error.params["allowedValues"];
  if (error.keyword === "enum" && Array.isArray(allowed)) {
    const words = allowed.map(String);
    const foreign = typeof value === "string" ? FOREIGN_TYPES.get(value.toLowerCase()) : undefined;
    if (keyword === "type" && foreign !== undefined)
      return `${subject} cannot be ${quote(value)}; ${foreign}`;
    const near = typeof value === "string" ? didYouMean(value, words) : undefined;
    return `${subject} cannot be ${quote(value)}; ${near === undefined ? `use ${formatList(words, "or")}` : `did you mean ${quote(near)}?`}`;
  }
  const named = KEYWORD_MISTAKES[String(name)]?.(value, dialect.name);
  if (named !== undefined) return named;
  const isTuple = name === "items" && Array.isArray(value) && dialect.name === "2020-12";
  if (isTuple) return `in 2020-12 "items" is one schema for all items; call a list of schemas "prefixItems"`;
  const types: unknown = error.params["type"];
  const message = Array.isArray(types) ? `must be ${formatList(types.map(String), "or")}` : error.message;
  return `${subject} ${message ?? `fails "${error.keyword}"`}`;
}

/** Names that other languages have for types, and what to write instead. */
const FOREIGN_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'use "number"': ["float", "double", "decimal", "real"],
    'use "integer"': ["int", "int32", "int64", "long", "short", "byte", "uint"],
    'use "string"': ["str", "text", "char", "varchar", "file"],
    'use "boolean"': ["bool"],
    'use "object"': ["map", "dict", "dictionary", "struct"],
    'use "array"': ["list", "tuple"],
    'use "null"': ["none", "nil", "undefined"],
    'use "string" and "format: date"': ["date"],
    'use "string" and "format: date-time"': ["datetime", "date-time", "timestamp"],
    'use "string" and "format: uuid"': ["uuid"],
    "leave it out to allow every value": ["any", "mixed", "unknown", "variant"],
  }).flatMap(([remedy, names]) => names.map((name) => [name, remedy] as const)),
);

const exclusive =
  (keyword: string, limit: string) =>
  (value: unknown, own: DialectName): string | undefined => {
    if (typeof value === "boolean")
      return `in ${own} "${keyword}" is a number; write it instead of ${quote(limit)}`;
    return typeof value === "number" && own === "draft-04"
      ? `in draft-04 "${keyword}" is true or false; write the number as ${quote(limit)}`
      : undefined;
  };

/** Mistakes that people make because another dialect allows it, by keyword: the reason to report. */
const KEYWORD_MISTAKES: Readonly<Record<string, (value: unknown, own: DialectName) => string | undefined>> = {
  exclusiveMinimum: exclusive("exclusiveMinimum", "minimum"),
  exclusiveMaximum: exclusive("exclusiveMaximum", "maximum"),
  required: (value) =>
    typeof value === "boolean"
      ? '"required" is a list of names; add the name of the property to the "required" of the object around it'
      : undefined,
};
