/** The page "Getting started", typed line by line in an empty folder. npm does not install: packages resolve from this project. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { fencesOf } from "../support/doc-pages.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDER = join(ROOT, "test/.tmp/getting-started/kettle");

/** Runs a line of the page, and returns what it prints. */
function run(line: string): string {
  const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
  const args = line.startsWith("npx topicsmith ")
    ? [join(ROOT, "dist/cli/main.js"), ...line.split(" ").slice(2)]
    : [vitest, "run", "--root", FOLDER];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: FOLDER,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect({ line, status, stderr: status === 0 ? "" : stderr + stdout }).toEqual({
    line,
    status: 0,
    stderr: "",
  });
  return stdout;
}

/** Checks the types of a program of the page. */
function compile(path: string): void {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const options =
    "--ignoreConfig --noEmit --strict --skipLibCheck --target es2023 --module nodenext --types node".split(
      " ",
    );
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, path], {
    cwd: FOLDER,
    encoding: "utf8",
  });
  expect({ path, status, stdout }).toEqual({ path, status: 0, stdout: "" });
}

it(
  "getting started leads from an empty folder to a passing test for a device of one's own",
  { timeout: 180_000 },
  () => {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(join(FOLDER, "node_modules"), { recursive: true });
    symlinkSync(ROOT, join(FOLDER, "node_modules/topicsmith"));
    // Otherwise, vitest finds the configuration of this project.
    writeFileSync(
      join(FOLDER, "vitest.config.js"),
      'export default { test: { include: ["test/*.test.ts"] } };',
    );
    const spec = join(FOLDER, "api.yaml");
    const printed: string[] = [];
    for (const { language, text } of fencesOf("getting-started.md")) {
      if (language === "sh") {
        const lines = text.trim().split("\n");
        printed.push(...lines.filter((line) => /^(?:npx topicsmith (?!push)|npm test)/.test(line)).map(run));
      } else if (text.startsWith("// src/main.ts")) {
        writeFileSync(join(FOLDER, "src/main.ts"), text);
        compile("src/main.ts");
      } else if (language === "ts") {
        writeFileSync(join(FOLDER, "test/api.test.ts"), text);
      } else if (text.includes("name: hive")) {
        writeFileSync(spec, text);
      } else if (text.includes("topicsmith: 1")) {
        // The page shows what `init` has written, without its comments.
        expect(parse(text)).toEqual(parse(readFileSync(spec, "utf8")));
      } else {
        const written = readFileSync(spec, "utf8");
        writeFileSync(spec, written.slice(0, written.search(/^# Groups of resources|^extensions:/m)) + text);
      }
    }
    expect(printed.filter((output) => output.includes("1 passed")).length).toBe(2);
    expect(existsSync(join(FOLDER, "src/api/extensions/light/settings.ts"))).toBe(false);
    expect(existsSync(join(FOLDER, "src/api/resources/settings.ts"))).toBe(true);
  },
);
