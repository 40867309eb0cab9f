import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { render } from "../../../src/generate.js";
import { typesOf } from "./support.js";

const one = (value: unknown, title?: string) => ({ const: value, ...(title !== undefined && { title }) });

describe("constants", () => {
  it.each([
    [
      "titles that are identifiers",
      { oneOf: [one("a", "Alpha"), one("b", "BETA")] },
      'Alpha: "a", BETA: "b"',
    ],
    ["titles of several words", { anyOf: [one(1, "very hot"), one(2, "2 cold")] }, "veryHot: 1, _2Cold: 2"],
    [
      "single values of enum",
      { oneOf: [{ enum: [null], title: "none" }, one(true, "yes")] },
      "none: null, yes: true",
    ],
    ["names beside enum", { enum: [1, 2], "x-enumNames": ["low", "high"] }, "low: 1, high: 2"],
  ])("with %s are exported as an object", async (_, schema, properties) => {
    expect(await typesOf(schema)).toContain(`export const Root = { ${properties} } as const;`);
  });

  it.each([
    ["one has no title", { oneOf: [one(1, "on"), one(2)] }],
    ["two have the same name", { oneOf: [one(1, "on"), one(2, "On!"), one(3, "on")] }],
    [
      "a title is a sentence",
      { oneOf: [one(1, "The device is on until somebody turns it off."), one(2, "off")] },
    ],
    ["a title has no letter", { oneOf: [one(1, "+"), one(2, "-")] }],
    ["a branch is not a constant", { oneOf: [one(1, "on"), { type: "string", title: "other" }] }],
    ["an enum has no names", { enum: [1, 2] }],
  ])("are not exported as an object if %s", async (_, schema) => {
    expect(await typesOf(schema)).not.toContain("export const");
  });

  it("without a name for each are listed with what is said of them", async () => {
    const schema = {
      type: "integer",
      oneOf: [one(0, "off"), { const: 1, description: "It */ turns.\nFast." }, one(2)],
    };
    expect(await typesOf(schema)).toBe(
      "/**\n * - `0`: off\n * - `1`: It *\\/ turns. Fast.\n * - `2`\n */\nexport type Root = 0 | 1 | 2;",
    );
  });

  it("keep the title of a schema, unless its description begins with it", async () => {
    expect(await typesOf({ title: "Mode", type: "string" })).toContain("/** Mode */");
    expect(await typesOf({ title: "Mode", description: "How it runs.", type: "string" })).toContain(
      "/**\n * Mode\n *\n * How it runs.\n */",
    );
    expect(await typesOf({ title: "The mode", description: "The mode.", type: "string" })).toContain(
      "/** The mode. */",
    );
  });

  it("are exported by the package as value and type of one name", async () => {
    const spec = new URL("../../scenarios/constants-have-names-and-meanings/input/api.yaml", import.meta.url);
    const { files } = await render({ spec: fileURLToPath(spec) });
    const exported = (path: string) => {
      const text = files.find((file) => file.path === path)?.text ?? "";
      const lines = text.match(/^export (?:type )?\{[^}]*\}/gm) ?? [];
      return (name: string) =>
        lines.filter((line) => new RegExp(`\\b${name}\\b`).test(line)).map((line) => line.includes("type"));
    };
    for (const name of ["MotorMode", "MotorModeResponse", "FanErrorPayload"])
      expect(exported("src/index.ts")(name), name).toEqual([false]);
    expect(exported("src/extensions/motor/index.ts")("MotorMode")).toEqual([false]);
    expect(exported("src/index.ts")("MotorModeRequest")).toEqual([true]);
  });
});
