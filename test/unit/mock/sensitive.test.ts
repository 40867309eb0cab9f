import { join } from "node:path";
import mqtt from "mqtt";
import { expect, test } from "vitest";
import { emit } from "../../../src/emit/index.js";
import { loadApi } from "../../../src/load-api.js";
import { startMock } from "../../../src/mock/index.js";
import { inFolder } from "../spec/support.js";

// A schema as bundlers write it: each file is a definition with an `$id`, which its own references are relative to. The
// outer schema has definitions of the same names that are not sensitive.
const BUNDLED = {
  type: "object",
  properties: { wifi: { $ref: "#/$defs/wifi" }, name: { type: "string" } },
  additionalProperties: false,
  $defs: {
    secret: { type: "string" },
    owner: { $anchor: "owner", type: "string" },
    wifi: {
      $id: "https://example.com/wifi",
      type: "object",
      properties: {
        ssid: { type: "string" },
        password: { $ref: "#/$defs/secret" },
        owner: { $ref: "#owner" },
      },
      additionalProperties: false,
      $defs: {
        secret: { type: "string", sensitive: true },
        owner: { $anchor: "owner", type: "string", sensitive: true },
      },
    },
  },
};

const FILES = {
  "root.yaml": `topicsmith: 1
api: { name: demo, title: Demo, version: 1.0.0 }
protocol: { topic: "k/{extension}/{resource}", success: "{request}/status", error: "{request}/error" }
extensions: { net: { $ref: ./net.yaml } }
`,
  "net.yaml": `resources:
  join: { path: join, requestId: none, request: { schema: { $ref: ./join.json } } }
`,
  "join.json": JSON.stringify(BUNDLED),
};

test("generated descriptors list sensitive properties of bundled schemas", async () => {
  await inFolder(FILES, async (folder) => {
    const { model, diagnostics } = await loadApi(join(folder, "root.yaml"));
    expect(diagnostics).toEqual([]);
    const files = await emit(model!);
    const resource = files.find(({ path }) => path.endsWith("net/join.ts"));
    expect(resource?.text.replaceAll(/\s+/g, "")).toMatch(
      /sensitive:\["\/wifi\/owner","\/wifi\/password",?\]/,
    );
  });
});

test("the mock hides an object whose property names are sensitive", async () => {
  const schema = {
    type: "object",
    propertyNames: { sensitive: true },
    additionalProperties: { type: "integer" },
  };
  await inFolder({ ...FILES, "join.json": JSON.stringify(schema) }, async (folder) => {
    const lines: string[] = [];
    const mock = await startMock(join(folder, "root.yaml"), { print: (line) => lines.push(line) });
    const client = await mqtt.connectAsync(mock.url, { reconnectPeriod: 0 });
    try {
      await client.publishAsync("k/net/join", JSON.stringify({ "s3cret-key": 1 }), { qos: 1 });
      expect(mock.requests.map(({ payload }) => payload)).toEqual(["***"]);
      expect(lines.join("\n")).not.toContain("s3cret");
    } finally {
      await client.endAsync(true);
      await mock.close();
    }
  });
});

test("the mock masks sensitive properties of bundled schemas in its requests and in its output", async () => {
  await inFolder(FILES, async (folder) => {
    const lines: string[] = [];
    const mock = await startMock(join(folder, "root.yaml"), { print: (line) => lines.push(line) });
    const client = await mqtt.connectAsync(mock.url, { reconnectPeriod: 0 });
    try {
      const request = {
        name: "hall",
        wifi: { ssid: "home", password: "s3cret-key", owner: "s3cret-owner" },
      };
      await client.publishAsync("k/net/join", JSON.stringify(request), { qos: 1 });
      expect(mock.requests.map(({ payload }) => payload)).toEqual([
        { name: "hall", wifi: { ssid: "home", password: "***", owner: "***" } },
      ]);
      expect(lines.join("\n")).toContain("hall");
      expect(lines.join("\n")).not.toContain("s3cret");
    } finally {
      await client.endAsync(true);
      await mock.close();
    }
  });
});
