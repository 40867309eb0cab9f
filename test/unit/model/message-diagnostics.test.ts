import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messageDiagnostics } from "../../../src/diagnostics/catalogue/messages.js";
import { type Diagnostic, type DiagnosticCode, formatText } from "../../../src/diagnostics/index.js";
import { validate } from "../../../src/generate.js";

const lamp = readFileSync(new URL("../../support/lamp.yaml", import.meta.url), "utf8");

/** What is replaced in the lamp's spec, by what, to get a diagnostic. */
type Case = readonly [code: DiagnosticCode, find: string, replacement: string];

const LOG = `        topic: "lamps/{lamp}/log"`;
const SET = "      set:\n        path: set\n";
const REQUEST = "        request: { schema: { type: object, properties: { on: { type: boolean } } } }\n";
const SUCCESS = `  success: { topic: "apps/{app}/{lamp}", wrap: { id: "{requestId}", ok: "{body}" } }\n`;
const ERROR = `  error: { topic: "apps/{app}/{lamp}", wrap: { id: "{requestId}", error: "{body}" } }`;
const IDS = "  requestId: { minimum: 1, maximum: 9, uniquePer: [lamp] }\n";
const alarm = (more: string) =>
  `      alarm: { from: platform, topic: "lamps/{lamp}/log", ${more} }\n      log:\n`;

const cases: readonly Case[] = [
  ["missing-topic", `  topic: "lamps/{lamp}/{resource}"\n`, ""],
  ["missing-path", SET, "      set:\n"],
  ["unused-path", LOG, `        path: log\n${LOG}`],
  ["missing-response-topic", SUCCESS, ""],
  ["system-topic", `"lamps/{lamp}/{resource}"`, "$lamps/{lamp}/{resource}"],
  ["system-topic", LOG, "        topic: $lamps/{lamp}/log"],
  ["empty-level", "path: set", "path: set/"],
  ["missing-request-id", `  wrap: { id: "{requestId}", app:`, "  wrap: { app:"],
  ["response-without-request-id", `wrap: { id: "{requestId}", ok:`, "wrap: { ok:"],
  ["error-without-request-id", `wrap: { id: "{requestId}", error:`, "wrap: { error:"],
  ["id-of-single", SET, `${SET}        requestId: single\n`],
  [
    "undeclared-parameter",
    `"apps/{app}/{lamp}", wrap: { id: "{requestId}", ok:`,
    `"apps/{app}/{lamp}/{other}", wrap: { id: "{requestId}", ok:`,
  ],
  ["response-name", `{ id: "{requestId}", app: "{app}",`, `{ id: "{requestId}",`],
  ["response-scope", SUCCESS, SUCCESS.replace("{app}/{lamp}", "{app}/ok")],
  ["shared-response-scope", "uniquePer: [lamp]", "uniquePer: [lamp, resource]"],
  ["wrap-of-text", REQUEST, "        request: { contentType: text/plain }\n"],
  ["spread-of-scalar", "{ level: info, text:", `{ level: info, "...":`],
  [
    "indistinct-responses",
    `wrap: { id: "{requestId}", error: "{body}" }`,
    `wrap: { id: "{requestId}", ok: "{body}" }`,
  ],
  ["indistinct-messages", "      log:\n", alarm(`request: { wrap: { level: info, text: "{body}" } }`)],
  [
    "absence-only",
    "      log:\n",
    alarm(`request: { wrap: { level: info, text: "{body}", more: "{now}" } }`),
  ],
  [
    "absence-only",
    ERROR,
    ERROR.replace(`error: "{body}"`, `ok: "{body}", error: true`).replace("error: true", `error: "{now}"`),
  ],
  ["same-topic-both-ways", LOG, `        topic: "lamps/{lamp}/set"`],
  ["push-of-message", SET, `${SET}        push: true\n`],
  ["invalid-filter", "request: { wrap: { level", `request: { subscribe: "lamps/{app}/#/x", wrap: { level`],
  ["invalid-filter", "request: { wrap: { level", `request: { subscribe: "lamps/{lamp}/#/x", wrap: { level`],
  ["unquoted-template", `text: "{body}" }`, "text: {body} }"],
  ["limit-of-text", "type: integer, minimum: 0", "minimum: 0"],
  ["empty-integer-range", "minimum: 0, maximum: 7, example: 1", "minimum: 9, maximum: 7"],
  ["invalid-parameter-example", "example: 1 }", "example: 8 }"],
  ["invalid-topic-template", `"lamps/{lamp}/{resource}"`, `"lamps/{lamp}[/x]/{resource}"`],
  ["invalid-path", "path: set", `path: "set/{a}{b}"`],
  [
    "invalid-response-topic",
    `response: { schema: { type: boolean } }`,
    `response: { topic: "x/{request}", schema: {} }`,
  ],
  [
    "duplicate-topic",
    LOG,
    `${LOG}\n        request: { wrap: null, schema: { type: string } }\n      other:\n        from: platform\n        topic: "lamps/{lamp}/log"\n        request: { wrap: null }\n      third:\n        topic: "lamps/{lamp}/third"`,
  ],
  ["request-id-undeclared", IDS, ""],
  ["undeclared-parameter", "path: set", "path: set/{a}"],
  ["unused-parameter", "path: scene/{scene}", "path: scene"],
  [
    "shadowed-parameter",
    "      scene: { type: integer",
    "      lamp: { example: x }\n      scene: { type: integer",
  ],
  ["reserved-name", "endpoint: lamp }", "endpoint: close }"],
  ["reserved-name", "endpoint: lamp }", "endpoint: client }"],
  ["reserved-name", "endpoint: lamp }", "endpoint: stop }"],
  ["reserved-name", "endpoint: lamp }", "endpoint: topic }"],
  ["unknown-key", "path: set", "pth: set"],
  ["unknown-key", LOG, LOG.replace("topic", "topc")],
  [
    "indistinct-levels",
    LOG,
    `        parameters: { a: { example: x }, b: { example: x } }\n        topic: "lamps/{lamp}[/{a}]/log[/{b}]"`.replace(
      "/log",
      "/{scene}",
    ),
  ],
  ["filter-without-topic", "request: { wrap: { level", `request: { subscribe: "b/#", wrap: { level`],
  ["filter-without-topic", "request: { wrap: { level", `request: { subscribe: "lamps/+", wrap: { level`],
  ["wrap-without-body", `{ level: info, text: "{body}" }`, "{ level: info }"],
  [
    "body-in-text",
    `text: "{body}" }, schema: { type: string }`,
    `text: "x{body}" }, schema: { type: object }`,
  ],
  [
    "spread-clash",
    `{ wrap: { level: info, text: "{body}" }, schema: { type: string } }`,
    `{ wrap: { level: info, "...": "{body}" }, schema: { type: object, required: [level] } }`,
  ],
];

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function diagnose(text: string): Promise<readonly Diagnostic[]> {
  const path = join(folder, "lamp.yaml");
  writeFileSync(path, text);
  // Hints belong to the schema layer.
  return (await validate(path)).diagnostics.filter(({ severity }) => severity !== "hint");
}

describe("the checks of messages", () => {
  test("report no problem in the lamp's spec", async () => {
    expect(await diagnose(lamp)).toEqual([]);
  });

  test("have a case in this file for every diagnostic code of their own", () => {
    const codes = new Set(cases.map(([code]) => code));
    expect(Object.keys(messageDiagnostics).filter((code) => !codes.has(code as DiagnosticCode))).toEqual([]);
  });

  test("report each mistake in messages with the exact text and range", async () => {
    const texts: string[] = [];
    for (const [code, find, replacement] of cases) {
      expect(lamp.split(find).length, `${find} occurs once in the spec`).toBe(2);
      const found = await diagnose(lamp.replace(find, () => replacement));
      expect(
        found.map((diagnostic) => diagnostic.code),
        replacement,
      ).toContain(code);
      const text = formatText(found, { sources: new Map(), color: false }).replaceAll(`${folder}/`, "");
      texts.push(`${short(find)} -> ${short(replacement)}\n${text.trim()}\n`);
    }
    await expect(texts.join("\n")).toMatchFileSnapshot("./message-diagnostics.golden.txt");
  });
});

function short(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, " ¶ ").trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
