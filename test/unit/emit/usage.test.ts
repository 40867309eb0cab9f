import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usageOf } from "../../../src/emit/usage.js";
import { loadApi } from "../../../src/load-api.js";

const kettle = readFileSync(join(import.meta.dirname, "../../support/kettle.yaml"), "utf8");

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The example of a resource with this path and this parameter in the generated README. */
function usage(path: string, parameter: string, settings: object): Promise<string> {
  return usageIn({ path, parameters: { [parameter]: settings }, requestId: "required", response: "empty" });
}

const lines = (resources: object) =>
  Object.entries(resources)
    .map(([key, resource]) => `      ${key}: ${JSON.stringify(resource)}\n`)
    .join("");

/** The example of a resource in the generated README. */
async function usageIn(entry: object, others: object = {}): Promise<string> {
  const spec = join(folder, "kettle.yaml");
  writeFileSync(spec, `${kettle}${lines({ extra: entry, ...others })}`);
  const { model } = await loadApi(spec);
  const [extension] = model!.extensions;
  const resource = extension!.resources.find(({ name }) => name === "extra");
  return usageOf({ model: model!, extension: extension!, resource: resource! });
}

describe("the example of a call in the generated README", () => {
  it("has a variable with a comment if a request has no example", async () => {
    const request = { schema: { type: "object", additionalProperties: false } };
    expect(await usageIn({ path: "extra", requestId: "none", request })).toBe(
      "// request: WaterExtraRequest\nawait endpoint.water.extra.send(request);",
    );
  });

  it("has a variable with a comment for results without an example", async () => {
    const item = { type: "object", properties: { id: { type: "integer" } }, required: ["id"] };
    const result = {
      properties: { id: { type: "integer" }, done: { type: "boolean" } },
      required: ["id", "done"],
    };
    const extra = {
      path: "extra",
      requestId: "optional",
      request: {},
      response: { schema: { type: "array", items: item } },
      push: true,
      answeredBy: { resource: "extraDone", key: "id" },
    };
    const extraDone = {
      path: "extra-done",
      requestId: "optional",
      request: { schema: { type: "object", ...result, additionalProperties: false } },
      response: "empty",
    };
    expect(await usageIn(extra, { extraDone })).toContain(
      [
        "// result: WaterExtraDoneRequest without `id`",
        "const registration = await endpoint.water.extra.handle(async (item) => result);",
      ].join("\n"),
    );
  });

  it("has a variable with a comment if no value for a parameter is known", async () => {
    expect(await usage("extra/{class}", "class", { pattern: "^x{9}$" })).toBe(
      "// class_: matches ^x{9}$\nawait endpoint.water.extra(class_);",
    );
  });

  it("uses shorthand for an option without a known value", async () => {
    expect(await usage("extra[/{level}]", "level", { pattern: "^x{9}$" })).toBe(
      "// level: matches ^x{9}$\nawait endpoint.water.extra();\n\n// With `level`\nawait endpoint.water.extra({ level });",
    );
  });

  it("has a comment and the option for a level that may be omitted", async () => {
    const settings = { description: "Which one. Left out, the first.", example: "low" };
    expect(await usage("extra[/{level}]", "level", settings)).toBe(
      'await endpoint.water.extra();\n\n// Which one.\nawait endpoint.water.extra({ level: "low" });',
    );
  });
});
