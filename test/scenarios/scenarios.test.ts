import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { formatErrors } from "../../src/runtime/api/messages.js";
import { documentsOf, documentsSource, importValidators } from "../support/documents.js";
import { brokenAnchors, readmeSamples } from "../support/readme-samples.js";
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

// Inside the project, so that the packages find mqtt.
const PACKAGES = fileURLToPath(new URL("../.tmp/scenarios/", import.meta.url));

beforeAll(async () => {
  rmSync(PACKAGES, { recursive: true, force: true });
  for (const name of scenarioNames) {
    const outcome = await runScenario(name);
    outcomes.set(name, outcome);
    writeSources(join(PACKAGES, name), outcome);
    if (updating) writeGoldens(name, goldenFiles(name, outcome));
  }
});

function outcomeOf(name: string): Outcome {
  const outcome = outcomes.get(name);
  if (outcome === undefined) throw new Error(`no outcome for ${name}`);
  return outcome;
}

describe("a scenario's package", () => {
  it.each(scenarioNames)("%s: files and diagnostics equal the goldens", (name) => {
    const wanted = readGoldens(name);
    const given = new Map(goldenFiles(name, outcomeOf(name)).map(({ path, text }) => [path, text]));
    expect([...given.keys()].toSorted()).toEqual([...wanted.keys()].toSorted());
    for (const [path, text] of given) expect(text, path).toBe(wanted.get(path));
  });

  const documented = scenarioNames.filter((name) => documentsOf(name).length > 0);
  it.each(documented)("%s: validators accept the good documents and reject the bad ones", async (name) => {
    const checks = await importValidators(join(PACKAGES, name), documentsOf(name));
    for (const [{ validator, good, bad }, check] of checks) {
      for (const value of good) expect(check(value) ? "" : formatErrors(check.errors), validator).toBe("");
      for (const { says, value } of bad) {
        expect(check(value), `${validator}: ${JSON.stringify(value)}`).toBe(false);
        expect(formatErrors(check.errors)).toContain(says);
      }
    }
  });

  it("has documents for each of its validators", () => {
    for (const name of scenarioNames) {
      const documented = new Set(documentsOf(name).map(({ module, validator }) => `${module}#${validator}`));
      const missing = validatorsOf(outcomeOf(name)).filter((validator) => !documented.has(validator));
      // Of a large schema, the validator of the whole document is enough.
      if (name.startsWith("large-schema-")) expect(documented.size, name).toBeGreaterThan(0);
      else expect(missing, name).toEqual([]);
    }
  });

  it("has validators that are plain code: no require, no eval, no Function", () => {
    for (const name of scenarioNames)
      for (const { path, text } of outcomeOf(name).files)
        if (path.endsWith(".validators.ts"))
          expect(text, `${name}/${path}`).not.toMatch(/\brequire\s*\(|\beval\b|\bFunction\s*\(/);
  });

  it("is the same bytes when it is printed again", async () => {
    for (const name of scenarioNames.filter((_, index) => index % 4 === 0)) {
      expect(await runScenario(name)).toEqual(outcomeOf(name));
    }
  });

  it("has a README whose links lead to headings of it", () => {
    const readmes = scenarioNames.flatMap((name) =>
      outcomeOf(name)
        .files.filter(({ path }) => path === "README.md")
        .map(({ text }) => text),
    );
    expect(readmes.length).toBeGreaterThan(30);
    expect(readmes.flatMap(brokenAnchors)).toEqual([]);
  });

  it("has comments that link only to names of their modules", () => {
    const dangling = scenarioNames.flatMap((name) =>
      outcomeOf(name)
        .files.filter(({ path }) => path.endsWith(".ts"))
        .flatMap(({ path, text }) => {
          const names = new Set(text.replaceAll(/\/\*.*?\*\//gs, "").match(/[\w$]+/g));
          const links = [...text.matchAll(/\{@link ([\w$]+)/g)].map(([, target = ""]) => target);
          return links.filter((target) => !names.has(target)).map((target) => `${name}/${path}: ${target}`);
        }),
    );
    expect(dangling).toEqual([]);
  });

  it("compiles under strict with the samples of its README, and its types accept and reject the same documents, but for what types cannot express", { timeout: 300_000 }, () => {
    const wanted: string[] = [];
    for (const name of scenarioNames) {
      if (outcomeOf(name).files.length === 0) continue;
      const { text, refused } = documentsSource(documentsOf(name));
      writeFileSync(join(PACKAGES, name, "documents.ts"), text);
      for (const [file, sample] of readmeSamples(outcomeOf(name).files))
        writeFileSync(join(PACKAGES, name, file), sample);
      wanted.push(...refused.map((line) => `${name}/documents.ts(${line}`));
    }
    // The strictest options that a user may have.
    const compilerOptions = {
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
    const include = ["*/src", "*/documents.ts", "*/readme-*.ts"];
    writeFileSync(join(PACKAGES, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(PACKAGES, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    const output = compile(PACKAGES);
    const errors = [...output.matchAll(/^(\S+\(\d+),\d+\): error/gm)].map(([, position]) => position ?? "");
    expect([...new Set(errors)].toSorted(), output).toEqual(wanted.toSorted());
  });
});

/** The exported validators of resources, as keys of `documents.yaml`. */
function validatorsOf({ files }: Outcome): readonly string[] {
  return files.flatMap(({ path, text }) => {
    const [, module] = /^src\/(extensions\/.*)\.validators\.ts$/.exec(path) ?? [];
    if (module === undefined) return [];
    return [...text.matchAll(/^export const (\S+): Validator</gm)].map(([, name]) => `${module}#${name}`);
  });
}

/** The compiler's output for a project; empty if it finds nothing. */
function compile(cwd: string): string {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  try {
    return execFileSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], { cwd, encoding: "utf8" });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  }
}
