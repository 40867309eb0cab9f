import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validate } from "../../../src/generate.js";

const kettle = readFileSync(new URL("../../support/kettle.yaml", import.meta.url), "utf8");

// A pattern that takes minutes on 30 letters and years on 60, so that a run of it would exceed every timeout.
const SLOW = "^(a+)+$";
const HOSTILE = `${"a".repeat(60)}!`;

describe("patterns that are slow", () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "topicsmith-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function codes(...changes: readonly (readonly [find: string, replacement: string])[]) {
    let text = kettle;
    for (const [find, replacement] of changes) {
      expect(text).toContain(find);
      text = text.replace(find, () => replacement);
    }
    const path = join(folder, "kettle.yaml");
    writeFileSync(path, text);
    const { diagnostics } = await validate(path);
    return diagnostics.map(({ code, severity, range }) => `${severity} ${code} ${range?.line}`);
  }

  it("of a topic parameter are reported, and not run on its example", async () => {
    const slow = ["example: k1 }", `example: "${HOSTILE}", pattern: "${SLOW}" }`] as const;
    expect(await codes(slow)).toContain("warning slow-pattern 6");
    const polynomial = ["example: k1 }", `example: "1", pattern: "[0-9]+$" }`] as const;
    expect(await codes(polynomial)).toContain("warning polynomial-pattern 6");
    const linear = ["example: k1 }", `example: "k1", pattern: "^k[0-9]+$" }`] as const;
    expect((await codes(linear)).filter((text) => text.includes("pattern"))).toEqual([]);
  });

  it("of a topic parameter are not run on the levels of other topics", async () => {
    const found = await codes(
      ["{extension}/{device}/{resource}", "{extension}/{resource}"],
      ["    device: { bind: endpoint, example: k1 }\n", ""],
      ["uniquePer: [device]", "uniquePer: []"],
      ["path: boil", `path: boil/{step}/on\n        parameters: { step: { pattern: "${SLOW}" } }`],
      ["path: done", `path: boil/${HOSTILE}/on`],
    );
    expect(found.some((text) => text.includes("slow-pattern"))).toBe(true);
  });

  it("of a schema are reported, and not run on its examples", async () => {
    const found = await codes(
      [
        "schema: { type: object, properties: { watch",
        `schema: { type: object, properties: { text: { type: string, pattern: "${SLOW}" }, watch`,
      ],
      ["examples: [{ watch: true }]", `examples: [{ text: "${HOSTILE}" }]`],
    );
    expect(found.some((text) => text.startsWith("warning slow-pattern"))).toBe(true);
    expect(found.some((text) => text.includes("invalid-value"))).toBe(false);
  });

  it("of polynomial time are not run on long examples, but on short ones", async () => {
    const schema = (example: string) =>
      codes(
        [
          "schema: { type: object, properties: { watch",
          `schema: { type: object, properties: { text: { type: string, pattern: "[0-9]+$" }, watch`,
        ],
        ["examples: [{ watch: true }]", `examples: [{ text: "${example}" }]`],
      );
    expect((await schema("12a")).some((text) => text.includes("invalid-value"))).toBe(true);
    expect((await schema(`${"1".repeat(200_000)}a`)).some((text) => text.includes("invalid-value"))).toBe(
      false,
    );
  });
});
