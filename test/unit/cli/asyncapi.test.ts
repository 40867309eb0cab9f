import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../support/run-cli.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-asyncapi-"));
  copyFileSync(join(root, "test/support/kettle.yaml"), join(folder, "kettle.yaml"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in the test folder. */
const topicsmith = async (...args: readonly string[]) => runCli(folder, ...args);

const read = (name: string) => readFileSync(join(folder, name), "utf8");

describe("topicsmith export asyncapi", () => {
  it("prints a document, as YAML or as JSON, for the side that is named", async () => {
    const { status, stdout, stderr } = await topicsmith("export", "asyncapi", "kettle.yaml");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^asyncapi: 3\.0\.0\n/);
    const json = await topicsmith(
      "export",
      "asyncapi",
      "kettle.yaml",
      "--side",
      "platform",
      "--format",
      "json",
    );
    expect(JSON.parse(json.stdout)).toMatchObject({
      asyncapi: "3.0.0",
      "x-topicsmith": { side: "platform" },
    });
  });

  it("replaces its own document, and no other file without --overwrite", async () => {
    const command = ["export", "asyncapi", "kettle.yaml", "--out", "kettle.json"];
    expect(await topicsmith(...command)).toEqual({
      status: 0,
      stdout: "kettle.json: AsyncAPI document written, as seen by the device\n",
      stderr: "",
    });
    expect(JSON.parse(read("kettle.json"))).toHaveProperty("asyncapi");
    expect((await topicsmith(...command)).status).toBe(0);
    writeFileSync(join(folder, "kettle.json"), "mine");
    expect(await topicsmith(...command)).toMatchObject({
      status: 1,
      stderr:
        'error existing-file: "kettle.json" exists; choose another file with --out, or pass --overwrite\n',
    });
    expect(read("kettle.json")).toBe("mine");
    expect((await topicsmith(...command, "--overwrite")).status).toBe(0);
  });

  it("writes nothing for a spec with errors", async () => {
    writeFileSync(join(folder, "kettle.yaml"), "topicsmith: 1\n");
    expect((await topicsmith("export", "asyncapi", "kettle.yaml", "--out", "a.yaml")).status).toBe(1);
    expect(existsSync(join(folder, "a.yaml"))).toBe(false);
  });
});

describe("topicsmith import asyncapi", () => {
  it("gives back a spec that generates the same package", async () => {
    await topicsmith("export", "asyncapi", "kettle.yaml", "--out", "asyncapi.yaml");
    expect(await topicsmith("import", "asyncapi", "asyncapi.yaml", "--out", "back/kettle.yaml")).toEqual({
      status: 0,
      stdout: "back/kettle.yaml: 1 file written\n",
      stderr: "",
    });
    await topicsmith("generate", "kettle.yaml", "--out", "client");
    // The package has the spec's text twice, in which an import may order keys in another way. The rest is equal.
    const { stderr } = await topicsmith("check", "back/kettle.yaml", "--out", "client");
    const outdated = Array.from(stderr.matchAll(/^error outdated-file: "([^"]+)"/gm), ([, path]) => path);
    expect(outdated).toEqual(["client/src/testing-spec.ts", "client/spec.json"]);
    expect(stderr).toContain("client: 2 problems");
  });

  it("makes a draft of another document, and counts the decisions", async () => {
    const document = join(root, "test/data/asyncapi/meter-3.0.json");
    const { status, stdout } = await topicsmith(
      "import",
      "asyncapi",
      document,
      "--side",
      "device",
      "--out",
      "meter.yaml",
    );
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'meter.yaml: 1 file written; 6 comments "Decide:" to be read\n',
    });
    expect((await topicsmith("validate", "meter.yaml")).status).toBe(0);
    expect(await topicsmith("import", "asyncapi", document, "--out", "meter.yaml")).toMatchObject({
      status: 1,
      stdout: "",
    });
  });

  it("fails with --strict if anything was lost or has to be decided", async () => {
    const document = join(root, "test/data/asyncapi/meter-3.0.json");
    expect((await topicsmith("import", "asyncapi", document, "--strict", "--out", "meter.yaml")).status).toBe(
      1,
    );
    expect(existsSync(join(folder, "meter.yaml"))).toBe(false);
  });

  it("asks for the converter by its name", async () => {
    writeFileSync(join(folder, "old.yaml"), "asyncapi: 2.6.0\n");
    const { status, stderr } = await topicsmith("import", "asyncapi", "old.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain("run npm install --save-dev @asyncapi/converter");
  });
});
