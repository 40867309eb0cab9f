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
async function usage(path: string, parameter: string, settings: object): Promise<string> {
  const spec = join(folder, "kettle.yaml");
  const entry = { path, parameters: { [parameter]: settings }, requestId: "required", response: "empty" };
  writeFileSync(spec, `${kettle}      extra: ${JSON.stringify(entry)}\n`);
  const { model } = await loadApi(spec);
  const [extension] = model!.extensions;
  const resource = extension!.resources.find(({ name }) => name === "extra");
  return usageOf({ model: model!, extension: extension!, resource: resource! });
}

describe("the example of a call in the generated README", () => {
  it("has a variable if no value for a parameter is known", async () => {
    expect(await usage("extra/{class}", "class", { pattern: "^x{9}$" })).toBe(
      "await endpoint.water.extra(class_);",
    );
  });

  it("has a comment and the option for a level that may be omitted", async () => {
    const settings = { description: "Which one. Left out, the first.", example: "low" };
    expect(await usage("extra[/{level}]", "level", settings)).toBe(
      'await endpoint.water.extra();\n\n// Which one.\nawait endpoint.water.extra({ level: "low" });',
    );
  });
});
