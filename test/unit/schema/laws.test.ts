/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createSchemaSet, printTypes, printValidators, type SchemaSet } from "../../../src/schema/index.js";
import { compileAll, declarationsOf, load, open, ROOT, type Assignments } from "./support.js";

// Few names and values, so that schemas and instances that were made apart from each other still meet.
const NAMES = ["a", "b", "x-c", "toString"];
// No values with members such as `toString`: against an index signature TypeScript reads what is written there as if it
// had to be the function of that name, and then takes "a" for any string. The suite has what can be said of them.
const MEMBERS = ["a", "b", "x-c", "d"];
const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, -1.5, "", "a", "b", "x-long");

const { instance } = fc.letrec<{ instance: unknown; list: unknown; object: unknown }>((tie) => ({
  instance: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalar, tie("list"), tie("object")),
  list: fc.array(tie("instance"), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom(...MEMBERS), tie("instance"), { maxKeys: 3 }),
}));

const count = fc.integer({ min: 0, max: 3 });
const names = fc.subarray(NAMES);
const type = fc.constantFrom("null", "boolean", "number", "integer", "string", "array", "object");

/** Random schemas; `definition` is what a reference may lead to. */
function schemas(draft07: boolean): fc.Arbitrary<Record<string, unknown>> {
  const { schema } = fc.letrec<{ schema: unknown; object: Record<string, unknown> }>((tie) => {
    const one = tie("schema");
    const some = fc.array(one, { minLength: 1, maxLength: 3 });
    const byName = fc.dictionary(fc.constantFrom(...NAMES), one, { maxKeys: 3 });
    const keywords: Record<string, fc.Arbitrary<unknown>> = {
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
      items: draft07 ? fc.oneof(one, some) : one,
      ...(draft07
        ? { additionalItems: one }
        : { prefixItems: some, unevaluatedProperties: one, minContains: count }),
      contains: one,
      minItems: count,
      maxItems: count,
      uniqueItems: fc.boolean(),
      minLength: count,
      maximum: count,
      allOf: some,
      anyOf: some,
      oneOf: some,
      not: one,
      if: one,
      then: one,
      else: one,
      ...(draft07
        ? { dependencies: fc.dictionary(fc.constantFrom(...NAMES), fc.oneof(names, one), { maxKeys: 2 }) }
        : {
            dependentRequired: fc.dictionary(fc.constantFrom(...NAMES), names, { maxKeys: 2 }),
            dependentSchemas: byName,
          }),
      // Only below a member or an item, or checking might never end.
      $ref: fc.constantFrom("#/definitions/scalar", "#/definitions/object", "#/definitions/list"),
    };
    const object = fc
      .subarray(Object.keys(keywords), { minLength: 1, maxLength: 4 })
      .chain((used) =>
        fc.record(
          Object.fromEntries(used.map((keyword) => [keyword, keywords[keyword] ?? fc.constant(true)])),
        ),
      );
    return {
      object,
      schema: fc.oneof(
        { depthSize: "xsmall", withCrossShrink: true },
        fc.boolean(),
        fc.record({ type }),
        tie("object"),
      ),
    };
  });
  return fc.tuple(schema, schema).map(([main, inner]) => ({
    $schema: draft07
      ? "http://json-schema.org/draft-07/schema#"
      : "https://json-schema.org/draft/2020-12/schema",
    allOf: [main],
    definitions: {
      scalar: { enum: [null, 1, "a"] },
      object: {
        type: "object",
        properties: { a: { $ref: "#/definitions/object" }, b: withoutReferences(inner) },
        additionalProperties: { $ref: "#/definitions/scalar" },
      },
      list: { type: ["array", "null"], items: { $ref: "#/definitions/list" } },
    },
  }));
}

function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key === "$ref" ? [] : [[key, withoutReferences(item)]])),
  );
}

const SEED = Number(process.env["FUZZ_SEED"] ?? 20240601);
const SCHEMAS = Number(process.env["FUZZ_SCHEMAS"] ?? 300);

it(
  `every value that a random schema accepts compiles as its type: ${SCHEMAS} schemas, one compiler run`,
  { timeout: 600_000 },
  async () => {
    const half = { numRuns: Math.ceil(SCHEMAS / 2), seed: SEED };
    const sampled = [true, false].flatMap((draft07) => fc.sample(schemas(draft07), half));
    const groups: (Assignments & { readonly schema: unknown })[] = [];
    let tried = 0;
    for (const [place, schema] of sampled.entries()) {
      const set = open(schema);
      expect(set.problems, JSON.stringify(schema)).toEqual([]);
      const values = distinct(fc.sample(instance, { numRuns: 20, seed: SEED + place }));
      tried += values.length;
      const instances = values.filter((value) => set.validate(ROOT, value).length === 0);
      const declarations = (await declarationsOf(set)).map(({ text }) => text).join("\n");
      expect(declarations).not.toMatch(/\bany\b/);
      groups.push({ schema, declarations, instances });
    }
    const { compiles, faults } = compileAll(groups);
    const refused = groups.flatMap(({ schema, instances, declarations }, group) =>
      instances.flatMap((value, at) =>
        compiles[group]?.[at] === true ? [] : [{ schema: JSON.stringify(schema), value, declarations }],
      ),
    );
    expect(faults).toEqual([]);
    expect(refused.slice(0, 3)).toEqual([]);
    // The law would hold of schemas that accept nothing, too; and of types that are all `unknown`.
    const kept = groups.flatMap(({ instances }) => instances).length;
    expect(kept).toBeGreaterThan(tried / 20);
    const vague = groups.filter(({ declarations }) =>
      /^export type Root = unknown\b/.test(declarations),
    ).length;
    expect(vague).toBeLessThan(SCHEMAS / 2);
  },
);

function distinct(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

it.each([true, false])(
  "the generated validators of random schemas agree with ajv (draft-07: %s)",
  async (draft07) => {
    const sampled = fc.sample(schemas(draft07), { numRuns: 60, seed: SEED + 1 });
    const set = createSchemaSet(sampled.map((value, at) => ({ uri: `test:/${at}`, value })));
    expect(set.problems).toEqual([]);
    const exports = sampled.map((_, at) => ({ name: `validate${at}`, uri: `test:/${at}` }));
    const modules = exports.map((one) => ({ path: one.name, exports: [one] }));
    const printed = await printValidators(set, { modules, sharedPath: "shared" });
    const validators = load(printed);
    for (const [at, { name, uri }] of exports.entries()) {
      for (const value of fc.sample(instance, { numRuns: 30, seed: SEED + at })) {
        const said = { schema: sampled[at], value, valid: validators[name]?.(value) };
        expect(said).toEqual({ ...said, valid: set.validate(uri, value).length === 0 });
      }
    }
  },
);

it("printing a set of schemas twice gives the same text", async () => {
  const sampled = fc.sample(schemas(false), { numRuns: 40, seed: SEED + 2 });
  const print = async (set: SchemaSet) => {
    const roots = sampled.map((_, at) => ({ uri: `test:/${at}`, name: `Root${at}` }));
    const definitions = new Map(
      set.definitions(roots.map(({ uri }) => uri)).map(({ uri }, at) => [uri, `Definition${at}`]),
    );
    const modules = roots.map(({ uri, name }) => ({
      path: name,
      exports: [{ name: `validate${name}`, uri }],
    }));
    return JSON.stringify([
      await printTypes(set, { roots, definitions }),
      await printValidators(set, { modules, sharedPath: "shared" }),
    ]);
  };
  const documents = sampled.map((value, at) => ({ uri: `test:/${at}`, value }));
  const set = createSchemaSet(documents);
  const once = await print(set);
  expect(await print(set)).toBe(once);
  expect(await print(createSchemaSet(structuredClone(documents)))).toBe(once);
});
