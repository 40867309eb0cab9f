import { describe, expect, it } from "vitest";
import { exportedData, imported, loadSpec } from "./support.js";

async function report(
  text: string,
  convert?: (data: unknown) => Promise<unknown>,
): Promise<readonly string[]> {
  const { diagnostics } = await imported(text, convert && { convert });
  return diagnostics.map(
    ({ severity, code, message, range }) => `${range?.line}: ${severity} ${code}: ${message}`,
  );
}

describe("an import", () => {
  it("refuses a file that is no AsyncAPI document", async () => {
    expect(await report("openapi: 3.1.0\n")).toEqual([
      '1: error not-asyncapi: expected an AsyncAPI document, with the key "asyncapi"; check the path',
    ]);
  });

  it("refuses a version that it cannot read", async () => {
    expect(await report("info: {}\nasyncapi: 1.2.0\n")).toEqual([
      '2: error asyncapi-version: cannot read AsyncAPI "1.2.0"; convert the document to version 2 or 3',
    ]);
  });

  it("names the converter for AsyncAPI 2 if it is not installed", async () => {
    expect(await report("asyncapi: 2.6.0\n", async () => undefined)).toEqual([
      "1: error missing-converter: AsyncAPI 2.6.0 needs a converter that is not installed; run npm install --save-dev @asyncapi/converter",
    ]);
  });

  it("reports why the converter refuses a document", async () => {
    const refuse = () => Promise.reject(new Error("no channels"));
    expect(await report("asyncapi: 2.6.0\n", refuse)).toEqual([
      "1: error failed-conversion: @asyncapi/converter cannot convert this AsyncAPI 2.6.0 document: no channels; correct the document",
    ]);
  });

  it("reports what was lost, and what a person has to decide", async () => {
    const text = `asyncapi: 3.0.0
info: { title: Lamp, version: "1" }
servers:
  queue: { host: example.com, protocol: amqp }
channels: {}
`;
    expect(await report(text)).toEqual([
      "1: warning import-decision: decide in the imported spec: resources: the document is read as the platform's: it receives what devices send. If it describes the device, import it with --side device.",
      "4: warning lost-in-import: not imported: the server queue: its protocol is not MQTT",
      '2: warning import-decision: decide in the imported spec: api.version: a version has three numbers, so "1" became 1.0.0.',
    ]);
  });

  it("reports a reference of an exported document that leads nowhere, and leaves it out", async () => {
    const spec = await loadSpec("test/scenarios/a-minimal-api/input/api.yaml");
    if (spec === undefined) throw new Error("the spec has errors");
    const data = exportedData(spec);
    const message = data.components["messages"]?.["ButtonPressRequest"] ?? {};
    Object.assign(message, {
      payload: { type: "object", properties: { a: { $ref: "#/components/schemas/Gone" } } },
    });
    expect(await report(JSON.stringify(data, undefined, 1))).toEqual([
      expect.stringMatching(
        /^\d+: warning lost-reference: cannot resolve "#\/components\/schemas\/Gone"; it was left out, so add what it refers to by hand$/,
      ),
    ]);
  });
});
