import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { validate } from "../../../src/generate.js";

const kettle = readFileSync(new URL("../../support/kettle.yaml", import.meta.url), "utf8");

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
afterAll(() => rmSync(folder, { recursive: true }));

/** The codes for a resource `done/{step}` whose step is declared so, under a topic whose id is optional or mandatory. */
async function codes(declaration: string, topic = "k/{extension}/{device}/{resource}[/{requestId}]") {
  const path = join(folder, "kettle.yaml");
  const spec = kettle
    .replace("k/{extension}/{device}/{resource}[/{requestId}]", topic)
    .replace("path: done\n", `path: done/{step}\n        parameters: { step: ${declaration} }\n`)
    .replaceAll("requestId: optional", "requestId: required");
  writeFileSync(path, spec);
  const { diagnostics } = await validate(path);
  return diagnostics.map(({ code }) => code).filter((code) => /numeric|ambiguous/.test(code));
}

it.each([
  ["{ example: 0 }", "numeric-parameter"],
  ['{ example: "12" }', "numeric-parameter"],
  ['{ pattern: "^[0-9]+$" }', "numeric-parameter"],
  ['{ pattern: "^(?:0|[1-9][0-9]*)$" }', "numeric-parameter"],
  ['{ pattern: "^[0-9]+|all$" }', "ambiguous-parameter"],
  ["{ example: first }", "ambiguous-parameter"],
])("a parameter %s that can be last is reported as %s", async (declaration, code) => {
  expect(await codes(declaration)).toEqual([code]);
});

it.each(["{ example: 0 }", '{ pattern: "^[0-9]+$" }', "{}"])(
  "a parameter %s before a mandatory request id is free",
  async (declaration) => {
    expect(await codes(declaration, "k/{extension}/{device}/{resource}/{requestId}")).toEqual([]);
  },
);

it("a value that is no number is free", async () => {
  expect(await codes('{ pattern: "^s[0-9]+$" }')).toEqual([]);
});
