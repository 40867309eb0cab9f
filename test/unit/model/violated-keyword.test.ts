import { join } from "node:path";
import { expect, test } from "vitest";
import { loadApi } from "../../../src/load-api.js";
import type { BodyModel } from "../../../src/model/index.js";
import { inFolder } from "../spec/support.js";

const FILES = {
  "root.yaml": `topicsmith: 1
api: { name: demo, title: Demo, version: 1.0.0 }
protocol: { topic: "k/{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
extensions: { net: { $ref: ./net.yaml } }
`,
  "net.yaml": `resources:
  join:
    path: join
    requestId: none
    request:
      schema: { $ref: ./join.json }
`,
  "join.json": `{
  "type": "object",
  "properties": {
    "port": { "$ref": "types.json#/port" },
    "list": { "type": "array", "items": { "oneOf": [
      { "type": "string", "maxLength": 3 },
      { "type": "object",
        "properties": { "a/b": { "const": 1 } } }
    ] } }
  },
  "patternProperties": {
    "^x-": { "enum": ["on", "off"] }
  }
}
`,
  "types.json": `{
  "port": { "allOf": [
    { "type": "integer" },
    { "maximum": 65535 }
  ] }
}
`,
};

test.each([
  [{ port: 70_000 }, "maximum", "types.json:4"],
  [{ port: "x" }, "type", "types.json:3"],
  [{ list: ["long"] }, "maxLength", "join.json:6"],
  [{ list: [{ "a/b": 2 }] }, "const", "join.json:8"],
  [{ "x-light": 1 }, "enum", "join.json:12"],
  [1, "type", "join.json:2"],
])("a value such as %j violates %s at %s", async (value, keyword, place) => {
  await inFolder(FILES, async (folder) => {
    const { model } = await loadApi(join(folder, "root.yaml"));
    const { schema } = model!.extensions[0]!.resources[0]!.request as BodyModel;
    const errors = model!.schemas.validate(schema!.uri, value);
    const error = errors.find((candidate) => candidate.keyword === keyword);
    const range = model!.violatedAt(schema!.uri, error!)?.range;
    expect(`${range?.file.slice(folder.length + 1)}:${range?.line}`).toBe(place);
  });
});
