import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatErrors } from "../../src/runtime/api/format-errors.js";
import type { ValidationError } from "../../src/runtime/api/descriptor.js";
import { createSchemaSet, printTypes, printValidators } from "../../src/schema/index.js";
import { load as loadModules } from "../unit/schema/support.js";
import { runScenario, SCENARIOS, writeSources } from "../support/scenarios.js";

// That these packages are what the generator gives, test/scenarios proves.
const payloads = [
  ["large-schema-turbo", "build/configuration", "BuildConfigurationResponse"],
  ["large-schema-gitlab-ci", "pipeline/definition", "PipelineDefinitionResponse"],
  ["large-schema-package-manifest", "packages/publish", "PackagesPublishRequest"],
  ["large-schema-asyncapi", "description/document", "DescriptionDocumentRequest"],
  ["large-schema-geojson", "position/report", "PositionReportRequest"],
] as const;

interface BadDocument {
  /** Part of what the validator says, by `formatErrors`. */
  readonly says: string;
  /** Whether the type refuses it, too. */
  readonly typed: boolean;
  readonly value: unknown;
}

function documentsOf(scenario: string) {
  const read = (name: string): unknown =>
    parse(readFileSync(join(SCENARIOS, scenario, "documents", name), "utf8"));
  return { good: read("good.yaml") as readonly unknown[], bad: read("bad.yaml") as readonly BadDocument[] };
}

type Check = ((value: unknown) => boolean) & { readonly errors?: readonly ValidationError[] | null };

/** The generated validator, as a module by itself. */
async function load(scenario: string, resource: string, type: string): Promise<Check> {
  const entry = join(PACKAGES, scenario, `src/extensions/${resource}.validators.ts`);
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false });
  const code = outputFiles[0]?.text ?? "";
  const url = `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
  const module = (await import(/* @vite-ignore */ url)) as Readonly<Record<string, Check>>;
  const check = module[`validate${type}`];
  if (check === undefined) throw new Error(`no validate${type} in ${entry}`);
  return check;
}

const PACKAGES = fileURLToPath(new URL("../.tmp/large/", import.meta.url));

beforeAll(async () => {
  rmSync(PACKAGES, { recursive: true, force: true });
  for (const [scenario] of payloads) writeSources(join(PACKAGES, scenario), await runScenario(scenario));
});

describe.each(payloads)("%s", (scenario, resource, type) => {
  it("takes good documents and says what is wrong with bad ones", async () => {
    const check = await load(scenario, resource, type);
    const { good, bad } = documentsOf(scenario);
    for (const value of good) expect(check(value) ? "" : formatErrors(check.errors)).toBe("");
    for (const { says, value } of bad) {
      expect(check(value), JSON.stringify(value)).toBe(false);
      expect(formatErrors(check.errors)).toContain(says);
    }
  });
});

it("types hold the good documents as literals, and refuse those bad ones that are marked so", () => {
  const folder = PACKAGES;
  const wanted: string[] = [];
  for (const [scenario, resource, type] of payloads) {
    const out = join(folder, scenario);
    const lines = [`import type { ${type} as T } from "./src/extensions/${resource}.js";`];
    const { good, bad } = documentsOf(scenario);
    const values = [...good.map((value) => ({ value, typed: false })), ...bad];
    values.forEach(({ value, typed }, place) => {
      lines.push(`export const value${place}: T = ${JSON.stringify(value)};`);
      if (typed) wanted.push(`${scenario}/documents.ts(${lines.length}`);
    });
    writeFileSync(join(out, "documents.ts"), lines.join("\n"));
  }
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2022", "DOM"],
    types: [],
    module: "NodeNext",
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*/documents.ts"] }),
  );
  const said = compile(folder);
  const refused = [...said.matchAll(/^(\S+\(\d+),\d+\): error/gm)].map(([, place]) => place ?? "");
  expect([...new Set(refused)].toSorted(), said).toEqual(wanted.toSorted());
});

it("a schema of 770 kB is generated in seconds, and checks this project's own configuration", async () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
  const uri = "test:/oxlint.json";
  const start = process.cpuUsage();
  const set = createSchemaSet([{ uri, value: read("node_modules/oxlint/configuration_schema.json") }]);
  expect(set.problems).toEqual([]);
  const definitions = new Map(
    set.definitions([uri]).map((found, place) => [found.uri, `Definition${place}`] as const),
  );
  const declarations = await printTypes(set, { roots: [{ uri, name: "Root" }], definitions });
  const modules = await printValidators(set, {
    modules: [{ path: "oxlint", exports: [{ name: "validateRoot", uri }] }],
    sharedPath: "shared",
  });
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(30);
  expect(declarations.length).toBe(definitions.size + 1);
  expect(declarations.map(({ text }) => text).join("\n")).not.toMatch(/: any\b/);
  const check = loadModules(modules)["validateRoot"];
  expect(check?.(read(".oxlintrc.json"))).toBe(true);
  expect(check?.({ categories: { correctness: "loud" } })).toBe(false);
  expect(check?.errors?.[0]?.instancePath).toBe("/categories/correctness");
});

function compile(folder: string): string {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  try {
    return execFileSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], {
      cwd: folder,
      encoding: "utf8",
    });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout ?? error);
  }
}
