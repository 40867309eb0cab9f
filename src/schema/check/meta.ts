import type { ErrorObject } from "ajv";
import type { AnyValidateFunction } from "ajv/dist/core.js";
import { didYouMean, formatList, quote } from "../../diagnostics/index.js";
import type { Dialect, DialectName } from "../dialect.js";
import { createMetaAjv } from "../ajv.js";
import type { SchemaLocation } from "../schema-index.js";
import { follow, parsePointer } from "../../json/pointer.js";
import { problem, type SchemaProblem } from "../problems.js";

// Meta-schemas never change, and compiling one takes longer than all other checks.
const compiled = new Map<DialectName, AnyValidateFunction>();

function metaValidator(dialect: Dialect): AnyValidateFunction {
  const known = compiled.get(dialect.name);
  if (known !== undefined) return known;
  const validate = createMetaAjv(dialect).getSchema(dialect.metaSchema);
  if (validate === undefined) throw new Error(`ajv has no meta-schema for ${dialect.name}`);
  compiled.set(dialect.name, validate);
  return validate;
}

/** Reports the errors of a document against its meta-schema. */
export function metaProblems(root: SchemaLocation): readonly SchemaProblem[] {
  const validate = metaValidator(root.dialect);
  if (validate(root.schema) === true) return [];
  return mostTelling(validate.errors ?? []).map((error) =>
    problem(
      "invalid-schema",
      { reason: reasonOf(error, root.schema) },
      {
        uri: root.document,
        pointer: error.instancePath,
        at: error.keyword === "propertyNames" ? "key" : "value",
      },
    ),
  );
}

/**
 * Keeps one error per location, and only the innermost locations: the `anyOf` of a meta-schema gives an error per
 * branch.
 */
function mostTelling(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const byPlace = new Map<string, ErrorObject>();
  for (const error of errors) {
    const known = byPlace.get(error.instancePath);
    if (known === undefined || rank(error) < rank(known)) byPlace.set(error.instancePath, error);
  }
  const places = [...byPlace.keys()];
  return [...byPlace.values()].filter(
    ({ instancePath }) => !places.some((place) => place.startsWith(`${instancePath}/`)),
  );
}

const RANKS = ["enum", "minItems", "uniqueItems", "minimum", "format", "pattern", "type", "required"];

function rank({ keyword }: ErrorObject): number {
  const found = RANKS.indexOf(keyword);
  return found < 0 ? RANKS.length : found;
}

function reasonOf(error: ErrorObject, schema: unknown): string {
  const steps = parsePointer(error.instancePath) ?? [];
  const name = steps.at(-1);
  const subject = name === undefined ? "it" : quote(name);
  const found = follow(schema, steps);
  const value = "missing" in found ? undefined : found.value;
  const allowed: unknown = error.params["allowedValues"];
  if (error.keyword === "enum" && Array.isArray(allowed)) {
    const words = allowed.map(String);
    const near = typeof value === "string" ? didYouMean(value, words) : undefined;
    return `${subject} cannot be ${quote(value)}; ${near === undefined ? `use ${formatList(words, "or")}` : `did you mean ${quote(near)}?`}`;
  }
  return `${subject} ${error.message ?? `fails "${error.keyword}"`}`;
}
