import { describe, expect, it } from "vitest";
import { sensitivePointers } from "../../../src/model/sensitive.js";
import type { SchemaResource } from "../../../src/spec/index.js";

/** The pointers of one schema document. */
function pointersOf(value: unknown): readonly string[] {
  const resource = { uri: "spec:/a", value } as SchemaResource;
  return sensitivePointers([resource], "spec:/a");
}

const secret = { type: "string", sensitive: true };

describe("what a schema marks sensitive", () => {
  it.each([
    ["a member", { properties: { token: secret, name: {} } }, ["/token"]],
    ["a member of items", { items: { properties: { "a/b": secret } } }, ["/*/a~1b"]],
    ["any further member", { additionalProperties: secret }, ["/*"]],
    ["a member of a branch", { allOf: [{ anyOf: [{ properties: { k: secret } }] }] }, ["/k"]],
    ["behind a reference", { properties: { k: { $ref: "#/$defs/s" } }, $defs: { s: secret } }, ["/k"]],
    [
      "behind an anchor",
      { properties: { k: { $ref: "#sec" } }, $defs: { s: { ...secret, $anchor: "sec" } } },
      ["/k"],
    ],
    [
      "below a recursion, which hides all below it",
      { properties: { k: secret, child: { $ref: "#" } } },
      ["/child", "/k"],
    ],
    ["the value itself", secret, [""]],
    ["what is written as text", { properties: { k: { sensitive: "true" } } }, ["/k"]],
    [
      "a reference that can not be followed, in a document with secrets",
      { properties: { a: { $ref: "x:y" }, k: secret } },
      ["/a", "/k"],
    ],
    ["nothing", { properties: { k: { sensitive: false } } }, []],
  ])("%s", (_, schema, expected) => {
    expect(pointersOf(schema)).toEqual(expected);
  });

  it("is found quickly where every definition refers to every other", () => {
    const names = Array.from({ length: 12 }, (_, index) => `d${index}`);
    const refs = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
    const definitions = Object.fromEntries(names.map((name) => [name, { properties: refs }]));
    expect(pointersOf({ $ref: "#/$defs/d0", $defs: definitions })).toEqual([]);
    const marked = { ...definitions, d11: { properties: { k: secret } } };
    expect(pointersOf({ $ref: "#/$defs/d0", $defs: marked })).toEqual([""]);
  });
});
