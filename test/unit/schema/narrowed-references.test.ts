/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import { describe, expect, it } from "vitest";
import { compileAll, declarationsOf, open, ROOT, typesOf } from "./support.js";

const $defs = {
  days: { type: "array", items: { enum: ["mon", "tue"] } },
  modes: { type: "object", additionalProperties: { enum: ["on", "off"] } },
  closed: {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "string" } },
    additionalProperties: false,
  },
  open: { type: "object", properties: { a: { type: "number" }, b: { type: "string" } } },
  loose: { properties: { a: { enum: ["x", "y"] } } },
  one: {
    type: "object",
    properties: { kind: { const: "one" } },
    required: ["kind"],
    additionalProperties: false,
  },
  two: {
    type: "object",
    properties: { kind: { const: "two" }, x: { type: "number" } },
    required: ["kind"],
    additionalProperties: false,
  },
  either: { oneOf: [{ $ref: "#/$defs/one" }, { $ref: "#/$defs/two" }] },
  eithers: { type: "array", items: { $ref: "#/$defs/either" } },
  pairs: {
    type: "array",
    items: {
      type: "array",
      prefixItems: [{ type: "number" }, { enum: ["x", "y"] }],
      items: false,
      minItems: 2,
    },
  },
  tree: {
    type: "object",
    properties: { left: { $ref: "#/$defs/tree", required: ["kind"] }, kind: { enum: ["leaf", "node"] } },
    additionalProperties: false,
  },
};

interface Case {
  readonly schema: object;
  /** Values that the schema accepts; each must compile. */
  readonly good: readonly unknown[];
  /** Values that the schema refuses and that must not compile. */
  readonly bad: readonly unknown[];
}

const cases: Readonly<Record<string, Case>> = {
  "a list with bounds": {
    schema: { $ref: "#/$defs/days", minItems: 1, maxItems: 3 },
    good: [["mon"], ["mon", "tue", "mon"]],
    bad: [["wed"], "mon"],
  },
  "a list with bounds, wrapped": {
    schema: { allOf: [{ $ref: "#/$defs/days" }, { minItems: 2 }] },
    good: [["mon", "tue"]],
    bad: [["mon", "wed"]],
  },
  "a list with an item that it must contain": {
    schema: { $ref: "#/$defs/days", contains: { const: "mon" } },
    good: [["tue", "mon"]],
    bad: [["wed"]],
  },
  "a record of constants with a required property": {
    schema: { $ref: "#/$defs/modes", required: ["fan"] },
    good: [{ fan: "on" }, { fan: "off", light: "on" }],
    bad: [{ light: "on" }, { fan: "up" }, { fan: "on", light: "up" }],
  },
  "a list of tuples with bounds": {
    schema: { $ref: "#/$defs/pairs", minItems: 1 },
    good: [
      [[1, "x"]],
      [
        [1, "x"],
        [2, "y"],
      ],
    ],
    bad: [[[1, "z"]], [["x", 1]]],
  },
  "a list of discriminated objects with bounds": {
    schema: { $ref: "#/$defs/eithers", minItems: 1 },
    good: [[{ kind: "one" }], [{ kind: "two", x: 1 }, { kind: "one" }]],
    bad: [[{ kind: "three" }], [{ kind: "one", x: 1 }]],
  },
  "a closed object with a required property": {
    schema: { $ref: "#/$defs/closed", required: ["a"] },
    good: [{ a: 1 }, { a: 1, b: "" }],
    bad: [{}, { b: "" }, { a: 1, bb: "" }, { a: null }],
  },
  "an object with a required property": {
    schema: { $ref: "#/$defs/open", required: ["a"] },
    good: [{ a: 1 }, { a: 1, c: "" }],
    bad: [{}, { c: 1 }, { a: "" }],
  },
  "an object without a type and with a required property": {
    schema: { $ref: "#/$defs/loose", type: "object", required: ["a"] },
    good: [{ a: "x" }, { a: "y", c: 1 }],
    bad: [{}, { a: "z" }],
  },
  "an object that is closed beside the reference": {
    schema: { $ref: "#/$defs/open", properties: { z: { type: "null" } }, unevaluatedProperties: false },
    good: [{ a: 1, z: null }],
    bad: [{ y: 1 }, { z: 1 }],
  },
  "a union with a required property": {
    schema: { $ref: "#/$defs/either", required: ["x"] },
    good: [{ kind: "two", x: 1 }],
    bad: [{ kind: "two" }, { kind: "one" }, { kind: "one", x: 1 }],
  },
  "a type that requires its own property of itself": {
    schema: { $ref: "#/$defs/tree" },
    good: [{ kind: "leaf" }, {}, { left: { left: { kind: "leaf" }, kind: "node" } }],
    bad: [{ left: {} }, { left: { left: { kind: "leaf" }, kin: "node" } }, { kind: "lead" }],
  },
};

describe("the type of a reference with sibling keywords", () => {
  it("accepts what the validator accepts, and stays closed", async () => {
    const groups = await Promise.all(
      Object.values(cases).map(async ({ schema, good, bad }) => {
        const declarations = await declarationsOf(open({ ...schema, $defs }));
        return {
          declarations: declarations.map(({ text }) => text).join("\n"),
          instances: [...good, ...bad],
        };
      }),
    );
    for (const [what, { schema, good, bad }] of Object.entries(cases)) {
      const set = open({ ...schema, $defs });
      for (const value of good) expect(set.validate(ROOT, value), what).toEqual([]);
      for (const value of bad) expect(set.validate(ROOT, value), what).not.toEqual([]);
    }
    const { compiles, faults } = compileAll(groups, { exactOptionalPropertyTypes: true });
    expect(faults).toEqual([]);
    const wanted = Object.values(cases).map(({ good, bad }) => [
      ...good.map(() => true),
      ...bad.map(() => false),
    ]);
    expect(Object.keys(cases).map((what, index) => [what, compiles[index]])).toEqual(
      Object.keys(cases).map((what, index) => [what, wanted[index]]),
    );
  });

  it("names the definition and what is required of it, without another index signature", async () => {
    expect(await typesOf({ $ref: "#/$defs/closed", required: ["a"], $defs: { closed: $defs.closed } })).toBe(
      "export type Root = Closed & {\n  a: number;\n};\n\nexport interface Closed {\n  a?: number;\n  b?: string;\n}",
    );
  });

  it.each([2, 5, 8, 10, 40])(
    "compiles for an allOf of %i references to schemas without a type",
    async (count) => {
      const names = Array.from({ length: count }, (_, index) => `part${index}`);
      const schema = {
        allOf: names.map((name) => ({ $ref: `#/$defs/${name}` })),
        $defs: Object.fromEntries(
          names.map((name) => [name, { properties: { [name]: { type: "number" } }, required: [name] }]),
        ),
      };
      const declarations = (await declarationsOf(open(schema))).map(({ text }) => text).join("\n");
      const good = Object.fromEntries(names.map((name) => [name, 1]));
      const instances = [good, { ...good, part1: "1" }, { part0: 1 }];
      expect(compileAll([{ declarations, instances }])).toEqual({
        compiles: [[true, false, false]],
        faults: [],
      });
    },
  );

  it("prints the properties of merged references in the order of the schema", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `part${index}`);
    const text = await typesOf({
      allOf: names.map((name) => ({ $ref: `#/$defs/${name}` })),
      $defs: Object.fromEntries(names.map((name) => [name, { properties: { [name]: { type: "number" } } }])),
    });
    const root = text.slice(0, text.indexOf("[key: string]"));
    expect(Array.from(root.matchAll(/(part\d+)\?:/g), ([, name]) => name)).toEqual(names);
  });

  it("compiles for intersections of intersections", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `part${index}`);
    const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
    const schema = {
      allOf: ["left", "right"].map(ref),
      $defs: {
        left: { allOf: names.slice(0, 6).map(ref) },
        right: { allOf: names.slice(6).map(ref) },
        ...Object.fromEntries(
          names.map((name) => [name, { properties: { [name]: { enum: ["on", "off"] } } }]),
        ),
      },
    };
    const declarations = (await declarationsOf(open(schema))).map(({ text }) => text).join("\n");
    const instances = [{ part0: "on", part11: "off" }, [], { part0: 1 }, { part11: "up" }];
    expect(compileAll([{ declarations, instances }])).toEqual({
      compiles: [[true, true, false, false]],
      faults: [],
    });
  });

  it("ends for records whose definitions lead back to themselves", async () => {
    const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
    const leaf = (name: string) => ({ type: "object", properties: { [name]: ref("tree") } });
    const schema = {
      allOf: [ref("tree"), { additionalProperties: ref("marked") }],
      $defs: {
        tree: { type: "object", properties: { top: leaf("up") }, additionalProperties: leaf("down") },
        marked: { ...ref("tree"), additionalProperties: leaf("other"), type: "object" },
      },
    };
    const set = open(schema);
    const declarations = (await declarationsOf(set)).map(({ text }) => text).join("\n");
    const good = [{}, { top: { up: { x: {} } } }, { x: { down: { y: { down: {} } } } }];
    for (const value of good) expect(set.validate(ROOT, value)).toEqual([]);
    expect(compileAll([{ declarations, instances: [...good, { top: 1 }, 1] }])).toEqual({
      compiles: [[true, true, true, false, false]],
      faults: [],
    });
  });

  it("is derived quickly from conditions inside conditions, and from records of records", async () => {
    let nested: object = { type: "string" };
    for (let level = 0; level < 40; level++) nested = { if: nested, then: { type: "string" } };
    expect(await typesOf(nested)).toContain("export type Root =");
    const names = Array.from({ length: 12 }, (_, number) => `d${number}`);
    const ref = (number: number) => ({ $ref: `#/$defs/d${number % names.length}` });
    const record = (value: object, rest: object) => ({
      type: "object",
      properties: { v: value },
      additionalProperties: rest,
    });
    const definition = (number: number) => ({
      type: "object",
      properties: Object.fromEntries(
        [1, 2, 3, 4].map((at) => [`p${at}`, record(ref(number * 3 + at), ref(number + at * 5))]),
      ),
      additionalProperties: record(ref(number + 1), ref(number + 7)),
    });
    const all = {
      allOf: [
        ref(0),
        {
          additionalProperties: record({ type: "object" }, { ...ref(3), properties: { q: ref(2) } }),
        },
      ],
      $defs: Object.fromEntries(names.map((name, number) => [name, definition(number)])),
    };
    expect(await typesOf(all)).toContain("export interface Root {");
  });
});
