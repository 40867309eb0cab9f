import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import {
  goldenFiles,
  readGoldens,
  runScenario,
  scenarioNames,
  writeGoldens,
  writeSources,
  type Outcome,
} from "../support/scenarios.js";

const outcomes = new Map<string, Outcome>();
const updating = process.env["UPDATE_GOLDENS"] === "1";

beforeAll(async () => {
  for (const name of scenarioNames) {
    const outcome = await runScenario(name);
    outcomes.set(name, outcome);
    if (updating) writeGoldens(name, goldenFiles(name, outcome));
  }
});

function outcomeOf(name: string): Outcome {
  const outcome = outcomes.get(name);
  if (outcome === undefined) throw new Error(`no outcome for ${name}`);
  return outcome;
}

describe("every scenario gives what its folder says", () => {
  it.each(scenarioNames)("%s", (name) => {
    const wanted = readGoldens(name);
    const given = new Map(goldenFiles(name, outcomeOf(name)).map(({ path, text }) => [path, text]));
    expect([...given.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
    for (const [path, text] of given) expect(text, path).toBe(wanted.get(path));
  });
});

describe("every golden package", () => {
  it("is the same bytes when it is printed again", async () => {
    for (const name of scenarioNames.filter((_, index) => index % 4 === 0)) {
      expect(await runScenario(name)).toEqual(outcomeOf(name));
    }
  });

  it("has validators that are plain code: no require, no eval, no Function", () => {
    for (const name of scenarioNames)
      for (const { path, text } of outcomeOf(name).files)
        if (path.endsWith(".validators.ts"))
          expect(text, `${name}/${path}`).not.toMatch(/\brequire\s*\(|\beval\b|\bFunction\s*\(/);
  });

  it("compiles under strict, all of them in one compiler run", () => {
    // Inside the project, so that `mqtt` resolves; the runtime is linked, so that it is checked once.
    const folder = fileURLToPath(new URL("../.tmp/goldens/", import.meta.url));
    rmSync(folder, { recursive: true, force: true });
    for (const name of scenarioNames) writeSources(join(folder, name), outcomeOf(name));
    const options = {
      target: "ES2022",
      lib: ["ES2022", "DOM"],
      types: [],
      module: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      isolatedModules: true,
      skipLibCheck: true,
      noEmit: true,
    };
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["*/src"] }));
    expect(compile(join(folder, "tsconfig.json"))).toBe("");
  });
});

/** What the compiler says about a project; empty if nothing. */
function compile(project: string): string {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  try {
    return execFileSync(process.execPath, [tsc, "-p", project], { encoding: "utf8" });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  }
}
