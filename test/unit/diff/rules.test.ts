import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type ApiDiff, diff, formatDiff, RULES, type RuleCode } from "../../../src/diff/index.js";
import { effectsOf } from "../../../src/diff/format-rules.js";
import { RULE_GROUPS } from "../../../src/diff/rules/index.js";
import type { ApiModel } from "../../../src/model/index.js";
import { apiOf } from "./support.js";

const plant = readFileSync(new URL("plant.yaml", import.meta.url), "utf8");

/** An edit of the spec: the text that is replaced, and the new one. `undo`: the edited spec is the old version. */
interface Case {
  readonly rule: RuleCode;
  readonly edits: readonly (readonly [find: string, replacement: string])[];
  readonly undo?: boolean;
  /** The spec that is edited. Default: the plant's. */
  readonly base?: string;
}

function edit(rule: RuleCode, ...edits: Case["edits"]): Case {
  return { rule, edits };
}

function undo(rule: RuleCode, ...edits: Case["edits"]): Case {
  return { rule, edits, undo: true };
}

const PING =
  "  old:\n    resources:\n      ping:\n        path: ping\n        requestId: none\n        deprecated: true\n";
const DRAIN = plant.slice(plant.indexOf("      drain:"), plant.indexOf("  old:"));
const LEVEL = plant.slice(plant.indexOf("      level:"), plant.indexOf("      tasks:"));
const PUSH = "        push: { on: { watch: true } }\n";
const ANSWERED = '        answeredBy: { resource: done, key: id, failure: { text: "{message}" } }\n';
const DEPTH = "        request: { schema: { type: object, properties: { depth: { type: number } } } }\n";
const OPTIONAL =
  "request: { optional: true, schema: { type: object, properties: { watch: { type: boolean } } } }";
const POURED = "properties: { poured: { type: number }, note: { type: string } }";
const POUR_RESPONSE = plant.slice(plant.indexOf("        response:\n"), plant.indexOf("      level:"));
const LEVEL_ID = "path: level\n        requestId: optional";
const DRAIN_TEXT = 'request: { contentType: text/plain, schema: { pattern: "^[0-9]+$" } }';
const POUR_STRICT =
  "        response:\n          schema:\n            type: object\n            properties: { poured";

const EVENT =
  "      level:\n        path: level\n        from: platform\n        requestId: none\n        request: { schema: { type: object } }\n";
const SERVED = EVENT.replace("requestId: none", "requestId: required") + "        response: empty\n";
const OPTIONAL_RESPONSE = "        response: { optional: true, schema: { type: object } }\n      level:";

/** An API whose request ids may be texts: none of its topics ends in one. */
const TINY = `topicsmith: 1
api: { name: tiny, title: Tiny, version: 1.0.0 }
protocol:
  topic: t/{requestId}/{resource}
  requestId: { minimum: 1, maximum: 9 }
  success: "{request}/ok"
extensions:
  net:
    resources:
      ping: { path: ping, requestId: required, response: empty }
`;

const CASES: readonly Case[] = [
  edit("api-renamed", ["name: plant,", "name: garden,"]),
  edit("package-renamed", ["plant-client", "garden-client"]),
  edit("tuple-style-changed", [
    "package: { name: plant-client }",
    "package: { name: plant-client, tuples: never }",
  ]),
  edit("type-renamed", ["#/$defs/result", "#/$defs/outcome"], ["{ result: {", "{ outcome: {"]),
  edit("mqtt-version-changed", ["protocol:\n", 'protocol:\n  mqtt: "5"\n']),
  edit("server-added", ["servers:\n", 'servers:\n  test: { url: "mqtt://localhost" }\n']),
  undo("server-removed", ["servers:\n", 'servers:\n  test: { url: "mqtt://localhost" }\n']),
  edit("server-changed", ["plant.example.com:8883", "plant.example.com:443"]),
  edit("documentation-changed", ["summary: Pour water.", "summary: Pours water."]),
  edit("topic-template-changed", ["topic: p/{tenant}", "topic: plants/{tenant}"]),
  edit(
    "response-topic-changed",
    ['error: "{request}/err"', 'error: "{request}/failed"'],
    ["|err$)", "|failed$)"],
  ),
  edit(
    "parameter-renamed",
    ["topic: p/{tenant}", "topic: p/{customer}"],
    ["    tenant: {", "    customer: {"],
    ["[tenant, device]", "[customer, device]"],
  ),
  edit("parameter-bind-changed", ["tenant: { bind: client", "tenant: { bind: endpoint"]),
  edit("parameter-narrowed", ['"^[a-z0-9]+$"', '"^[a-z][a-z0-9]*$"']),
  undo("parameter-widened", ['"^[a-z0-9]+$"', '"^[a-z][a-z0-9]*$"']),
  edit("parameter-unproven", ['"^[a-z0-9]+$"', '"^(?:[a-z0-9])+$"']),
  undo("parameter-secret-added", ["secret: true, pattern", "pattern"]),
  edit("parameter-secret-removed", ["secret: true, pattern", "pattern"]),
  edit("request-id-range-narrowed", [
    "minimum: 1, maximum: 99, accept: { minimum: 0, maximum: 500 }",
    "minimum: 1, maximum: 50",
  ]),
  undo("request-id-range-widened", [
    "minimum: 1, maximum: 99, accept: { minimum: 0, maximum: 500 }",
    "minimum: 1, maximum: 50",
  ]),
  edit("request-id-accept-narrowed", ["maximum: 500", "maximum: 400"]),
  undo("request-id-accept-widened", ["maximum: 500", "maximum: 400"]),
  edit("request-id-range-changed", ["maximum: 99", "maximum: 90"]),
  edit("request-id-scope-extended", ["[tenant, device]", "[device]"]),
  undo("request-id-scope-reduced", ["[tenant, device]", "[device]"]),
  edit("replies-changed", [
    'replies: { invalid: { reason: "{message}" } }',
    'replies: { invalid: { reason: "invalid" } }',
  ]),
  undo("extension-added", [PING, ""]),
  edit(
    "extension-removed",
    ["        deprecated: true\n", ""],
    [PING.replace("        deprecated: true\n", ""), ""],
  ),
  edit("deprecated-extension-removed", [PING, ""]),
  edit("extension-renamed", [
    "  water:\n    title: Water\n",
    "  irrigation:\n    title: Water\n    renamedFrom: water\n",
  ]),
  edit("extension-name-changed", [
    "  water:\n    title: Water\n",
    "  irrigation:\n    title: Water\n    renamedFrom: water\n",
  ]),
  undo("resource-added", [LEVEL, ""]),
  edit("resource-removed", [LEVEL, ""]),
  edit("deprecated-resource-removed", [DRAIN, ""]),
  edit("resource-renamed", ["      level:\n", "      depth:\n        renamedFrom: level\n"]),
  edit("resource-deprecated", ["      level:\n", "      level:\n        deprecated: use pour\n"]),
  undo("resource-undeprecated", ["      level:\n", "      level:\n        deprecated: use pour\n"]),
  edit("topic-changed", ["path: level", "path: depth"]),
  edit("topic-narrowed", ["path: pour[/{valve}]", "path: pour/{valve}"]),
  undo("topic-widened", ["path: pour[/{valve}]", "path: pour/{valve}"]),
  edit("request-id-rule-narrowed", [LEVEL_ID, "path: level\n        requestId: required"]),
  undo("request-id-rule-widened", [LEVEL_ID, "path: level\n        requestId: required"]),
  edit("operation-removed", [LEVEL_ID, "path: level\n        requestId: required"]),
  undo("request-body-added", [DEPTH, ""]),
  undo("optional-request-body-added", [OPTIONAL, ""], [PUSH, ""], [ANSWERED, ""]),
  edit("request-body-removed", [DEPTH, ""]),
  edit("optional-request-body-removed", [OPTIONAL, ""], [PUSH, ""], [ANSWERED, ""]),
  edit("request-became-mandatory", ["request: { optional: true, ", "request: { "]),
  undo("request-became-optional", ["request: { optional: true, ", "request: { "]),
  edit("content-type-changed", [DRAIN_TEXT, "request: { contentType: application/octet-stream }"]),
  edit("response-added", ["        qos: 0\n", "        qos: 0\n        response: empty\n"]),
  edit("response-removed", ["        response: empty\n", ""]),
  undo("response-body-added", [POUR_RESPONSE, "        response: empty\n"]),
  edit("response-body-removed", [POUR_RESPONSE, "        response: empty\n"]),
  edit(
    "optional-response-body-removed",
    [POUR_RESPONSE, POUR_RESPONSE.replace("response:\n", "response:\n          optional: true\n")],
    [
      POUR_RESPONSE.replace("response:\n", "response:\n          optional: true\n"),
      "        response: empty\n",
    ],
  ),
  edit("response-became-optional", [
    POUR_STRICT,
    POUR_STRICT.replace("response:\n", "response:\n          optional: true\n"),
  ]),
  undo("response-became-mandatory", [
    POUR_STRICT,
    POUR_STRICT.replace("response:\n", "response:\n          optional: true\n"),
  ]),
  edit("empty-when-changed", ['emptyWhen: { type: "null" }', "emptyWhen: { maxItems: 0 }"]),
  edit("strict-added", [
    POUR_STRICT,
    POUR_STRICT.replace("response:\n", "response:\n          strict: true\n"),
  ]),
  undo("strict-removed", [
    POUR_STRICT,
    POUR_STRICT.replace("response:\n", "response:\n          strict: true\n"),
  ]),
  edit("response-without-id-added", [
    POUR_STRICT,
    POUR_STRICT.replace("response:\n", "response:\n          withoutRequestId: true\n"),
  ]),
  undo("response-without-id-removed", [
    POUR_STRICT,
    POUR_STRICT.replace("response:\n", "response:\n          withoutRequestId: true\n"),
  ]),
  undo("push-added", [PUSH, ""], [ANSWERED, ""]),
  edit("push-removed", [PUSH, ""], [ANSWERED, ""]),
  edit("push-switch-changed", [
    "push: { on: { watch: true } }",
    "push: { on: { watch: true }, off: { watch: false } }",
  ]),
  undo("answered-by-added", [ANSWERED, ""]),
  edit("answered-by-removed", [ANSWERED, ""]),
  edit("answered-by-changed", ["key: id, failure", "key: text, failure"]),
  edit("answered-by-failure-changed", ['failure: { text: "{message}" }', 'failure: { text: "failed" }']),
  undo("qos-lowered", ["        qos: 0\n", "        qos: 1\n"]),
  edit("qos-raised", ["        qos: 0\n", "        qos: 1\n"]),
  edit("idempotent-added", ["        qos: 0\n", "        qos: 0\n        idempotent: true\n"]),
  undo("idempotent-removed", ["        qos: 0\n", "        qos: 0\n        idempotent: true\n"]),
  undo("sensitive-added", ["{ type: string, sensitive: true }", "{ type: string }"]),
  edit("sensitive-removed", ["{ type: string, sensitive: true }", "{ type: string }"]),
  edit("request-narrowed", ["minimum: 0, maximum: 10", "minimum: 1, maximum: 10"]),
  undo("request-widened", ["minimum: 0, maximum: 10", "minimum: 1, maximum: 10"]),
  edit("request-property-added", [
    "properties: { depth: { type: number } }",
    "properties: { depth: { type: number }, unit: { enum: [m, cm] } }",
  ]),
  undo("request-property-removed", [
    "properties: { depth: { type: number } }",
    "properties: { depth: { type: number }, unit: { enum: [m, cm] } }",
  ]),
  edit("deprecated-property-removed", ["              hose: { type: string, deprecated: true }\n", ""]),
  edit(
    "request-unproven",
    [
      "liters: { type: number, minimum: 0, maximum: 10 }",
      "liters: { type: number, minimum: 0, maximum: 10 }",
    ],
    ["token: { type: string, sensitive: true }", 'token: { type: string, sensitive: true, pattern: "^" }'],
  ),
  edit("response-widened", ["poured: { type: number }", "poured: { type: [number, string] }"]),
  undo("response-narrowed", ["poured: { type: number }", "poured: { type: [number, string] }"]),
  edit("response-extended", [
    POURED,
    "properties: { poured: { type: number }, note: { type: string }, at: { type: integer } }",
  ]),
  undo("response-restricted", [
    POURED,
    "properties: { poured: { type: number }, note: { type: string }, at: { type: integer } }",
  ]),
  undo("deprecated-response-property-removed", [
    POURED,
    "properties: { poured: { type: number }, note: { type: string }, at: { type: integer, deprecated: true } }",
  ]),
  edit("property-deprecated", [
    POURED,
    "properties: { poured: { type: number }, note: { type: string, deprecated: true } }",
  ]),
  undo("property-undeprecated", [
    "properties: { depth: { type: number } }",
    "properties: { depth: { type: number, deprecated: true } }",
  ]),
  undo("response-closed", [
    `${POURED}\n            required: [poured]\n            additionalProperties: false`,
    `${POURED}\n            required: [poured]`,
  ]),
  edit("response-property-added", [
    "items: { type: object, properties: { id: { type: integer } }",
    "items: { type: object, properties: { id: { type: integer }, zone: { type: integer } }",
  ]),
  undo("response-property-removed", [
    "items: { type: object, properties: { id: { type: integer } }",
    "items: { type: object, properties: { id: { type: integer }, zone: { type: integer } }",
  ]),
  edit("endpoint-method-renamed", ["title: Plant, version", "title: Plant, endpoint: bed, version"]),
  edit(
    "parameter-type-changed",
    ['pattern: "^(?![0-9]+$|ok$|err$)[a-z]+$"', "type: integer, minimum: 1, maximum: 4"],
    ["example: left", "example: 1"],
    ["path: pour[/{valve}]", "path: pour/{valve}/now"],
  ),
  {
    rule: "request-id-type-changed",
    base: TINY,
    edits: [["minimum: 1, maximum: 9", "type: string, maxLength: 20"]],
  },
  edit(
    "direction-changed",
    [LEVEL_ID, "path: level\n        from: platform\n        requestId: none"],
    ["        response: empty\n", ""],
  ),
  edit("envelope-changed", [DEPTH, DEPTH.replace("request: {", 'request: { wrap: { data: "{body}" },')]),
  edit("subscription-changed", [
    POUR_STRICT,
    POUR_STRICT.replace("response:\n", 'response:\n          subscribe: "p/+/water/+/#"\n'),
  ]),
  edit("retain-changed", ["        qos: 0\n", "        qos: 0\n        retain: true\n"]),
  edit("holder-changed", ["path: done\n", "topic: p/{tenant}/done[/{requestId}]\n"]),
  edit("text-type-changed", [DRAIN_TEXT, "request: { contentType: text/plain, schema: { type: number } }"]),
  edit("device-response-added", [LEVEL, EVENT], [EVENT, SERVED]),
  edit("device-response-removed", [LEVEL, SERVED], [SERVED, EVENT]),
  edit(
    "optional-response-body-added",
    [POUR_RESPONSE, "        response: empty\n"],
    ["        response: empty\n      level:", OPTIONAL_RESPONSE],
  ),
  edit("response-unproven", ["note: { type: string } }", 'note: { type: string, pattern: "^" } }']),
];

/** The specs of a case. */
function versionsOf({ rule, edits, undo: isUndone = false, base = plant }: Case): readonly [string, string] {
  let old = base;
  if (rule === "extension-name-changed") old = withoutExtensionLevel(old);
  // The first edits of some cases prepare the old version.
  const prepared = PREPARED.has(rule) ? edits.slice(0, -1) : [];
  for (const one of prepared) old = replaced(old, one);
  const now = edits.slice(prepared.length).reduce(replaced, old);
  return isUndone ? [now, old] : [old, now];
}

const PREPARED: ReadonlySet<RuleCode> = new Set([
  "extension-removed",
  "optional-response-body-removed",
  "optional-response-body-added",
  "device-response-added",
  "device-response-removed",
]);

/** The models of specs, by text: most cases have the plant's as one of theirs. */
const models = new Map<string, Promise<ApiModel>>();
async function modelOf(text: string): Promise<ApiModel> {
  const model = models.get(text) ?? apiOf(text);
  models.set(text, model);
  return model;
}

/** The comparison of a case for devices, made once for all tests. */
const comparisons = new Map<Case, ApiDiff>();
async function comparisonOf(one: Case): Promise<ApiDiff> {
  const [old, now] = versionsOf(one);
  const comparison = comparisons.get(one) ?? diff(await modelOf(old), await modelOf(now));
  comparisons.set(one, comparison);
  return comparison;
}

function withoutExtensionLevel(text: string): string {
  return text.replace("p/{tenant}/{extension}/{device}", "p/{tenant}/{device}");
}

function replaced(text: string, [find, replacement]: readonly [string, string]): string {
  expect(text).toContain(find);
  return text.replaceAll(find, () => replacement);
}

describe("a comparison of two versions of a spec", () => {
  it.each(CASES)("reports $rule", async (one) => {
    const [old, now] = versionsOf(one);
    const { changes } = diff(await modelOf(old), await modelOf(now), { side: "both" });
    const found = changes.filter(({ rule }) => rule === one.rule);
    expect(
      found.length,
      JSON.stringify(changes.map(({ rule, message }) => `${rule}: ${message}`)),
    ).toBeGreaterThan(0);
    for (const { devices, platforms, code } of found)
      expect({ devices, platforms, code }).toMatchObject({
        devices: RULES[one.rule].devices,
        platforms: RULES[one.rule].platforms,
        code: RULES[one.rule].code,
      });
  });

  it("has a case for each rule", () => {
    expect(Object.keys(RULES).filter((rule) => !CASES.some((one) => one.rule === rule))).toEqual([]);
  });

  it("prints the cases as the golden file has them", async () => {
    const texts: string[] = [];
    for (const one of CASES) {
      const text = formatDiff(await comparisonOf(one), "text");
      texts.push(`=== ${one.rule}\n\n${text}`);
    }
    await expect(texts.join("\n")).toMatchFileSnapshot("rules.golden.txt");
  });

  it("finds nothing between a version and itself", async () => {
    const api = await apiOf(plant);
    expect(diff(api, await apiOf(plant), { side: "both" }).changes).toEqual([]);
  });
});

/** The part of the page that people write. */
const MARK = "<!-- The rest is printed by test/unit/diff/rules.test.ts. -->\n";

describe("docs/compatibility-rules.md", () => {
  it("has every rule with an example", async () => {
    const page = fileURLToPath(new URL("../../../docs/compatibility-rules.md", import.meta.url));
    const [head = ""] = readFileSync(page, "utf8").split(MARK);
    const sections: string[] = [];
    for (const [title, rules] of RULE_GROUPS) {
      sections.push(`## ${title}`);
      for (const [code, rule] of Object.entries(rules)) {
        const example = CASES.find((one) => one.rule === code);
        const { changes } = example ? await comparisonOf(example) : { changes: [] };
        const lines = changes
          .filter((change) => change.rule === code)
          .map(({ subject, message }) => `${subject}: ${message}`);
        sections.push(
          `### \`${code}\``,
          `${rule.change} ${rule.why}`,
          effectsOf(rule),
          `\`\`\`text\n${lines.join("\n")}\n\`\`\``,
        );
      }
    }
    await expect(`${head}${MARK}\n${sections.join("\n\n")}\n`).toMatchFileSnapshot(page);
  });
});
