import { describe, expect, it } from "vitest";
import { exportedData, imported, loadSpec } from "./support.js";

async function report(text: string): Promise<readonly string[]> {
  const { diagnostics } = await imported(text);
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
