import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it, vi } from "vitest";
import { createSchemaSet } from "../../../src/schema/index.js";
import { printTypes, printValidators } from "../../../src/schema/print.js";
import { compileAll, declarationsOf, errorsOf, open, ROOT, typesOf, validatorOf } from "./support.js";

function nest(depth: number, inner: unknown, wrap: (inner: unknown) => unknown): unknown {
  let nested = inner;
  for (let at = 0; at < depth; at++) nested = wrap(nested);
  return nested;
}

it("schemas nested 500 levels deep validate and print", async () => {
  const wrap = (inner: unknown) => ({
    type: "object",
    properties: { a: inner },
    required: ["a"],
    additionalProperties: false,
  });
  const schema = nest(500, { type: "string" }, wrap);
  const set = open(schema);
  expect(errorsOf(set)).toEqual([]);
  const good = nest(500, "x", (a) => ({ a }));
  const bad = nest(500, 1, (a) => ({ a }));
  expect(set.validate(ROOT, good)).toEqual([]);
  expect(set.validate(ROOT, bad)).toHaveLength(1);
  const validate = await validatorOf(set);
  expect([validate(good), validate(bad)]).toEqual([true, false]);
  expect(validate.errors?.[0]?.instancePath).toBe("/a".repeat(500));
  const declarations = (await typesOf(schema)).replaceAll(/\s+/g, " ");
  expect(declarations).toContain("{ a: ".repeat(50));
  expect(declarations).toContain("{ a: unknown; }");
  // Types end at 40 levels. TypeScript's parser overflows the stack of Node 24 on a literal of 500 levels, so that of a
  // valid value is shortened.
  const literals = [nest(100, "x", (a) => ({ a })), nest(40, 1, (a) => ({ a }))];
  const { compiles, faults } = compileAll([{ declarations, instances: literals }]);
  expect([compiles, faults]).toEqual([[[true, false]], []]);
});

it("branches nested 500 levels deep validate and print", async () => {
  const set = open(nest(500, { type: "string" }, (inner) => ({ anyOf: [inner, { const: 1 }] })));
  const validate = await validatorOf(set);
  expect([validate("a"), validate(1), validate(2)]).toEqual([true, true, false]);
  expect((await declarationsOf(set))[0]?.text).toBe("export type Root = (string | 1)");
});

it("objects with 10,000 properties validate and print", async () => {
  const names = Array.from({ length: 10_000 }, (_, at) => `member${at}`);
  const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
  const set = open({ type: "object", properties, required: names, additionalProperties: false });
  const good = Object.fromEntries(names.map((name) => [name, "x"]));
  expect(set.validate(ROOT, good)).toEqual([]);
  const validate = await validatorOf(set);
  expect(validate(good)).toBe(true);
  expect(validate({ ...good, member7777: 1 })).toBe(false);
  expect(validate({ ...good, other: "x" })).toBe(false);
  const [root] = await declarationsOf(set);
  expect(root?.text.match(/member\d+: string/g)).toHaveLength(10_000);
});

it("5,000 alternatives validate and print", async () => {
  const values = Array.from({ length: 5000 }, (_, at) => `value${at}`);
  const set = open({
    type: "object",
    properties: { a: { enum: values }, b: { anyOf: values.map((value) => ({ const: value })) } },
  });
  const validate = await validatorOf(set);
  expect([validate({ a: "value4999", b: "value4999" }), validate({ a: "x" }), validate({ b: "x" })]).toEqual([
    true,
    false,
    false,
  ]);
  const [root] = await declarationsOf(set);
  expect(root?.text.match(/"value4999"/g)).toHaveLength(2);
});

it("a chain of 1,000 definitions validates and prints", async () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 1000 }, (_, at) => [
      `d${at}`,
      at === 999 ? { type: "string" } : { items: { $ref: `#/$defs/d${at + 1}` }, type: "array" },
    ]),
  );
  const set = open({ $ref: "#/$defs/d0", $defs });
  expect(set.definitions([ROOT])).toHaveLength(1000);
  const validate = await validatorOf(set);
  expect(validate([[[]]])).toBe(true);
  const declarations = await declarationsOf(set);
  expect(declarations.at(-1)?.text).toBe("export type D999 = string");
  const { compiles, faults } = compileAll([
    { declarations: declarations.map(({ text }) => text).join("\n"), instances: [[[[]]], [[1]]] },
  ]);
  expect([compiles, faults]).toEqual([[[true, false]], []]);
});

it("the number of schemas compiled grows linearly with the number of documents", async () => {
  const documents = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      uri: `a:${index}`,
      value: {
        type: "object",
        properties: { id: { type: "integer" }, item: { $ref: "#/$defs/item" } },
        required: ["id"],
        $defs: {
          item: {
            type: "object",
            properties: { name: { type: "string", minLength: 1 }, kind: { enum: ["a", "b"] } },
          },
        },
      },
    }));
  const lookUps = vi.spyOn(Ajv2020.prototype, "getSchema");
  const additions = vi.spyOn(Ajv2020.prototype, "addSchema");
  /** Prints types and validators of `count` documents. Returns how often ajv was asked for a schema, and given one. */
  const work = async (count: number) => {
    lookUps.mockClear();
    additions.mockClear();
    const set = createSchemaSet(documents(count));
    const roots = documents(count).map(({ uri }, index) => ({ uri, name: `Root${index}` }));
    const definitions = new Map(
      set.definitions(roots.map(({ uri }) => uri)).map(({ uri }, index) => [uri, `Item${index}`]),
    );
    expect(await printTypes(set, { roots, definitions })).toHaveLength(2 * count);
    const modules = roots.map(({ uri, name }) => ({
      path: name,
      exports: [{ name: `validate${name}`, uri }],
    }));
    expect(await printValidators(set, { modules, sharedPath: "shared" })).toHaveLength(count + 1);
    return [lookUps.mock.calls.length, additions.mock.calls.length] as const;
  };
  const [few, many] = [await work(50), await work(400)];
  expect(few[0]).toBeGreaterThan(50);
  expect(many[0]).toBeLessThanOrEqual(8 * few[0]);
  expect(many[1]).toBeLessThanOrEqual(8 * few[1]);
  vi.restoreAllMocks();
});

it("unions of many branches are one flat function, and decide like small ones", async () => {
  const branch = (at: number) => ({
    type: "object",
    properties: { kind: { const: `k${at}` }, size: { type: "integer", minimum: at } },
    required: ["kind"],
  });
  const depthOf = (code: string) => {
    let [depth, deepest] = [0, 0];
    for (const character of code) {
      if (character === "{") deepest = Math.max(deepest, ++depth);
      else if (character === "}") depth--;
    }
    return deepest;
  };
  const print = async (count: number) => {
    const branches = Array.from({ length: count }, (_, at) => branch(at));
    const set = open({ oneOf: [...branches, { properties: { kind: { const: "k1" } }, required: ["kind"] }] });
    const [module] = await printValidators(set, {
      modules: [{ path: "root", exports: [{ name: "validateRoot", uri: ROOT }] }],
      sharedPath: "shared",
    });
    return { validate: await validatorOf(set), depth: depthOf(module?.code ?? "") };
  };
  const [small, large] = [await print(5), await print(500)];
  // ajv nests each branch in the block of the one before it, which took 72 seconds for 2,000 branches.
  expect(large.depth).toBe(small.depth);
  for (const { validate } of [small, large]) {
    expect(
      [{ kind: "k3" }, { kind: "k3", size: 1 }, { kind: "k1", size: 5 }, {}].map((value) => validate(value)),
    ).toEqual([true, false, false, false]);
  }
  expect(large.validate({ kind: "k499", size: 499 })).toBe(true);
});
