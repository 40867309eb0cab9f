import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { validate } from "../../../src/generate.js";
import { Compiler } from "../../../src/schema/compiler.js";
import { resource } from "../spec/mistakes/mistake.js";
import { inFolder, line, type Files } from "../spec/support.js";

/** A resource whose request has a schema, as JSON. */
const request = (schema: unknown, others: Files = {}): Files =>
  resource(`request: { schema: ${JSON.stringify(schema)} }`, others);

const json = (files: Readonly<Record<string, unknown>>): Files =>
  Object.fromEntries(Object.entries(files).map(([path, value]) => [path, JSON.stringify(value)]));

const DRAFT_07 = "http://json-schema.org/draft-07/schema#";

/** Mistakes in schemas, and all that is reported, as `file:line:column-line:column code: message`. */
const MISTAKES: readonly (readonly [title: string, files: Files, expected: readonly string[]])[] = [
  [
    "a type is misspelled",
    request({ type: "strng" }),
    [
      'ext.yaml:5:32-5:39 invalid-schema: not a valid JSON Schema: "type" cannot be "strng"; did you mean "string"?',
    ],
  ],
  [
    "a dialect is unknown",
    request({ $schema: "https://example.com/mine", type: "string" }),
    [
      'ext.yaml:5:35-5:61 unknown-dialect: "https://example.com/mine" is not a supported JSON Schema dialect; use http://json-schema.org/draft-04/schema, http://json-schema.org/draft-06/schema, http://json-schema.org/draft-07/schema, https://json-schema.org/draft/2019-09/schema or https://json-schema.org/draft/2020-12/schema, or omit $schema for 2020-12',
    ],
  ],
  [
    "a definition in another file has a different dialect",
    request(
      { type: "array", items: { $ref: "d7.json#/definitions/a%20b" } },
      json({ "d7.json": { $schema: DRAFT_07, definitions: { "a b": { type: "string" } } } }),
    ),
    [
      'ext.yaml:5:56-5:84 mixed-dialects: this schema is 2020-12, but "d7.json#/definitions/a%20b" refers to a draft-07 schema; give both the same $schema',
    ],
  ],
  [
    "an embedded resource refers to a definition that it lacks",
    request({
      type: "array",
      items: { $id: "https://example.com/a", $ref: "https://example.com/a#/$defs/b" },
    }),
    [
      'ext.yaml:5:86-5:118 dangling-schema-ref: "https://example.com/a#/$defs/b" cannot be resolved; correct it, or add the schema',
    ],
  ],
  [
    "a schema is on the network",
    request({ $ref: "https://example.com/a.json" }),
    [
      'ext.yaml:5:32-5:60 unregistered-schema: "https://example.com/a.json" is not fetched, because the network is never used; save the schema to a file and register it under "schemas:" in the root file',
    ],
  ],
  [
    "schema files only refer to each other",
    request({ $ref: "./a.json" }, json({ "a.json": { $ref: "b.json" }, "b.json": { $ref: "a.json" } })),
    [
      "b.json:1:9-1:17 circular-reference: circular $ref: a.json -> b.json -> a.json; replace one of these references with a value",
    ],
  ],
  [
    "a definition is a branch of itself",
    request(
      { $ref: "./a.json#/$defs/a" },
      json({ "a.json": { $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } } } }),
    ),
    [
      "a.json:1:33-1:44 circular-reference: circular $ref: a.json#/$defs/a -> a.json#/$defs/a; replace one of these references with a value",
    ],
  ],
  [
    "an inline schema refers to itself",
    request({ $ref: "#" }),
    [
      "ext.yaml:5:32-5:35 circular-reference: circular $ref: ext.yaml#/resources/say/request/schema -> ext.yaml#/resources/say/request/schema; replace one of these references with a value",
    ],
  ],
  [
    "a pattern backtracks",
    request({ type: "string", pattern: "^(a+)+$" }),
    [
      'ext.yaml:5:51-5:60 slow-pattern: "^(a+)+$" is vulnerable to catastrophic backtracking (ReDoS); rewrite it so that it can match each string in only one way',
    ],
  ],
  [
    "a format is misspelled",
    request({ type: "string", format: "date-tme" }),
    [
      'ext.yaml:5:50-5:60 unknown-format: unknown format "date-tme" is not validated; did you mean "date-time"?',
    ],
  ],
  [
    "a type is missing",
    request({ type: "array", items: { minItems: 2 } }),
    [
      'ext.yaml:5:49-5:59 untyped-schema: without "type: array", "minItems" applies to arrays only and any other value is valid; add it unless that is intended',
    ],
  ],
  [
    "an object is open",
    request({ type: "object", properties: { a: { type: "string" } } }),
    [
      'ext.yaml:5:41-5:53 open-object: properties that are not listed are accepted, including misspelled ones; set "additionalProperties: false", or true if that is intended',
    ],
  ],
];

async function diagnosticsOf(files: Files): Promise<readonly string[]> {
  return inFolder(files, async (folder) => {
    const { diagnostics } = await validate(join(folder, "root.yaml"));
    return diagnostics.map((item) => line(item).replaceAll(`${folder}/`, ""));
  });
}

describe("a spec", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(MISTAKES)("is reported if %s", async (_, files, expected) => {
    expect(await diagnosticsOf(files)).toEqual(expected);
  });

  // No schema is known that passes all checks and that ajv refuses.
  it("is reported if a schema cannot be compiled", async () => {
    vi.spyOn(Compiler.prototype, "compile").mockImplementation(() => {
      throw new Error("too deep");
    });
    expect(await diagnosticsOf(request({ type: "string" }))).toEqual([
      "ext.yaml:5:24-5:41 refused-schema: cannot compile this schema: too deep; rewrite it",
    ]);
  });
});
