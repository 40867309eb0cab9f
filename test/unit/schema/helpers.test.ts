import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as helpers from "../../../templates/validator-helpers.js";
import { FORMATS } from "../../../src/schema/formats.js";
import { helperLibrary, helperNamed, helpersWithUses } from "../../../src/schema/validators/helpers.js";
import { open, ROOT, validatorOf } from "./support.js";

describe("the helpers of validators", () => {
  it("are every export of templates/validator-helpers.js, as text that runs without the others", () => {
    expect([...helperLibrary().keys()].toSorted()).toEqual(Object.keys(helpers).toSorted());
    for (const name of helperLibrary().keys()) {
      const code = helpersWithUses([name]).map((helper) => helper.code);
      // oxlint-disable-next-line typescript/no-implied-eval -- carried text is what is tested here
      const run = new Function(`"use strict";\n${code.join("\n")}\nreturn ${name};`) as () => unknown;
      expect(typeof run(), name).toBe(typeof (helpers as Readonly<Record<string, unknown>>)[name]);
    }
  });

  it("contain every format except those that refuse nothing, as declarations", () => {
    for (const [name, format] of FORMATS)
      if (format !== true)
        expect(helperNamed(`formats["${name}"]`)).toBe(`format_${name.replaceAll("-", "_")}`);
    for (const { code } of helperLibrary().values()) expect(code).toMatch(/^(?:function|const) /);
  });

  it("are found by the expressions in code by ajv, and an unknown expression throws", () => {
    expect(helperNamed('require("ajv/dist/runtime/ucs2length").default')).toBe("ucs2length");
    expect(helperNamed('new RegExp("a", "u")')).toBeUndefined();
    expect(() => helperNamed('require("ajv/dist/runtime/uri").default')).toThrow("validators cannot contain");
    expect(() => helperNamed("formats.nothing")).toThrow("there is no helper format_nothing");
  });

  it("count code points, not code units", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string({ unit: fc.constantFrom("\ud83d", "\ude00", "a") }),
        (a, b) => {
          expect(helpers.ucs2length(a)).toBe(Array.from(a).length);
          expect(helpers.ucs2length(b)).toBe(Array.from(b).length);
        },
      ),
      { seed: 7, numRuns: 50 },
    );
  });
});

describe("multipleOf", () => {
  it.each([
    [0.01, 100_000],
    [0.1, 100_000],
    [0.0000001, 100_000],
    [0.05, 20_000],
    [1e-9, 20_000],
    [0.123, 20_000],
    [2.5, 20_000],
  ])("accepts every decimal that is a multiple of %s, and refuses those between", async (divisor, count) => {
    const validate = await validatorOf(open({ multipleOf: divisor }));
    const decimals = divisor.toFixed(9).replace(/0+$/, "").split(".")[1]?.length ?? 0;
    const digits = BigInt(Math.round(divisor * 10 ** decimals));
    const text = (units: bigint, places: number) => {
      const padded = units.toString().padStart(places + 1, "0");
      return `${padded.slice(0, padded.length - places)}.${padded.slice(padded.length - places)}`;
    };
    const wrong: number[] = [];
    for (let factor = 1; factor <= count; factor++) {
      const multiple = Number(text(digits * BigInt(factor), decimals));
      const between = Number(text(digits * BigInt(factor) * 10n + 1n, decimals + 1));
      if (!validate(multiple) || !validate(-multiple)) wrong.push(multiple);
      if (validate(between)) wrong.push(between);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    [0.1, 0.3, true],
    [0.1, 0.30000000000000004, false],
    [0.01, 19.99, true],
    [0.01, 4.35, true],
    [3, 9007199254740992, false],
    [2, 1e300, true],
    [7, 1e300, false],
    [1e300, 3e300, true],
    [1e-300, 1.5e-300, false],
    [1e-300, 3e-300, true],
    [0.123456789, 1e308, false],
    [5, 0, true],
    [0.5, -0, true],
    [1e20, 1e21, true],
    [1.5, 1e15, false],
    [1.5, 3e15, true],
  ])("is exact: is a multiple of %s: %s: %s", async (divisor, value, expected) => {
    const set = open({ multipleOf: divisor });
    const validate = await validatorOf(set);
    expect([validate(value), set.validate(ROOT, value).length === 0]).toEqual([expected, expected]);
  });
});

describe("formats", () => {
  it.each([
    ["date-time", "2024-01-01T00:00:00+05:30", true],
    ["date-time", "2024-01-01T00:00:00+0530", false],
    ["date-time", "2024-01-01T00:00:00+05", false],
    ["date-time", "2024-01-01t00:00:00.5z", true],
    ["date-time", "2024-02-30T00:00:00Z", false],
    ["date-time", "2024-01-01T00:00:00", false],
    ["iso-date-time", "2024-01-01T00:00:00", true],
    ["date-time", "1998-12-31T23:59:60Z", true],
    ["date-time", "1998-12-31T15:59:60-08:00", true],
    ["date-time", "1998-12-31T15:59:60Z", false],
    ["time", "12:00:00+01", false],
    ["time", "12:00:00+0100", false],
    ["time", "12:00:00-01:00", true],
    ["byte", "YQ==", true],
    ["byte", "?\nYQ==", false],
    ["int32", 2147483648, false],
    ["int64", 9007199254740992, true],
    ["int64", 1e30, false],
    ["int64", 1.5, false],
    ["uri", "https://example.com/a?b#c", true],
    ["hostname", "-a.example", false],
    ["uuid", "123e4567-e89b-12d3-a456-426614174000", true],
  ])("%s: %s: %s", async (format, value, expected) => {
    const validate = await validatorOf(open({ format }));
    expect(validate(value)).toBe(expected);
  });
});

describe("uniqueItems", () => {
  const scalars = fc.oneof(
    fc.constantFrom("__proto__", "1", "toString", "", "a"),
    fc.integer({ min: 0, max: 5 }),
  );
  const items = fc.oneof(
    scalars,
    fc.constant(null),
    fc.boolean(),
    fc.dictionary(fc.constantFrom("a", "b"), scalars),
  );

  it.each([
    ["of any type", { uniqueItems: true }, items],
    ["that are scalars", { uniqueItems: true, items: { type: ["string", "integer"] } }, scalars],
    [
      "of a tuple that ends in scalars",
      { uniqueItems: true, prefixItems: [{ type: "object" }, { type: "object" }], items: { type: "string" } },
      fc.constant({}),
      2,
    ],
  ])("finds two equal items %s in short and in long lists", async (_what, schema, item, maxLength = 14) => {
    const validate = await validatorOf(open(schema));
    fc.assert(
      fc.property(fc.array(item, { maxLength }), (list) => {
        const distinct = new Set(list.map((one) => JSON.stringify(one, ["a", "b"])));
        expect(validate(list)).toBe(distinct.size === list.length);
        if (distinct.size === list.length) return;
        const { i, j } = validate.errors?.[0]?.params ?? {};
        expect(i).toBeGreaterThan(Number(j));
        expect(list[Number(i)]).toEqual(list[Number(j)]);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it("takes linear time for strings of an unknown type", async () => {
    const validate = await validatorOf(open({ uniqueItems: true }));
    expect(validate(Array.from({ length: 200_000 }, (_, index) => `item ${index}`))).toBe(true);
  });
});
