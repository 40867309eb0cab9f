import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createSchemaSet } from "../../src/schema/index.js";
import { printTypes, printValidators } from "../../src/schema/print.js";
import { load as loadModules } from "../unit/schema/support.js";

// Large schemas of other projects are scenarios: test/scenarios/large-schema-*.
it("a schema of 770 kB becomes types and a validator, which accepts the configuration of this project's linter", async () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
  const uri = "test:/oxlint.json";
  const set = createSchemaSet([{ uri, value: read("node_modules/oxlint/configuration_schema.json") }]);
  // Warnings: its `uint64` numbers can be beyond what JavaScript holds exactly, and `additionalItems` stands beside a single `items`.
  const expected = ["unsafe-integer", "ineffective-keyword"];
  expect(set.problems.filter(({ code }) => !expected.includes(code))).toEqual([]);
  const definitions = new Map(
    set.definitions([uri]).map((found, place) => [found.uri, `Definition${place}`] as const),
  );
  const declarations = await printTypes(set, { roots: [{ uri, name: "Root" }], definitions });
  const modules = await printValidators(set, {
    modules: [{ path: "oxlint", exports: [{ name: "validateRoot", uri }] }],
    sharedPath: "shared",
  });
  expect(declarations.length).toBe(definitions.size + 1);
  expect(declarations.map(({ text }) => text).join("\n")).not.toMatch(/: any\b/);
  const check = loadModules(modules)["validateRoot"];
  expect(check?.(read(".oxlintrc.json"))).toBe(true);
  expect(check?.({ categories: { correctness: "loud" } })).toBe(false);
  expect(check?.errors?.[0]?.instancePath).toBe("/categories/correctness");
});
