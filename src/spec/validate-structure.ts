import type { ErrorObject } from "ajv";
import { didYouMean } from "../diagnostics/index.js";
import { isObject, property } from "../json/json.js";
import { below, follow, parsePointer } from "../json/pointer.js";
import type { DiagnosticCollector } from "./diagnostic-collector.js";
import type { Location, Path } from "./document.js";
import { patternProblem, structureErrors, type StructureName } from "./structure-schema.js";
import { remedyFor, typeNameOf, typeNames } from "./yaml-type-names.js";

/**
 * Validates the value at a location against a part of spec.schema.json. Adds one diagnostic for each mistake, and marks
 * the values that are invalid.
 */
export function validateStructure(
  name: StructureName,
  location: Location,
  problems: DiagnosticCollector,
): void {
  const found = follow(location.file.data, location.path);
  if ("missing" in found) return;
  reportStructureErrors(structureErrors(name, found.value), location, problems);
}

/** Adds a diagnostic for each of ajv's errors about the value at a location, and marks the values that are invalid. */
export function reportStructureErrors(
  errors: readonly ErrorObject[],
  location: Location,
  problems: DiagnosticCollector,
): void {
  const found = follow(location.file.data, location.path);
  if ("missing" in found) return;
  const explained = explainedKeys(errors.slice(0, MAX_EXPLAINED));
  for (const [index, error] of errors.entries()) {
    const report = REPORTERS[error.keyword];
    // `if` and `propertyNames` only repeat an error of the schema below them.
    if (!report) continue;
    const at = {
      file: location.file,
      path: [...location.path, ...pathIn(found.value, error.instancePath)],
    };
    if (!HARMLESS.has(error.keyword)) problems.markInvalid(at);
    if (index >= MAX_EXPLAINED) {
      problems.omit(location.file.path, 1);
      continue;
    }
    if (error.keyword === "required" && explained.has(keyId(error, error.params["missingProperty"])))
      continue;
    report({ error, at, problems });
  }
}

/** Number of errors that become diagnostics. An error takes a time that grows with the size of its mapping. */
const MAX_EXPLAINED = 1_000;

/** Keywords whose errors leave the surrounding value usable by later stages. */
const HARMLESS: ReadonlySet<string> = new Set(["additionalProperties", "uniqueItems", "false schema"]);

/** An ajv error to be reported as a diagnostic. */
interface Mistake {
  readonly error: ErrorObject;
  /** The location of the invalid value. */
  readonly at: Location;
  readonly problems: DiagnosticCollector;
}

/** Reporters of ajv errors by keyword. */
const REPORTERS: Readonly<Record<string, (mistake: Mistake) => void>> = {
  additionalProperties: reportUnknownKey,
  required({ error, at, problems }) {
    const key = text(error.params["missingProperty"]);
    problems.addAt("missing-key", { key, owner: titleOf(error) ?? "this mapping" }, at, "key");
  },
  type({ error, at, problems }) {
    const types = [error.schema].flat().map(text);
    problems.addAt(
      "wrong-type",
      {
        expected: typeNames(types),
        found: typeNameOf(error.data),
        remedy: remedyFor(error.data, types),
      },
      at,
    );
  },
  enum: reportWrongValue,
  // The only `const` in spec.schema.json that can fail is `topicsmith: 1`.
  const: ({ error, at, problems }) => problems.addAt("unsupported-format-version", { found: error.data }, at),
  pattern({ error, at, problems }) {
    const expected = titleOf(error) ?? text(error.schema);
    // In `propertyNames`, the string that does not match is a key.
    const key = error.propertyName;
    if (key === undefined) problems.addAt("invalid-format", { found: text(error.data), expected }, at);
    else problems.addAt("invalid-format", { found: key, expected }, below(at, key), "key");
  },
  format({ error, at, problems }) {
    const pattern = text(error.data);
    problems.addAt("invalid-pattern", { pattern, reason: patternProblem(pattern) ?? "" }, at);
  },
  minLength: ({ at, problems }) => problems.addAt("empty-value", { key: text(at.path.at(-1)) }, at),
  minimum: ({ error, at, problems }) =>
    problems.addAt("out-of-range", { found: error.data, limit: `at least ${text(error.schema)}` }, at),
  maximum: ({ error, at, problems }) =>
    problems.addAt("out-of-range", { found: error.data, limit: `at most ${text(error.schema)}` }, at),
  uniqueItems({ error, at, problems }) {
    const index = Math.max(Number(error.params["i"]), Number(error.params["j"]));
    problems.addAt("duplicate-item", { item: property(error.data, index) }, below(at, index));
  },
  // The only `false` schemas in spec.schema.json are those of binary bodies.
  "false schema": ({ at, problems }) =>
    problems.addAt("binary-schema", { key: text(at.path.at(-1)) }, at, "key"),
};

function reportUnknownKey({ error, at, problems }: Mistake): void {
  const key = text(error.params["additionalProperty"]);
  const known = knownKeys(error);
  const keyAt = below(at, key);
  if (key === "$ref") problems.addAt("misplaced-reference", {}, keyAt, "key");
  else if (known.includes("$ref")) problems.addAt("reference-sibling", { key }, keyAt, "key");
  else problems.addAt("unknown-key", { key, known, suggestion: suggestionFor(error, key) }, keyAt, "key");
}

function reportWrongValue({ error, at, problems }: Mistake): void {
  const allowed: readonly unknown[] = Array.isArray(error.schema) ? error.schema : [];
  // A value of the wrong type: `mqtt: 5` should be "5", and `qos: "1"` should be 1.
  const same = allowed.find((value) => String(value) === String(error.data));
  // Digits that are alike are no hint at what a number should have been.
  const { data } = error as { readonly data: unknown };
  const similar = typeof data === "string" ? didYouMean(data, allowed.map(text)) : undefined;
  const suggestion = same ?? similar;
  problems.addAt("wrong-value", { found: error.data, allowed, suggestion }, at);
}

/** The missing keys that an unknown key explains: the key that it misspells, or all keys if it is `$ref`. */
function explainedKeys(errors: readonly ErrorObject[]): ReadonlySet<string> {
  const explained = new Set<string>();
  for (const error of errors) {
    if (error.keyword !== "additionalProperties") continue;
    const key = text(error.params["additionalProperty"]);
    const keys = key === "$ref" ? knownKeys(error) : [suggestionFor(error, key)];
    for (const known of keys) explained.add(keyId(error, known));
  }
  return explained;
}

/** Identifies a key of the mapping that an error is about. */
function keyId({ instancePath }: ErrorObject, key: unknown): string {
  return `${instancePath} ${text(key)}`;
}

function suggestionFor(error: ErrorObject, key: string): string | undefined {
  const { data } = error;
  // A look-up, because a hostile mapping has many keys.
  const isPresent = (known: string) => isObject(data) && Object.hasOwn(data, known);
  return didYouMean(
    key,
    knownKeys(error).filter((known) => !isPresent(known)),
  );
}

function knownKeys({ parentSchema }: ErrorObject): readonly string[] {
  const properties = property(parentSchema, "properties");
  return isObject(properties) ? Object.keys(properties) : [];
}

function titleOf({ parentSchema }: ErrorObject): string | undefined {
  const title = property(parentSchema, "title");
  return typeof title === "string" ? title : undefined;
}

/** Converts ajv's pointer to a path, in which the indexes of lists are numbers. */
function pathIn(value: unknown, pointer: string): Path {
  const found = follow(value, parsePointer(pointer) ?? []);
  return "missing" in found ? [] : found.path;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : String(value);
}
