/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import { describe, expect, it } from "vitest";
import { compare } from "./support.js";

type Json = Record<string, unknown>;

const POINT = {
  type: "object",
  properties: {
    x: { type: "number", minimum: 0 },
    y: { type: "number", minimum: 0 },
    label: { type: "string" },
  },
  required: ["x", "y"],
  additionalProperties: false,
};
const LINE = { type: "array", items: POINT, minItems: 2 };
const SHAPES = {
  oneOf: [
    { type: "object", properties: { kind: { const: "dot" }, at: POINT }, required: ["kind", "at"] },
    { type: "object", properties: { kind: { const: "line" }, points: LINE }, required: ["kind", "points"] },
  ],
};
const DRAFT_07 = "http://json-schema.org/draft-07/schema#";
const DRAFT_04 = "http://json-schema.org/draft-04/schema#";

/** Two spellings of one schema. */
const REWRITES: readonly (readonly [title: string, a: unknown, b: unknown])[] = [
  ["other order of keys", POINT, Object.fromEntries(Object.entries(POINT).toReversed())],
  [
    "other order of required, enum and type",
    { type: ["string", "null"], enum: ["a", null] },
    { enum: [null, "a"], type: ["null", "string"] },
  ],
  [
    "a schema is moved to $defs",
    LINE,
    { ...LINE, items: { $ref: "#/$defs/point" }, $defs: { point: POINT } },
  ],
  ["a schema of $defs is inlined", { ...LINE, items: { $ref: "#/$defs/p" }, $defs: { p: POINT } }, LINE],
  [
    "$defs and definitions",
    { $ref: "#/$defs/p", $defs: { p: POINT } },
    { $ref: "#/definitions/p", definitions: { p: POINT } },
  ],
  [
    "an anchor instead of a pointer",
    { $ref: "#/$defs/p", $defs: { p: POINT } },
    { $ref: "#point", $defs: { p: { $anchor: "point", ...POINT } } },
  ],
  ["allOf around a schema", POINT, { allOf: [POINT] }],
  [
    "rules divided over allOf",
    { type: "integer", minimum: 1, maximum: 9 },
    { allOf: [{ type: "integer" }, { minimum: 1 }, { maximum: 9, minimum: 0 }] },
  ],
  [
    "properties divided over allOf",
    { type: "object", properties: { a: { type: "string" }, b: { type: "number" } }, required: ["a"] },
    {
      allOf: [
        { properties: { a: { type: "string" } } },
        { type: "object", properties: { b: { type: "number" } } },
      ],
      required: ["a"],
    },
  ],
  ["const and enum", { const: "on" }, { enum: ["on"] }],
  ["enum and const in anyOf", { enum: ["on", "off"] }, { anyOf: [{ const: "on" }, { const: "off" }] }],
  ["enum and const in oneOf", { enum: [1, 2, 3] }, { oneOf: [{ const: 3 }, { const: 1 }, { const: 2 }] }],
  [
    "a list of types and anyOf",
    { type: ["string", "integer"] },
    { anyOf: [{ type: "integer" }, { type: "string" }] },
  ],
  ["a list of one type", { type: "string" }, { type: ["string"] }],
  ["every type and none", {}, { type: ["object", "array", "string", "number", "boolean", "null"] }],
  ["true and an empty schema", { properties: { a: true } }, { properties: { a: {} } }],
  ["false and not", { properties: { a: false } }, { properties: { a: { not: {} } } }],
  ["boolean and its values", { type: "boolean" }, { enum: [true, false] }],
  ["null and its value", { type: "null" }, { const: null }],
  [
    "integer and a step of 1",
    { type: "integer", minimum: 0.5 },
    { type: "number", multipleOf: 1, minimum: 0.5 },
  ],
  ["a range of integers and a list", { type: "integer", minimum: 1, maximum: 4 }, { enum: [4, 3, 2, 1] }],
  [
    "a bound between integers",
    { type: "integer", exclusiveMinimum: 0, maximum: 5 },
    { type: "integer", minimum: 1, exclusiveMaximum: 6 },
  ],
  [
    "a bound between the integers of a long range",
    { type: "integer", exclusiveMinimum: 0 },
    { type: "integer", minimum: 1 },
  ],
  ["a fraction as the bound of integers", { type: "integer", maximum: 9.5 }, { type: "integer", maximum: 9 }],
  ["the empty text and its length", { const: "" }, { type: "string", maxLength: 0 }],
  ["the empty list and its length", { const: [] }, { type: "array", items: false }],
  ["the empty object and its size", { const: {} }, { type: "object", additionalProperties: false }],
  [
    "a property that is forbidden by not",
    { type: "object", not: { required: ["a"] } },
    { type: "object", properties: { a: false } },
  ],
  [
    "a dependency and its alternatives",
    { type: "object", dependentRequired: { a: ["b"] } },
    { type: "object", anyOf: [{ not: { required: ["a"] } }, { required: ["b"] }] },
  ],
  ["a format that refuses nothing", { type: "number" }, { type: "number", format: "double" }],
  [
    "defaults of keywords",
    POINT,
    { ...POINT, minProperties: 0, patternProperties: {}, properties: { ...POINT.properties } },
  ],
  ["defaults of lists", LINE, { ...LINE, uniqueItems: false }],
  ["additionalProperties: true", { type: "object" }, { type: "object", additionalProperties: true }],
  ["a count that required implies", POINT, { ...POINT, minProperties: 2 }],
  ["twice not", POINT, { not: { not: POINT } }],
  [
    "titles, descriptions, examples and comments",
    POINT,
    {
      title: "Point",
      description: "A point.",
      examples: [{ x: 1, y: 2 }],
      $comment: "c",
      default: { x: 0, y: 0 },
      ...POINT,
    },
  ],
  ["custom keywords", POINT, { ...POINT, "x-unit": "m", markdownDescription: "**p**" }],
  ["an identifier", POINT, { $id: "https://example.com/point", ...POINT }],
  [
    "closed by unevaluatedProperties",
    POINT,
    { ...POINT, additionalProperties: undefined, unevaluatedProperties: false },
  ],
  [
    "closed by unevaluatedProperties over allOf",
    {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" } },
      additionalProperties: false,
    },
    {
      type: "object",
      allOf: [{ properties: { a: { type: "string" } } }],
      properties: { b: { type: "string" } },
      unevaluatedProperties: false,
    },
  ],
  [
    "a dependency in both spellings",
    { $schema: DRAFT_07, dependencies: { a: ["b"] } },
    { dependentRequired: { a: ["b"] } },
  ],
  [
    "a dependent schema in both spellings",
    { $schema: DRAFT_07, dependencies: { a: { required: ["b"] } } },
    { dependentSchemas: { a: { required: ["b"] } } },
  ],
  [
    "a dependency and a dependent schema",
    { dependentRequired: { a: ["b"] } },
    { dependentSchemas: { a: { required: ["b"] } } },
  ],
  ["draft-07 and 2020-12", { $schema: DRAFT_07, ...POINT }, POINT],
  [
    "a tuple in both spellings",
    {
      $schema: DRAFT_07,
      type: "array",
      items: [{ type: "string" }, { type: "number" }],
      additionalItems: false,
    },
    { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
  ],
  [
    "a closed tuple and its length",
    { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
    { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], maxItems: 2 },
  ],
  [
    "an exclusive bound in both spellings",
    { $schema: DRAFT_04, type: "number", minimum: 0, exclusiveMinimum: true },
    { type: "number", exclusiveMinimum: 0 },
  ],
  ["nullable", { type: "string", nullable: true }, { type: ["string", "null"] }],
  ["oneOf and anyOf of branches apart", SHAPES, { anyOf: SHAPES.oneOf }],
  ["other order of branches", SHAPES, { oneOf: SHAPES.oneOf.toReversed() }],
  [
    "a branch in $defs",
    SHAPES,
    { oneOf: [{ $ref: "#/$defs/dot" }, SHAPES.oneOf[1]], $defs: { dot: SHAPES.oneOf[0] } },
  ],
  [
    "a condition and branches",
    {
      type: "object",
      properties: { on: { type: "boolean" } },
      required: ["on"],
      if: { properties: { on: { const: true } } },
      then: { required: ["level"] },
    },
    {
      type: "object",
      required: ["on"],
      anyOf: [
        { properties: { on: { const: true } }, required: ["level"] },
        { properties: { on: { const: false } } },
      ],
    },
  ],
  ["a condition without branches", POINT, { ...POINT, if: { required: ["label"] } }],
  [
    "a property of every object and minProperties",
    { type: "object", required: ["a"] },
    { type: "object", required: ["a"], minProperties: 1, properties: { a: {} } },
  ],
  [
    "a recursive schema by # and by $defs",
    { type: "object", properties: { next: { $ref: "#" }, value: { type: "integer" } }, required: ["value"] },
    {
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          properties: { next: { $ref: "#/$defs/node" }, value: { type: "integer" } },
          required: ["value"],
        },
      },
    },
  ],
  [
    "a recursive schema that is unrolled once",
    { $ref: "#/$defs/n", $defs: { n: { type: "object", properties: { next: { $ref: "#/$defs/n" } } } } },
    {
      type: "object",
      properties: { next: { $ref: "#/$defs/n" } },
      $defs: { n: { type: "object", properties: { next: { $ref: "#/$defs/n" } } } },
    },
  ],
  ["unused definitions", POINT, { ...POINT, $defs: { old: { type: "string" } } }],
  [
    "a pattern for one name",
    { properties: { a: { type: "string" } } },
    { patternProperties: { "^a$": { type: "string" } } },
  ],
];

/** The schema below keywords that change nothing. */
function wrapped(schema: unknown, at: number): unknown {
  const wraps: readonly ((inside: unknown) => Json)[] = [
    (inside) => ({ allOf: [inside, {}] }),
    (inside) => ({ anyOf: [inside, false] }),
    (inside) => ({ oneOf: [inside] }),
    (inside) => ({ $ref: "#/$defs/a~1b", $defs: { "a/b": inside } }),
    (inside) => ({ if: true, then: inside }),
  ];
  return wraps[at % wraps.length]?.(schema);
}

describe("a schema that is written in another way", () => {
  it.each(REWRITES.filter(([title]) => title !== "a pattern for one name"))(
    "gives no change: %s",
    (_title, a, b) => {
      const { isEqual, narrowed, widened } = compare(a, b);
      expect([narrowed.witnesses, widened.witnesses]).toEqual([[], []]);
      expect(isEqual).toBe(true);
    },
  );

  it("gives no change if it is wrapped several times", () => {
    const schemas = [POINT, LINE, SHAPES];
    for (const [at, schema] of schemas.entries()) {
      const twice = wrapped(wrapped(schema, at), at + 1);
      expect(compare(schema, twice).isEqual, JSON.stringify(twice)).toBe(true);
    }
  });

  it("is not called equal if only values show no difference", () => {
    const [, a, b] = REWRITES.find(([title]) => title === "a pattern for one name") ?? [];
    const { isEqual, narrowed, widened } = compare(a, b);
    expect([isEqual, narrowed.witnesses, widened.witnesses]).toEqual([false, [], []]);
    expect(narrowed.tried + widened.tried).toBeGreaterThan(100);
  });
});
