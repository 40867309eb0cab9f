import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { generate, validate } from "../../src/index.js";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

/** The fenced blocks of the README in one language. */
function blocks(language: string): readonly string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    ([, text = ""]) => text,
  );
}

describe("the README", () => {
  it("shows a complete spec, from which a package is generated without diagnostics", async () => {
    const folder = mkdtempSync(join(tmpdir(), "topicsmith-"));
    const spec = join(folder, "kettle.yaml");
    const [text = ""] = blocks("yaml").filter((block) => block.includes("topicsmith: 1"));
    writeFileSync(spec, text);
    const { diagnostics, written } = await generate({ spec, out: join(folder, "out") });
    const { diagnostics: hints } = await validate(spec);
    rmSync(folder, { recursive: true });
    expect([...diagnostics, ...hints]).toEqual([]);
    expect(written).toContain("src/extensions/water/boil.ts");
  });

  it("shows only TypeScript that compiles", () => {
    // Inside the project, so that its packages resolve.
    const folder = fileURLToPath(new URL("../.tmp/readme/", import.meta.url));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const examples = blocks("ts");
    expect(examples.length).toBeGreaterThan(2);
    for (const [index, code] of examples.entries()) writeFileSync(join(folder, `example${index}.ts`), code);
    const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
    const config = { extends: "../../../tsconfig.json", compilerOptions, include: ["*.ts"], exclude: [] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    expect(spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" }).stdout).toBe("");
  });

  it("shows a vitest test that passes", () => {
    const folder = fileURLToPath(new URL("../.tmp/readme-test/", import.meta.url));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const [example = ""] = blocks("ts").filter((block) => block.includes('from "vitest"'));
    writeFileSync(join(folder, "example.test.ts"), example);
    writeFileSync(join(folder, "vitest.config.ts"), 'export default { test: { include: ["*.test.ts"] } };');
    const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
    // The spec's path in the example is relative to the project's root.
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const args = [vitest, "run", "--root", folder];
    const { status, stdout } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    expect(stdout).toContain("1 passed");
    expect(status).toBe(0);
  });

  it("links only to files that exist", () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => path);
    expect(links.length).toBeGreaterThan(20);
    const root = new URL("../../", import.meta.url);
    expect(links.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });

  it("links only to sections that exist", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)#([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(3);
    const broken = links.filter(([, path = "", section]) => {
      const text = readFileSync(new URL(path, new URL("../../", import.meta.url)), "utf8");
      const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
      return !headings.includes(section ?? "");
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it("shows the output of npm start", { timeout: 120_000 }, () => {
    const script = fileURLToPath(new URL("../../docs/record-terminal.mjs", import.meta.url));
    const program = `import { demoLines, terminal } from ${JSON.stringify(script)}; process.stdout.write(terminal(["$ npm start", "", ...demoLines()]));`;
    const args = ["--input-type=module", "--eval", program];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stdout).toBe(readFileSync(new URL("../../docs/public/demo.svg", import.meta.url), "utf8"));
  });

  it("names only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/npm (?:run )?(\w+(?::\w+)*)/g)].map(([, name = ""]) => name);
    const known = [...Object.keys(scripts), "ci", "package", "install", "publish", "and"];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });
});
