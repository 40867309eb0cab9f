import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { format as prettier } from "prettier";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { check, generate, validate, type GenerateOptions } from "../../../src/index.js";

const kettle = readFileSync(new URL("../../support/kettle.yaml", import.meta.url), "utf8");

let folder: string;
let spec: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-settings-"));
  spec = join(folder, "kettle.yaml");
  out = join(folder, "out");
  writeFileSync(spec, kettle);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

async function run(settings: Omit<GenerateOptions, "spec" | "out"> = {}) {
  const result = await generate({ spec, out, ...settings });
  const messages = result.diagnostics.map(({ code, message, range }) => {
    const place = range === undefined ? "" : `${range.file}:${range.line}: `;
    return `${place}${code}: ${message}`.replaceAll(`${folder}/`, "");
  });
  return { ...result, messages };
}

function read(path: string): string {
  return readFileSync(join(out, path), "utf8");
}

describe("layout: source", () => {
  it("writes only modules, directly into the output folder, and skips a run without changes", async () => {
    const { messages, written } = await run({ layout: "source" });
    expect(messages).toEqual([]);
    expect(written).toContain("index.ts");
    expect(written).toContain("extensions/water/boil.validators.ts");
    expect(written).toContain("runtime/client/client.ts");
    expect(written.filter((path) => !path.endsWith(".ts"))).toEqual([".gitattributes"]);
    expect(read("runtime/index.ts")).toMatch(/^\/\* eslint-disable \*\/\n/);
    expect((await run({ layout: "source" })).upToDate).toBe(true);
  });

  it("writes resources that belong to no extension", async () => {
    writeFileSync(
      spec,
      "topicsmith: 1\napi: { name: hive, title: Hive, version: 1.0.0 }\nresources:\n  weight: { topic: hive/weight, request: { schema: { type: number } } }\n",
    );
    const { messages, written } = await run({ layout: "source" });
    expect(messages).toEqual([]);
    expect(written).toContain("resources/weight.ts");
    expect((await run({ layout: "source" })).upToDate).toBe(true);
  });

  it.each([
    ["", "./extensions/water/index"],
    [".ts", "./extensions/water/index.ts"],
  ] as const)("with importExtension %j, every import between modules ends so", async (ending, expected) => {
    const { written } = await run({ layout: "source", importExtension: ending });
    expect(read("client.ts")).toContain(`from "${expected}";`);
    for (const path of written) expect(read(path)).not.toMatch(/from "\.[^"]*\.js"/);
  });

  it("removes the files of the other layout when it changes", async () => {
    await run();
    const { messages, removed } = await run({ layout: "source" });
    expect(messages).toEqual([]);
    expect(removed).toContain("package.json");
    expect(existsSync(join(out, "src"))).toBe(false);
  });
});

describe("runtime: topicsmith/runtime", () => {
  it("imports the runtime from topicsmith, and depends on it instead of mqtt", async () => {
    const { written } = await run({ runtime: "topicsmith/runtime" });
    expect(written.filter((path) => path.startsWith("src/runtime/"))).toEqual([]);
    expect(read("src/client.ts")).toContain('from "topicsmith/runtime";');
    expect(read("src/platform.ts")).toContain('from "topicsmith/runtime/platform";');
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: object };
    expect(Object.keys(dependencies)).toEqual(["topicsmith"]);
    for (const path of written)
      if (path.endsWith(".ts")) expect(read(path)).not.toContain("/runtime/index.js");
  });
});

describe("header", () => {
  it("begins every module, as comments", async () => {
    const { written } = await run({ header: "Copyright ACME\nSPDX-License-Identifier: MIT" });
    for (const path of written.filter((one) => one.endsWith(".ts")))
      expect(read(path)).toMatch(/^\/\/ Copyright ACME\n\/\/ SPDX-License-Identifier: MIT\n/);
    expect(read("src/extensions/water/boil.validators.ts")).toContain("// @ts-nocheck");
  });

  it("stays as it is if it consists of comments, and cannot end one", async () => {
    await run({ header: "/* ACME */" });
    expect(read("src/client.ts")).toMatch(/^\/\* ACME \*\/\n\/\/ @generated/);
    await run({ header: "/* a */ process.exit() /* b */" });
    expect(read("src/client.ts")).toMatch(/^\/\/ \/\* a \*\/ process.exit\(\) \/\* b \*\/\n/);
  });
});

describe("package", () => {
  it("sets and replaces fields of package.json", async () => {
    const fields = {
      name: "@acme/kettle",
      version: "9.1.0",
      homepage: "https://acme.example",
      bugs: { url: "https://acme.example/bugs" },
      private: true,
      publishConfig: { access: "public", provenance: true },
      engines: { node: ">=22" },
      peerDependencies: { zod: "^4" },
    };
    await run({ package: { ...fields, files: ["docs"], dependencies: { uuid: "^11" } } });
    const manifest = JSON.parse(read("package.json")) as Record<string, unknown>;
    expect(manifest).toMatchObject(fields);
    expect(manifest["files"]).toContain("docs");
    expect(Object.keys(manifest["dependencies"] as object)).toEqual(["mqtt", "uuid"]);
    expect(read("README.md")).toContain('from "@acme/kettle"');
  });
});

describe("include and exclude", () => {
  it("generate the named resources, those that carry their results, and the schemas that they need", async () => {
    const { messages, written } = await run({ include: ["water.boil"] });
    expect(messages).toEqual([]);
    expect(written).toContain("src/extensions/water/done.ts");
    const alone = await run({ include: ["water"], exclude: ["water.boil"] });
    expect(alone.removed).toContain("src/extensions/water/boil.ts");
    expect(read("src/index.ts")).not.toContain("boil");
  });

  it("a name that the API does not have is an error with a suggestion", async () => {
    expect((await run({ include: ["water.boyl"], exclude: ["tea"] })).messages).toEqual([
      'unknown-selection: include: the API has no extension or resource "water.boyl"; did you mean "water.boil"?',
      'unknown-selection: exclude: the API has no extension or resource "tea"; name one such as `water` or `water.valve`',
    ]);
    expect((await run({ exclude: ["water"] })).messages).toEqual([
      "empty-selection: `include` and `exclude` leave no resource; name at least one",
    ]);
    expect(existsSync(out)).toBe(false);
  });
});

describe("templates", () => {
  it("of the project replace topicsmith's, and a change of one is noticed", async () => {
    const settings = { templates: join(folder, "templates") };
    write("templates/README.md.hbs", "# {{packageName}}, our way\n");
    await run(settings);
    expect(read("README.md")).toBe("# kettle-device-client, our way\n");
    expect((await run(settings)).upToDate).toBe(true);
    write("templates/README.md.hbs", "# {{apiTitle}}\n");
    expect((await run(settings)).written).toEqual(["README.md"]);
    expect(read("README.md")).toBe("# Kettle\n");
  });

  it("with a mistake are errors at their line, and nothing is written", async () => {
    const settings = { templates: join(folder, "templates") };
    write("templates/README.md.hbs", "# one\n\n{{packagName}}\n");
    const [slot = ""] = (await run(settings)).messages;
    expect(slot).toMatch(
      /^templates\/README\.md\.hbs:3: invalid-template: cannot fill "templates\/README\.md\.hbs": there is no slot packagName; the slots are (?:\w+, )*packageName, description, .*; correct the template$/,
    );
    write("templates/README.md.hbs", "# one\n{{#each extensions}}\n");
    expect((await run(settings)).messages[0]).toMatch(
      /^templates\/README\.md\.hbs:\d: invalid-template: cannot fill/,
    );
    write("templates/README.md.hbs", "# {{packageName}}\n");
    write("templates/READNE.md.hbs", "");
    expect((await run(settings)).messages).toEqual([
      'unknown-template: topicsmith has no template "READNE.md.hbs"; did you mean "README.md.hbs"?',
    ]);
    expect((await run({ templates: join(folder, "none") })).messages).toEqual([
      'missing-template-folder: "none" is not a folder of templates; create it, or remove `templates`',
    ]);
    expect(existsSync(out)).toBe(false);
  });
});

describe("emitters", () => {
  it("add files from the API's model, with an entry of the package", async () => {
    const { messages } = await run({
      emitters: [
        (api) => [
          {
            path: "src/resources.ts",
            text: `export const ids = ${JSON.stringify(api.extensions.flatMap((one) => one.resources.map(({ id }) => id)))}`,
            entry: "./resources",
          },
        ],
      ],
    });
    expect(messages).toEqual([]);
    expect(read("src/resources.ts")).toBe('export const ids = ["water.boil", "water.done"];\n');
    const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, unknown> };
    expect(exports["./resources"]).toMatchObject({ import: { default: "./dist/resources.js" } });
  });

  it("always run, because only then it is known whether their files are up to date", async () => {
    let text = "one";
    const settings = { emitters: [() => [{ path: "src/a.txt", text }]] };
    await run(settings);
    text = "two";
    expect((await run(settings)).written).toEqual(["src/a.txt"]);
    const { outdated } = await check({ spec, out, ...settings, emitters: [() => []] });
    expect(outdated.map(({ diagnostic }) => diagnostic.code)).toEqual(["leftover-file"]);
  });

  it.each([
    [
      "throw",
      () => {
        throw new Error("no luck\nat all");
      },
      "the emitter broken failed: no luck; correct it, then run again",
    ],
    [
      "return no list",
      () => "files",
      "the emitter broken failed: it did not return a list of files; correct it, then run again",
    ],
    [
      "return no text",
      () => [{ path: "a" }],
      "the emitter broken failed: it returned a file without a path or a text; correct it, then run again",
    ],
    [
      "clash",
      () => [{ path: "LICENSE", text: "" }],
      "the emitter of the project failed: two files have the path LICENSE; correct it, then run again",
    ],
    [
      "leave the folder",
      () => [{ path: "../a.ts", text: "" }],
      "the emitter of the project failed: no file can have the path ../a.ts; it must be visible, and in the package's folder or below src; correct it, then run again",
    ],
    [
      "print no code",
      () => [{ path: "src/a.ts", text: "let let" }],
      "the emitter of the project failed: a file is not valid: ",
    ],
    [
      "name no module",
      () => [{ path: "a.md", text: "", entry: "./a" }],
      "the emitter broken failed: a.md cannot be the entry ./a: it is not a module in src/; correct it, then run again",
    ],
  ])("that %s are errors, and nothing is written", async (_title, broken, message) => {
    Object.defineProperty(broken, "name", { value: "broken" });
    const { messages } = await run({ emitters: [broken as never] });
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`failed-emitter: ${message}`);
    expect(existsSync(out)).toBe(false);
  });
});

describe("format: project", () => {
  it("formats every file as the project's configuration says", async () => {
    write(".prettierrc.json", '{ "semi": false, "singleQuote": true, "tabWidth": 4 }');
    const { written } = await run({ format: "project" });
    const options = { semi: false, singleQuote: true, tabWidth: 4 };
    for (const path of written.filter((one) => /^src\/[^/]*\.ts$|^package\.json$/.test(one))) {
      const text = read(path);
      // oxlint-disable-next-line no-await-in-loop -- one at a time
      expect(await prettier(text, { ...options, filepath: path }), path).toBe(text);
    }
    expect(read("src/client.ts")).toContain("import { type Client");
    expect((await run({ format: "project" })).upToDate).toBe(true);
    write(".prettierrc.json", '{ "semi": true }');
    expect((await run({ format: "project" })).upToDate).toBe(false);
  });

  it("a configuration that prettier refuses is an error", async () => {
    write(".prettierrc.json", "{ semi");
    expect((await run({ format: "project" })).messages[0]).toMatch(
      /^cannot-format: the prettier of the project failed: .*; correct its configuration, or remove `format`$/,
    );
    expect(existsSync(out)).toBe(false);
  });
});

describe("rules", () => {
  const codes = async (rules: GenerateOptions["rules"]) =>
    (await validate(spec, { ...(rules && { rules }) })).diagnostics.map(
      ({ code, severity }) => `${severity} ${code}`,
    );

  it("change the severity of hints, and `off` leaves them out", async () => {
    expect([...new Set(await codes(undefined))]).toEqual(["hint open-object"]);
    expect([...new Set(await codes({ "open-object": "warning" }))]).toEqual(["warning open-object"]);
    expect(await codes({ "open-object": "off" })).toEqual([]);
  });

  it("that make a hint an error keep `generate` from writing", async () => {
    const { messages } = await run({ rules: { "open-object": "error" } });
    expect(messages[0]).toMatch(/^kettle\.yaml:11: open-object: /);
    expect(existsSync(out)).toBe(false);
    expect((await run({ rules: { "open-object": "hint" } })).messages).toEqual([]);
  });

  it("do not change errors", async () => {
    writeFileSync(spec, kettle.replace("path: done", "pth: done"));
    expect(await codes({ "unknown-key": "off" })).toContain("error unknown-key");
  });
});
