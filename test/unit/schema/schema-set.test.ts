/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/diagnostics/index.js";
import { createSchemaSet, type SchemaProblem } from "../../../src/schema/index.js";
import { open, ROOT } from "./support.js";

const DRAFT_04 = "http://json-schema.org/draft-04/schema#";
const DRAFT_06 = "http://json-schema.org/draft-06/schema#";
const DRAFT_07 = "http://json-schema.org/draft-07/schema#";

/** One line a problem: code, place, and what it is about. */
function lines(problems: readonly SchemaProblem[]): readonly string[] {
  return problems.map(
    ({ code, pointer, at, params }) => `${code} ${pointer} (${at}) ${JSON.stringify(params)}`,
  );
}

const broken: readonly (readonly [title: string, schema: unknown, problem: string])[] = [
  [
    "a misspelled type",
    { properties: { a: { type: "strng" } } },
    'invalid-schema /properties/a/type (value) {"reason":"\\"type\\" cannot be \\"strng\\"; did you mean \\"string\\"?"}',
  ],
  [
    "a keyword of the wrong shape",
    { minLength: "2" },
    'invalid-schema /minLength (value) {"reason":"\\"minLength\\" must be integer"}',
  ],
  [
    "a value that is not a schema",
    { items: 5 },
    'invalid-schema /items (value) {"reason":"\\"items\\" must be object or boolean"}',
  ],
  [
    "a document that is not a schema",
    [],
    'invalid-schema  (value) {"reason":"it must be object or boolean"}',
  ],
  ["an unknown dialect", { $schema: "http://example.com/mine" }, "unknown-dialect /$schema (value)"],
  [
    "a reference to nothing",
    { $ref: "#/$defs/a" },
    'dangling-schema-ref /$ref (value) {"reference":"#/$defs/a"}',
  ],
  [
    "a misspelled reference",
    { $ref: "#/$defs/pont", $defs: { point: {} } },
    'dangling-schema-ref /$ref (value) {"reference":"#/$defs/pont","suggestion":"#/$defs/point"}',
  ],
  [
    "a reference to an unknown anchor",
    { $ref: "#a" },
    'dangling-schema-ref /$ref (value) {"reference":"#a"}',
  ],
  [
    "a reference to a value that is not a schema",
    { $ref: "#/required", required: ["a"] },
    'dangling-schema-ref /$ref (value) {"reference":"#/required"}',
  ],
  [
    "a reference to a remote schema",
    { items: { $ref: "https://example.com/a.json#/x" } },
    'unregistered-schema /items/$ref (value) {"reference":"https://example.com/a.json#/x"}',
  ],
  [
    "a reference to another dialect",
    { $ref: DRAFT_07 },
    'mixed-dialects /$ref (value) {"reference":"http://json-schema.org/draft-07/schema#","from":"2020-12","to":"draft-07"}',
  ],
  [
    "a cycle of references",
    { $ref: "#/$defs/a", $defs: { a: { anyOf: [{ $ref: "#" }] } } },
    'circular-reference /$defs/a/anyOf/0/$ref (value) {"chain":["test:/root.json","test:/root.json#/$defs/a","test:/root.json"]}',
  ],
  [
    "a schema that only refers to itself",
    { $ref: "#" },
    'circular-reference /$ref (value) {"chain":["test:/root.json","test:/root.json"]}',
  ],
  [
    "an invalid pattern",
    { pattern: "(" },
    'invalid-pattern /pattern (value) {"pattern":"(","reason":"Unterminated group"}',
  ],
  [
    "an invalid pattern for names",
    { patternProperties: { "[": {} } },
    "invalid-pattern /patternProperties/[ (key)",
  ],
  [
    "a pattern with catastrophic backtracking",
    { pattern: "^(a+)+$" },
    'slow-pattern /pattern (value) {"pattern":"^(a+)+$"}',
  ],
  [
    "a draft-04 bound in 2020-12",
    { minimum: 1, exclusiveMinimum: true },
    'invalid-schema /exclusiveMinimum (value) {"reason":"in 2020-12 \\"exclusiveMinimum\\" is a number; write it instead of \\"minimum\\""}',
  ],
];

describe("createSchemaSet", () => {
  it.each(broken)("reports %s", (_, schema, problem) => {
    const { problems } = open(schema);
    expect(lines(problems)).toHaveLength(1);
    expect(lines(problems)[0]).toContain(problem);
    expect(problems[0]?.uri).toBe(ROOT);
  });

  it("has a message with a remedy for every problem", () => {
    for (const [, schema] of broken) {
      for (const { code, params } of open(schema).problems) {
        const { message } = catalogue[code];
        expect((message as (given: unknown) => string)(params).length).toBeGreaterThan(20);
      }
    }
  });

  it("reports all problems of a set", () => {
    expect(open({ pattern: "(", items: { $ref: "#/a" }, $defs: { x: { type: 1 } } }).problems).toHaveLength(
      3,
    );
  });

  it.each([
    ["draft-04", { $schema: DRAFT_04, maximum: 5, exclusiveMaximum: true }, 5, 4],
    ["draft-06", { $schema: DRAFT_06, const: 1 }, 2, 1],
    ["draft-07", { $schema: DRAFT_07, if: { type: "string" }, then: { const: "a" } }, "b", { a: 1 }],
    [
      "the unversioned one as draft-07",
      { $schema: "http://json-schema.org/schema#", items: [{ type: "string" }] },
      [1],
      ["a"],
    ],
    [
      "2019-09",
      { $schema: "https://json-schema.org/draft/2019-09/schema", dependentRequired: { a: ["b"] } },
      { a: 1 },
      { a: 1, b: 1 },
    ],
    [
      "2020-12",
      { $schema: "https://json-schema.org/draft/2020-12/schema", prefixItems: [{ type: "string" }] },
      [1],
      ["a"],
    ],
    ["none as 2020-12", { prefixItems: [{ type: "string" }] }, [1], ["a"]],
    [
      "https where http is right",
      { $schema: "https://json-schema.org/draft-07/schema", items: [{ type: "string" }] },
      [1],
      ["a"],
    ],
  ])("reads %s", (_, schema, refused, accepted) => {
    const set = open(schema);
    expect(set.problems).toEqual([]);
    expect(set.validate(ROOT, refused)).not.toEqual([]);
    expect(set.validate(ROOT, accepted)).toEqual([]);
  });

  it("returns all errors of a value, worded by ajv", () => {
    const set = open({ type: "object", required: ["a"], properties: { b: { type: "string" } } });
    expect(set.validate(ROOT, { b: 1 }).map(({ instancePath, keyword }) => [instancePath, keyword])).toEqual([
      ["", "required"],
      ["/b", "type"],
    ]);
  });

  it("validates against a sound schema beside one with errors", () => {
    const set = createSchemaSet([
      { uri: "a:whole", value: { type: "string", pattern: "^(a+)+$" } },
      { uri: "a:broken", value: { type: "strng" } },
      { uri: "a:leading", value: { items: { $ref: "a:broken" }, type: "array" } },
    ]);
    expect(set.problems.map(({ code, uri }) => [code, uri])).toEqual([
      ["invalid-schema", "a:broken"],
      ["slow-pattern", "a:whole"],
    ]);
    expect(set.validate("a:whole", 1)).toHaveLength(1);
    expect(set.validate("a:leading", 1)).toEqual([]);
  });

  it("validates against a schema inside a document", () => {
    const set = open({ $defs: { "a b/c": { type: "string" } } });
    expect(set.validate(`${ROOT}#/$defs/a b~1c`, "x")).toEqual([]);
    expect(set.validate(`${ROOT}#/$defs/a%20b~1c`, 1)).toHaveLength(1);
    expect(() => set.validate(`${ROOT}#/nothing`, 1)).toThrow(
      "there is no schema at test:/root.json#/nothing",
    );
  });

  it.each([
    ["Cat", "through a reference"],
    ["Pet", "used itself"],
  ])("checks schemas of a document that is not a schema: %s, %s", (name) => {
    const api = (pet: object) => ({
      openapi: "3.0.3",
      info: { title: "Pets", version: 1 },
      // Not reached, so it is not a mistake.
      components: { schemas: { Pet: pet, Cat: { allOf: [{ $ref: "#/components/schemas/Pet" }] } }, min: 1 },
    });
    const problemsOf = (pet: object) =>
      lines(
        createSchemaSet([{ uri: ROOT, value: api(pet) }], [`${ROOT}#/components/schemas/${name}`]).problems,
      );
    const at = "/components/schemas/Pet";
    expect(problemsOf({ type: "object", properties: { a: { type: "string", nullable: true } } })).toEqual([]);
    expect(problemsOf({ type: "number", minimum: "1" })).toEqual([
      `invalid-schema ${at}/minimum (value) {"reason":"\\"minimum\\" must be number"}`,
    ]);
    expect(problemsOf({ type: "string", pattern: "[a" })).toEqual([
      `invalid-pattern ${at}/pattern (value) {"pattern":"[a","reason":"Unterminated character class"}`,
    ]);
    expect(problemsOf({ proprties: {} })).toEqual([
      `unknown-keyword ${at}/proprties (key) {"keyword":"proprties","suggestion":"properties"}`,
    ]);
  });

  it("resolves references across documents, ids and anchors", () => {
    const set = open(
      {
        $id: "https://example.com/dir/root.json",
        properties: { a: { $ref: "other.json#/$defs/x" }, b: { $ref: "#here" } },
        $defs: { y: { $anchor: "here", type: "null" } },
      },
      { "https://example.com/dir/other.json": { $defs: { x: { type: "string" } } } },
    );
    expect(set.problems).toEqual([]);
    expect(set.validate(ROOT, { a: "x", b: null })).toEqual([]);
    expect(set.validate(ROOT, { a: 1, b: 1 })).toHaveLength(2);
  });

  it("treats names such as toString like any other name", () => {
    const schema: unknown = JSON.parse(
      `{"type":"object","properties":{"__proto__":{"type":"number"},"toString":{"$ref":"#/$defs/constructor"}},
        "required":["constructor","__proto__"],"additionalProperties":{"type":"null"},"$defs":{"constructor":{"type":"string"},"__proto__":{}}}`,
    );
    const set = open(schema);
    expect(set.problems).toEqual([]);
    expect(set.definitions([ROOT])).toEqual([
      { uri: `${ROOT}#/$defs/constructor`, from: ROOT, baseName: "constructor" },
    ]);
    const verdict = (json: string) => set.validate(ROOT, JSON.parse(json)).length === 0;
    expect(verdict(`{}`)).toBe(false);
    expect(verdict(`{"constructor":null,"__proto__":1}`)).toBe(true);
    expect(verdict(`{"constructor":null,"__proto__":"a"}`)).toBe(false);
    expect(verdict(`{"constructor":null,"__proto__":1,"toString":1}`)).toBe(false);
  });

  it("does not change the documents", () => {
    const schema = {
      type: "object",
      properties: { a: { $ref: "#/$defs/b", default: [] } },
      $defs: { b: { enum: [{ c: 1 }] } },
    };
    const before = JSON.stringify(schema);
    const set = createSchemaSet([{ uri: ROOT, value: freeze(schema) }]);
    set.validate(ROOT, { a: { c: 2 } });
    expect(set.hints).toBeInstanceOf(Array);
    expect(JSON.stringify(schema)).toBe(before);
  });

  it("hints at untyped keywords, open objects and unknown formats", () => {
    const { problems, hints } = open({
      properties: {
        a: { type: "object", properties: {} },
        b: { type: "object", properties: {}, additionalProperties: true },
        c: { type: "string", format: "datetime" },
      },
    });
    expect(problems).toEqual([]);
    expect(lines(hints)).toEqual([
      'untyped-schema /properties (key) {"keywords":["properties"],"type":"object"}',
      "open-object /properties/a/properties (key) {}",
      'unknown-format /properties/c/format (value) {"format":"datetime","suggestion":"date-time"}',
    ]);
  });
});

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
