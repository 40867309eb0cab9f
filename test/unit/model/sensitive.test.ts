import { describe, expect, it } from "vitest";
import { sensitivePointers } from "../../../src/model/sensitive.js";
import { createSchemaSet } from "../../../src/schema/index.js";

/** The pointers of one schema document. */
function pointersOf(value: unknown): readonly string[] {
  return sensitivePointers(createSchemaSet([{ uri: "spec:/a", value }]).index, "spec:/a");
}

const secret = { type: "string", sensitive: true };
const DRAFT_04 = "http://json-schema.org/draft-04/schema#";
const DRAFT_07 = "http://json-schema.org/draft-07/schema#";
const DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema";

describe("sensitivePointers finds the mark", () => {
  it.each([
    ["on a property", { properties: { token: secret, name: {} } }, ["/token"]],
    ["on a property of items", { items: { properties: { "a/b": secret } } }, ["/*/a~1b"]],
    ["on items by position", { prefixItems: [{}, secret] }, ["/*"]],
    ["on additional properties", { additionalProperties: secret }, ["/*"]],
    ["on properties by pattern", { patternProperties: { "^k": secret } }, ["/*"]],
    ["in a branch of a branch", { allOf: [{ anyOf: [{ properties: { k: secret } }] }] }, ["/k"]],
    ["in a dependent schema", { dependentSchemas: { a: { properties: { k: secret } } } }, ["/k"]],
    [
      "in a keyword of another dialect",
      { $schema: DRAFT_07, dependentSchemas: { a: { properties: { k: secret } } } },
      ["/k"],
    ],
    ["behind a reference", { properties: { k: { $ref: "#/$defs/s" } }, $defs: { s: secret } }, ["/k"]],
    [
      "behind an anchor",
      { properties: { k: { $ref: "#sec" } }, $defs: { s: { ...secret, $anchor: "sec" } } },
      ["/k"],
    ],
    ["on the value itself", secret, [""]],
    ["written as a string", { properties: { k: { sensitive: "true" } } }, ["/k"]],
    [
      "in a document inside a string, which is hidden as a whole",
      { properties: { k: { contentSchema: { properties: { pin: secret } } } } },
      ["/k"],
    ],
    [
      "on the names of properties, whose object is hidden as a whole",
      { properties: { k: { propertyNames: secret, additionalProperties: { type: "integer" } } } },
      ["/k"],
    ],
    ["on names behind a reference", { propertyNames: { $ref: "#/$defs/s" }, $defs: { s: secret } }, [""]],
  ])("%s", (_, schema, expected) => {
    expect(pointersOf(schema)).toEqual(expected);
  });

  it("nowhere in a schema with sensitive: false", () => {
    expect(pointersOf({ properties: { k: { sensitive: false } } })).toEqual([]);
  });

  it("nowhere in data that looks like a schema", () => {
    const data = { properties: { k: secret } };
    expect(pointersOf({ const: data, default: data, examples: [data], enum: [data] })).toEqual([]);
  });
});

// Bundlers embed each file as a definition with the `$id` that it is referred to by.
describe("sensitivePointers resolves references within embedded resources", () => {
  it.each([
    [
      "by pointer, relative to the embedded $id",
      {
        properties: { login: { $ref: "https://example.com/login" } },
        $defs: {
          login: {
            $id: "https://example.com/login",
            properties: { pin: { $ref: "#/$defs/pin" } },
            $defs: { pin: secret },
          },
        },
      },
      ["/login/pin"],
    ],
    [
      "by anchor",
      {
        properties: { login: { $ref: "https://example.com/login#pin" } },
        $defs: {
          login: { $id: "https://example.com/login", $defs: { pin: { ...secret, $anchor: "pin" } } },
          decoy: { $id: "https://example.com/decoy", $anchor: "pin" },
        },
      },
      ["/login"],
    ],
    [
      "by a relative $id nested in another $id",
      {
        properties: { a: { $ref: "https://example.com/schemas/outer" } },
        $defs: {
          outer: {
            $id: "https://example.com/schemas/outer",
            properties: { b: { $ref: "inner" } },
            $defs: { inner: { $id: "inner", properties: { c: secret } } },
          },
        },
      },
      ["/a/b/c"],
    ],
    [
      "by the id of draft-04",
      {
        $schema: DRAFT_04,
        properties: { login: { $ref: "https://example.com/login" }, pin: { $ref: "#pin" } },
        definitions: {
          login: {
            id: "https://example.com/login",
            properties: { code: { $ref: "#/definitions/code" } },
            definitions: { code: secret },
          },
          pin: { id: "#pin", sensitive: true },
        },
      },
      ["/login/code", "/pin"],
    ],
    [
      "by the $id of draft-07",
      {
        $schema: DRAFT_07,
        properties: { login: { $ref: "https://example.com/login#/definitions/code" } },
        definitions: { login: { $id: "https://example.com/login", definitions: { code: secret } } },
      },
      ["/login"],
    ],
    [
      "by $dynamicRef, to every anchor that it may lead to",
      {
        $id: "https://example.com/list",
        items: { $dynamicRef: "#item" },
        $defs: {
          any: { $dynamicAnchor: "item" },
          login: {
            $id: "https://example.com/logins",
            $ref: "list",
            $defs: { item: { $dynamicAnchor: "item", properties: { pin: secret } } },
          },
        },
      },
      ["/*/pin"],
    ],
    [
      "by $recursiveRef, below which everything is hidden",
      {
        $schema: DRAFT_2019,
        $recursiveAnchor: true,
        properties: { pin: secret, next: { $recursiveRef: "#" } },
      },
      ["/next", "/pin"],
    ],
  ])("%s", (_, schema, expected) => {
    expect(pointersOf(schema)).toEqual(expected);
  });

  it.each([DRAFT_04, DRAFT_07, DRAFT_2019, undefined])("with a mark beside the $ref, in %s", ($schema) => {
    const schema = {
      ...($schema !== undefined && { $schema }),
      properties: { a: { $ref: "#/definitions/plain", sensitive: true } },
      definitions: { plain: { type: "string" } },
    };
    expect(pointersOf(schema)).toEqual(["/a"]);
  });
});

describe("sensitivePointers hides more than the marked values", () => {
  it("below a recursive reference", () => {
    expect(pointersOf({ properties: { k: secret, child: { $ref: "#" } } })).toEqual(["/child", "/k"]);
  });

  it("below a reference that cannot be resolved, if any document marks something", () => {
    expect(pointersOf({ properties: { a: { $ref: "x:y" }, k: secret } })).toEqual(["/a", "/k"]);
    expect(pointersOf({ properties: { a: { $ref: "x:y" } } })).toEqual([]);
  });

  it("as a whole value, if every definition refers to every other", () => {
    const names = Array.from({ length: 12 }, (_, index) => `d${index}`);
    const refs = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
    const definitions = Object.fromEntries(names.map((name) => [name, { properties: refs }]));
    expect(pointersOf({ $ref: "#/$defs/d0", $defs: definitions })).toEqual([]);
    const marked = { ...definitions, d11: { properties: { k: secret } } };
    expect(pointersOf({ $ref: "#/$defs/d0", $defs: marked })).toEqual([""]);
  });
});
