import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createMetaAjv } from "../../../src/schema/ajv.js";
import { DIALECTS } from "../../../src/schema/dialect.js";
import { metaValidator } from "../../../tools/meta-validators.mjs";
import { changed, runCommonJs } from "../../support/compiled-schemas.js";

test.each(Object.values(DIALECTS))(
  "the compiled meta-schema of $name accepts exactly the schemas in which ajv finds no mistake",
  (dialect) => {
    const { isValid } = runCommonJs(metaValidator(dialect, createMetaAjv)) as {
      readonly isValid: (schema: unknown) => boolean;
    };
    const validate = createMetaAjv(dialect).getSchema(dialect.metaSchema)!;
    const nested = {
      type: "object",
      properties: { a: { type: "array", items: { $ref: "#" }, minItems: 1 } },
    };
    const subject = { allOf: [nested, { not: { enum: [1, "x"] }, pattern: "^a$" }], definitions: { nested } };
    const other = fc.constantFrom<unknown>(
      undefined,
      true,
      -1,
      "type",
      "#",
      [],
      ["a"],
      {},
      { type: "strin" },
    );
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 7 }), other, (steps, by) => {
        const mutant = changed(subject, steps, by);
        const verdict = isValid(mutant);
        verdicts.add(verdict);
        expect(verdict).toBe(validate(mutant));
      }),
      { seed: 7, numRuns: 400 },
    );
    expect(isValid(subject)).toBe(true);
    expect(verdicts).toEqual(new Set([true, false]));
  },
);
