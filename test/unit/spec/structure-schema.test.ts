import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { runInThisContext } from "node:vm";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { isObject } from "../../../src/json/json.js";
import { structureErrors, type StructureName } from "../../../src/spec/structure-schema.js";
import { specValidator } from "../../../tools/spec-validator.mjs";

/** The compiled schema of a built topicsmith. The sources are not built, so that `structureErrors` asks ajv here. */
const compiled: Record<string, unknown> = {};
const run = runInThisContext(`(exports, require) => {${specValidator()}\n}`) as (...args: unknown[]) => void;
run(compiled, createRequire(import.meta.url));

const kaa = (file: string): unknown => parse(readFileSync(`spec/kaa/${file}`, "utf8"));
const subjects: readonly (readonly [StructureName, unknown])[] = [
  ["root", kaa("kaa.yaml")],
  ["extension", kaa("cex.yaml")],
  ["extension", kaa("cmx.yaml")],
  ["errorPayload", { schema: { type: "object" } }],
];

/** A copy of a value with another value, or none, in one place of it. */
function changed(value: unknown, steps: readonly number[], by: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return by;
  if (Array.isArray(value) && value.length > 0) {
    const at = step % value.length;
    return value.map((item: unknown, index) => (index === at ? changed(item, rest, by) : item));
  }
  if (!isObject(value)) return by;
  const keys = Object.keys(value);
  const key = keys[step % (keys.length + 1)] ?? "another";
  return { ...value, [key]: changed(value[key], rest, by) };
}

test("the compiled schema of specs accepts exactly the specs in which ajv finds no mistake", () => {
  const verdicts = new Set<boolean>();
  const other = fc.oneof(
    fc.jsonValue({ maxDepth: 1 }),
    fc.constantFrom(undefined, "(", "^a$", 1, "required", "x-a"),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...subjects),
      fc.array(fc.nat(20), { maxLength: 6 }),
      other,
      (...mutation) => {
        const [[name, value], steps, by] = mutation;
        const mutant = changed(value, steps, by);
        const verdict = (compiled[name] as (value: unknown) => boolean)(mutant);
        verdicts.add(verdict);
        expect(verdict).toBe(structureErrors(name, mutant).length === 0);
      },
    ),
    { numRuns: 500 },
  );
  for (const [name, value] of subjects)
    expect((compiled[name] as (value: unknown) => boolean)(value)).toBe(true);
  expect(verdicts).toEqual(new Set([true, false]));
});
