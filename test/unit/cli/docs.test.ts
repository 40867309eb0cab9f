import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../support/run-cli.js";

const kettle = readFileSync(new URL("../../support/kettle.yaml", import.meta.url), "utf8");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-docs-"));
  writeFileSync(join(folder, "kettle.yaml"), kettle);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `topicsmith docs` in the test folder. */
const docs = async (...args: readonly string[]) => runCli(folder, "docs", ...args);

describe("topicsmith docs", () => {
  it("writes one page, and replaces its own one", async () => {
    const first = await docs("kettle.yaml");
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(/^kettle-api\.html: \d+ KiB written\n$/);
    expect((await docs("kettle.yaml")).status).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(["kettle-api.html", "kettle.yaml"]);
    expect(readFileSync(join(folder, "kettle-api.html"), "utf8")).toMatch(/<title>Kettle 1\.0\.0<\/title>/);
  });

  it("writes to a folder that does not exist yet", async () => {
    expect((await docs("kettle.yaml", "--out", "site/api/index.html")).status).toBe(0);
    expect(readdirSync(join(folder, "site/api"))).toEqual(["index.html"]);
  });

  it("keeps a file that it has not written, and a folder", async () => {
    writeFileSync(join(folder, "mine.html"), "<!doctype html>\nmine\n");
    mkdirSync(join(folder, "there"));
    expect(await docs("kettle.yaml", "--out", "mine.html")).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "topicsmith docs: mine.html exists and was not written by topicsmith; choose another file with --out, or pass --overwrite\n",
    });
    expect((await docs("kettle.yaml", "--out", "there")).stderr).toBe(
      "topicsmith docs: there is not a file; choose another path with --out\n",
    );
    expect(readFileSync(join(folder, "mine.html"), "utf8")).toBe("<!doctype html>\nmine\n");
    expect((await docs("kettle.yaml", "--out", "mine.html", "--overwrite")).status).toBe(0);
  });

  it("writes nothing if the spec has errors, and reports them", async () => {
    writeFileSync(join(folder, "kettle.yaml"), kettle.replace("path: done", "pth: done"));
    const { status, stderr } = await docs("kettle.yaml");
    expect(status).toBe(1);
    expect(stderr).toContain('unknown key "pth"');
    expect(readdirSync(folder)).toEqual(["kettle.yaml"]);
  });
});
