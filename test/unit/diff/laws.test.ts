import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareByDifference, compareReaders } from "../../../src/diff/schema/compare-schemas.js";
import type { DialectName } from "../../../src/schema/dialect.js";
import { instance, schemas } from "../schema/random-schemas.js";
import { errorsOf } from "../schema/support.js";
import { readerOf } from "./support.js";

// FUZZ_SEED and FUZZ_SCHEMAS search further: FUZZ_SEED=7 FUZZ_SCHEMAS=2000 npx vitest run test/unit/diff/laws
const PAIRS = Number(process.env["FUZZ_SCHEMAS"] ?? 200) / 5;
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
/** The random values that have to confirm each verdict. */
const VALUES = 1000;

const values = fc.sample(instance, { numRuns: VALUES, seed });

/** Pairs of random schemas of a dialect, which refer to the same definitions. */
function pairs(dialect: DialectName) {
  return fc.tuple(schemas(dialect), schemas(dialect)).map(([older, newer]) => {
    const { definitions } = older;
    return [older, { ...newer, definitions }] as const;
  });
}

describe("a comparison of two random schemas", () => {
  it.each(["2020-12", "2019-09", "draft-07", "draft-06", "draft-04"] as const)(
    "of %s is confirmed by the validators: every witness, and 1,000 values for each proof",
    (dialect) => {
      let [proofs, witnesses, open] = [0, 0, 0];
      const compared = fc.property(pairs(dialect), (pair) => {
        const [older, newer] = pair.map(readerOf);
        if (older === undefined || newer === undefined) return;
        if (errorsOf(older.set).length + errorsOf(newer.set).length > 0) return;
        const { narrowed, widened } = compareReaders(older, newer);
        for (const [direction, own, other] of [
          [narrowed, older, newer],
          [widened, newer, older],
        ] as const) {
          const isWitness = (value: unknown) =>
            own.refuse(value).length === 0 && other.refuse(value).length > 0;
          if (direction.isProven) {
            proofs += 1;
            expect(values.filter(isWitness)).toEqual([]);
          } else if (direction.witnesses.length > 0) {
            witnesses += 1;
            for (const { value } of direction.witnesses) expect(isWitness(value)).toBe(true);
          } else {
            open += 1;
            // Neither a proof nor a witness: a random value would have been a miss.
            expect(values.filter(isWitness)).toEqual([]);
          }
        }
      });
      fc.assert(compared, { numRuns: PAIRS, seed });
      expect(proofs).toBeGreaterThan(0);
      expect(witnesses).toBeGreaterThan(0);
      // Almost every pair is decided.
      expect(open).toBeLessThan((proofs + witnesses) / 10);
    },
    // Thousands of validators are compiled.
    600_000,
  );
});

/** Pairs of random schemas of a dialect that differ in one part, below some levels. The newer part often only adds rules. */
function partPairs(dialect: DialectName) {
  const parts = fc.tuple(schemas(dialect), schemas(dialect), schemas(dialect));
  const places = fc.tuple(fc.nat(7), fc.nat(7), fc.nat(3));
  return fc.tuple(parts, places).map(([[around, before, now], [one, other, kind]]) => {
    const { definitions, $schema } = around;
    const [beside, older, added] = [around, before, now].map(
      ({ definitions: _definitions, $schema: _dialect, ...schema }) => schema,
    );
    const newer = kind === 0 ? added : { allOf: [older, added] };
    const [first, second] = [older, newer].map((part) => ({
      ...below(below(part, beside, one), beside, other),
      definitions,
      ...($schema !== undefined && { $schema }),
    }));
    return [first, second] as const;
  });
}

/** A schema that has another one inside, and one beside it. */
function below(part: unknown, beside: unknown, at: number): Record<string, unknown> {
  const forms: readonly Record<string, unknown>[] = [
    { properties: { a: part, b: beside } },
    { items: part },
    { additionalProperties: part },
    { anyOf: [beside, part] },
    { oneOf: [beside, part] },
    { allOf: [part, beside] },
    { not: part },
    { patternProperties: { "^a": part } },
  ];
  return forms[at] ?? {};
}

describe("a comparison of two schemas by their difference", () => {
  it.each(["2020-12", "2019-09", "draft-07", "draft-06", "draft-04"] as const)(
    "of %s is confirmed by the validators: every witness, and 1,000 values for each proof",
    (dialect) => {
      let [proofs, witnesses] = [0, 0];
      const compared = fc.property(partPairs(dialect), (pair) => {
        const [older, newer] = pair.map(readerOf);
        if (older === undefined || newer === undefined) return;
        if (errorsOf(older.set).length + errorsOf(newer.set).length > 0) return;
        const found = compareByDifference({ older, newer, examples: [], isProvable: true });
        for (const [direction, own, other] of [
          [found.narrowed, older, newer],
          [found.widened, newer, older],
        ] as const) {
          const isWitness = (value: unknown) =>
            own.refuse(value).length === 0 && other.refuse(value).length > 0;
          if (direction.isProven) {
            proofs += 1;
            expect(values.filter(isWitness)).toEqual([]);
          }
          for (const { value } of direction.witnesses) {
            witnesses += 1;
            expect(isWitness(value)).toBe(true);
          }
        }
      });
      fc.assert(compared, { numRuns: PAIRS, seed });
      expect(proofs).toBeGreaterThan(0);
      expect(witnesses).toBeGreaterThan(0);
    },
    600_000,
  );
});
