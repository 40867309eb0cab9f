/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../src/diagnostics/index.js";
import { ANNOTATIONS } from "../../../src/schema/annotations.js";
import { MAX_SCHEMA_DEPTH } from "../../../src/schema/check/depth.js";
import { MAX_WATCHED_DEPTH } from "../../../src/schema/too-deep.js";
import { open } from "./support.js";

const DRAFT_04 = "http://json-schema.org/draft-04/schema#";
const DRAFT_07 = "http://json-schema.org/draft-07/schema#";
const DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema";

/** One line for each problem and hint: severity, code, location, message. */
function texts(schema: unknown, withHints = false): readonly string[] {
  const set = open(schema);
  const isShape = (code: string) => code === "untyped-schema" || code === "open-object";
  const hints = withHints ? set.hints.filter(({ code }) => !isShape(code)) : [];
  return [...set.problems, ...hints].map(({ code, pointer, at, params }) => {
    const { severity, message } = catalogue[code];
    return `${severity} ${code} ${pointer} (${at}): ${(message as (given: unknown) => string)(params)}`;
  });
}

describe("keywords that say nothing", () => {
  it.each([
    ["requird", ["a"], "required"],
    ["minLenght", 3, "minLength"],
    ["max", 3, "maximum"],
    ["proprties", { a: true }, "properties"],
    ["additionalproperties", false, "additionalProperties"],
    ["oneof", [true], "oneOf"],
    ["reqired", true, "required"],
    ["patern", "^a", "pattern"],
    ["tittle", "A", "title"],
    ["exmaple", 1, "example"],
    ["sensitiv", true, "sensitive"],
    ["id", "https://example.com/a", "$id"],
    ["$comments", "A.", "$comment"],
    ["x-topicsmith-nam", "A", "x-topicsmith-name"],
    ["x-topicsmith-indx", false, "x-topicsmith-index"],
  ])("a misspelled %s is told, with the right spelling", (keyword, value, suggestion) => {
    expect(texts({ type: "object", [keyword]: value })).toEqual([
      `warning unknown-keyword /${keyword} (key): unknown keyword "${keyword}" is ignored; did you mean "${suggestion}"?`,
    ]);
  });

  it.each([
    ["unit2", "cm"],
    ["in", "query"],
    ["ifs", "a"],
  ])("%s is not taken for a keyword whose value has another form", (keyword, value) => {
    expect(texts({ [keyword]: value })).toEqual([
      `warning unknown-keyword /${keyword} (key): unknown keyword "${keyword}" is ignored; remove it, or begin it with "x-"`,
    ]);
  });

  it("an unknown keyword without a similar one is told, also inside", () => {
    expect(texts({ properties: { a: { type: "number", zzyx: 5 } } })).toEqual([
      'warning unknown-keyword /properties/a/zzyx (key): unknown keyword "zzyx" is ignored; remove it, or begin it with "x-"',
    ]);
  });

  it.each([
    [DRAFT_07, "dependentRequired", { a: ["b"] }, 'use "dependencies"', "2019-09 or 2020-12"],
    [DRAFT_07, "unevaluatedProperties", false, "remove it", "2019-09 or 2020-12"],
    [DRAFT_07, "prefixItems", [true], 'use "items"', "2020-12"],
    [DRAFT_04, "const", 1, 'use "enum"', "draft-06, draft-07, 2019-09 or 2020-12"],
    [DRAFT_04, "contains", {}, "remove it", "draft-06, draft-07, 2019-09 or 2020-12"],
    [DRAFT_04, "if", {}, "remove it", "draft-07, 2019-09 or 2020-12"],
    [DRAFT_2019, "$dynamicRef", "#a", 'use "$recursiveRef"', "2020-12"],
    [undefined, "additionalItems", false, 'use "items"', "draft-04, draft-06, draft-07 or 2019-09"],
  ])("under %s, %s is refused instead of ignored", (dialect, keyword, value, remedy, from) => {
    const own = dialect === undefined ? "2020-12" : (/\d{4}-\d\d|draft-\d\d/.exec(dialect)?.[0] ?? "");
    expect(texts({ ...(dialect && { $schema: dialect }), [keyword]: value })).toEqual([
      `error foreign-keyword /${keyword} (key): ${own} has no keyword "${keyword}", so it would be ignored; ${remedy}, or set "$schema" to ${from}`,
    ]);
  });

  it("a keyword of draft-03 is refused without naming that draft, which is not supported", () => {
    expect(texts({ divisibleBy: 2 })).toEqual([
      'error foreign-keyword /divisibleBy (key): 2020-12 has no keyword "divisibleBy", so it would be ignored; use "multipleOf"',
    ]);
  });

  it.each([
    [
      DRAFT_07,
      { exclusiveMinimum: true },
      "exclusiveMinimum",
      'in draft-07 "exclusiveMinimum" is a number; write it instead of "minimum"',
    ],
    [
      DRAFT_04,
      { exclusiveMaximum: 5 },
      "exclusiveMaximum",
      'in draft-04 "exclusiveMaximum" is true or false; write the number as "maximum"',
    ],
    [
      DRAFT_07,
      { required: true },
      "required",
      '"required" is a list of names; add the name of the property to the "required" of the object around it',
    ],
    [DRAFT_07, { type: "float" }, "type", '"type" cannot be "float"; use "number"'],
    [DRAFT_07, { type: "Bool" }, "type", '"type" cannot be "Bool"; use "boolean"'],
    [DRAFT_07, { type: "date" }, "type", '"type" cannot be "date"; use "string" and "format: date"'],
    [DRAFT_07, { type: "any" }, "type", '"type" cannot be "any"; leave it out to allow every value'],
    [DRAFT_07, { type: ["null", "int"] }, "type/1", '"type" cannot be "int"; use "integer"'],
    [DRAFT_07, { type: ["string", "nul"] }, "type/1", '"type" cannot be "nul"; did you mean "null"?'],
    [DRAFT_07, { items: 5 }, "items", '"items" must be object or boolean'],
  ])("under %s, %j is told in words that help", ($schema, schema, pointer, reason) => {
    expect(texts({ $schema, ...schema })).toEqual([
      `error invalid-schema /${pointer} (value): not a valid JSON Schema: ${reason}`,
    ]);
  });

  it("draft-07 ignores constraints beside a $ref, which is told; descriptions pass", () => {
    const schema = {
      $schema: DRAFT_07,
      $ref: "#/definitions/a",
      minLength: 2,
      description: "A name.",
      definitions: { a: { type: "string" } },
    };
    expect(texts(schema)).toEqual([
      'warning ignored-keyword /minLength (key): draft-07 ignores "minLength" beside "$ref"; move both into "allOf"',
    ]);
  });

  it.each([
    [{ type: "integer", minLength: 1 }, "minLength", '"integer"', "strings"],
    [{ type: ["string", "null"], maximum: 1 }, "maximum", '"string" or "null"', "numbers"],
    [{ type: "array", required: ["a"] }, "required", '"array"', "objects"],
    [{ type: "object", uniqueItems: true }, "uniqueItems", '"object"', "arrays"],
    [{ type: "integer", format: "date-time" }, "format", '"integer"', "strings"],
    [{ $ref: "#/$defs/level", pattern: "^a" }, "pattern", '"number"', "strings"],
    [{ allOf: [{ $ref: "#/$defs/level" }, { maxLength: 3 }] }, "allOf/1/maxLength", '"number"', "strings"],
    [{ allOf: [{ $ref: "#/$defs/level" }], minItems: 1 }, "minItems", '"number"', "arrays"],
  ])("in %j, %s is told to have no effect", (schema, pointer, types, plural) => {
    const keyword = pointer.split("/").at(-1);
    expect(texts({ ...schema, $defs: { level: { type: "number" } } })).toEqual([
      `warning ineffective-keyword /${pointer} (key): "${keyword}" has no effect on a value of type ${types}, because it applies to ${plural} only; remove it, or correct the type`,
    ]);
  });

  it.each([
    [{ then: { minLength: 1 } }, "then", 'without "if"; add "if", or remove it'],
    [
      { $ref: "#/$defs/a", nullable: true, $defs: { a: { type: "string" } } },
      "nullable",
      'without "type"; write "anyOf" with a schema { type: "null" }, or remove it',
    ],
    [
      { enum: ["a"], nullable: true },
      "nullable",
      'without "type"; write "anyOf" with a schema { type: "null" }, or remove it',
    ],
    [
      { type: "string", nullable: "true" },
      "nullable",
      "unless it is true or false; write one of them without quotes, or remove it",
    ],
    [{ maxContains: 1 }, "maxContains", 'without "contains"; add "contains", or remove it'],
    [
      { $schema: DRAFT_2019, items: true, additionalItems: { type: "string" } },
      "additionalItems",
      'unless "items" is a list of schemas; write such a list as "items", or remove it',
    ],
  ])("in %j, %s is told to lack another keyword", (schema, keyword, rest) => {
    expect(texts(schema)).toEqual([
      `warning ineffective-keyword /${keyword} (key): "${keyword}" has no effect ${rest}`,
    ]);
  });

  it.each([
    [{ type: "integer", minimum: 1, multipleOf: 2 }],
    [{ type: ["string", "integer"], minLength: 1, maximum: 9 }],
    [{ type: "string", nullable: true, format: "date-time" }],
    [{ type: "string", format: "int64" }],
    [{ minLength: 1, maximum: 9 }],
    [{ enum: ["a", null], nullable: true }],
    [{ if: true, then: { minLength: 1 } }],
    [{ type: "string", additionalProperties: false }],
    [{ type: "array", items: { type: "string" }, additionalItems: false, $schema: DRAFT_07 }],
    [{ anyOf: [{ type: "integer" }, { type: "string" }], minLength: 1 }],
    [{ $schema: DRAFT_2019, items: [true], additionalItems: false, type: "array" }],
    [{ $schema: DRAFT_07, if: { type: "string" }, then: { minLength: 1 } }],
  ])("keywords that have an effect are not told: %j", (schema) => {
    expect(texts(schema)).toEqual([]);
  });

  it("annotations of known vocabularies, vendor keywords and containers of definitions pass", () => {
    const annotations = Object.fromEntries([...ANNOTATIONS].map((name) => [name, "a"]));
    const known = {
      deprecated: true,
      readOnly: true,
      writeOnly: true,
      examples: [1],
      nullable: true,
      sensitive: true,
    };
    delete annotations["$anchor"];
    expect(
      texts({
        ...annotations,
        ...known,
        "x-vendor": 1,
        "ui:widget": "text",
        _comment: "mine",
        components: { a: { type: "string" } },
        properties: { a: { $ref: "#/components/a" } },
      }),
    ).toEqual([]);
  });
});

/** An object that has one property and no other. */
function closed(name: string) {
  return { type: "object", properties: { [name]: true }, required: [name], additionalProperties: false };
}

describe("schemas that no value matches", () => {
  it.each([
    [{ minimum: 5, maximum: 3 }, "/maximum", '"minimum" is 5 and "maximum" is 3'],
    [{ minimum: 5, exclusiveMaximum: 5 }, "/exclusiveMaximum", '"minimum" is 5 and "exclusiveMaximum" is 5'],
    [{ minLength: 3, maxLength: 2 }, "/maxLength", '"minLength" is 3 and "maxLength" is 2'],
    [{ minItems: 3, maxItems: 2 }, "/maxItems", '"minItems" is 3 and "maxItems" is 2'],
    [{ type: "string", enum: [1, 2] }, "/enum", 'no value of "enum" has the type "string"'],
    [
      { type: "string", pattern: "/^a+$/i" },
      "/pattern",
      '"pattern" has slashes around it, so that "^" is not at its beginning',
    ],
    [{ type: "integer", const: 1.5 }, "/const", 'no value of "const" has the type "integer"'],
    [{ enum: [] }, "/enum", '"enum" is empty'],
    [{ type: "object", allOf: [{ type: "array" }] }, "/allOf", '"type" is "object", and "array" in "allOf"'],
    [
      { type: "object", required: ["b"], properties: { a: true }, additionalProperties: false },
      "/required",
      '"b" is required but not allowed',
    ],
    [
      { oneOf: [{ const: 1 }, { const: 2 }, { const: 1 }, { const: 2 }] },
      "/oneOf",
      'every branch of "oneOf" is there twice, so that none is the only one that fits',
    ],
    [
      {
        oneOf: [
          { const: 1, title: "one" },
          { title: "first", const: 1 },
        ],
      },
      "/oneOf",
      'every branch of "oneOf" is there twice, so that none is the only one that fits',
    ],
    [
      { oneOf: [{ const: 1 }, { const: 2 }, { const: 1 }] },
      "/oneOf/2",
      'it equals branch 1 of "oneOf", and neither is ever the only one that fits',
    ],
    [
      { type: "object", propertyNames: { type: "integer" } },
      "/propertyNames",
      'names are strings, and "type" is "integer"',
    ],
    [{ required: ["a"], properties: { a: false } }, "/required", '"a" is required but not allowed'],
    [{ type: "integer", exclusiveMinimum: 1, exclusiveMaximum: 2 }, "/type", "no integer is from 2 to 1"],
    [
      { allOf: [{ type: "string" }, { type: "number" }] },
      "/allOf",
      '"type" is "string", and "number" in "allOf"',
    ],
    [
      { $defs: { a: { type: "string" } }, $ref: "#/$defs/a", type: "number" },
      "/$ref",
      '"type" is "number", and "string" where "$ref" leads',
    ],
    [
      { allOf: [closed("a"), closed("b")] },
      "/allOf",
      '"b" is required, and a schema of "allOf" does not allow it',
    ],
    [
      { $defs: { a: { allOf: [closed("a")] } }, $ref: "#/$defs/a", required: ["b"] },
      "/$ref",
      '"b" is required, and a schema that "$ref" leads to does not allow it',
    ],
    [
      { ...closed("a"), allOf: [{ type: "object", required: ["b"] }] },
      "/allOf",
      '"b" is required, and "additionalProperties" beside "allOf" does not allow it',
    ],
  ])("%j is told", (schema, pointer, reason) => {
    expect(texts(schema)).toEqual([
      `warning unsatisfiable-schema ${pointer} (key): no value can match this schema: ${reason}; correct the schema`,
    ]);
  });

  it.each([
    { minimum: 3, maximum: 3 },
    { type: ["string", "integer"], enum: ["a", 1] },
    { type: "number", allOf: [{ type: "integer" }] },
    { required: ["xa"], patternProperties: { "^x": true }, additionalProperties: false },
    { not: {} },
    { type: "integer", exclusiveMinimum: 1, maximum: 2 },
    { allOf: [{ type: ["string", "null"] }, { type: "string" }] },
    { allOf: [{ type: "number" }, { type: "integer" }] },
    { allOf: [{ ...closed("a"), patternProperties: { "^b": true } }, { required: ["b"] }] },
    { allOf: [{ ...closed("a"), type: ["object", "null"] }, { required: ["b"] }] },
  ])("%j is not", (schema) => {
    expect(texts(schema)).toEqual([]);
  });
});

describe("integers that JavaScript rounds", () => {
  const text = (what: string) =>
    `JavaScript rounds integers beyond 2^53, and ${what} allows them; use a string, or set "minimum" and "maximum" within ±9007199254740991`;
  it.each([
    [{ type: "integer", format: "int64" }, "/format", "int64"],
    [{ type: "integer", maximum: 2 ** 63 }, "/maximum", "9223372036854776000"],
    [{ enum: [1, 2 ** 60] }, "/enum", "1152921504606847000"],
  ])("%j is told", (schema, pointer, what) => {
    expect(texts(schema)).toEqual([`warning unsafe-integer ${pointer} (value): ${text(what)}`]);
  });

  it.each([
    { type: "integer", format: "int64", minimum: 0, maximum: 2 ** 53 - 1 },
    { type: "integer", format: "int64", exclusiveMinimum: 0, exclusiveMaximum: 1000 },
    { type: "integer", format: "uint64", maximum: 1000 },
    { type: "string", format: "int64" },
    { type: "number", maximum: 3.4e38 },
  ])("%j passes", (schema) => {
    expect(texts(schema, true)).toEqual([]);
  });
});

describe("patterns", () => {
  it("of polynomial time are told, as a hint only if maxLength bounds the text", () => {
    const tail =
      'anchor it, rewrite it so that neighboring repetitions cannot match the same characters, or set "maxLength"';
    expect(texts({ pattern: "[0-9]+$" })).toEqual([
      `warning polynomial-pattern /pattern (value): the time that "[0-9]+$" takes grows with a power of the text's length; ${tail}`,
    ]);
    expect(texts({ pattern: "[0-9]+$", maxLength: 64 }, true)).toEqual([
      `hint bounded-pattern /pattern (value): the time that "[0-9]+$" takes grows with a power of the text's length, of which "maxLength" allows 64; keep that short`,
    ]);
    expect(texts({ pattern: "[0-9]+$", maxLength: 80_000 }, true)).toEqual([
      `warning polynomial-pattern /pattern (value): the time that "[0-9]+$" takes grows with a power of the text's length; ${tail.replace('set "maxLength"', 'lower "maxLength", which allows 80000')}`,
    ]);
    expect(texts({ patternProperties: { "a+b+a+$": {} } })).toHaveLength(1);
  });
});

describe("depth", () => {
  const nest = (levels: number, wrap: (inner: unknown) => unknown) =>
    Array.from({ length: levels }).reduce<unknown>((inner) => wrap(inner), { type: "string" });

  it.each([
    ["properties", (inner: unknown) => ({ properties: { a: inner } })],
    ["items", (inner: unknown) => ({ items: inner })],
    ["allOf", (inner: unknown) => ({ allOf: [inner] })],
    ["not", (inner: unknown) => ({ not: inner })],
  ])("schemas nested by %s have a bound that is an error with a location", (_, wrap) => {
    expect(texts(nest(MAX_SCHEMA_DEPTH, wrap))).toEqual([]);
    for (const levels of [MAX_SCHEMA_DEPTH + 1, 1000, 5000]) {
      const [text, ...more] = texts(nest(levels, wrap));
      expect(more).toEqual([]);
      expect(text).toMatch(
        /^error deep-schema (?:\/[a-zO]+(?:\/[a0])?){501} \(value\): nested deeper than 500 levels; move/,
      );
    }
  });

  it("mistakes in deep documents are still found", () => {
    const deep = nest(400, (inner) => ({ properties: { a: inner } })) as object;
    const inner = nest(250, (one) => ({ items: one })) as { items: unknown };
    expect(
      texts({ ...deep, anyOf: [inner, nest(240, (one) => ({ items: one, minItems: "2" }))] }),
    ).toHaveLength(240);
  });

  it("constants and tracked branches have a bound, too", () => {
    const list = Array.from({ length: 3000 }).reduce<unknown>((inner) => [inner], 1);
    expect(texts({ const: list })[0]).toMatch(/^error deep-schema \/const\/0/);
    const branches = nest(MAX_WATCHED_DEPTH + 50, (inner) => ({ anyOf: [inner] })) as object;
    expect(texts({ ...branches, unevaluatedProperties: false })[0]).toMatch(
      /^error deep-schema \/anyOf\/0.* \(value\): nested deeper than 100 levels; /,
    );
  });
});

it("a list of items under 2020-12 names prefixItems", () => {
  expect(texts({ items: [{ type: "string" }] })).toEqual([
    'error invalid-schema /items (value): not a valid JSON Schema: in 2020-12 "items" is one schema for all items; call a list of schemas "prefixItems"',
  ]);
});
