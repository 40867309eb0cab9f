import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { type TupleStyle } from "../../../src/schema/index.js";
import { printTypes } from "../../../src/schema/print.js";
import { render } from "../../../src/generate.js";
import { specOf, writeFamily } from "../../support/families.js";
import { open, ROOT } from "./support.js";

/** The printed types of a schema and of its definitions, which are called like their keys. */
async function typesAs(tuples: TupleStyle, schema: object): Promise<string> {
  const set = open(schema);
  const definitions = new Map(set.definitions([ROOT]).map(({ uri, baseName }) => [uri, baseName]));
  const printed = await printTypes(set, { roots: [{ uri: ROOT, name: "Root" }], definitions, tuples });
  const text = printed.map((declaration) => declaration.text).join("\n");
  return (await format(text, { parser: "typescript", printWidth: 100 })).trim();
}

const list = (schema: object) => ({ type: "array", ...schema });
const number = { type: "number" };
const place = {
  type: "object",
  properties: { name: { type: "string", description: "Its name." } },
  required: ["name"],
};

const cases: readonly (readonly [
  what: string,
  schema: object,
  printed: Readonly<Record<TupleStyle, string>>,
])[] = [
  [
    "a list that is not empty",
    list({ items: { type: "string" }, minItems: 1 }),
    {
      always: "export type Root = [string, ...string[]];",
      short: "/** At least 1 item. */\nexport type Root = string[];",
      never: "/** At least 1 item. */\nexport type Root = string[];",
    },
  ],
  [
    "a short list",
    list({ items: { type: "string" }, maxItems: 2 }),
    {
      always: "export type Root = [string?, string?];",
      short: "/** At most 2 items. */\nexport type Root = string[];",
      never: "/** At most 2 items. */\nexport type Root = string[];",
    },
  ],
  [
    "coordinates",
    list({ items: number, minItems: 2, maxItems: 3 }),
    {
      always: "export type Root = [number, number, number?];",
      short: "export type Root = [number, number, number?];",
      never: "/** 2 to 3 items. */\nexport type Root = number[];",
    },
  ],
  [
    "six numbers",
    list({ items: number, minItems: 6, maxItems: 6 }),
    {
      always: "export type Root = [number, number, number, number, number, number];",
      short: "/** Exactly 6 items. */\nexport type Root = number[];",
      never: "/** Exactly 6 items. */\nexport type Root = number[];",
    },
  ],
  [
    "positions with schemas of their own",
    list({ prefixItems: [{ type: "string" }, number], items: { type: "boolean" }, minItems: 3 }),
    {
      always: "export type Root = [string, number, boolean, ...boolean[]];",
      short: "/** At least 3 items. */\nexport type Root = [string, number, ...boolean[]];",
      never: "/** At least 3 items. */\nexport type Root = (string | number | boolean)[];",
    },
  ],
  [
    "an empty list",
    list({ maxItems: 0 }),
    {
      always: "export type Root = [];",
      short: "/** Exactly 0 items. */\nexport type Root = [];",
      never: "/** Exactly 0 items. */\nexport type Root = [];",
    },
  ],
  [
    "bounds beside a reference",
    { $ref: "#/$defs/Names", minItems: 1, $defs: { Names: list({ items: { type: "string" } }) } },
    {
      always: "export type Root = [string, ...string[]];\nexport type Names = string[];",
      short: "/** At least 1 item. */\nexport type Root = Names;\nexport type Names = string[];",
      never: "/** At least 1 item. */\nexport type Root = Names;\nexport type Names = string[];",
    },
  ],
];

describe("lists with bounds", () => {
  it.each(cases)("%s: printed as each style asks", async (_, schema, printed) => {
    for (const style of ["always", "short", "never"] as const)
      expect(await typesAs(style, schema), style).toBe(printed[style]);
  });

  it("are printed as package.tuples in the spec asks, short by default", async () => {
    const folder = mkdtempSync(join(tmpdir(), "topicsmith-tuples-"));
    const spec = specOf({ "a.names": "./names.json" });
    const printed = async (text: string) => {
      const family = {
        "api.yaml": text,
        "names.json": JSON.stringify(list({ items: { type: "string" }, minItems: 1 })),
      };
      const { files, diagnostics } = await render({ spec: writeFamily(folder, family) });
      expect(diagnostics).toEqual([]);
      return files.find(({ path }) => path === "src/extensions/a/names.ts")?.text ?? "";
    };
    expect(await printed(spec)).toContain("export type Names = string[];");
    const always = spec.replace("\nprotocol:", "\npackage: { tuples: always }\nprotocol:");
    expect(await printed(always)).toContain("export type Names = [string, ...string[]];");
    rmSync(folder, { recursive: true });
  });

  it("name the inline items that a tuple would repeat after the schema around them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "topicsmith-tuples-"));
    const corner = {
      description: "A corner.",
      type: "object",
      properties: { x: { type: "number", description: "To the right." } },
      additionalProperties: false,
    };
    const items = (name: string) => ({
      type: "object",
      properties: { [name]: { type: "string" } },
      additionalProperties: false,
    });
    const properties = {
      points: list({ items: corner, minItems: 2, maxItems: 4 }),
      data: list({ items: items("a"), minItems: 1 }),
      once: list({ items: items("b"), maxItems: 1 }),
      pair: list({ prefixItems: [items("c"), items("c")], minItems: 2, maxItems: 2 }),
      late: { allOf: [{ minItems: 2, maxItems: 2 }, list({ items: items("d") })] },
      copies: list({ items: corner, minItems: 3, maxItems: 3 }),
    };
    const printed = async (more: Readonly<Record<string, string>>) => {
      const family = {
        "api.yaml": specOf({ "a.shape": "./shape.json", ...more }).replace(
          "\nprotocol:",
          "\npackage: { tuples: always }\nprotocol:",
        ),
        "shape.json": JSON.stringify({ type: "object", properties, additionalProperties: false }),
        "other.json": JSON.stringify(list({ items: items("z"), minItems: 1 })),
      };
      const { files, diagnostics } = await render({ spec: writeFamily(folder, family) });
      expect(diagnostics).toEqual([]);
      return files
        .flatMap((file) => (file.path.startsWith("src/extensions/a/") ? [file.text] : []))
        .join("\n");
    };
    const text = await printed({});
    expect(text).toContain("points?: [ShapePoint, ShapePoint, ShapePoint?, ShapePoint?];");
    expect(text).toContain("copies?: [ShapePoint, ShapePoint, ShapePoint];");
    expect(text).toContain("data?: [ShapeDataItem, ...ShapeDataItem[]];");
    expect(text).toContain("once?: [{ b?: string }?];");
    expect(text).toContain("pair?: [ShapePairItem, ShapePairItem];");
    expect(text).toContain("late?: [ShapeLateItem, ShapeLateItem];");
    expect(text).toContain(
      "/** A corner. */\nexport interface ShapePoint {\n  /** To the right. */\n  x?: number;\n}",
    );
    const names = (all: string) =>
      Array.from(all.matchAll(/(?:interface|type) (Shape\w*)/g), ([, name]) => name);
    expect(names(await printed({ "a.other": "./other.json" }))).toEqual(expect.arrayContaining(names(text)));
    rmSync(folder, { recursive: true });
  });

  it("put an intersection in parentheses inside a tuple and a list", async () => {
    const both = { allOf: [{ $ref: "#/$defs/A" }, { $ref: "#/$defs/B" }] };
    const $defs = { A: { type: "object", minProperties: 1 }, B: { type: "object", maxProperties: 2 } };
    const printed = await typesAs("short", list({ prefixItems: [number, both], items: both, $defs }));
    expect(printed).toContain("export type Root = [number?, ...(A & B)[]];");
    const tuple = await typesAs("short", list({ prefixItems: [both], items: number, $defs }));
    expect(tuple).toContain("export type Root = [(A & B)?, ...number[]];");
  });

  it("keep the JSDoc of their items, which are printed once", async () => {
    expect(await typesAs("short", list({ items: place, minItems: 1, maxItems: 16 })))
      .toBe(`/** 1 to 16 items. */
export type Root = {
  /** Its name. */
  name: string;
  [key: string]: unknown;
}[];`);
  });
});
