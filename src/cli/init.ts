import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { findConfigs } from "../config/index.js";
import { PACKAGE_ROOT } from "../host/package-root.js";
import type { ExitCode } from "./console.js";
import { completeManifest, type InitPlan } from "./init-manifest.js";
import { packageManagerOf, type PackageManager } from "./package-manager.js";
import { completePnpmWorkspaces, missingEntry, workspacesAround } from "./workspaces.js";

/** The options of `topicsmith init`. */
export interface InitOptions {
  readonly name?: string;
  readonly layout: "source" | "package";
}

const SPEC = "api.yaml";
const TEMPLATES = new URL("templates/init/", PACKAGE_ROOT);

/** Runs `topicsmith init` in the working directory. Overwrites no file. */
export function runInit({ name, layout }: InitOptions): ExitCode {
  const api = name ?? nameOf(process.cwd());
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(api)) {
    process.stderr.write(
      `topicsmith init: ${JSON.stringify(api)} cannot be the name of an API; name it with letters, digits, - and _, such as --name kettle\n`,
    );
    return 2;
  }
  const manager = packageManagerOf(process.cwd());
  const out = layout === "source" ? "src/api" : `generated/${api}`;
  const plan: InitPlan = { name: api, layout, packageName: `${api.toLowerCase()}-client`, out, manager };
  const lines = Object.entries(filesOf(plan)).map(([path, text]) => create(path, text));
  const linked = layout === "package" && manager.needsWorkspace ? workspaceOf(out, manager) : {};
  lines.push(completeManifest({ ...plan, ...linked }), ...(linked.done ?? []));
  process.stdout.write(`${[...lines, "", "Next:", ...(linked.next ?? []), ...commands(plan)].join("\n")}\n`);
  return 0;
}

/** Makes the output a workspace. A list of another folder is not changed: its owner is told. */
function workspaceOf(out: string, { name }: PackageManager) {
  const around = workspacesAround(process.cwd());
  const own = around?.root === process.cwd() ? around : undefined;
  const entry = around === undefined ? out : missingEntry(around, out);
  if (entry === undefined) return {};
  if (around !== undefined && own === undefined)
    return { next: [`  add ${entry} to the workspaces in ${relative("", join(around.root, around.file))}`] };
  return name === "pnpm" ? { done: [completePnpmWorkspaces(entry)] } : { workspace: entry };
}

/** The name of a folder, as far as it can be the name of an API. */
function nameOf(folder: string): string {
  const name = basename(folder)
    .replaceAll(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^[^A-Za-z]+/, "")
    .replace(/-+$/, "");
  return name === "" ? "kettle" : name;
}

/** The files of a new project, by path. */
function filesOf({ name, layout, packageName, out }: InitPlan): Readonly<Record<string, string>> {
  const settings = layout === "source" ? `  out: "${out}",\n  layout: "source",` : `  out: "${out}",`;
  const fill = (file: string, values: Readonly<Record<string, string>>) =>
    readFileSync(new URL(file, TEMPLATES), "utf8").replaceAll(
      /\{\{(\w+)\}\}/g,
      (slot, key: string) => values[key] ?? slot,
    );
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2023", "DOM"],
    module: "NodeNext",
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const tsconfig = { compilerOptions, include: ["src", "test", "topicsmith.config.ts"] };
  return {
    [SPEC]: fill("api.yaml", {
      schema: schemaPath(),
      name,
      title: `${name.charAt(0).toUpperCase()}${name.slice(1)} API`,
      package: packageName,
    }),
    [configPath()]: fill("topicsmith.config.hbs", { spec: SPEC, settings }),
    "test/api.test.ts": fill("first-test.hbs", {
      spec: SPEC,
      import: layout === "source" ? "../src/api/index.js" : packageName,
    }),
    "tsconfig.json": `${JSON.stringify(tsconfig, undefined, 2)}\n`,
    ".gitattributes": `# Written by topicsmith: the same bytes on every system, and folded in diffs on GitHub.\n/${out}/** text eol=lf linguist-generated\n`,
  };
}

/** The configuration that the folder has in any format: a second one would be an error of every command. */
function configPath(): string {
  const inFolder = findConfigs(process.cwd()).filter((path) => !path.includes("/"));
  return inFolder[0] ?? "topicsmith.config.ts";
}

/** The path of the schema for editors, also if topicsmith is installed in a folder above. */
function schemaPath(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "node_modules/topicsmith/schema.json"))) {
      const path = relative(process.cwd(), join(folder, "node_modules/topicsmith/schema.json"));
      return path.startsWith("..") ? path.replaceAll(sep, "/") : `./${path.replaceAll(sep, "/")}`;
    }
    if (dirname(folder) === folder) return "./node_modules/topicsmith/schema.json";
  }
}

function create(path: string, text: string): string {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  try {
    writeFileSync(path, text, { flag: "wx" });
    return `created ${path}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return `kept    ${path}, which exists already`;
  }
}

/** The next commands, with the package manager of the project. */
function commands({ layout, out, manager }: InitPlan): readonly string[] {
  const { name, run, build, runsPrepare } = manager;
  const built = layout === "source" || runsPrepare ? [] : [build(out)];
  return [`${run} topicsmith generate`, `${name} install`, ...built, `${name} test`].map(
    (line) => `  ${line}`,
  );
}
