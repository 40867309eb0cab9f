import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { validate } from "../../../src/generate.js";
import { extension, resource } from "./mistakes/mistake.js";
import { inFolder, type Files } from "./support.js";

const circular: readonly (readonly [title: string, files: Files])[] = [
  [
    "extension files that refer to each other",
    extension("$ref: ./b.yaml\n", { "b.yaml": "$ref: ./ext.yaml\n" }),
  ],
  [
    "inline schemas that refer to each other",
    resource(
      "request: { schema: { $ref: './ext.yaml#/resources/say/response/schema' } }\nresponse: { schema: { $ref: './ext.yaml#/resources/say/request/schema' } }",
    ),
  ],
  ["an inline schema that refers to itself", resource("request: { schema: { $ref: '#' } }")],
  ["a schema that is a branch of itself", resource("request: { schema: { anyOf: [{ $ref: '#' }] } }")],
  [
    "schema files that refer to each other",
    resource("request: { schema: { $ref: ./a.json } }", {
      "a.json": '{"$ref": "b.json#/$defs/b"}',
      "b.json": '{"$defs": {"b": {"$ref": "a.json"}}}',
    }),
  ],
];

async function errorsOf(files: Files): Promise<readonly string[]> {
  const { diagnostics } = await inFolder(files, (folder) => validate(join(folder, "root.yaml")));
  return diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

describe("reference cycles", () => {
  test.each(circular)("reports %s once, as circular-reference", async (_, files) => {
    // A spec without resources is an error as well.
    expect((await errorsOf(files)).filter((code) => code !== "no-resources")).toEqual(["circular-reference"]);
  });
});
