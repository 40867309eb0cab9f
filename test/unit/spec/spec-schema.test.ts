import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { isObject, type JsonObject } from "../../../src/json/json.js";
import { DIALECTS } from "../../../src/schema/dialect.js";
import { subschemas } from "../../../src/spec/schema-walk.js";
import { readFromDisk } from "./support.js";

const schema: unknown = JSON.parse(readFileSync("src/spec/spec.schema.json", "utf8"));
const scope = { base: "spec:/", absolute: false, root: [], dialect: DIALECTS["2020-12"] };
const all = [...subschemas({ value: schema, path: [], scope })];

describe("spec.schema.json", () => {
  test("is a valid schema of draft 2020-12 without unknown keywords", () => {
    const ajv = new Ajv2020({
      strict: true,
      strictTypes: false,
      strictRequired: false,
      formats: { regex: true },
    });
    expect(() => ajv.compile(isObject(schema) ? schema : {})).not.toThrow();
  });

  test("distinguishes a root file from an extension file by the key topicsmith", () => {
    const ajv = new Ajv2020({ strict: false, formats: { regex: true } });
    const validate = ajv.compile(isObject(schema) ? schema : {});
    expect(validate({ resources: {} })).toBe(true);
    expect(validate({ topicsmith: 1, resources: {} })).toBe(false);
  });

  test("describes every key in plain text that ends with a full stop", () => {
    const definitions = isObject(schema) ? schema["$defs"] : undefined;
    const described = (value: unknown): string | undefined => {
      if (!isObject(value)) return undefined;
      if (typeof value["description"] === "string") return value["description"];
      const name = typeof value["$ref"] === "string" ? value["$ref"].replace("#/$defs/", "") : "";
      return isObject(definitions) ? described(definitions[name]) : undefined;
    };
    const keys = all.flatMap(({ path, schema: owner }) => keysOf(owner).map((entry) => ({ path, ...entry })));
    expect(keys.length).toBeGreaterThan(60);
    for (const { path, key, value } of keys) {
      const inCondition = path.includes("then") || ["binary", "textIds"].includes(String(path.at(-1)));
      const description = inCondition ? "None." : described(value);
      expect(description, [...path, key].join("/")).toMatch(/^[A-Z].*\.$/);
      expect(description, [...path, key].join("/")).not.toMatch(/[`*]|__|\[.*\]\(/);
    }
  });

  test("names the format of every string that has a pattern, with an example", () => {
    for (const { path, schema: owner } of all) {
      if ("pattern" in owner) expect(owner["title"], path.join("/")).toMatch(/^an? .*such as/);
    }
  });
});

test("readSpec reports no problem in the Kaa spec", async () => {
  const { diagnostics, document } = await readFromDisk("spec/kaa/kaa.yaml");
  expect(diagnostics).toEqual([]);
  expect(document?.extensions.length).toBe(6);
});

function keysOf(owner: JsonObject): readonly { readonly key: string; readonly value: unknown }[] {
  const properties = owner["properties"];
  return isObject(properties) ? Object.entries(properties).map(([key, value]) => ({ key, value })) : [];
}
