/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import { describe, expect, it } from "vitest";
import { compileAll, declarationsOf, open, ROOT, typesOf } from "./support.js";
import { createSchemaSet } from "../../../src/schema/index.js";
import { printTypes } from "../../../src/schema/print.js";

const cases: readonly (readonly [title: string, schema: unknown, printed: string])[] = [
  ["true is unknown", true, "export type Root = unknown;"],
  ["an empty schema is unknown", {}, "export type Root = unknown;"],
  ["false is never", false, "export type Root = never;"],
  [
    "a description does not narrow the type",
    { description: "Anything." },
    "/** Anything. */\nexport type Root = unknown;",
  ],
  [
    "a title describes a type and never names it",
    { title: "Some Thing", type: "string" },
    "/** Some Thing */\nexport type Root = string;",
  ],
  ["an open object", { type: "object" }, "export interface Root {\n  [key: string]: unknown;\n}"],
  [
    "an object without members",
    { type: "object", additionalProperties: false },
    "export interface Root {\n  [key: string]: never;\n}",
  ],
  [
    "members, required and optional",
    {
      type: "object",
      properties: { id: { type: "integer" }, name: { type: "string" } },
      required: ["id"],
      additionalProperties: false,
    },
    "export interface Root {\n  /** Integer. */\n  id: number;\n  name?: string;\n}",
  ],
  [
    "a member that may be anything keeps its name",
    { type: "object", properties: { payload: {} }, additionalProperties: true },
    "export interface Root {\n  payload?: unknown;\n  [key: string]: unknown;\n}",
  ],
  [
    "what is required without being described",
    { type: "object", required: ["a"] },
    "export interface Root {\n  a: unknown;\n  [key: string]: unknown;\n}",
  ],
  [
    "an index signature holds the members' types",
    { type: "object", properties: { a: { type: "number" } }, additionalProperties: { type: "string" } },
    "export interface Root {\n  a?: number;\n  [key: string]: string | number | undefined;\n}",
  ],
  [
    "a pattern that is a prefix",
    { type: "object", patternProperties: { "^x-": { type: "string" } }, additionalProperties: false },
    "export interface Root {\n  [key: `x-${string}`]: string;\n}",
  ],
  [
    "a pattern whose names begin alike",
    {
      type: "object",
      properties: { n: { type: "null" } },
      patternProperties: { "^x-[a-z]+$": { type: "string" }, "^yz?$": { type: "number" } },
      additionalProperties: false,
    },
    "export interface Root {\n  n?: null;\n  [key: `x-${string}`]: string;\n  [key: `y${string}`]: number;\n}",
  ],
  [
    "further members that may be anything, whatever that is called",
    {
      type: "object",
      properties: { n: { type: "null" } },
      additionalProperties: { $ref: "#/definitions/extra" },
      definitions: { extra: { description: "An extra." } },
    },
    "export interface Root {\n  n?: null;\n  [key: string]: unknown;\n}\n\n/** An extra. */\nexport type Extra = unknown;",
  ],
  [
    "a pattern that TypeScript cannot express",
    {
      type: "object",
      properties: { n: { type: "null" } },
      patternProperties: { "^[a-z]+$": { type: ["string", "null"] } },
      additionalProperties: false,
    },
    "export interface Root {\n  n?: null;\n  [key: string]: string | null | undefined;\n}",
  ],
  [
    "names like those of every object",
    {
      type: "object",
      properties: {
        toString: { type: "string" },
        constructor: { type: "number" },
        ["__proto__"]: { type: "null" },
        x: { type: "null" },
      },
      additionalProperties: false,
    },
    "export interface Root {\n  toString?: unknown;\n  constructor?: unknown;\n  __proto__?: unknown;\n  x?: null;\n}",
  ],
  [
    "names that are no identifiers",
    {
      type: "object",
      properties: {
        "a b": { type: "string" },
        'q"\\': { type: "string" },
        "[k: string]": { type: "string" },
      },
      additionalProperties: false,
    },
    'export interface Root {\n  "a b"?: string;\n  \'q"\\\\\'?: string;\n  "[k: string]"?: string;\n}',
  ],
  ["a list of types", { type: ["string", "null"] }, "export type Root = string | null;"],
  ["OpenAPI's nullable", { type: "string", nullable: true }, "export type Root = string | null;"],
  [
    "integer beside number",
    { type: ["integer", "string"] },
    "/** Integer. */\nexport type Root = number | string;",
  ],
  [
    "a keyword without a type leaves the other types",
    { minLength: 2 },
    "/** At least 2 characters. */\nexport type Root = unknown;",
  ],
  [
    "properties without a type leave the other types",
    { properties: { a: { type: "string" } } },
    "export type Root =\n  | {\n      a?: string;\n      [key: string]: unknown;\n    }\n  | unknown[]\n  | string\n  | number\n  | boolean\n  | null;",
  ],
  ["an enum of strings", { enum: ["a", "b"] }, 'export type Root = "a" | "b";'],
  [
    "an enum beside a type that refuses some of it",
    { type: ["string", "integer"], enum: ["a", 1, null] },
    'export type Root = "a" | 1;',
  ],
  [
    "an enum with a list and an object",
    { enum: [[1], { a: true }, -0] },
    "export type Root =\n  | [1]\n  | 0\n  | {\n      a: true;\n    };",
  ],
  ["a constant of null", { const: null }, "export type Root = null;"],
  ["a constant that the type refuses", { type: "string", const: 1 }, "export type Root = never;"],
  ["a list", { type: "array", items: { type: "string" } }, "export type Root = string[];"],
  [
    "a list of unions",
    { type: "array", items: { type: ["string", "null"] } },
    "export type Root = (string | null)[];",
  ],
  [
    "a list that is not empty",
    { type: "array", items: { type: "string" }, minItems: 1 },
    "export type Root = [string, ...string[]];",
  ],
  [
    "a short list",
    { type: "array", items: { type: "string" }, maxItems: 2 },
    "export type Root = [string?, string?];",
  ],
  ["a list of nothing", { type: "array", maxItems: 0 }, "export type Root = [];"],
  [
    "a tuple",
    { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false, minItems: 2 },
    "export type Root = [string, number];",
  ],
  [
    "a tuple that may end early and go on",
    { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], minItems: 1 },
    "export type Root = [string, number?, ...unknown[]];",
  ],
  [
    "a tuple as it was written before 2020-12",
    {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "array",
      items: [{ type: "string" }],
      additionalItems: { type: "number" },
      minItems: 1,
    },
    "export type Root = [string, ...number[]];",
  ],
  [
    "a list that contains something has an item",
    { type: "array", contains: { type: "string" } },
    "export type Root = [unknown, ...unknown[]];",
  ],
  [
    "a list of objects",
    {
      type: "array",
      items: {
        type: "object",
        properties: { a: { type: "string", description: "Inner." } },
        additionalProperties: false,
      },
    },
    "export type Root = {\n  /** Inner. */\n  a?: string;\n}[];",
  ],
  [
    "not a string",
    { not: { type: "string" } },
    "export type Root =\n  | {\n      [key: string]: unknown;\n    }\n  | unknown[]\n  | number\n  | boolean\n  | null;",
  ],
  [
    "not something of a list",
    { enum: ["a", "b", "c"], not: { const: "b" } },
    'export type Root = "a" | "c";',
  ],
  [
    "what all of several say",
    { allOf: [{ type: ["string", "number"] }, { type: ["number", "null"] }] },
    "export type Root = number;",
  ],
  [
    "objects that all of several describe",
    {
      type: "object",
      allOf: [
        { properties: { a: { type: "string" } }, required: ["a"] },
        { properties: { b: { type: "string" } } },
      ],
    },
    "export interface Root {\n  a: string;\n  b?: string;\n  [key: string]: unknown;\n}",
  ],
  [
    "any of several, one of which holds the other",
    { anyOf: [{ const: "a" }, { type: "string" }, { type: "null" }] },
    "export type Root = string | null;",
  ],
  [
    "either member, not both",
    {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "number" } },
      oneOf: [{ required: ["a"] }, { required: ["b"] }],
      additionalProperties: false,
    },
    "export type Root =\n  | {\n      a: string;\n    }\n  | {\n      b: number;\n    };",
  ],
  [
    "a union told apart by a member",
    {
      oneOf: [
        {
          type: "object",
          properties: { kind: { const: "a" }, x: { type: "number" } },
          required: ["kind", "x"],
          additionalProperties: false,
        },
        {
          type: "object",
          properties: { kind: { const: "b" } },
          required: ["kind"],
          additionalProperties: false,
        },
      ],
    },
    'export type Root =\n  | {\n      kind: "a";\n      x: number;\n    }\n  | {\n      kind: "b";\n    };',
  ],
  [
    "if, then and else",
    {
      type: "object",
      properties: { kind: { enum: ["a", "b"] }, x: { type: "number" } },
      required: ["kind"],
      additionalProperties: false,
      if: { properties: { kind: { const: "a" } } },
      then: { required: ["x"] },
    },
    'export type Root =\n  | {\n      kind: "a";\n      x: number;\n    }\n  | {\n      kind: "b";\n      x?: number;\n    };',
  ],
  [
    "a member that another one needs",
    {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "string" } },
      dependentRequired: { a: ["b"] },
      additionalProperties: false,
    },
    "export type Root =\n  | {\n      b?: string;\n    }\n  | {\n      a: string;\n      b: string;\n    };",
  ],
  [
    "names that are listed",
    { type: "object", propertyNames: { enum: ["a", "b"] }, additionalProperties: { type: "number" } },
    "export interface Root {\n  a?: number;\n  b?: number;\n}",
  ],
  [
    "members that are not evaluated",
    {
      type: "object",
      properties: { a: { type: "string" } },
      allOf: [{ properties: { b: { type: "string" } } }],
      unevaluatedProperties: false,
    },
    "export interface Root {\n  a?: string;\n  b?: string;\n}",
  ],
  [
    "a definition",
    {
      type: "object",
      properties: { a: { $ref: "#/$defs/thing" }, b: { $ref: "#/$defs/thing" } },
      additionalProperties: false,
      $defs: { thing: { type: "string" } },
    },
    "export interface Root {\n  a?: Thing;\n  b?: Thing;\n}\n\nexport type Thing = string;",
  ],
  [
    "a recursive definition",
    {
      $ref: "#/$defs/node",
      $defs: {
        node: { type: "object", properties: { next: { $ref: "#/$defs/node" } }, additionalProperties: false },
      },
    },
    "export type Root = Node;\n\nexport interface Node {\n  next?: Node;\n}",
  ],
  ["a schema that refers to itself", { type: "array", items: { $ref: "#" } }, "export type Root = Root[];"],
  [
    "a reference beside other keywords",
    {
      $ref: "#/$defs/base",
      properties: { link: { type: "string" } },
      required: ["link"],
      $defs: { base: { type: "object" } },
    },
    "export type Root = Base & {\n  link: string;\n};\n\nexport interface Base {\n  [key: string]: unknown;\n}",
  ],
  [
    "a reference with sibling keywords",
    {
      type: "object",
      $ref: "#/$defs/base",
      $defs: { base: { type: "object", additionalProperties: false } },
    },
    "export type Root = Base;\n\nexport interface Base {\n  [key: string]: never;\n}",
  ],
  [
    "a reference or null",
    { anyOf: [{ $ref: "#/$defs/base" }, { type: "null" }], $defs: { base: { type: "string" } } },
    "export type Root = Base | null;\n\nexport type Base = string;",
  ],
  [
    "a reference that its siblings are ignored beside",
    {
      $schema: "http://json-schema.org/draft-07/schema#",
      $ref: "#/definitions/base",
      type: "number",
      definitions: { base: { type: "string" } },
    },
    "export type Root = Base;\n\nexport type Base = string;",
  ],
  [
    "a reference to a dialect's own schema",
    { $ref: "https://json-schema.org/draft/2020-12/schema" },
    "export type Root =\n  | {\n      [key: string]: unknown;\n    }\n  | boolean;",
  ],
  [
    "an anchor",
    { items: { $ref: "#thing" }, type: "array", $defs: { thing: { $anchor: "thing", type: "string" } } },
    "export type Root = Thing[];\n\nexport type Thing = string;",
  ],
];

describe("printTypes", () => {
  it.each(cases)("%s", async (_, schema, printed) => {
    expect(await typesOf(schema)).toBe(printed);
  });

  it("factors out the common properties of alternatives", async () => {
    const properties = Object.fromEntries(
      ["a", "b", "c", "d", "x", "y"].map((name) => [name, { type: "string" }]),
    );
    const schema = { type: "object", properties, oneOf: [{ required: ["x"] }, { required: ["y"] }] };
    expect(await typesOf(schema)).toBe(`export type Root = {
  a?: string;
  b?: string;
  c?: string;
  d?: string;
  [key: string]: unknown;
} & (
  | {
      x: string;
      y?: never;
    }
  | {
      x?: never;
      y: string;
    }
);`);
    const instances = [{ x: "1" }, { y: "1", z: 1 }, { x: "1", y: "1" }, {}, { a: 1, x: "1" }];
    const [declaration] = await declarationsOf(open(schema));
    expect(compileAll([{ declarations: declaration?.text ?? "", instances }])).toEqual({
      compiles: [[true, true, false, false, false]],
      faults: [],
    });
  });

  it("factors out the common properties of alternatives with patterns, unless a pattern matches one that differs", async () => {
    const names = ["a", "b", "c", "d"];
    const schema = (differing: string) => ({
      type: "object",
      properties: Object.fromEntries([...names, differing].map((name) => [name, { type: "string" }])),
      patternProperties: { "^_": { type: "string" } },
      oneOf: [
        { properties: { [differing]: { const: "1" } } },
        { properties: { [differing]: { const: "2" } } },
      ],
    });
    expect((await typesOf(schema("x"))).match(/^ +a\?/gm)).toHaveLength(1);
    expect((await typesOf(schema("_x"))).match(/^ +a\?/gm)).toHaveLength(2);
    const groups = await Promise.all(
      ["x", "_x"].map(async (name) => ({
        declarations: (await declarationsOf(open(schema(name))))[0]?.text ?? "",
        instances: [{ a: "", [name]: "1", _y: "" }, { [name]: "2", z: 1 }, { _y: 1 }, { [name]: "3" }],
      })),
    );
    const verdicts = [true, true, false, false];
    expect(compileAll(groups)).toEqual({ compiles: [verdicts, verdicts], faults: [] });
  });

  it("prints rules that a type cannot express as JSDoc", async () => {
    const printed = await typesOf({
      type: "object",
      description: "Ends no comment: */ here.",
      properties: {
        level: { type: "integer", minimum: 0, exclusiveMaximum: 100, default: 50, description: "The level." },
        at: { type: "string", format: "date-time", examples: ["2024-01-01T00:00:00Z"], deprecated: true },
        code: { type: "string", minLength: 4, maxLength: 4, pattern: "^[0-9]+$" },
      },
      additionalProperties: false,
    });
    expect(printed).toBe(`/** Ends no comment: *\\/ here. */
export interface Root {
  /**
   * The level.
   *
   * Integer, at least 0 and less than 100. Default: 50.
   */
  level?: number;
  /**
   * Format: date-time. Example: "2024-01-01T00:00:00Z".
   *
   * @deprecated
   */
  at?: string;
  /** Exactly 4 characters. Pattern: \`^[0-9]+$\`. */
  code?: string;
}`);
  });

  it("names a schema of another document after its file", async () => {
    const printed = await typesOf(
      { $ref: "https://example.com/geo/point.schema.json", description: "Where." },
      {
        "https://example.com/geo/point.schema.json": { type: "array", items: { type: "number" } },
      },
    );
    expect(printed).toBe("/** Where. */\nexport type Root = Point;\n\nexport type Point = number[];");
  });

  it("keeps the given name, whatever its case", async () => {
    const set = open({ type: "object", title: "other name" });
    const printed = await printTypes(set, {
      roots: [{ uri: ROOT, name: "_2fooBar9x" }],
      definitions: new Map(),
    });
    expect(printed[0]?.text).toContain("export interface _2fooBar9x {");
  });

  it("prints the second name of a schema as an alias, and lists the types that each type uses", async () => {
    const set = createSchemaSet([
      { uri: "a:1", value: { type: "object" } },
      { uri: "a:2", value: { $ref: "a:1" } },
      { uri: "a:3", value: { type: "array", items: { $ref: "a:2" } } },
    ]);
    const roots = [1, 2, 3].map((number) => ({ uri: `a:${number}`, name: `Root${number}` }));
    expect(set.definitions(roots.map(({ uri }) => uri))).toEqual([]);
    const printed = await printTypes(set, { roots, definitions: new Map() });
    expect(printed.map(({ name, text, uses }) => [name, text.replaceAll(/\s+/g, " "), uses])).toEqual([
      ["Root1", "export interface Root1 { [key: string]: unknown }", []],
      ["Root2", "export type Root2 = Root1", ["Root1"]],
      ["Root3", "export type Root3 = Root1[]", ["Root1"]],
    ]);
  });

  it("prints definitions after the roots, in the order met", async () => {
    const set = open({
      type: "array",
      prefixItems: [{ $ref: "#/$defs/second" }, { $ref: "#/$defs/first" }],
      $defs: {
        first: { type: "null" },
        second: { $ref: "#/$defs/third" },
        third: { items: { $ref: "#/$defs/fourth" } },
        fourth: { type: "string" },
        unused: {},
      },
    });
    expect((await declarationsOf(set)).map(({ name }) => name)).toEqual(["Root", "Third", "Fourth", "First"]);
  });
});
