import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate, type GenerateOptions } from "../../src/index.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const spec = join(root, "spec/kaa/kaa.yaml");

/** A project with topicsmith and its dependencies, linked, so that the test needs no network. */
let project: string;
beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "topicsmith-layouts-")));
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  symlinkSync(root, join(project, "node_modules/topicsmith"));
  for (const name of ["mqtt", "@types/node"])
    symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Runs a program in a folder of the project; returns its output, or its error output after `failed:`. */
function run(folder: string, ...args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, args, {
      cwd: join(project, folder),
      encoding: "utf8",
      stdio: "pipe",
      timeout: 120_000,
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `failed:\n${stdout ?? ""}${stderr ?? ""}`;
  }
}

async function generated(out: string, settings: Omit<GenerateOptions, "spec" | "out">): Promise<void> {
  const { diagnostics } = await generate({ spec, out: join(project, out), ...settings });
  expect(diagnostics).toEqual([]);
}

const TALK = `
  const mock = await startMock(${JSON.stringify(spec)});
  const client = await connect(mock.url, { appVersion: "demo-v1" });
  console.log(Object.keys(await client.endpoint("token").epmx.get()).length > 0);
  await client.close();
  if (typeof createPlatform !== "function") throw new Error("there is no platform");
  await mock.close();
`;

describe("a package that imports its runtime from topicsmith/runtime", () => {
  it("compiles, and works as ES modules and as CommonJS", { timeout: 300_000 }, async () => {
    await generated("shared", { runtime: "topicsmith/runtime" });
    expect(run("shared", tsc, "-p", "tsconfig.json")).toBe("");
    expect(run("shared", tsc, "-p", "tsconfig.cjs.json")).toBe("");
    writeFileSync(
      join(project, "talk.mjs"),
      `import { startMock } from "topicsmith/mock";
import { connect } from "./shared/dist/index.js";
import { createPlatform } from "./shared/dist/platform.js";
${TALK}`,
    );
    expect(run("", "talk.mjs")).toBe("true\n");
    writeFileSync(
      join(project, "talk.cjs"),
      `const { connect } = require("./shared/cjs/index.js");
const { createPlatform } = require("./shared/cjs/platform.js");
const { startMock } = require("topicsmith/mock");
(async () => {${TALK}})();`,
    );
    expect(run("", "--disable-warning=ExperimentalWarning", "talk.cjs")).toBe("true\n");
  });
});

describe("the layout source", () => {
  const strict = {
    noEmit: true,
    target: "ES2022",
    lib: ["ES2023", "DOM"],
    types: ["node"],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noImplicitReturns: true,
    noImplicitOverride: true,
    noFallthroughCasesInSwitch: true,
    isolatedModules: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
  };

  it.each([
    [".js", { module: "NodeNext" }],
    ["", { module: "ESNext", moduleResolution: "Bundler" }],
    [".ts", { module: "NodeNext", allowImportingTsExtensions: true }],
  ] as const)(
    "with the import extension %j compiles in a strict application, and can be bundled",
    { timeout: 300_000 },
    async (importExtension, options) => {
      const name = `app-${importExtension.slice(1) || "none"}`;
      await generated(`${name}/src/api`, { layout: "source", importExtension });
      const entry = join(project, name, "src/main.ts");
      writeFileSync(
        entry,
        `import { connect } from "./api/index${importExtension}";
import { createPlatform } from "./api/platform${importExtension}";
export async function main(): Promise<number> {
  const client = await connect("mqtt://127.0.0.1:1", { appVersion: "demo-v1" });
  const commands = await client.endpoint("token").cex.command("reboot");
  return commands.map(({ id }) => id)[0] ?? 0;
}
console.log(typeof main, typeof createPlatform);
`,
      );
      const config = { compilerOptions: { ...strict, ...options }, include: ["src"] };
      writeFileSync(join(project, name, "tsconfig.json"), JSON.stringify(config));
      expect(run(name, tsc, "-p", ".")).toBe("");
      const outfile = join(project, name, "bundle.cjs");
      await build({ entryPoints: [entry], bundle: true, platform: "node", outfile, logLevel: "silent" });
      expect(run(name, "bundle.cjs")).toBe("function function\n");
    },
  );
});
