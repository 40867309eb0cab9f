import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { catalogue } from "../../../src/diagnostics/index.js";
import { format } from "prettier";
import {
  createSchemaSet,
  findRepeatedItems,
  type SchemaSet,
  type TupleStyle,
} from "../../../src/schema/index.js";
import { printTypes, printValidators } from "../../../src/schema/print.js";

/** Where a schema that a test is about stands, unless the test says otherwise. */
export const ROOT = "test:/root.json";

/** Opens one schema, and whatever it refers to. */
export function open(schema: unknown, others: Readonly<Record<string, unknown>> = {}): SchemaSet {
  return createSchemaSet([
    { uri: ROOT, value: schema },
    ...Object.entries(others).map(([uri, value]) => ({ uri, value })),
  ]);
}

/** The problems of a set without warnings. */
export function errorsOf({ problems }: SchemaSet) {
  return problems.filter(({ code }) => catalogue[code].severity === "error");
}

/** The types of an opened schema: the root as `Root`, definitions by their stem with a capital, and with a style, repeated items. */
export async function declarationsOf(set: SchemaSet, uri = ROOT, tuples?: TupleStyle) {
  const definitions = new Map<string, string>();
  for (const { uri: at, baseName } of set.definitions([uri])) {
    const name = typeName(baseName);
    const isTaken = [...definitions.values()].includes(name);
    definitions.set(at, isTaken ? `${name}${definitions.size}` : name);
  }
  const named = [uri, ...definitions.keys()];
  const items = tuples === undefined ? [] : findRepeatedItems(set.index, named, tuples);
  for (const [place, { uris }] of items.entries())
    for (const at of uris) definitions.set(at, `RepeatedItem${place}`);
  return printTypes(set, { roots: [{ uri, name: "Root" }], definitions, tuples });
}

function typeName(stem: string): string {
  return stem
    .split(/[^A-Za-z0-9]+/)
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join("");
}

/** The printed types, laid out. */
export async function typesOf(
  schema: unknown,
  others: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const declarations = await declarationsOf(open(schema, others));
  const text = declarations.map((declaration) => declaration.text).join("\n\n");
  return (await format(text, { parser: "typescript", printWidth: 100 })).trim();
}

/** What a generated validator is. */
export interface GeneratedValidator {
  (value: unknown): boolean;
  errors?:
    | readonly {
        readonly instancePath: string;
        readonly keyword: string;
        readonly params: Readonly<Record<string, unknown>>;
      }[]
    | null;
}

/** Runs generated modules as if they had been written and imported; only what the language itself has is there. */
export function load(
  modules: Awaited<ReturnType<typeof printValidators>>,
): Record<string, GeneratedValidator> {
  const names: string[] = [];
  // Modules share nothing but what they import, and names are unique over all, so one scope does for all of them.
  const bodies = modules.toReversed().map(({ code }) =>
    code.replaceAll(/^export const (\w+): Validator<[^=]*> = /gm, (_, name: string) => {
      names.push(name);
      return `const ${name} = `;
    }),
  );
  const hoisted = bodies.map((body) => body.replaceAll(/^export /gm, ""));
  const exportsLast = hoisted.map((body) => moveExportsDown(body, names)).join("\n");
  // oxlint-disable-next-line typescript/no-implied-eval -- generated code is what is tested here
  return new Function(`"use strict";\n${exportsLast}\nreturn { ${names.join(", ")} };`)() as Record<
    string,
    GeneratedValidator
  >;
}

function moveExportsDown(body: string, names: readonly string[]): string {
  const isExport = (line: string) => names.some((name) => line.startsWith(`const ${name} = `));
  const lines = body.split("\n");
  return [...lines.filter((line) => !isExport(line)), ...lines.filter(isExport)].join("\n");
}

/** The generated validator of one schema. */
export async function validatorOf(set: SchemaSet, uri = ROOT): Promise<GeneratedValidator> {
  const modules = await printValidators(set, {
    modules: [{ path: "root", exports: [{ name: "validateRoot", uri }] }],
    sharedPath: "shared",
  });
  const { validateRoot } = load(modules);
  if (validateRoot === undefined) throw new Error("validateRoot is missing");
  return validateRoot;
}

/** Instances to be written as literals of a type. */
export interface Assignments {
  /** TypeScript that declares `Root`. */
  readonly declarations: string;
  readonly instances: readonly unknown[];
}

/**
 * Compiles many literals against many types in one program. Gives, for each group, whether each instance compiles; and
 * every other thing the compiler has to say, of which there should be none.
 */
export function compileAll(groups: readonly Assignments[], options: object = {}) {
  const lines: string[] = [];
  const places = new Map<number, { readonly group: number; readonly instance: number }>();
  groups.forEach(({ declarations, instances }, group) => {
    lines.push(`namespace Group${group} {`, ...declarations.split("\n"));
    instances.forEach((value, instance) => {
      lines.push(`export const value${instance}: Root = ${JSON.stringify(value)};`);
      places.set(lines.length, { group, instance });
    });
    lines.push("}");
  });
  const output = checkTypes(lines.join("\n"), options);
  const compiles = groups.map(({ instances }) => instances.map(() => true));
  const faults: string[] = [];
  for (const [message, at] of output.matchAll(/^all\.ts\((\d+),\d+\): error .*$|^error .*$/gm)) {
    const line = Number(at ?? 0);
    const place = places.get(line);
    const verdicts = place && compiles[place.group];
    if (verdicts === undefined) faults.push(`${lines[line - 1]}: ${message}`);
    else verdicts[place?.instance ?? 0] = false;
  }
  return { compiles, faults };
}

/** The compiler's errors for one file without imports. A process, because the native compiler takes a tenth of the time. */
function checkTypes(text: string, options: object): string {
  const folder = mkdtempSync(join(tmpdir(), "topicsmith-types-"));
  try {
    const compilerOptions = {
      strict: true,
      target: "ES2022",
      lib: ["ES2022"],
      types: [],
      noEmit: true,
      ...options,
    };
    writeFileSync(join(folder, "all.ts"), text);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["all.ts"] }));
    const compiler = createRequire(import.meta.url).resolve("typescript/package.json");
    const args = [join(dirname(compiler), "bin/tsc"), "-p", folder, "--pretty", "false"];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 1e9,
    });
    if (stderr !== "") throw new Error(stderr);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
