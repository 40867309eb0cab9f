import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

let folder: string;
let tarball: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-first-minute-"));
  const packed = execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
  });
  tarball = join(folder, packed.trim().split("\n").at(-1) ?? "");
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command line in a folder of the test; throws with its output if it fails. */
function shell(path: string, command: string): string {
  try {
    return execFileSync("sh", ["-c", command], {
      cwd: join(folder, path),
      encoding: "utf8",
      stdio: "pipe",
      // With CI, pnpm and yarn do not complete the lock file for what was generated.
      env: { ...process.env, NO_COLOR: "1", VITEST: undefined, NODE_ENV: undefined, CI: undefined },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command}\n${stdout}${stderr}`, { cause: error });
  }
}

const QUIET = "--no-audit --no-fund --loglevel=error";

describe("an empty folder with the packed topicsmith", () => {
  it.each([
    ["source", "src/api/index.ts"],
    ["package", "generated/kettle/dist/index.js"],
  ])(
    "becomes a project whose test passes, with the layout %s",
    (layout, built) => {
      const name = `${layout}/kettle`;
      mkdirSync(join(folder, name), { recursive: true });
      shell(name, `npm install ${QUIET} --save-dev ${tarball}`);
      const printed = shell(name, `npx topicsmith init --layout ${layout}`);
      expect(printed.split("\n").slice(-5)).toEqual([
        "Next:",
        "  npx topicsmith generate",
        "  npm install",
        "  npm test",
        "",
      ]);
      shell(name, "npx topicsmith generate");
      shell(name, `npm install ${QUIET}`);
      expect(existsSync(join(folder, name, built))).toBe(true);
      shell(name, "npx tsc --noEmit");
      expect(shell(name, "npx vitest run")).toContain("1 passed");
      expect(shell(name, "npm test")).toContain("1 passed");
      expect(shell(name, "npx topicsmith check")).toMatch(/: up to date\n$/);
      expect(shell(name, "npx topicsmith validate --strict")).toBe("api.yaml: no problems\n");
      const schema = /\$schema=(\S+)/.exec(readFileSync(join(folder, name, "api.yaml"), "utf8"))?.[1];
      expect(existsSync(join(folder, name, schema ?? ""))).toBe(true);
    },
    600_000,
  );

  it.each([
    ["pnpm", "npx --yes pnpm@9.15.9", (range: string) => ({ pnpm: { overrides: { topicsmith: range } } })],
    ["yarn", "npx --yes yarn@1.22.22", (range: string) => ({ resolutions: { topicsmith: range } })],
  ])(
    "becomes a project of %s that publishes a package",
    (manager, run, replaced) => {
      const name = `${manager}/kettle`;
      mkdirSync(join(folder, name), { recursive: true });
      const range = `file:${tarball}`;
      // The package names topicsmith as an optional peer, which would be searched in the registry.
      const manifest = { name: "kettle", private: true, type: "module", ...replaced(range) };
      writeFileSync(join(folder, name, "package.json"), JSON.stringify(manifest));
      shell(name, `${run} add -D ${range}`);
      const printed = shell(name, "npx topicsmith init --layout package");
      const commands = printed
        .slice(printed.indexOf("Next:\n") + 6)
        .trim()
        .split("\n");
      const ran = commands.map((command) => shell(name, command.trim().replace(/^(?:pnpm|yarn)/, run)));
      expect(ran.at(-1)).toContain("1 passed");
    },
    600_000,
  );

  it("with files of its own keeps all of them", () => {
    mkdirSync(join(folder, "own/test"), { recursive: true });
    const files = {
      "api.yaml": "mine",
      "topicsmith.config.ts": "mine",
      "tsconfig.json": "mine",
      ".gitattributes": "mine",
      "test/api.test.ts": "mine",
    };
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, "own", path), text);
    const manifest = '{\n\t"name": "own",\n\t"scripts": { "generate": "mine", "test": "mine" }\n}\n';
    writeFileSync(join(folder, "own/package.json"), manifest);
    const printed = shell("own", `node ${join(root, "dist/cli/main.js")} init`);
    expect(printed).toContain("kept    api.yaml, which exists already\n");
    for (const [path, text] of Object.entries(files))
      expect(readFileSync(join(folder, "own", path), "utf8"), path).toBe(text);
    const changed = readFileSync(join(folder, "own/package.json"), "utf8");
    expect(changed).toMatch(/^\{\n\t"name": "own",\n/);
    expect(JSON.parse(changed)).toMatchObject({
      scripts: { generate: "mine", test: "mine", check: "topicsmith check", mock: "topicsmith mock" },
    });
    expect(JSON.parse(changed)).not.toHaveProperty("type");
    expect(shell("own", `node ${join(root, "dist/cli/main.js")} init`)).toContain(
      "kept    package.json, which has everything already\n",
    );
  });
});
