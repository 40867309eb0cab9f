import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatText, type DiagnosticCode, type Diagnostic } from "../../../src/diagnostics/index.js";
import { modelDiagnostics } from "../../../src/diagnostics/catalogue/model.js";
import { validate } from "../../../src/generate.js";

const kettle = readFileSync(new URL("../../support/kettle.yaml", import.meta.url), "utf8");

/** What is replaced in the kettle's spec, by what, to get a diagnostic. */
type Case = readonly [code: DiagnosticCode, find: string, replacement: string];

const TOPIC = "k/{extension}/{device}/{resource}[/{requestId}]";
const KEEP = "      done:\n        path: done";

const WATCH = "watch: { type: boolean } }, additionalProperties: false }";
/** A schema with two definitions that `x-topicsmith-name` names. */
const named = (first: string, second: string) =>
  `watch: { type: boolean }, a: { $ref: "#/$defs/a" }, b: { $ref: "#/$defs/b" } }, additionalProperties: false, ` +
  `$defs: { a: { type: string, x-topicsmith-name: ${first} }, b: { type: number, x-topicsmith-name: ${second} } } }`;

const cases: readonly Case[] = [
  ["invalid-topic-template", TOPIC, "k/+/{extension}/{device}/{resource}[/{requestId}]"],
  ["invalid-topic-template", TOPIC, "k/{extension}/{device/{resource}[/{requestId}]"],
  ["invalid-topic-template", TOPIC, "k/{extension}/{device}/{device}/{resource}[/{requestId}]"],
  ["invalid-topic-template", TOPIC, "k/{extension}[/x]/{device}/{resource}[/{requestId}]"],
  ["undeclared-parameter", TOPIC, "k/{site}/{extension}/{device}/{resource}[/{requestId}]"],
  ["undeclared-parameter", "path: done", "path: done/{step}"],
  ["unused-parameter", "example: k1 }", "example: k1 }\n    site: { bind: client }"],
  ["unused-parameter", KEEP, `${KEEP}\n        parameters: { step: {} }`],
  ["reserved-parameter", KEEP, "      done:\n        path: done/now[/{to}]\n        parameters: { to: {} }"],
  ["reserved-parameter", KEEP, "      done:\n        path: done/{qos}/now\n        parameters: { qos: {} }"],
  [
    "shadowed-parameter",
    KEEP,
    "      done:\n        path: done/{device}/now\n        parameters: { device: {} }",
  ],
  ["invalid-parameter-example", "example: k1 }", "example: k/1 }"],
  ["former-name-in-use", "example: k1 }", "example: k1, renamedFrom: device }"],
  ["former-name-in-use", KEEP, `      done:\n        renamedFrom: boil\n        path: done`],
  ["invalid-parameter-example", "example: k1 }", 'example: k1, pattern: "^[0-9]+$" }'],
  ["ambiguous-parameter", KEEP, "      done:\n        path: done/{step}\n        parameters: { step: {} }"],
  [
    "ambiguous-parameter",
    KEEP,
    '      done:\n        path: done/{step}\n        parameters: { step: { pattern: "^[a-z0-9]+$" } }',
  ],
  ["ambiguous-parameter", TOPIC, "k/{extension}/{resource}/{device}[/{requestId}]"],
  [
    "numeric-parameter",
    KEEP,
    "      done:\n        path: done/{step}\n        parameters: { step: { example: 0 } }",
  ],
  [
    "numeric-parameter",
    KEEP,
    '      done:\n        path: done/{step}\n        parameters: { step: { pattern: "^[0-9]{1,3}$" } }',
  ],
  ["invalid-response-topic", '"{request}/ok"', '"ok/{request}"'],
  ["duplicate-response-topic", '"{request}/err"', '"{request}/ok"'],
  ["request-id-undeclared", "  requestId: { minimum: 1, maximum: 99, uniquePer: [device] }\n", ""],
  ["request-id-unused", TOPIC, "k/{extension}/{device}/{resource}"],
  ["invalid-request-id-range", "minimum: 1, maximum: 99", "minimum: 99, maximum: 1"],
  ["invalid-request-id-range", "maximum: 99,", "maximum: 99, accept: { minimum: 1, maximum: 9 },"],
  ["unknown-id-scope", "uniquePer: [device]", "uniquePer: [device, sight]"],
  ["missing-request-id-level", TOPIC, "k/{extension}/{device}/{resource}"],
  ["request-id-not-optional", TOPIC, "k/{extension}/{device}/{resource}/{requestId}"],
  ["call-without-response", KEEP, "      stop:\n        path: stop\n        requestId: required\n" + KEEP],
  [
    "push-without-response",
    KEEP,
    "      stop:\n        path: stop\n        requestId: none\n        push: true\n" + KEEP,
  ],
  [
    "push-without-request",
    KEEP,
    "      stop:\n        path: stop\n        requestId: none\n        response: empty\n        push: { on: { watch: true } }\n" +
      KEEP,
  ],
  ["unknown-answered-by", "resource: done,", "resource: dome,"],
  [
    "answered-by-parameters",
    KEEP,
    '      done:\n        path: done/{step}\n        parameters: { step: { pattern: "^[a-n]$" } }',
  ],
  [
    "answered-by-bodies",
    "        request:\n          schema: { type: object, properties: { id: { type: integer }, text: { type: string } } }\n",
    "",
  ],
  [
    "answered-by-key",
    "properties: { id: { type: integer } }, required: [id] }",
    "properties: { ids: { type: integer } }, additionalProperties: false }",
  ],
  [
    "answered-by-key",
    "{ type: object, properties: { id: { type: integer }, text: { type: string } } }",
    "{ oneOf: [{ type: object, properties: { text: { type: string } }, additionalProperties: false }] }",
  ],
  ["invalid-value", "examples: [{ watch: true }]", "examples: [{ watch: 1 }]"],
  ["invalid-value", "invalid: { reason:", "invalid: { raeson:"],
  ["invalid-value", "on: { watch: true }", "on: { watch: soon }"],
  ["invalid-value", 'failure: { text: "{message}" }', "failure: { text: 1 }"],
  ["invalid-path", "path: done", "path: done+"],
  ["invalid-path", KEEP, '      done:\n        path: "[/{a}]"\n        parameters: { a: {} }'],
  ["invalid-extension-key", "  water:", "  wa/ter:"],
  ["topic-too-long", "path: done", `path: ${"x".repeat(65_600)}`],
  ["ambiguous-last-level", "path: done", "path: done/7"],
  ["duplicate-topic", "path: done", "path: boil"],
  ["ambiguous-topic", "path: done", "path: boil/ok"],
  [
    "ambiguous-topic",
    KEEP,
    '      done:\n        path: "{what}/ok"\n        parameters: { what: { pattern: "^[a-z]+$" } }',
  ],
  ["duplicate-name", "  water:", "  Water: { resources: {} }\n  water:"],
  ["duplicate-name", KEEP, "      Boil:\n        path: again\n        requestId: none\n" + KEEP],
  ["duplicate-name", WATCH, named("Watch", "Watch")],
  ["duplicate-name", WATCH, named("KettleClient", "Step")],
  ["invalid-type-name", WATCH, named("two words", "Step")],
  ["nameless-key", "  water:", '  "--": { resources: {} }\n  water:'],
  ["reserved-name", "  water:", "  connect: { resources: {} }\n  water:"],
  ["invalid-response-topic", '"{request}/ok"', '"{request}/7"'],
  ["no-resources", kettle.slice(kettle.indexOf("  water:")), "  water: { resources: {} }\n"],
  ["reserved-name", "  water:", "  platform: { resources: {} }\n  water:"],
  ["reserved-name", "  water:", "  then: { resources: {} }\n  water:"],
  ["reserved-name", "name: kettle", "name: Con"],
  ["reserved-name", "  water:", "  Nul: { resources: {} }\n  water:"],
  ["reserved-name", KEEP, "      com 1:\n        path: again\n        requestId: none\n" + KEEP],
  ["name-too-long", "name: kettle", `name: ${"k".repeat(121)}`],
  ["name-too-long", "  water:", `  ${"水".repeat(41)}: { resources: {} }\n  water:`],
  ["name-too-long", KEEP, `      ${"a".repeat(250)}:\n        path: again\n        requestId: none\n${KEEP}`],
  ["foreign-letter", "  water:", '  "\u2e2f": { resources: {} }\n  water:'],
  ["foreign-letter", KEEP, `      a\u{16d40}:\n        path: again\n        requestId: none\n${KEEP}`],
  [
    "foreign-letter",
    WATCH,
    'watch: { type: boolean }, a: { $ref: "#/$defs/\u1c8a" } }, additionalProperties: false, ' +
      "$defs: { \u1c8a: { type: object, properties: { b: { type: string } } } } }",
  ],
];

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function diagnose(text: string): Promise<readonly Diagnostic[]> {
  const path = join(folder, "kettle.yaml");
  writeFileSync(path, text);
  // Hints belong to the schema layer.
  return (await validate(path)).diagnostics.filter(({ severity }) => severity !== "hint");
}

describe("buildModel", () => {
  it("reports no problem in the kettle spec", async () => {
    expect(await diagnose(kettle)).toEqual([]);
  });

  it("has a case in this file for every diagnostic code of its own", () => {
    expect([...new Set(cases.map(([code]) => code))].toSorted()).toEqual(
      Object.keys(modelDiagnostics).toSorted(),
    );
  });

  it("reports each mistake with the exact text and range", async () => {
    const texts: string[] = [];
    for (const [code, find, replacement] of cases) {
      expect(kettle.split(find).length, `${find} occurs once in the spec`).toBe(2);
      const found = await diagnose(kettle.replace(find, () => replacement));
      expect(
        found.map((diagnostic) => diagnostic.code),
        replacement,
      ).toContain(code);
      const text = formatText(found, { sources: new Map(), color: false }).replaceAll(`${folder}/`, "");
      texts.push(`${short(find)} -> ${short(replacement)}\n${text.trim()}\n`);
    }
    await expect(texts.join("\n")).toMatchFileSnapshot("./diagnostics.golden.txt");
  });
});

function short(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, " ¶ ").trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}

describe("a resource with an invalid structure", () => {
  it.each([
    ["a misspelt key with another in its place", "requestId: required", "requestld: required"],
    ["a value of the wrong type", "requestId: required", "requestId: required\n        summary: [1]"],
    [
      "an invalid response",
      "response:\n          schema: { type: object, prop",
      "response:\n          examples: 1\n          schema: { type: object, prop",
    ],
    ["an invalid title of the extension", "  water:\n", "  water:\n    title: [1]\n"],
    ["a missing path", "        path: boil\n", ""],
  ])("is checked as far as it is valid: %s", async (_, find, replacement) => {
    const text = kettle
      .replace(find, () => replacement)
      .replace("resource: done,", "resource: dome,")
      .replace("examples: [{ watch: true }]", "examples: [{ watch: 1 }]");
    expect(kettle).toContain(find);
    const codes = (await diagnose(text)).map(({ code }) => code);
    expect(codes).toContain("unknown-answered-by");
    expect(codes).toContain("invalid-value");
    expect(codes.length).toBe(3);
  });

  it.each([
    [
      "a misspelt key beside the resource",
      "resource: done, key: id,",
      "resource: dome, kye: id,",
      ["unknown-key", "unknown-answered-by"],
    ],
    [
      "a key that items cannot have, and an invalid response",
      "properties: { id: { type: integer } }, required: [id] }",
      "properties: { ids: { type: integer } }, additionalProperties: false }\n          examples: 1",
      ["wrong-type", "answered-by-key"],
    ],
  ])("has all mistakes of answeredBy reported: %s", async (_, find, replacement, expected) => {
    expect(kettle).toContain(find);
    const codes = (await diagnose(kettle.replace(find, () => replacement))).map(({ code }) => code);
    expect(codes.toSorted()).toEqual(expected.toSorted());
  });
});
