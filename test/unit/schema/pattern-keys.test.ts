import { expect, it } from "vitest";
import { compileAll, declarationsOf, open } from "./support.js";

it.each([
  [".*", "string"],
  ["", "string"],
  ["^/", "`/${string}`"],
  ["^\\/", "`/${string}`"],
  ["^\\$", "`\\$${string}`"],
  ["^x-", "`x-${string}`"],
  ["^v\\.", "`v.${string}`"],
  ["^a/b.*$", "`a/b${string}`"],
  ["\\.json$", "`${string}.json`"],
  ["^ab?c", "`a${string}`"],
  ["^[a-z]+$", "string"],
  ["^a|b", "string"],
])("the pattern %s of names gives the key %s", async (pattern, key) => {
  const schema = {
    type: "object",
    patternProperties: { [pattern]: { type: "number" } },
    additionalProperties: false,
  };
  const [declaration] = await declarationsOf(open(schema));
  expect(declaration?.text.replaceAll(/\s+/g, " ")).toBe(`export interface Root { [key: ${key}]: number }`);
});

it("keys of patterns accept the names that match and refuse others, also with quotes and dollars", async () => {
  const groups = await Promise.all(
    ["^\\$", "^/", "^'", "\\.\\$$", ".*"].map(async (pattern) => {
      const schema = {
        type: "object",
        patternProperties: { [pattern]: { type: "number" } },
        additionalProperties: false,
      };
      const set = open(schema);
      const values = [{ $a: 1 }, { "/a": 1 }, { "'a": 1 }, { "a.$": 1 }, { $a: "b" }];
      const declarations = (await declarationsOf(set)).map(({ text }) => text).join("\n");
      return { set, values, declarations, instances: values };
    }),
  );
  const { compiles, faults } = compileAll(groups);
  expect(faults).toEqual([]);
  for (const [at, { set, values }] of groups.entries())
    expect(compiles[at]).toEqual(values.map((value) => set.validate("test:/root.json", value).length === 0));
});

it("a pattern that matches every name leaves no other properties, even in an open object", async () => {
  const [declaration] = await declarationsOf(
    open({ type: "object", patternProperties: { ".*": { type: "number" } } }),
  );
  expect(declaration?.text.replaceAll(/\s+/g, " ")).toBe("export interface Root { [key: string]: number }");
});
