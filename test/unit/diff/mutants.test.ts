/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { validatorOf } from "../schema/support.js";
import { createSchemaSet } from "../../../src/schema/index.js";
import { compareReaders } from "../../../src/diff/schema/compare-schemas.js";
import { compare, readerOf } from "./support.js";

const READING = {
  type: "object",
  properties: {
    zone: { type: "integer", minimum: 1, maximum: 8 },
    moisture: { type: "number", minimum: 0, maximum: 100, multipleOf: 0.5 },
    unit: { enum: ["%", "vol", "raw"] },
    name: { type: "string", minLength: 1, maxLength: 12, pattern: "^[a-z][a-z0-9-]*$" },
    at: { type: "string", format: "date-time" },
    tags: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3, uniqueItems: true },
    place: {
      type: "array",
      prefixItems: [{ type: "number" }, { type: "number" }],
      minItems: 2,
      items: false,
    },
    extra: { type: "object", additionalProperties: { type: "number" }, minProperties: 1, maxProperties: 2 },
    battery: { type: ["number", "null"] },
  },
  required: ["zone", "moisture"],
  additionalProperties: false,
};

type Json = Record<string, unknown>;

/** The schema with other keywords of one property. */
function reading(name: string, change: Json | boolean): Json {
  const properties = READING.properties as unknown as Record<string, Json>;
  return {
    ...READING,
    properties: {
      ...properties,
      [name]: typeof change === "boolean" ? change : { ...properties[name], ...change },
    },
  };
}

const TREE = {
  $ref: "#/$defs/node",
  $defs: {
    node: {
      type: "object",
      properties: {
        value: { type: "integer", maximum: 9 },
        children: { type: "array", items: { $ref: "#/$defs/node" } },
      },
      required: ["value"],
      unevaluatedProperties: false,
    },
  },
};

function tree(change: (node: Json) => Json): Json {
  return { ...TREE, $defs: { node: change(TREE.$defs.node) } };
}

const SHAPES = {
  oneOf: [
    {
      type: "object",
      properties: { kind: { const: "circle" }, r: { type: "number", minimum: 0 } },
      required: ["kind", "r"],
    },
    {
      type: "object",
      properties: { kind: { const: "square" }, a: { type: "number", minimum: 0 } },
      required: ["kind", "a"],
    },
  ],
};

const CLOSED = {
  type: "object",
  allOf: [{ properties: { a: { type: "string" } } }],
  anyOf: [{ properties: { b: { type: "number" } } }, { properties: { c: { type: "number" } } }],
  properties: { d: { type: "boolean" } },
};

/** A schema, and one that accepts fewer values and no others. */
type Mutant = readonly [title: string, wide: unknown, narrow: unknown];

const { battery: _battery, ...others } = READING.properties;

const MUTANTS: readonly Mutant[] = [
  ["a key is removed from a closed object", READING, { ...READING, properties: others }],
  ["a member becomes required", READING, { ...READING, required: ["zone", "moisture", "unit"] }],
  ["a lower bound moves", READING, reading("zone", { minimum: 2 })],
  ["an upper bound moves", READING, reading("zone", { maximum: 7 })],
  ["a bound becomes exclusive", READING, reading("moisture", { maximum: undefined, exclusiveMaximum: 100 })],
  ["a step grows", READING, reading("moisture", { multipleOf: 1 })],
  ["a number becomes an integer", READING, reading("battery", { type: ["integer", "null"] })],
  ["a kind of value is removed", READING, reading("battery", { type: "number" })],
  ["an enum shrinks", READING, reading("unit", { enum: ["%", "vol"] })],
  ["a minimum length grows", READING, reading("name", { minLength: 2 })],
  ["a maximum length shrinks", READING, reading("name", { maxLength: 11 })],
  ["a pattern loses a class", READING, reading("name", { pattern: "^[a-z][a-z0-9]*$" })],
  ["a pattern loses the last letter of a range", READING, reading("name", { pattern: "^[a-y][a-z0-9-]*$" })],
  [
    "a pattern loses a letter in the middle of a range",
    READING,
    reading("name", { pattern: "^[a-lmo-z][a-z0-9-]*$" }),
  ],
  ["a pattern excludes a word", READING, reading("name", { pattern: "^(?!status$)[a-z][a-z0-9-]*$" })],
  [
    "a format is added",
    READING,
    reading("name", { format: "hostname", pattern: "^[a-z][a-z0-9-]*$", maxLength: 12 }),
  ],
  ["another format is demanded", { type: "string" }, { type: "string", format: "date-time" }],
  ["a list must be longer", READING, reading("tags", { minItems: 2 })],
  ["a list must be shorter", READING, reading("tags", { maxItems: 2 })],
  [
    "the items of a list must differ",
    { type: "array", items: { type: "string" } },
    { type: "array", items: { type: "string" }, uniqueItems: true },
  ],
  ["the items of a list change", READING, reading("tags", { items: { type: "string", maxLength: 3 } })],
  [
    "a position of a tuple changes",
    READING,
    reading("place", { prefixItems: [{ type: "number" }, { type: "integer" }] }),
  ],
  ["a tuple may no longer be shorter", reading("place", { minItems: 1 }), READING],
  ["a tuple is closed", reading("place", { items: true }), READING],
  ["the values of a map change", READING, reading("extra", { additionalProperties: { type: "integer" } })],
  ["a map must have more members", READING, reading("extra", { minProperties: 2 })],
  ["a map may have fewer members", READING, reading("extra", { maxProperties: 1 })],
  ["the names of a map are restricted", READING, reading("extra", { propertyNames: { pattern: "^x" } })],
  ["a member is forbidden", READING, reading("battery", false)],
  ["an object is closed", { ...READING, additionalProperties: true }, READING],
  ["an object is closed by unevaluatedProperties", CLOSED, { ...CLOSED, unevaluatedProperties: false }],
  ["unevaluatedProperties gets a schema", CLOSED, { ...CLOSED, unevaluatedProperties: { type: "string" } }],
  [
    "a list is closed by unevaluatedItems",
    { type: "array", prefixItems: [true], contains: { type: "string" } },
    { type: "array", prefixItems: [true], contains: { type: "string" }, unevaluatedItems: false },
  ],
  ["a recursive schema gets a lower bound", TREE, tree((node) => ({ ...node, minProperties: 2 }))],
  [
    "a member of a recursive schema changes",
    TREE,
    tree((node) => ({
      ...node,
      properties: { ...(node["properties"] as Json), value: { type: "integer", maximum: 8 } },
    })),
  ],
  [
    "only the nested level of a recursive schema changes",
    TREE,
    tree((node) => ({
      ...node,
      properties: {
        ...(node["properties"] as Json),
        children: { type: "array", items: { $ref: "#/$defs/node" }, maxItems: 2 },
      },
    })),
  ],
  [
    "a recursive schema must not be nested",
    TREE,
    tree((node) => ({
      ...node,
      properties: {
        ...(node["properties"] as Json),
        children: { type: "array", items: { $ref: "#/$defs/node", not: { required: ["children"] } } },
      },
    })),
  ],
  ["a branch is removed", SHAPES, { oneOf: SHAPES.oneOf.slice(1) }],
  [
    "a branch becomes narrower",
    SHAPES,
    { oneOf: [SHAPES.oneOf[0], { ...SHAPES.oneOf[1], maxProperties: 2 }] },
  ],
  [
    "anyOf becomes oneOf",
    { anyOf: [{ type: "integer" }, { minimum: 5 }] },
    { oneOf: [{ type: "integer" }, { minimum: 5 }] },
  ],
  ["not is added", { type: "string" }, { type: "string", not: { const: "off" } }],
  ["a dependency is added", { type: "object" }, { type: "object", dependentRequired: { a: ["b"] } }],
  [
    "a dependent schema is added",
    { type: "object" },
    { type: "object", dependentSchemas: { a: { properties: { b: { type: "number" } } } } },
  ],
  [
    "a condition is added",
    { type: "object", properties: { mode: { enum: ["on", "off"] }, level: { type: "number" } } },
    {
      type: "object",
      properties: { mode: { enum: ["on", "off"] }, level: { type: "number" } },
      if: { properties: { mode: { const: "on" } }, required: ["mode"] },
      then: { required: ["level"] },
    },
  ],
  ["contains is added", { type: "array" }, { type: "array", contains: { type: "number" } }],
  [
    "contains wants more",
    { type: "array", contains: { const: 1 } },
    { type: "array", contains: { const: 1 }, minContains: 2 },
  ],
  [
    "contains allows fewer",
    { type: "array", contains: { const: 1 } },
    { type: "array", contains: { const: 1 }, maxContains: 3 },
  ],
  [
    "properties of a pattern change",
    { patternProperties: { "^s_": { type: "number" } } },
    { patternProperties: { "^s_": { type: "integer" } } },
  ],
  ["a deep member changes", deep({ type: "integer", maximum: 99 }), deep({ type: "integer", maximum: 98 })],
  ["every value is refused", { type: "object" }, false],
  [
    "a long text must be shorter",
    { type: "string", maxLength: 65_536 },
    { type: "string", maxLength: 4_096 },
  ],
  ["a long list must be shorter", { type: "array" }, { type: "array", maxItems: 1_000 }],
  ["a large object must be smaller", { type: "object" }, { type: "object", maxProperties: 500 }],
  [
    "a long repetition is cut",
    { type: "string", pattern: "^[0-9a-f]{0,8000}$" },
    { type: "string", pattern: "^[0-9a-f]{0,4000}$" },
  ],
  ["a very large bound moves", { type: "number", maximum: 1e300 }, { type: "number", maximum: 1e299 }],
  [
    "the greatest exact integer is excluded",
    { type: "integer", maximum: 9007199254740991 },
    { type: "integer", maximum: 9007199254740990 },
  ],
  [
    "a bound moves by its last digit",
    { type: "number", maximum: 0.30000000000000004 },
    { type: "number", maximum: 0.3 },
  ],
  ["the names of any map are restricted", {}, { propertyNames: { pattern: "^[a-z]+$" } }],
  ["a name of a map is excluded", {}, { propertyNames: { not: { const: "id" } } }],
  ["the names of a map must be shorter", {}, { propertyNames: { maxLength: 8 } }],
  ["a pattern is anchored", { type: "string", pattern: "abc" }, { type: "string", pattern: "^abc" }],
  [
    "a pattern loses the letters of other languages",
    { type: "string", pattern: "^\\p{Lu}+$" },
    { type: "string", pattern: "^[A-Z]+$" },
  ],
  ...(
    [
      ["date-time", "Z$"],
      ["date-time", "T"],
      ["time", "Z$"],
      ["date", "^20"],
      ["duration", "^PT"],
      ["email", "@example\\.com$"],
      ["hostname", "^[a-z.]+$"],
      ["ipv4", "^192\\."],
      ["ipv6", "^[0-9a-f:]+$"],
      ["uuid", "^[0-9a-f-]+$"],
      ["uuid", "^.{14}4"],
      ["uri", "^https:"],
    ] as const
  ).map(([format, pattern]): Mutant => [
    `a text in the format ${format} must match ${pattern}`,
    { type: "string", format },
    { type: "string", format, pattern },
  ]),
  [
    "a list must contain a third item",
    { type: "array", allOf: [{ contains: { const: 1 } }, { contains: { const: 2 } }] },
    { type: "array", allOf: [1, 2, 3].map((item) => ({ contains: { const: item } })) },
  ],
];

/** A schema below six levels. */
function deep(schema: unknown): unknown {
  return Array.from({ length: 6 }).reduce<unknown>(
    (inside, _, at) =>
      at % 2 === 0
        ? { type: "object", properties: { down: inside, beside: { type: "string" } }, required: ["down"] }
        : { type: "array", items: inside, minItems: 1 },
    schema,
  );
}

/** A large schema that has another one in one of its many branches. */
function large(schema: unknown): unknown {
  const branch = (kind: number, value: unknown) => ({
    type: "object",
    properties: { kind: { const: `kind-${kind}` }, value, next: { $ref: "#/$defs/entry" } },
    required: ["kind", "value"],
    additionalProperties: false,
  });
  const setting = (number: number) => ({ type: "integer", minimum: number, maximum: 2 * number + 70 });
  return {
    type: "object",
    properties: {
      ...Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`setting${at}`, setting(at)])),
      entries: { type: "array", items: { $ref: "#/$defs/entry" } },
    },
    required: ["setting3", "setting7"],
    $defs: {
      // A resource of its own, so that references inside stay there.
      part: {
        $id: "https://example.com/part",
        ...(typeof schema === "object" ? schema : { allOf: [schema] }),
      },
      entry: {
        oneOf: [
          ...Array.from({ length: 9 }, (_, at) => branch(at, setting(at))),
          branch(9, { $ref: "https://example.com/part" }),
        ],
      },
    },
  };
}

/** The standalone code of a validator, as packages contain it. */
function generated(schema: unknown) {
  return validatorOf(createSchemaSet([{ uri: "spec:/schema", value: schema }]), "spec:/schema");
}

describe("a comparison of schemas", () => {
  it("finds a value that lacks one of two sets of properties", () => {
    const lacks = (...required: readonly string[]) => ({ not: { required } });
    const { narrowed } = compare({ anyOf: [lacks("a", "b"), lacks("c")] }, { anyOf: [lacks(), lacks("c")] });
    expect(narrowed.witnesses.map(({ value }) => value)).toEqual([{ c: 0 }]);
  });

  it.each(MUTANTS)("finds a value that is no longer accepted if %s", async (_title, wide, narrow) => {
    const { narrowed, widened } = compare(wide, narrow);
    expect(widened.witnesses).toEqual([]);
    expect(narrowed.witnesses.length).toBeGreaterThan(0);
    const [accepts, refuses] = await Promise.all([generated(wide), generated(narrow)]);
    for (const { value } of narrowed.witnesses)
      expect([accepts(value), refuses(value)]).toEqual([true, false]);
  });

  it.each(MUTANTS)(
    "finds a value that was not accepted before if it is undone that %s",
    async (_title, wide, narrow) => {
      const { narrowed, widened } = compare(narrow, wide);
      expect(narrowed.witnesses).toEqual([]);
      expect(widened.witnesses.length).toBeGreaterThan(0);
      const [accepts, refuses] = await Promise.all([generated(wide), generated(narrow)]);
      for (const { value } of widened.witnesses)
        expect([accepts(value), refuses(value)]).toEqual([true, false]);
    },
  );

  it.each(MUTANTS)(
    "finds a value in a large schema of which one branch says that %s",
    (_title, wide, narrow) => {
      const [older, newer] = [readerOf(large(wide)), readerOf(large(narrow))];
      const { narrowed, widened } = compareReaders(older, newer);
      expect(widened.witnesses).toEqual([]);
      expect(narrowed.witnesses.length).toBeGreaterThan(0);
      for (const { value } of narrowed.witnesses)
        expect([older.refuse(value).length === 0, newer.refuse(value).length === 0]).toEqual([true, false]);
    },
  );

  it("is decided for both directions if a branch of a schema of 130 kB changes", () => {
    const folder = new URL("../../scenarios/large-schema-asyncapi/input/schemas/", import.meta.url);
    const text = readFileSync(new URL("asyncapi.json", folder), "utf8");
    const read = (one: string): unknown => JSON.parse(one);
    const [older, newer] = [readerOf(read(text)), readerOf(read(text.replace('"openIdConnect"', '"oidc"')))];
    const { narrowed, widened } = compareReaders(older, newer);
    const refusals = [...narrowed.witnesses, ...widened.witnesses].map(({ refusal }) => refusal.instancePath);
    expect(refusals).toHaveLength(2);
    expect(refusals.every((path) => path.startsWith("/components/securitySchemes/"))).toBe(true);
    const removed = readerOf(
      read(
        text.replace(
          '"required": [\n                "type",\n                "openIdConnectUrl"',
          '"required": [\n                "type"',
        ),
      ),
    );
    const fewer = compareReaders(older, removed);
    expect([fewer.narrowed.isProven, fewer.widened.witnesses.length]).toEqual([true, 1]);
  });

  it("finds values for both directions if bounds move against each other", () => {
    const { narrowed, widened } = compare(
      { type: "integer", minimum: 1, maximum: 5 },
      { type: "integer", minimum: 3, maximum: 9 },
    );
    expect([
      narrowed.witnesses.map(({ value }) => value),
      widened.witnesses.map(({ value }) => value),
    ]).toEqual([[1], [6]]);
  });

  it("finds one value for each rule that refuses some", () => {
    const { narrowed } = compare(READING, {
      ...reading("zone", { minimum: 2 }),
      required: ["zone", "moisture", "unit"],
    });
    expect(narrowed.witnesses.map(({ refusal }) => refusal.keyword).toSorted()).toEqual([
      "minimum",
      "required",
    ]);
  });

  it("gives the same values each time", () => {
    const twice = [compare(READING, TREE), compare(READING, TREE)];
    expect(twice[0]).toEqual(twice[1]);
  });
});
