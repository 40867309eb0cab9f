import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { validate } from "../../../src/generate.js";

const kettle = readFileSync(new URL("../../support/kettle.yaml", import.meta.url), "utf8");

const OPTIONAL = "k/{extension}/{device}/{resource}[/{requestId}]";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
afterAll(() => rmSync(folder, { recursive: true }));

/** The codes for a resource `done/{step}` whose step is declared so, under a topic whose id is optional or mandatory. */
async function codes(declaration: string, topic = OPTIONAL, requestId = "required") {
  const path = join(folder, "kettle.yaml");
  const spec = kettle
    .replace("k/{extension}/{device}/{resource}[/{requestId}]", topic)
    .replace("path: done\n", `path: done/{step}\n        parameters: { step: ${declaration} }\n`)
    .replaceAll("requestId: optional", `requestId: ${requestId}`);
  writeFileSync(path, spec);
  const { diagnostics } = await validate(path);
  return diagnostics.map(({ code }) => code).filter((code) => /numeric|ambiguous/.test(code));
}

it.each([
  ["{ example: 0 }", "numeric-parameter"],
  ['{ example: "12" }', "numeric-parameter"],
  ['{ pattern: "^[0-9]+$" }', "numeric-parameter"],
  ['{ pattern: "^(?:0|[1-9][0-9]*)$" }', "numeric-parameter"],
  ['{ pattern: "^(0|[1-9]\\\\d*)$" }', "numeric-parameter"],
  ['{ pattern: "^[\\\\d]{1,4}$" }', "numeric-parameter"],
  ['{ pattern: "^(?<year>[0-9]{4}){1,2}$" }', "numeric-parameter"],
  ['{ pattern: "^[0-9]{30}$" }', "numeric-parameter"],
  ['{ pattern: "^([0-9]{6}|all)$" }', "ambiguous-parameter"],
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

it.each([
  ["{ type: integer, minimum: 0 }", "numeric-parameter"],
  ["{ type: integer, minimum: 70000 }", "numeric-parameter"],
  ["{ type: integer, example: 0 }", "numeric-parameter"],
  ["{ type: integer, minimum: -3 }", "ambiguous-parameter"],
  ["{ type: integer, minimum: -3, maximum: 3 }", "ambiguous-parameter"],
  ["{ type: integer }", "ambiguous-parameter"],
])("an integer parameter %s before an optional request id is reported as %s", async (declaration, code) => {
  expect(await codes(declaration, OPTIONAL, "optional")).toEqual([code]);
});

it.each(["{ type: integer, minimum: 0, example: 0 }", "{ type: integer }"])(
  "an integer parameter %s is free before a mandatory request id, and where no topic has one",
  async (declaration) => {
    expect(await codes(declaration, "k/{extension}/{device}/{resource}/{requestId}")).toEqual([]);
    expect(await codes(declaration, "k/{extension}/{device}/{resource}")).toEqual([]);
  },
);

it.each(["{ type: integer, minimum: 0, example: 0 }", "{ type: integer }"])(
  "an integer parameter %s is free where all requests of the resource have an id, and where none has",
  async (declaration) => {
    expect(await codes(declaration, OPTIONAL, "required")).toEqual([]);
    expect(await codes(declaration, OPTIONAL, "none")).toEqual([]);
  },
);

it("an integer parameter that is always negative is free before an optional request id", async () => {
  expect(await codes("{ type: integer, maximum: -1 }", OPTIONAL, "optional")).toEqual([]);
});

it("an integer parameter that is optional itself is reported like a required one", async () => {
  const path = join(folder, "optional.yaml");
  const spec = kettle.replace(
    "path: done\n",
    `path: "done[/{step}]"\n        parameters: { step: { type: integer, minimum: 0 } }\n`,
  );
  writeFileSync(path, spec);
  const { diagnostics } = await validate(path);
  expect(diagnostics.map(({ code }) => code)).toContain("numeric-parameter");
});

it("an integer parameter that can be a request id or not is reported with the remedies that it has", async () => {
  const path = join(folder, "mixed.yaml");
  const spec = kettle.replace(
    "path: done\n",
    "path: done/{step}\n        parameters: { step: { type: integer, maximum: 9 } }\n",
  );
  writeFileSync(path, spec);
  const { diagnostics } = await validate(path);
  expect(diagnostics.map(({ message }) => message)).toContain(
    '{step} can be the last topic level, where "0" and "7" would be read as a request id or as a response suffix; ' +
      "topic builders reject these values, so put a fixed level after it, or set " +
      '"requestId" of the resource to "required" or "none"',
  );
});
