import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findConfigs } from "../../../src/config/index.js";
import { loadConfig } from "../../../src/config/load-config.js";
import { RULE_CODES } from "../../../src/diagnostics/index.js";
import schema from "../../../src/config/config.schema.json" with { type: "json" };

let folder: string;
const home = process.cwd();
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "topicsmith-config-")));
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Loads a configuration from its folder. Returns its diagnostics as text, and its jobs without their origins. */
async function load(path: string, text?: string, from = "") {
  if (text !== undefined) write(path, text);
  process.chdir(join(folder, from));
  const loaded = await loadConfig(path);
  const messages = loaded.diagnostics.map(({ code, message, range }) => {
    const place = range === undefined ? "" : `${range.file}:${range.line}:${range.column}: `;
    return `${place}${code}: ${message}`;
  });
  const jobs = loaded.jobs.map((job) => ({ ...job, origin: undefined }));
  return { ...loaded, messages, jobs };
}

const MODULE = (value: string) => `import { defineConfig } from "topicsmith";

export default defineConfig(${value});
`;

describe("a configuration file", () => {
  it.each([
    ["topicsmith.config.ts", MODULE('{ spec: "api.yaml" as string, out: "client" }')],
    ["topicsmith.config.mjs", MODULE('{ spec: "api.yaml", out: undefined ?? "client" }')],
    ["topicsmith.config.js", 'export default { spec: "api.yaml", out: "client" };'],
    ["topicsmith.config.cjs", 'module.exports = { spec: "api.yaml", out: "client" };'],
    ["topicsmith.config.json", '{ "$schema": "x", "spec": "api.yaml", "out": "client" }'],
    ["topicsmith.config.yaml", "spec: api.yaml\nout: client\n"],
  ])("%s holds a job", async (path, text) => {
    const { messages, jobs } = await load(path, text);
    expect(messages).toEqual([]);
    expect(jobs).toMatchObject([{ spec: "api.yaml", out: "client", root: "." }]);
  });

  it("completes jobs with the settings that they share", async () => {
    const { messages, jobs } = await load(
      "topicsmith.config.yaml",
      `strict: true
package: { license: MIT, publishConfig: { access: public } }
rules: { open-object: "off" }
jobs:
  - { spec: a.yaml }
  - { spec: b.yaml, strict: false, package: { license: ISC }, rules: { slow-pattern: error } }
`,
    );
    expect(messages).toEqual([]);
    expect(jobs).toMatchObject([
      { spec: "a.yaml", strict: true, package: { license: "MIT" }, rules: { "open-object": "off" } },
      {
        spec: "b.yaml",
        strict: false,
        package: { license: "ISC", publishConfig: { access: "public" } },
        rules: { "open-object": "off", "slow-pattern": "error" },
      },
    ]);
  });

  it("has paths relative to itself, whatever the working directory is", async () => {
    write("a/b/keep", "");
    write(
      "a/topicsmith.config.yaml",
      "spec: spec/api.yaml\nallow: [../more]\ntemplates: t\nmock: { handlers: h.ts, faults: f.yaml, port: 0 }\n",
    );
    const { jobs } = await load("../topicsmith.config.yaml", undefined, "a/b");
    expect(jobs).toMatchObject([
      {
        spec: "../spec/api.yaml",
        allow: ["../../more"],
        templates: "../t",
        root: "..",
        mock: { handlers: "../h.ts", faults: "../f.yaml", port: 0 },
      },
    ]);
  });

  it("lists itself and the modules that it imports, to watch", async () => {
    write("lib/shared.ts", 'import "./deep.js";\nexport const out = "client";\n');
    write("lib/deep.ts", "export {};\n");
    const { jobs, inputs } = await load(
      "topicsmith.config.ts",
      'import { out } from "./lib/shared.js";\nexport default { spec: "api.yaml", out };\n',
    );
    expect(jobs).toMatchObject([{ out: "client" }]);
    expect(inputs).toEqual(["topicsmith.config.ts", "lib/shared.ts", "lib/deep.ts"]);
  });

  it("is read again after a change", async () => {
    await load("topicsmith.config.ts", MODULE('{ spec: "a.yaml" }'));
    const { jobs } = await load("topicsmith.config.ts", MODULE('{ spec: "b.yaml" }'));
    expect(jobs).toMatchObject([{ spec: "b.yaml" }]);
  });
});

describe("a mistake in a configuration", () => {
  it("of a module is reported where it is written, with a suggestion", async () => {
    const { messages, jobs } = await load(
      "topicsmith.config.ts",
      MODULE(`{
  jobs: [
    { spec: "a.yaml", layuot: "source" },
    { spec: "b.yaml", runtime: "topicsmith/runtim", rules: { "open-objct": "off" } },
  ],
}`),
    );
    expect(jobs).toEqual([]);
    expect(messages.toSorted()).toEqual([
      'topicsmith.config.ts:5:23: unknown-key: unknown key "layuot"; did you mean "layout"?',
      'topicsmith.config.ts:6:32: wrong-value: invalid value "topicsmith/runtim"; did you mean "topicsmith/runtime"?',
      'topicsmith.config.ts:6:62: unknown-key: unknown key "open-objct"; did you mean "open-object"?',
    ]);
  });

  it("is found behind constants, assertions and parentheses", async () => {
    const { messages } = await load(
      "topicsmith.config.ts",
      'const shared = { port: "1883" };\nconst config = { spec: "a.yaml", mock: shared } as const;\nexport default (config satisfies object);\n',
    );
    expect(messages).toEqual([
      "topicsmith.config.ts:1:24: wrong-type: expected an integer, found a string; remove the quotes",
    ]);
  });

  it.each([
    ["json", '{\n  "spec": 5\n}', "2:11: wrong-type: expected a string, found a number; put it in quotes"],
    ["yaml", "spce: a.yaml", '1:1: unknown-key: unknown key "spce"; did you mean "spec"?'],
    ["yaml", "jobs: []", "1:1: missing-spec: no spec is named; add `spec`, or `jobs` with a `spec` in each"],
    [
      "yaml",
      "out: a\njobs: [{ spec: a.yaml }]",
      '1:1: misplaced-job-key: "out" cannot be beside "jobs"; move it into a job',
    ],
    [
      "yaml",
      "jobs:\n  - { spec: a.yaml, out: x }\n  - { spec: b.yaml, out: ./x }",
      '3:26: shared-output: another job writes to "x", too; give each job an `out` of its own',
    ],
    [
      "yaml",
      'spec: a.yaml\nimportExtension: ""',
      '2:18: import-extension-in-package: a package that is compiled for Node needs import specifiers with ".js"; remove "importExtension", or set "layout" to "source"',
    ],
    [
      "cjs",
      "module.exports = { spec: 'a', emitters: ['x'] };",
      "1:42: invalid-emitter: expected a function, found a string; write `(api) => files`",
    ],
    [
      "js",
      "export const a = 1;",
      '1:1: missing-config-export: "topicsmith.config.js" has no default export that is an object; write `export default defineConfig({ spec: "api.yaml" })`',
    ],
    [
      "js",
      "\nexport default { spec: missing };",
      '2:1: cannot-run-config: cannot run "topicsmith.config.js": missing is not defined; correct the file',
    ],
  ])("in %s is reported at its place: %s", async (ending, text, expected) => {
    const { messages, jobs } = await load(`topicsmith.config.${ending}`, text);
    expect(messages).toContain(`topicsmith.config.${ending}:${expected}`);
    expect(jobs).toEqual([]);
  });

  it("of syntax is reported at its line", async () => {
    const { messages } = await load(
      "topicsmith.config.ts",
      'export default {\n  spec: "a.yaml"\n  out: "b",\n};\n',
    );
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(
      /^topicsmith\.config\.ts:3:\d+: cannot-run-config: cannot run "topicsmith\.config\.ts": /,
    );
  });

  it("of its name or of its path is reported without a range", async () => {
    expect((await load("topicsmith.config.toml", "")).messages).toEqual([
      'unknown-config-format: "topicsmith.config.toml" is not a configuration file; its name must end with .ts, .js, .mjs, .cjs, .json or .yaml',
    ]);
    expect((await load("other.config.ts")).messages[0]).toMatch(/^missing-file: /);
  });
});

describe("the search for a configuration file", () => {
  it("begins in the working directory and ends at the nearest package.json", () => {
    write("topicsmith.config.json", "{}");
    write("package.json", "{}");
    write("packages/a/package.json", "{}");
    write("packages/b/src/keep", "");
    expect(findConfigs(join(folder, "packages/b/src"))).toEqual(["../../../topicsmith.config.json"]);
    expect(findConfigs(join(folder, "packages/a"))).toEqual([]);
    expect(findConfigs(folder)).toEqual(["topicsmith.config.json"]);
  });

  it("stays in the working directory if there is no package.json", () => {
    write("topicsmith.config.ts", "");
    write("sub/keep", "");
    // Unless the system's temporary folder is inside a package.
    expect(findConfigs(join(folder, "sub"))).toEqual([]);
  });

  it("finds all of a folder", () => {
    write("topicsmith.config.ts", "");
    write("topicsmith.config.yaml", "");
    expect(findConfigs(folder)).toEqual(["topicsmith.config.ts", "topicsmith.config.yaml"]);
  });
});

it("the schema of the configuration lists every code whose severity can be changed", () => {
  const listed = Object.keys(schema.$defs.job.properties.rules.properties);
  expect(listed.toSorted()).toEqual(RULE_CODES.toSorted());
});
