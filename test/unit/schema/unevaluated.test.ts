/* oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema */
import { registerSchema, unregisterSchema, validate } from "@hyperjump/json-schema/draft-2020-12";
import { validate as validate2019 } from "@hyperjump/json-schema/draft-2019-09";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { createSchemaSet } from "../../../src/schema/index.js";
import { printValidators } from "../../../src/schema/print.js";
import { errorsOf, load } from "./support.js";

const NAMES = ["a", "b", "ab", "toString"];
const scalar = fc.constantFrom<unknown>(null, true, 0, 1, 2, "", "a");
const { instance } = fc.letrec<{ instance: unknown; list: unknown; object: unknown }>((tie) => ({
  instance: fc.oneof({ depthSize: "small" }, scalar, tie("list"), tie("object")),
  list: fc.array(tie("instance"), { maxLength: 4 }),
  object: fc.dictionary(fc.constantFrom(...NAMES), tie("instance"), { maxKeys: 4 }),
}));

/** Random schemas, each with `unevaluatedProperties` or `unevaluatedItems` above branches and references. */
function schemas(draft: "2019-09" | "2020-12"): fc.Arbitrary<Record<string, unknown>> {
  const { schema } = fc.letrec<{ schema: unknown; keywords: Record<string, unknown> }>((tie) => {
    const one = tie("schema");
    const some = fc.array(one, { minLength: 1, maxLength: 3 });
    const byName = fc.dictionary(fc.constantFrom(...NAMES), one, { minKeys: 1, maxKeys: 2 });
    const keywords: Record<string, fc.Arbitrary<unknown>> = {
      type: fc.constantFrom("object", "array", "integer", ["object", "array"]),
      required: fc.subarray(NAMES, { minLength: 1, maxLength: 2 }),
      const: scalar,
      properties: byName,
      patternProperties: fc.dictionary(fc.constantFrom("^a", "b$"), one, { minKeys: 1, maxKeys: 2 }),
      additionalProperties: one,
      ...(draft === "2020-12"
        ? { prefixItems: some, items: one }
        : { items: fc.oneof(one, some), additionalItems: one }),
      // In 2019-09 `contains` evaluates no items (core, section 9.3.1.3); the other validator takes it as in 2020-12.
      ...(draft === "2020-12" && { contains: one, minContains: fc.integer({ min: 0, max: 2 }) }),
      minItems: fc.integer({ min: 1, max: 2 }),
      allOf: some,
      anyOf: some,
      oneOf: some,
      not: one,
      if: one,
      then: one,
      else: one,
      dependentSchemas: byName,
      unevaluatedProperties: fc.oneof(fc.constant(false), one),
      unevaluatedItems: fc.oneof(fc.constant(false), one),
      $ref: fc.constantFrom("#/$defs/first", "#/$defs/second", "#/$defs/closed"),
    };
    return {
      schema: fc.oneof(
        { depthSize: "small" },
        fc.boolean(),
        fc.constant({ type: "integer" }),
        tie("keywords"),
      ),
      keywords: fc
        .subarray(Object.keys(keywords), { minLength: 1, maxLength: 4 })
        .chain((used) => fc.record(Object.fromEntries(used.map((key) => [key, keywords[key] ?? one])))),
    };
  });
  const closing = fc.constantFrom("unevaluatedProperties", "unevaluatedItems");
  return fc
    .tuple(fc.array(schema, { minLength: 1, maxLength: 3 }), closing, schema, schema)
    .map(([main, keyword, first, second]) => ({
      $schema: `https://json-schema.org/draft/${draft}/schema`,
      allOf: main,
      [keyword]: false,
      $defs: {
        first: withoutReferences(first, ["#/$defs/second", "#/$defs/closed"]),
        second: withoutReferences(second, ["#/$defs/closed"]),
        closed: {
          anyOf: [{ required: ["a"], properties: { a: true } }, { items: true }],
          unevaluatedProperties: false,
        },
      },
    }));
}

/** Removes the references that could make a cycle. */
function withoutReferences(value: unknown, allowed: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutReferences(item, allowed));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      key === "$ref" && !allowed.includes(String(item)) ? [] : [[key, withoutReferences(item, allowed)]],
    ),
  );
}

const SEED = Number(process.env["FUZZ_SEED"] ?? 20240602);
const SCHEMAS = Number(process.env["FUZZ_SCHEMAS"] ?? 150);
const BATCH = 50;

it.each(["2019-09", "2020-12"] as const)(
  `agrees with an independent validator about ${SCHEMAS} random schemas with unevaluated properties and items: %s`,
  { timeout: 600_000 },
  async (draft) => {
    const sampled = fc.sample(schemas(draft), { numRuns: SCHEMAS, seed: SEED });
    let verdicts = { valid: 0, invalid: 0 };
    for (let from = 0; from < sampled.length; from += BATCH) {
      const batch = sampled.slice(from, from + BATCH);
      const set = createSchemaSet(batch.map((value, at) => ({ uri: `test:/${at}`, value })));
      expect(errorsOf(set)).toEqual([]);
      const exports = batch.map((_, at) => ({ name: `validate${at}`, uri: `test:/${at}` }));
      const modules = exports.map((one) => ({ path: one.name, exports: [one] }));
      const validators = load(await printValidators(set, { modules, sharedPath: "shared" }));
      for (const [at, { name, uri }] of exports.entries()) {
        const address = `https://example.com/${draft}/${from + at}`;
        registerSchema(batch[at] as never, address, `https://json-schema.org/draft/${draft}/schema`);
        const oracle = await (draft === "2019-09" ? validate2019 : validate)(address);
        for (const value of fc.sample(instance, { numRuns: 25, seed: SEED + at })) {
          const valid = oracle(value as never).valid;
          const said = { schema: JSON.stringify(batch[at]), value };
          expect({ ...said, valid: validators[name]?.(value) }).toEqual({ ...said, valid });
          expect({ ...said, valid: set.validate(uri, value).length === 0 }).toEqual({ ...said, valid });
          verdicts = valid
            ? { ...verdicts, valid: verdicts.valid + 1 }
            : { ...verdicts, invalid: verdicts.invalid + 1 };
        }
        unregisterSchema(address);
      }
    }
    expect(Math.min(verdicts.valid, verdicts.invalid)).toBeGreaterThan(SCHEMAS);
  },
);

it("contains refuses an empty array after one that contains it", async () => {
  const set = createSchemaSet([{ uri: "test:/a", value: { items: { contains: { type: "integer" } } } }]);
  const modules = [{ path: "a", exports: [{ name: "validateA", uri: "test:/a" }] }];
  const { validateA } = load(await printValidators(set, { modules, sharedPath: "shared" }));
  expect(
    [
      [[1], []],
      [[1], [2]],
      [["a"], [1]],
    ].map((value) => validateA?.(value)),
  ).toEqual([false, true, false]);
});
