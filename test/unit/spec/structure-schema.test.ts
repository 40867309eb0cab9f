import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { structureErrors, type StructureName } from "../../../src/spec/structure-schema.js";
import { specValidator } from "../../../tools/spec-validator.mjs";
import { changed, runCommonJs } from "../../support/compiled-schemas.js";

/** The compiled schema of a built topicsmith. The sources are not built, so that `structureErrors` asks ajv here. */
const compiled = runCommonJs(specValidator());

const kaa = (file: string): unknown => parse(readFileSync(`spec/kaa/${file}`, "utf8"));
const subjects: readonly (readonly [StructureName, unknown])[] = [
  ["root", kaa("kaa.yaml")],
  ["extension", kaa("cex.yaml")],
  ["extension", kaa("cmx.yaml")],
  ["errorPayload", { schema: { type: "object" } }],
];

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
