import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../support/run-cli.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const bin = join(root, "dist/cli/main.js");
const kettle = readFileSync(join(root, "test/support/kettle.yaml"), "utf8");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-cli-"));
  writeFileSync(join(folder, "kettle.yaml"), kettle);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in the test folder. */
const topicsmith = async (...args: readonly string[]) => runCli(folder, ...args);

/** Runs the built command as a process in the test folder, with piped output. */
function processOf(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("topicsmith generate", () => {
  it("writes to generated/<api.name>, and leaves an up-to-date folder alone", () => {
    const first = processOf("generate", "kettle.yaml");
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(/^generated\/kettle: \d+ files written, 0 unchanged\n\nNext:\n/);
    expect(processOf("generate", "kettle.yaml")).toEqual({
      status: 0,
      stdout: "generated/kettle: up to date\n",
      stderr: "",
    });
  });

  it("prints nothing with --quiet if there are no errors", async () => {
    expect(await topicsmith("generate", "kettle.yaml", "--quiet", "--out", "elsewhere")).toEqual({
      status: 0,
      stdout: "",
      stderr: "",
    });
  });

  it("writes nothing if the spec has errors, and reports them", async () => {
    writeFileSync(join(folder, "kettle.yaml"), kettle.replace("path: done", "pth: done"));
    const { status, stdout, stderr } = await topicsmith("generate", "kettle.yaml");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(
      [
        'kettle.yaml:28:9 - error unknown-key: unknown key "pth"; did you mean "path"?',
        "  28 |         pth: done",
        "     |         ^^^",
      ].join("\n"),
    );
    expect(stderr).toMatch(/Nothing was written: 1 error\.\n$/);
    expect((await topicsmith("check", "kettle.yaml")).status).toBe(1);
  });

  it("overwrites a file that it did not generate only with --overwrite", async () => {
    await topicsmith("generate", "kettle.yaml", "--out", "out");
    rmSync(join(folder, "out/.topicsmith.json"));
    writeFileSync(join(folder, "out/README.md"), "mine");
    const refused = await topicsmith("generate", "kettle.yaml", "--out", "out");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("unmanaged-file");
    expect(readFileSync(join(folder, "out/README.md"), "utf8")).toBe("mine");
    expect((await topicsmith("generate", "kettle.yaml", "--out", "out", "--overwrite")).status).toBe(0);
  });

  it("discards an edit of a generated file only with --overwrite", async () => {
    await topicsmith("generate", "kettle.yaml");
    const path = join(folder, "generated/kettle/package.json");
    const generated = readFileSync(path, "utf8");
    writeFileSync(path, generated.replace('"type"', '"publishConfig": { "access": "public" },\n  "type"'));
    const edited = readFileSync(path, "utf8");
    const refused = await topicsmith("generate", "kettle.yaml");
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toContain('error edited-file: "generated/kettle/package.json" was edited');
    expect((await topicsmith("check", "kettle.yaml")).stderr).toContain(
      'error edited-file: "generated/kettle/package.json"',
    );
    expect(readFileSync(path, "utf8")).toBe(edited);
    expect((await topicsmith("generate", "kettle.yaml", "--overwrite")).stdout).toContain("1 file written");
    expect(readFileSync(path, "utf8")).toBe(generated);
  });

  it("takes spec and output with CRLF line breaks for up to date", async () => {
    await topicsmith("generate", "kettle.yaml");
    const paths = [
      "kettle.yaml",
      ...readdirSync(join(folder, "generated"), { recursive: true, encoding: "utf8" }).map(
        (path) => `generated/${path}`,
      ),
    ];
    for (const path of paths.map((name) => join(folder, name))) {
      if (statSync(path).isFile()) writeFileSync(path, readFileSync(path, "utf8").replaceAll("\n", "\r\n"));
    }
    const upToDate = { status: 0, stdout: "generated/kettle: up to date\n", stderr: "" };
    expect(await topicsmith("generate", "kettle.yaml")).toEqual(upToDate);
    expect(await topicsmith("check", "kettle.yaml")).toEqual(upToDate);
    expect(await topicsmith("check", "kettle.yaml", "--trust-manifest")).toEqual(upToDate);
  });

  it("treats warnings as errors with --strict only", async () => {
    const warned = kettle.replace("path: done", 'path: "done[/{step}]"\n        parameters: { step: {} }');
    writeFileSync(join(folder, "kettle.yaml"), warned.replace(/ {8}answeredBy: .*\n/, ""));
    expect((await topicsmith("generate", "kettle.yaml", "--strict")).status).toBe(1);
    const { status, stderr } = await topicsmith("generate", "kettle.yaml");
    expect(status).toBe(0);
    expect(stderr).toContain("warning ambiguous-parameter");
    // A run that changes nothing reports the warning again.
    expect((await topicsmith("generate", "kettle.yaml")).stderr).toContain("warning ambiguous-parameter");
  });

  it("accepts an absolute path of a spec", async () => {
    expect((await topicsmith("generate", join(folder, "kettle.yaml"))).status).toBe(0);
  });
});

describe("topicsmith check", () => {
  let generated: string;
  beforeAll(() => {
    generated = mkdtempSync(join(tmpdir(), "topicsmith-cli-"));
    writeFileSync(join(generated, "kettle.yaml"), kettle);
    spawnSync(process.execPath, [bin, "generate", "kettle.yaml"], { cwd: generated });
  });
  beforeEach(() => cpSync(generated, folder, { recursive: true }));
  afterAll(() => rmSync(generated, { recursive: true, force: true }));

  it("succeeds right after generate", () => {
    expect(processOf("check", "kettle.yaml")).toMatchObject({
      status: 0,
      stdout: "generated/kettle: up to date\n",
    });
  });

  it("reports a file that was edited by hand, with a diff", async () => {
    const path = join(folder, "generated/kettle/src/servers.ts");
    writeFileSync(path, readFileSync(path, "utf8").replace("servers = {}", "servers = { a: 1 }"));
    const { status, stderr } = await topicsmith("check", "kettle.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain('edited-file: "generated/kettle/src/servers.ts"');
    expect(stderr).toContain("  -export const servers = { a: 1 } as const;");
    expect(stderr).toContain("  +export const servers = {} as const;");
  });

  it.each([
    "src/runtime/topics/topic.ts",
    "src/extensions/water/boil.validators.ts",
    "package.json",
    "LICENSE",
  ])("reports an edit of %s", async (path) => {
    const full = join(folder, "generated/kettle", path);
    writeFileSync(full, `${readFileSync(full, "utf8")}\n `);
    const { status, stderr } = await topicsmith("check", "kettle.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain(path);
  });

  it.each([
    ["the prose", "title: Kettle", "title: Teapot", "README.md"],
    ["a path", "path: done", "path: ready", "src/extensions/water/done.ts"],
    [
      "a schema",
      "id: { type: integer } }, required",
      "id: { type: number } }, required",
      "boil.validators.ts",
    ],
    ["the id range", "maximum: 99", "maximum: 98", "src/protocol.ts"],
  ])("reports the file that a change of %s makes outdated", async (_, find, replacement, file) => {
    writeFileSync(join(folder, "kettle.yaml"), kettle.replace(find, replacement));
    const { status, stderr } = await topicsmith("check", "kettle.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain(file);
  });

  it("succeeds if only a comment in the spec has changed", async () => {
    writeFileSync(join(folder, "kettle.yaml"), `# a comment\n${kettle}`);
    expect((await topicsmith("check", "kettle.yaml")).status).toBe(0);
  });

  it("fails for an output folder that was generated from another spec", async () => {
    cpSync(join(folder, "kettle.yaml"), join(folder, "other.yaml"));
    writeFileSync(join(folder, "other.yaml"), kettle.replace("title: Kettle", "title: Teapot"));
    expect((await topicsmith("check", "other.yaml", "--out", "generated/kettle")).status).toBe(1);
  });
});

describe("topicsmith validate", () => {
  it("reports that a spec has no problems", async () => {
    writeFileSync(
      join(folder, "kettle.yaml"),
      kettle
        .replaceAll("type: object,", "type: object, additionalProperties: true,")
        .replaceAll(", additionalProperties: false", ""),
    );
    expect(await topicsmith("validate", "kettle.yaml")).toEqual({
      status: 0,
      stdout: "kettle.yaml: no problems\n",
      stderr: "",
    });
  });

  it("prints JSON with --format json", async () => {
    writeFileSync(join(folder, "kettle.yaml"), kettle.replace("title: Kettle", "titel: Kettle"));
    const { status, stdout } = await topicsmith("validate", "kettle.yaml", "--format", "json");
    expect(status).toBe(1);
    const [found] = JSON.parse(stdout) as unknown[];
    expect(found).toMatchObject({
      code: "unknown-key",
      severity: "error",
      range: { file: "kettle.yaml", line: 2 },
    });
  });

  it("prints annotations with --format github", async () => {
    writeFileSync(join(folder, "kettle.yaml"), kettle.replace("title: Kettle", "titel: Kettle"));
    const { stdout } = await topicsmith("validate", "kettle.yaml", "--format", "github", "--quiet");
    expect(stdout).toMatch(/^::error file=kettle\.yaml,line=2,/);
  });

  it("reports a missing file", async () => {
    const { status, stdout } = await topicsmith("validate", "missing.yaml");
    expect(status).toBe(1);
    expect(stdout).toContain("missing-file");
  });
});

describe("topicsmith", () => {
  it("lists commands, examples and exit codes with --help", () => {
    const { status, stdout } = processOf("--help");
    expect(status).toBe(0);
    for (const word of ["generate", "check", "validate", "Examples:", "Exit codes:"])
      expect(stdout).toContain(word);
  });

  it.each([
    [["generate"], "no spec is named"],
    [["generate", "kettle.yaml", "--ot", "x"], "(Did you mean --out?)"],
    [["chek", "kettle.yaml"], "(Did you mean check?)"],
    [["validate", "kettle.yaml", "--format", "xml"], "Allowed choices are text, json, github"],
    [[], "Usage: topicsmith"],
  ])("exits with 2 and prints a hint for the arguments %j", (args, hint) => {
    const { status, stderr } = processOf(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(hint);
  });

  it("prints its version with --version", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(processOf("--version").stdout).toBe(`${version}\n`);
  });

  it("prints no colour to a pipe", () => {
    expect(processOf("validate", "missing.yaml").stdout).not.toContain("\u001b");
  });
});
