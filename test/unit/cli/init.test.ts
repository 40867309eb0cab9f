import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../support/run-cli.js";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "topicsmith-init-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const read = (path: string) => readFileSync(join(folder, path), "utf8");
const manifest = (path = "package.json") => JSON.parse(read(path)) as Record<string, Record<string, string>>;

/** Sets up a package in a folder of the test. Returns the commands that come next. */
async function init(path = "."): Promise<readonly string[]> {
  const { status, stdout } = await runCli(
    join(folder, path),
    "init",
    "--name",
    "kettle",
    "--layout",
    "package",
  );
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  return lines.slice(lines.indexOf("Next:") + 1).map((line) => line.trim());
}

describe("topicsmith init with a package", () => {
  it("lets npm link the output", async () => {
    write("package-lock.json", "{}");
    expect(await init()).toEqual(["npx topicsmith generate", "npm install", "npm test"]);
    expect(manifest()).toMatchObject({
      dependencies: { "kettle-client": "file:generated/kettle" },
      scripts: { prepare: "topicsmith generate && npm run build --prefix generated/kettle" },
    });
  });

  it("makes the output a workspace of pnpm, and keeps comments", async () => {
    write("pnpm-workspace.yaml", "packages:\n  # Applications.\n  - apps/*\n");
    expect(await init()).toEqual(["pnpm exec topicsmith generate", "pnpm install", "pnpm test"]);
    expect(read("pnpm-workspace.yaml")).toBe(
      "packages:\n  # Applications.\n  - apps/*\n  - generated/kettle\n",
    );
    expect(manifest()).toMatchObject({
      dependencies: { "kettle-client": "workspace:*" },
      scripts: { prepare: "topicsmith generate && pnpm --dir generated/kettle run build" },
    });
  });

  it("creates the list of pnpm's workspaces, and leaves one alone that has the output", async () => {
    write("package.json", '{ "packageManager": "pnpm@9.15.0" }');
    await init();
    expect(read("pnpm-workspace.yaml")).toBe("packages:\n  - generated/kettle\n");
    write("pnpm-workspace.yaml", "packages: [generated/*]\n");
    await init();
    expect(read("pnpm-workspace.yaml")).toBe("packages: [generated/*]\n");
  });

  it.each([
    ["nothing", {}, ["generated/kettle"]],
    ["a list", { workspaces: ["apps/*"] }, ["apps/*", "generated/kettle"]],
    [
      "a mapping",
      { workspaces: { packages: ["apps/*"], nohoist: [] } },
      {
        packages: ["apps/*", "generated/kettle"],
        nohoist: [],
      },
    ],
    ["the output", { workspaces: ["./generated/*"] }, ["./generated/*"]],
  ])("makes the output a workspace of yarn, beside %s", async (_, present, workspaces) => {
    write("yarn.lock", "");
    write("package.json", JSON.stringify({ name: "own", ...present }));
    expect(await init()).toEqual([
      "yarn topicsmith generate",
      "yarn install",
      "yarn --cwd generated/kettle build",
      "yarn test",
    ]);
    expect(manifest()).toMatchObject({ workspaces, dependencies: { "kettle-client": "*" } });
  });

  it("leaves the list of a folder above alone, and says what it lacks", async () => {
    write("pnpm-workspace.yaml", "packages:\n  - apps/*\n");
    write("apps/device/package.json", '{ "name": "device" }');
    expect(await init("apps/device")).toEqual([
      "add apps/device/generated/kettle to the workspaces in ../../pnpm-workspace.yaml",
      "pnpm exec topicsmith generate",
      "pnpm install",
      "pnpm test",
    ]);
    expect(read("pnpm-workspace.yaml")).toBe("packages:\n  - apps/*\n");
  });

  it.each(["packages: [\n", "- generated/*\n", "text\n"])(
    "keeps a list that is not valid: %j",
    async (text) => {
      write("pnpm-workspace.yaml", text);
      const { stdout } = await runCli(folder, "init", "--name", "kettle", "--layout", "package");
      expect(stdout).toContain(
        "kept    pnpm-workspace.yaml, which is not valid; add generated/kettle to its packages\n",
      );
      expect(read("pnpm-workspace.yaml")).toBe(text);
    },
  );
});

describe("topicsmith init", () => {
  it("keeps a configuration in any format, so that commands find one only", async () => {
    write("package.json", "{}");
    write("topicsmith.config.yaml", "spec: api.yaml\n");
    const { status, stdout } = await runCli(folder, "init");
    expect(status).toBe(0);
    expect(stdout).toContain("kept    topicsmith.config.yaml, which exists already\n");
    expect(existsSync(join(folder, "topicsmith.config.ts"))).toBe(false);
    expect((await runCli(folder, "generate")).status).toBe(0);
  });
});
