import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { formatText } from "../../../src/diagnostics/index.js";
import { hasTools, imported, loadImported } from "./support.js";

const FOLDER = fileURLToPath(new URL("../../data/asyncapi/", import.meta.url));

const DOCUMENTS = readdirSync(FOLDER).filter((name) => /-\d\.\d\.(?:yaml|json)$/.test(name));

/** The documents that describe the device. All others describe the platform. */
const OF_DEVICES = new Set(["meter-3.0.json"]);

describe("a document of another program", () => {
  it("is tried in both versions and both syntaxes", () => {
    expect(DOCUMENTS.length).toBeGreaterThanOrEqual(5);
  });

  // AsyncAPI 2 needs the converter: npm ci --prefix tools/asyncapi
  it.each(DOCUMENTS)("gives the expected draft, which loads without errors: %s", async (name) => {
    if (name.includes("-2.") && !hasTools) return;
    const text = readFileSync(join(FOLDER, name), "utf8");
    const result = await imported(text, OF_DEVICES.has(name) ? { side: "device" } : {});
    const draft = result.spec?.files[0]?.text ?? "";
    const base = name.replace(/\.[a-z]+$/, "");
    await expect(draft).toMatchFileSnapshot(join(FOLDER, `${base}.draft.yaml`));
    const report = formatText(result.diagnostics, { sources: new Map(), color: false });
    await expect(report).toMatchFileSnapshot(join(FOLDER, `${base}.report.txt`));
    await loadImported(result);
    expect(draft.split("Decide:").length - 1).toBe(result.spec?.decisions);
  });

  it("is described from the side that the user names", async () => {
    const text = readFileSync(join(FOLDER, "meter-3.0.json"), "utf8");
    const senders = async (side: "device" | "platform") => {
      const { spec } = await imported(text, { side });
      const { resources } = parse(spec?.files[0]?.text ?? "") as {
        readonly resources: Readonly<Record<string, { readonly from?: string }>>;
      };
      return Object.entries(resources).map(([key, { from = "client" }]) => `${key}: ${from}`);
    };
    expect(await senders("device")).toEqual([
      "reading: client",
      "command: platform",
      "getTime: client",
      "askTariff: client",
    ]);
    expect(await senders("platform")).toEqual([
      "reading: platform",
      "command: client",
      "getTime: platform",
      "askTariff: platform",
    ]);
  });

  it("can refer to other files", async () => {
    const text = `asyncapi: 3.0.0
info: { title: Lamp, version: 1.0.0 }
channels:
  state: { address: "lamps/{lamp}", messages: { state: { $ref: "./messages.yaml#/state" } } }
operations: { state: { action: receive, channel: { $ref: "#/channels/state" } } }
`;
    const others = {
      "messages.yaml":
        'state: { payload: { type: object, properties: { color: { $ref: "./color.json" } } } }\n',
      "color.json": '{ "enum": ["red", "green"] }',
    };
    const result = await imported(text, { others });
    expect(parse(result.spec?.files[0]?.text ?? "")).toMatchObject({
      resources: {
        state: { request: { schema: { properties: { color: { $ref: "#/definitions/color" } } } } },
      },
      definitions: { color: { enum: ["red", "green"] } },
    });
    await loadImported(result);
  });

  it("of AsyncAPI 2 can refer to channels and messages of other files", async () => {
    if (!hasTools) return;
    const text = `asyncapi: 2.0.0
info: { title: Home, version: 1.0.0 }
channels:
  home/{room}/set: { $ref: "parts/home.yaml#/channels/set" }
  home/{room}/temperature: { publish: { message: { $ref: "parts/home.yaml#/messages/celsius" } } }
`;
    const others = {
      "parts/home.yaml": `channels:
  set: { subscribe: { message: { payload: { type: object, properties: { goal: { $ref: "#/goal" } } } } } }
messages: { celsius: { payload: { $ref: "../degrees.yaml#/celsius" } } }
goal: { type: number, minimum: 5 }
`,
      "degrees.yaml": "celsius: { type: number }\n",
    };
    const result = await imported(text, { others });
    expect(parse(result.spec?.files[0]?.text ?? "")).toMatchObject({
      resources: {
        homeSet: {
          from: "platform",
          request: { schema: { properties: { goal: { $ref: "#/definitions/goal" } } } },
        },
        homeTemperature: { request: { schema: { type: "number" } } },
      },
      definitions: { goal: { type: "number", minimum: 5 } },
    });
    await loadImported(result);
  });

  it("loses the properties of the id and of the kind of message in alternatives of other files, too", async () => {
    const text = `asyncapi: 3.0.0
info: { title: Lamp, version: 1.0.0 }
channels:
  ask: { address: lamp/ask, messages: { ask: { payload: { type: object, properties: { rid: { type: integer } } } } } }
  told: { address: lamp/told, messages: { told: { payload: { oneOf: [{ $ref: "parts/told.yaml#/yes" }] } } } }
operations:
  ask: { action: receive, channel: { $ref: "#/channels/ask" }, reply: { channel: { $ref: "#/channels/told" } } }
`;
    const others = {
      "parts/told.yaml":
        'yes: { required: [rid, on], properties: { rid: { type: integer }, on: { $ref: "#/on" } } }\non: { type: boolean }\n',
    };
    const result = await imported(text, { others });
    expect(parse(result.spec?.files[0]?.text ?? "")).toMatchObject({
      resources: {
        ask: {
          response: {
            schema: { oneOf: [{ required: ["on"], properties: { on: { $ref: "#/definitions/on" } } }] },
            wrap: { rid: "{requestId}", "...": "{body}" },
          },
        },
      },
      definitions: { on: { type: "boolean" } },
    });
    await loadImported(result);
  });

  it("keeps one reply of operations that nothing tells apart, and reports the others", async () => {
    const operation = (name: string) =>
      `  ${name}: { action: receive, channel: { $ref: "#/channels/ask" }, reply: { channel: { $ref: "#/channels/${name}" } } }\n`;
    const text = `asyncapi: 3.0.0
info: { title: Lamp, version: 1.0.0 }
channels:
  ask: { address: lamp/ask, messages: { ask: { payload: { type: boolean } } } }
  one: { address: lamp/one, messages: { one: { payload: { type: integer } } } }
  two: { address: lamp/two, messages: { two: { payload: { type: string } } } }
operations:
${operation("one")}${operation("two")}`;
    const result = await imported(text);
    expect(result.diagnostics.map(({ message }) => message)).toContain(
      "not imported: the reply of the operation two: nothing tells its requests from those of one, which are on the same topic",
    );
    expect(parse(result.spec?.files[0]?.text ?? "")).toMatchObject({
      resources: { one: { response: { topic: "lamp/one" } } },
    });
  });
});
