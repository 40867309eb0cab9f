import * as fc from "fast-check";
import { expect, it } from "vitest";
import { DIALECTS, type DialectName } from "../../../src/schema/dialect.js";
import { createSchemaSet, type SchemaSet, type TupleStyle } from "../../../src/schema/index.js";
import { printTypes, printValidators } from "../../../src/schema/print.js";
import { instance, keywordsOf, schemas } from "./random-schemas.js";
import { compileAll, declarationsOf, errorsOf, load, open, ROOT, type Assignments } from "./support.js";

const STYLES: readonly TupleStyle[] = ["always", "short", "never"];
const DIALECT_NAMES = Object.keys(DIALECTS) as readonly DialectName[];

const SEED = Number(process.env["FUZZ_SEED"] ?? 20240601);
const SCHEMAS = Number(process.env["FUZZ_SCHEMAS"] ?? 300);

it(
  `every value that a random schema accepts compiles as its type: ${SCHEMAS} schemas, one compiler run`,
  { timeout: 600_000 },
  async () => {
    const share = { numRuns: Math.ceil(SCHEMAS / DIALECT_NAMES.length), seed: SEED };
    const sampled = DIALECT_NAMES.flatMap((dialect) => fc.sample(schemas(dialect), share));
    const groups: (Assignments & { readonly schema: unknown })[] = [];
    let tried = 0;
    for (const [place, schema] of sampled.entries()) {
      const set = open(schema);
      expect(errorsOf(set), JSON.stringify(schema)).toEqual([]);
      const values = distinct(fc.sample(instance, { numRuns: 20, seed: SEED + place }));
      tried += values.length;
      const instances = values.filter((value) => set.validate(ROOT, value).length === 0);
      const declarations = (await declarationsOf(set, ROOT, STYLES[place % STYLES.length]))
        .map(({ text }) => text)
        .join("\n");
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

it.each(DIALECT_NAMES)("random schemas of %s have every keyword of the dialect", (dialect) => {
  const text = JSON.stringify(fc.sample(schemas(dialect), { numRuns: 300, seed: SEED }));
  expect(keywordsOf(dialect).filter((keyword) => !text.includes(`"${keyword}":`))).toEqual([]);
});

it.each(DIALECT_NAMES)("the generated validators of random schemas agree with ajv (%s)", async (dialect) => {
  const sampled = fc.sample(schemas(dialect), { numRuns: 40, seed: SEED + 1 });
  const set = createSchemaSet(sampled.map((value, at) => ({ uri: `test:/${at}`, value })));
  expect(errorsOf(set)).toEqual([]);
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
});

it("printing a set of schemas twice gives the same text", async () => {
  const sampled = fc.sample(schemas("2020-12"), { numRuns: 40, seed: SEED + 2 });
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
