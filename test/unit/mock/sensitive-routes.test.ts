import { join } from "node:path";
import { expect, test } from "vitest";
import { describeApi } from "../../../src/mock/describe-api.js";
import { loadModel } from "../../../src/mock/load-model.js";
import { MessageReader } from "../../../src/mock/message-reader.js";
import { createRedactor } from "../../../src/mock/redactor.js";
import { inFolder } from "../spec/support.js";

const SECRET = "{ type: string, sensitive: true }";

test.each([
  ["a property", `{ properties: { a: ${SECRET} } }`, { a: "s3cret" }],
  ["a reference", `{ properties: { a: { $ref: "#/$defs/s" } }, $defs: { s: ${SECRET} } }`, { a: "s3cret" }],
  ["allOf", `{ allOf: [{ properties: { a: ${SECRET} } }] }`, { a: "s3cret" }],
  ["oneOf", `{ oneOf: [{ type: string }, { properties: { a: ${SECRET} } }] }`, { a: "s3cret" }],
  ["if and then", `{ if: true, then: { properties: { a: ${SECRET} } } }`, { a: "s3cret" }],
  [
    "dependentSchemas",
    `{ dependentSchemas: { b: { properties: { a: ${SECRET} } } } }`,
    { a: "s3cret", b: 1 },
  ],
  ["patternProperties", `{ patternProperties: { "^a": ${SECRET} } }`, { abc: "s3cret" }],
  ["additionalProperties", `{ additionalProperties: ${SECRET} }`, { abc: "s3cret" }],
  ["unevaluatedProperties", `{ unevaluatedProperties: ${SECRET} }`, { abc: "s3cret" }],
  ["items", `{ type: array, items: ${SECRET} }`, ["s3cret"]],
  ["prefixItems", `{ type: array, prefixItems: [true, ${SECRET}] }`, [1, "s3cret"]],
  ["contains", `{ type: array, contains: ${SECRET} }`, ["s3cret"]],
  ["a recursive schema", `{ properties: { a: ${SECRET}, n: { $ref: "#" } } }`, { n: { n: { a: "s3cret" } } }],
  ["the whole body", SECRET, "s3cret"],
  ["an object below", `{ properties: { a: { sensitive: true } } }`, { a: { b: ["s3cret"] } }],
])(
  "a sensitive value is redacted that the schema reaches by %s, also where it occurs again",
  async (_, schema, value) => {
    const files = {
      "api.yaml": `topicsmith: 1
api: { name: demo, title: Demo, version: 1.0.0 }
protocol: { topic: "k/{extension}/{resource}", success: "{request}/ok", error: "{request}/err" }
extensions: { a: { resources: { b: { path: b, requestId: none, request: { schema: ${schema} } } } } }
`,
    };
    await inFolder(files, async (folder) => {
      const api = describeApi(await loadModel(join(folder, "api.yaml")));
      const redactor = createRedactor(api);
      const message = new MessageReader(api).message(
        "k/a/b",
        new TextEncoder().encode(JSON.stringify(value)),
      );
      expect(JSON.stringify(redactor.payload(message!))).not.toContain("s3cret");
      expect(redactor.text("no s3cret here, nor in xs3crety")).toBe("no *** here, nor in x***y");
    });
  },
);
