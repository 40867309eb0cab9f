/** Responses of resources that have neither an example nor a handler. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startMock } from "../../src/mock/index.js";
import { POLLING } from "../support/polling.js";

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-made-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a mock of an API with one resource, and returns its response to one request and the lines that it printed. */
async function responseOf(
  response: string,
): Promise<{ topic: string; body: string; lines: readonly string[] }> {
  const spec = join(folder, "api.yaml");
  writeFileSync(
    spec,
    `topicsmith: 1
api: { name: demo, title: Demo, version: 1.0.0 }
protocol: { topic: "d/{extension}/{resource}[/{requestId}]", requestId: { minimum: 1, maximum: 9 }, success: "{request}/ok", error: "{request}/err" }
extensions:
  a:
    resources:
      get: { path: get, requestId: optional, response: ${response} }
`,
  );
  const lines: string[] = [];
  const mock = await startMock(spec, { deliver: "always", print: (line) => lines.push(line) });
  closing.push(() => mock.close());
  const client = await mqtt.connectAsync(mock.url, { reconnectPeriod: 0 });
  closing.push(() => client.endAsync(true));
  const received: [string, string][] = [];
  client.on("message", (topic, body) => received.push([topic, body.toString()]));
  await client.publishAsync("d/a/get/7", "", { qos: 1 });
  const [topic, body] = await vi.waitUntil(() => received[0], POLLING);
  return { topic, body, lines };
}

test.each([
  [
    "an object with a recursive part",
    "{ schema: { type: object, properties: { id: { type: integer, minimum: 1, maximum: 3 }, next: { $ref: '#' } }, required: [id], additionalProperties: false } }",
  ],
  ["a pattern", "{ schema: { type: string, pattern: '^[A-Z]{3}-[0-9]{4}$' } }"],
  [
    "draft-04",
    "{ schema: { $schema: 'http://json-schema.org/draft-04/schema#', type: integer, minimum: 1, exclusiveMinimum: true, maximum: 3 } }",
  ],
  [
    "draft-07 with an anchor",
    "{ schema: { $schema: 'http://json-schema.org/draft-07/schema#', definitions: { x: { $id: '#x', type: string, format: date-time } }, type: object, properties: { at: { $ref: '#x' } }, required: [at] } }",
  ],
  [
    "alternatives",
    "{ schema: { oneOf: [{ type: object, properties: { kind: { const: a } }, required: [kind] }, { type: string, format: uuid }] } }",
  ],
  [
    "a tuple",
    "{ schema: { $schema: 'http://json-schema.org/draft-07/schema#', type: array, items: [{ type: string }, { type: integer }], minItems: 2 } }",
  ],
  [
    "properties by pattern",
    "{ schema: { type: object, patternProperties: { '^[a-z]+$': { type: integer } }, additionalProperties: false, minProperties: 1 } }",
  ],
  ["text", "{ contentType: text/plain, schema: { type: string, minLength: 5 } }"],
  ["binary", "{ contentType: application/octet-stream }"],
  ["any JSON", "{}"],
])("a response without an example is made from its schema: %s", async (_, response) => {
  const first = await responseOf(response);
  // The mock validates what it sends, so a success is valid.
  expect(first.topic).toBe("d/a/get/7/ok");
  expect(first.lines[0]).toBe("no example of a response, so values are made from the schemas: a.get");
  expect((await responseOf(response)).body).toBe(first.body);
});

test.each([
  ["a schema that accepts nothing", "{ schema: { type: string, enum: [1] } }"],
  ["a schema that demands a large value", "{ schema: { type: array, minItems: 1000000000 } }"],
  ["a pattern that demands a large value", "{ schema: { type: string, pattern: '^a{100000000}$' } }"],
])("a mock says at its start that it has no response: %s", async (_, response) => {
  const { topic, lines } = await responseOf(response);
  expect(topic).toBe("d/a/get/7/err");
  expect(lines[0]).toBe(
    "no example of a response, and no value found that the schema accepts: a.get; add examples or handlers",
  );
});

test("an example stays the first choice", async () => {
  const { body, lines } = await responseOf("{ schema: { type: integer }, examples: [42] }");
  expect(body).toBe("42");
  expect(lines.join("\n")).not.toContain("no example");
});
