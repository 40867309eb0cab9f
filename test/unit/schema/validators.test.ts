import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSchemaSet } from "../../../src/schema/index.js";
import { printValidators, type ValidatorRequest } from "../../../src/schema/print.js";
import { load, open, ROOT, validatorOf } from "./support.js";

const FORBIDDEN = /\brequire\s*\(|\bFunction\s*\(|\beval\b|\bimport\b/;

const node = {
  type: "object",
  properties: { next: { $ref: "#/$defs/node" }, at: { format: "date-time", type: "string" } },
};

/** Two modules that share a definition, one of which names a schema of the other again. */
function sharing() {
  const set = createSchemaSet([
    { uri: "a:one", value: { type: "array", items: { $ref: "a:lib#/$defs/node" } } },
    { uri: "a:two", value: { $ref: "a:lib#/$defs/node", minProperties: 1 } },
    { uri: "a:again", value: { $ref: "a:one" } },
    { uri: "a:lib", value: { $defs: { node } } },
  ]);
  const request: ValidatorRequest = {
    sharedPath: "shared.validators",
    modules: [
      { path: "one/a.validators", exports: [{ name: "validateOne", uri: "a:one", type: "One" }] },
      {
        path: "two/b.validators",
        exports: [
          { name: "validateTwo", uri: "a:two", type: "Two" },
          { name: "validateAgain", uri: "a:again", type: "One" },
        ],
      },
    ],
  };
  return { set, request };
}

describe("printValidators", () => {
  it("places functions that several modules use in the shared module, once, and lists the imports of each module", async () => {
    const { set, request } = sharing();
    const modules = await printValidators(set, request);
    expect(modules.map(({ path, imports }) => [path, imports])).toEqual([
      ["one/a.validators", [{ from: "shared.validators", names: ["validateOne$0"] }]],
      [
        "two/b.validators",
        [{ from: "shared.validators", names: ["errorsBelow", "oneError", "shared$node", "validateOne$0"] }],
      ],
      ["shared.validators", []],
    ]);
    const [one, two, shared] = modules.map(({ code }) => code);
    expect(one).toBe("export const validateOne: Validator<One> = validateOne$0;");
    expect(two).toMatch(
      /^export const validateTwo: Validator<Two> = validateTwo\$0;\nexport const validateAgain: Validator<One> = validateOne\$0;\n/,
    );
    expect(shared?.match(/^export (?:function|const) [\w$]+/gm)).toEqual(
      expect.arrayContaining([
        "export function format_date_time",
        "export function shared$node",
        "export function validateOne$0",
      ]),
    );
    expect(
      modules
        .map(({ code }) => code)
        .join("\n")
        .match(/function shared\$node\(/g),
    ).toHaveLength(1);
  });

  it("prints code without undeclared names and without eval", async () => {
    const { set, request } = sharing();
    for (const { code } of await printValidators(set, request)) expect(code).not.toMatch(FORBIDDEN);
    const { validateOne, validateTwo, validateAgain } = load(await printValidators(set, request));
    expect(validateOne?.([{ next: { at: "2024-01-01T00:00:00Z" } }])).toBe(true);
    expect(validateOne?.([{ next: { at: "yesterday" } }])).toBe(false);
    expect(validateOne?.errors).toMatchObject([{ instancePath: "/0/next/at", keyword: "format" }]);
    expect(validateTwo?.({})).toBe(false);
    expect(validateAgain).toBe(validateOne);
  });

  it("prints code that runs where code generation from strings is forbidden", async () => {
    const { set, request } = sharing();
    const folder = await mkdtemp(join(tmpdir(), "topicsmith-"));
    for (const { path, code, imports } of await printValidators(set, request)) {
      const lines = imports.map(({ from, names }) => `import { ${names.join(", ")} } from "../${from}.mjs";`);
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(
        join(folder, `${path}.mjs`),
        [...lines, code.replaceAll(/: Validator<\w+>/g, "")].join("\n"),
      );
    }
    const script = `import("./two/b.validators.mjs").then((m) => console.log(m.validateTwo({}), m.validateAgain([{}])))`;
    const options = { cwd: folder, encoding: "utf8" } as const;
    const output = execFileSync(
      process.execPath,
      ["--disallow-code-generation-from-strings", "-e", script],
      options,
    );
    expect(output.trim()).toBe("false true");
    await rm(folder, { recursive: true });
  });

  it("prints the same bytes twice, and in another set of documents, too", async () => {
    const { set, request } = sharing();
    const once = await printValidators(set, request);
    expect(await printValidators(set, request)).toEqual(once);
    expect(await printValidators(sharing().set, request)).toEqual(once);
  });

  it("does not change a module if a schema is added before it", async () => {
    const documents = [
      {
        uri: "a:b",
        value: {
          properties: { x: { pattern: "^a", enum: ["a", 1] }, y: { $ref: "#/$defs/z" } },
          $defs: { z: { pattern: "^b", minLength: 2 } },
        },
      },
    ];
    const wanted = { path: "b", exports: [{ name: "validateB", uri: "a:b" }] };
    const alone = await printValidators(createSchemaSet(documents), {
      sharedPath: "shared",
      modules: [wanted],
    });
    const more = createSchemaSet([
      {
        uri: "a:a",
        value: { pattern: "^a", anyOf: [{ minLength: 1 }, { $ref: "#/$defs/q" }], $defs: { q: {} } },
      },
      ...documents,
    ]);
    const both = await printValidators(more, {
      sharedPath: "shared",
      modules: [{ path: "a", exports: [{ name: "validateA", uri: "a:a" }] }, wanted],
    });
    expect(both.find(({ path }) => path === "b")).toEqual(alone.find(({ path }) => path === "b"));
  });

  it("prints only the parts of schemas that validators read: no descriptions, no whole schemas", async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`p${i}`, { description: "SECRET", type: "string" }]),
    );
    const set = open({
      type: "object",
      title: "SECRET",
      properties,
      additionalProperties: false,
      $defs: { unused: { const: "SECRET" } },
    });
    const [root] = await printValidators(set, {
      sharedPath: "s",
      modules: [{ path: "r", exports: [{ name: "v", uri: ROOT }] }],
    });
    expect(root?.code).not.toContain("SECRET");
    const validate = await validatorOf(set);
    expect([validate({ p3: "a" }), validate({ p3: 1 }), validate({ q: 1 })]).toEqual([true, false, false]);
  });

  it.each([
    ["date", "2024-02-29", "2023-02-29"],
    ["time", "10:00:00Z", "25:00:00Z"],
    ["date-time", "2024-01-01T00:00:00Z", "2024-01-01"],
    ["duration", "P1D", "1 day"],
    ["email", "a@example.com", "a"],
    ["hostname", "example.com", "-"],
    ["ipv4", "127.0.0.1", "256.0.0.1"],
    ["ipv6", "::1", "::g"],
    ["uri", "https://example.com", "example"],
    ["uri-reference", "/a", "\\"],
    ["uuid", "123e4567-e89b-12d3-a456-426614174000", "x"],
    ["json-pointer", "/a", "a"],
    ["regex", "^a", "("],
    ["byte", "YQ==", "?"],
    ["int32", 1, 2 ** 40],
    ["double", 1.5, undefined],
    ["password", "a", undefined],
  ])("checks the format %s", async (format, good, bad) => {
    const validate = await validatorOf(open({ format }));
    expect(validate(good)).toBe(true);
    if (bad !== undefined) expect(validate(bad)).toBe(false);
  });

  it("prints validators that do not throw on hostile values", async () => {
    const validate = await validatorOf(
      open({ uniqueItems: true, items: { not: { enum: [{ valueOf: 1 }, { constructor: 2 }] } } }),
    );
    const parse = (json: string): unknown => JSON.parse(json);
    expect(validate(parse(`[{"valueOf":1,"a":1},{"valueOf":2,"a":1}]`))).toBe(true);
    expect(validate(parse(`[{"toString":null},{"toString":null}]`))).toBe(false);
    expect(validate(parse(`[{"valueOf":1}]`))).toBe(false);
    expect(validate(parse(`[{"__proto__":1},{"constructor":1}]`))).toBe(true);
  });

  it.each([
    ["names", `["a"]`],
    ["a schema", `{"required":["a"]}`],
  ])("prints validators that know a dependency of __proto__ on %s", async (_what, dependency) => {
    const parse = (json: string): unknown => JSON.parse(json);
    const $schema = "http://json-schema.org/draft-07/schema#";
    const set = open({ $schema, dependencies: parse(`{"__proto__":${dependency},"b":["c"]}`) });
    const validate = await validatorOf(set);
    const verdicts = [`{"__proto__":1}`, `{"__proto__":1,"a":1}`, `{}`, `1`, `{"b":1}`].map((json) =>
      validate(parse(json)),
    );
    expect(verdicts).toEqual([false, true, true, true, false]);
  });

  it("prints validators that know both a property and a pattern of __proto__", async () => {
    const parse = (json: string): unknown => JSON.parse(json);
    const properties = parse(`{"__proto__":{"minimum":1}}`);
    const set = open({ properties, patternProperties: { "^__proto__$": { maximum: 3 } } });
    const validate = await validatorOf(set);
    expect([0, 2, 4].map((value) => validate(parse(`{"__proto__":${value}}`)))).toEqual([false, true, false]);
  });

  it("compares constants of every kind", async () => {
    const values = [
      null,
      true,
      0,
      "a",
      [],
      [1, [2]],
      {},
      { a: [{ b: null }] },
      JSON.parse(`{"__proto__":1}`),
    ];
    for (const value of values) {
      const validate = await validatorOf(open({ const: value }));
      for (const other of values) expect(validate(structuredClone(other))).toBe(other === value);
    }
  });

  it("gives the errors of a referenced schema the path of the value in the whole", async () => {
    const tree = {
      type: "object",
      properties: { "a/b": { $ref: "#/$defs/node" }, list: { items: { $ref: "#/$defs/leaf" } } },
      additionalProperties: { anyOf: [{ $ref: "#/$defs/leaf" }, { type: "null" }] },
    };
    const leaf = { type: "string", maxLength: 2 };
    const validate = await validatorOf(open({ $ref: "#/$defs/node", $defs: { node: tree, leaf } }));
    const pathsIn = (value: unknown) => (
      validate(value),
      validate.errors?.map((error) => error.instancePath)
    );
    expect(pathsIn({ "a/b": { "a/b": { list: ["ok", "long"] } } })).toEqual(["/a~1b/a~1b/list/1"]);
    expect(pathsIn({ "a/b": { "x~": "long" } })).toEqual(["/a~1b/x~0", "/a~1b/x~0", "/a~1b/x~0"]);
    expect(pathsIn({ "a/b": {} })).toBeUndefined();
  });

  it("calls the function of a referenced schema with the value only", async () => {
    const [root] = await printValidators(open({ items: { $ref: "#/$defs/node" }, $defs: { node } }), {
      sharedPath: "s",
      modules: [{ path: "r", exports: [{ name: "v", uri: ROOT }] }],
    });
    expect(root?.code).toContain("(data[i0])");
    expect(root?.code).not.toContain("instancePath+");
    expect(root?.code).toMatch(/^function v\$0\(data\)\{$/m);
  });

  it("omits references to schemas that accept everything", async () => {
    const sample = { description: "Any value." };
    const set = open({ anyOf: [{ $ref: "#/$defs/sample" }, { type: "array" }], $defs: { sample } });
    const [root] = await printValidators(set, {
      sharedPath: "s",
      modules: [{ path: "r", exports: [{ name: "v", uri: ROOT }] }],
    });
    expect(root?.code).not.toContain("sample");
    expect((await validatorOf(set))(1)).toBe(true);
  });

  it("keeps the regular expressions in code by ajv intact", async () => {
    // Errors below a member that is not known when generating escape its name with `/\//g`.
    const validate = await validatorOf(open({ additionalProperties: { enum: [["a"]] } }));
    expect(validate({ "x/y~z": ["b"] })).toBe(false);
    expect(validate.errors).toMatchObject([{ instancePath: "/x~1y~0z", params: { allowedValues: [["a"]] } }]);
  });

  it("tracks evaluated properties if several schemas may evaluate them", async () => {
    const set = open({
      patternProperties: { "^a": { type: "integer" } },
      oneOf: [true, { required: ["x"], unevaluatedProperties: true }],
      unevaluatedProperties: false,
    });
    const validate = await validatorOf(set);
    for (const [value, valid] of [
      [{ a: 1 }, true],
      [{ a: [] }, false],
      [{ b: 1 }, false],
      [{ a: 1, x: 1 }, false],
    ] as const) {
      expect([validate(value), set.validate(ROOT, value).length === 0]).toEqual([valid, valid]);
    }
  });

  it("accepts 0.3 as a multiple of 0.1", async () => {
    const validate = await validatorOf(open({ multipleOf: 0.1 }));
    expect([validate(0.3), validate(0.35)]).toEqual([true, false]);
  });

  it("throws for a schema that does not exist", async () => {
    const request = { sharedPath: "s", modules: [{ path: "r", exports: [{ name: "v", uri: "a:nothing" }] }] };
    await expect(printValidators(open({}), request)).rejects.toThrow("there is no schema at a:nothing");
  });
});
