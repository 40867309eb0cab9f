/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import * as fc from "fast-check";
import { DIALECTS, type DialectName } from "../../../src/schema/dialect.js";

// Few names and values, so that schemas and instances that were made apart from each other still meet.
const NAMES = ["a", "b", "x-c", "toString"];
// No values with members such as `toString`: against an index signature TypeScript reads what is written there as if it
// had to be the function of that name, and then takes "a" for any string. The suite has what can be said of them.
const MEMBERS = ["a", "b", "x-c", "d"];
const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, -1.5, "", "a", "b", "x-long");
const letter = fc.constantFrom("a", "b");

// Values of the definitions below, which values that are only random would rarely be.
const shaped = fc.oneof(
  fc.array(letter, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom(...MEMBERS), fc.constantFrom("a", "b", 1), { maxKeys: 3 }),
  fc.record({ a: letter, b: fc.constantFrom(1, 2) }, { requiredKeys: [] }),
  fc.array(fc.record({ a: letter, b: fc.constantFrom(1, 2) }, { requiredKeys: ["a"] }), { maxLength: 3 }),
  fc.array(fc.tuple(fc.constantFrom(0, 1), letter), { maxLength: 3 }),
);

const { any } = fc.letrec<{ any: unknown; list: unknown; object: unknown }>((tie) => ({
  any: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalar, tie("list"), tie("object"), shaped),
  list: fc.array(tie("any"), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom(...MEMBERS), tie("any"), { maxKeys: 3 }),
}));

/** Random JSON values, as a parser would make them: fast-check's own objects have no prototype. */
export const instance = any.map((value): unknown => JSON.parse(JSON.stringify(value)));

const count = fc.integer({ min: 0, max: 3 });
const limit = fc.constantFrom(0, 1, 1.5, 2);
const type = fc.constantFrom("null", "boolean", "number", "integer", "string", "array", "object");

/** The keywords that only matter beside others, or that lead to other schemas. */
const PLACED = ["definitions", "$defs", "nullable", "contentSchema"];

/** Every keyword of a dialect that says something of values: the generator has one of each. */
export function keywordsOf(dialect: DialectName): readonly string[] {
  const { applicators, assertions } = DIALECTS[dialect];
  return [...applicators.keys(), ...assertions].filter((keyword) => !PLACED.includes(keyword));
}

/** What the schemas around a keyword are made of. */
interface Parts {
  readonly one: fc.Arbitrary<unknown>;
  readonly dialect: DialectName;
}

/** Values of every keyword, whatever the dialect. */
function keywordValues({ one, dialect }: Parts): Record<string, fc.Arbitrary<unknown>> {
  // Draft-04 allows no empty lists of names.
  const names = fc.subarray(NAMES, { minLength: dialect === "draft-04" ? 1 : 0 });
  const some = fc.array(one, { minLength: 1, maxLength: 3 });
  const byName = fc.dictionary(fc.constantFrom(...NAMES), one, { maxKeys: 3 });
  const isOld = dialect !== "2020-12";
  return {
    type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 4 })),
    enum: fc.uniqueArray(instance, {
      minLength: 1,
      maxLength: 4,
      selector: (value) => JSON.stringify(value),
    }),
    const: instance,
    properties: byName,
    required: names,
    additionalProperties: one,
    patternProperties: fc.dictionary(fc.constantFrom("^x-", "^[ab]$", "g$"), one, { maxKeys: 2 }),
    propertyNames: one,
    minProperties: count,
    maxProperties: count,
    items: isOld ? fc.oneof(one, some) : one,
    additionalItems: one,
    prefixItems: some,
    unevaluatedProperties: one,
    unevaluatedItems: one,
    contains: one,
    minContains: count,
    maxContains: count,
    minItems: count,
    maxItems: count,
    uniqueItems: fc.boolean(),
    minLength: count,
    maxLength: count,
    pattern: fc.constantFrom("^a", "long$", "."),
    format: fc.constantFrom("date-time", "email", "uuid"),
    minimum: limit,
    maximum: limit,
    exclusiveMinimum: dialect === "draft-04" ? fc.boolean() : limit,
    exclusiveMaximum: dialect === "draft-04" ? fc.boolean() : limit,
    multipleOf: fc.constantFrom(1, 2, 0.5),
    allOf: some,
    anyOf: some,
    oneOf: some,
    not: one,
    if: one,
    then: one,
    else: one,
    dependencies: fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(names, one), { maxKeys: 2 }),
    dependentRequired: fc.dictionary(fc.constantFrom(...NAMES), names, { maxKeys: 2 }),
    dependentSchemas: byName,
  };
}

/** Keywords that belong together: where one is drawn, so may be the others. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  exclusiveMinimum: ["minimum"],
  exclusiveMaximum: ["maximum"],
  then: ["if"],
  else: ["if"],
  minContains: ["contains"],
  maxContains: ["contains"],
  additionalItems: ["items"],
  unevaluatedProperties: ["properties", "allOf"],
  unevaluatedItems: ["prefixItems", "contains"],
};

/** What people write beside a reference. */
const BESIDE = [
  "minItems",
  "maxItems",
  "contains",
  "required",
  "properties",
  "minProperties",
  "uniqueItems",
].concat([
  "items",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "dependentRequired",
  "not",
]);

/** Random schemas of a dialect. Every third one or so is a reference with siblings. */
export function schemas(dialect: DialectName): fc.Arbitrary<Record<string, unknown>> {
  const all = keywordsOf(dialect);
  const { refIgnoresSiblings } = DIALECTS[dialect];
  const { schema } = fc.letrec<{ schema: unknown; object: Record<string, unknown>; narrowed: unknown }>(
    (tie) => {
      const values = keywordValues({ one: tie("schema"), dialect });
      const withKeywords = (used: readonly string[]) => {
        const keywords = [...new Set(used.flatMap((keyword) => [keyword, ...(COMPANIONS[keyword] ?? [])]))];
        const known = keywords.filter((keyword) => all.includes(keyword));
        return fc.record(
          Object.fromEntries(known.map((keyword) => [keyword, values[keyword] ?? fc.constant(true)])),
        );
      };
      const reference = fc.constantFrom(...DEFINITIONS).map((key) => ({ $ref: `#/definitions/${key}` }));
      const beside = BESIDE.filter((keyword) => all.includes(keyword));
      return {
        object: fc.subarray([...all], { minLength: 1, maxLength: 4 }).chain(withKeywords),
        narrowed: fc
          .tuple(reference, fc.subarray(beside, { minLength: 1, maxLength: 2 }).chain(withKeywords))
          // Where siblings of a reference are ignored, people write `allOf`.
          .map(([$ref, siblings]) =>
            refIgnoresSiblings ? { allOf: [$ref, siblings] } : { ...$ref, ...siblings },
          ),
        schema: fc.oneof(
          { depthSize: "xsmall", withCrossShrink: true },
          dialect === "draft-04" ? fc.constant({}) : fc.boolean(),
          fc.record({ type }),
          reference,
          tie("object"),
          tie("narrowed"),
        ),
      };
    },
  );
  return fc.tuple(schema, schema).map(([main, inner]) => ({
    $schema: DIALECTS[dialect].metaSchema + (dialect.startsWith("draft") ? "#" : ""),
    allOf: [main],
    definitions: definitions(dialect, withoutReferences(inner)),
  }));
}

const DEFINITIONS = "scalar object list days record closed either eithers pairs loose".split(" ");

/** Shapes that people refer to. */
function definitions(dialect: DialectName, inner: unknown): Readonly<Record<string, unknown>> {
  const ref = (key: string) => ({ $ref: `#/definitions/${key}` });
  const only = (value: unknown) => ({ enum: [value] });
  const self =
    dialect === "2020-12"
      ? { $dynamicRef: "#node" }
      : dialect === "2019-09"
        ? { $recursiveRef: "#" }
        : ref("object");
  const tuple = dialect === "2020-12" ? "prefixItems" : "items";
  const variant = (name: string, more: object, required: readonly string[]) => ({
    type: "object",
    properties: { a: only(name), ...more },
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  });
  return {
    scalar: { enum: [null, 1, "a"] },
    object: {
      ...(dialect === "2020-12" && { $dynamicAnchor: "node" }),
      type: "object",
      properties: { a: self, b: inner },
      additionalProperties: ref("scalar"),
    },
    list: { type: ["array", "null"], items: ref("list") },
    days: { type: "array", items: { enum: ["a", "b"] } },
    record: { type: "object", additionalProperties: { enum: ["a", "b", 1] } },
    closed: variant("a", { b: { type: "number" } }, []),
    either: { oneOf: [variant("a", { b: { type: "number" } }, ["a"]), variant("b", {}, ["a"])] },
    eithers: { type: "array", items: ref("either") },
    pairs: {
      type: "array",
      items: { type: "array", [tuple]: [{ type: "number" }, { enum: ["a", "b"] }], minItems: 2, maxItems: 2 },
    },
    // Without a `type`, anything but objects passes.
    loose: { properties: { a: { enum: ["a", "b"] }, b: { type: "number" } }, required: ["a"] },
  };
}

function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key === "$ref" ? [] : [[key, withoutReferences(item)]])),
  );
}
