import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { packageRoot } from "../config/index.js";
import type { Generated } from "../run-options.js";
import type { CliJob } from "./jobs.js";

/** The lines that say what to do with a package that is new: install, build, import. */
export function nextSteps({ layout, runtime }: CliJob, { out = "" }: Generated): readonly string[] {
  const project = packageRoot(process.cwd());
  if (layout === "source") {
    const entry = `./${basename(out)}/index.js`;
    const needed = runtime === "topicsmith/runtime" ? "topicsmith" : "mqtt";
    const missing = !dependsOn(project, needed);
    return [
      "",
      "Next:",
      ...(missing ? [`  npm install ${needed}`] : []),
      `  import { connect } from "${entry}";`,
    ];
  }
  const { name } = JSON.parse(readFileSync(join(out, "package.json"), "utf8")) as { readonly name: string };
  const folder = relative(process.cwd(), resolve(out)).replaceAll(sep, "/");
  const target = folder.startsWith("../") ? folder : `./${folder}`;
  const isInstalled = dependsOn(project, name) || isWorkspace(project, out);
  return [
    "",
    "Next:",
    isInstalled ? "  npm install" : `  npm install ${target}`,
    `  npm run build --prefix ${target}`,
    `  import { connect } from "${name}";`,
  ];
}

function manifestOf(folder: string | undefined): Readonly<Record<string, unknown>> {
  const path = join(folder ?? ".", "package.json");
  try {
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>) : {};
  } catch {
    // npm reports it.
    return {};
  }
}

function dependsOn(project: string | undefined, name: string): boolean {
  const { dependencies, devDependencies } = manifestOf(project);
  return [dependencies, devDependencies].some((list) => Object.hasOwn(Object(list) as object, name));
}

/** Whether the project lists a folder as a workspace: by its path, or all of the folder around it. */
function isWorkspace(project: string | undefined, out: string): boolean {
  const { workspaces } = manifestOf(project);
  const list = Array.isArray(workspaces) ? workspaces : Object(workspaces ?? {}).packages;
  const path = relative(project ?? ".", resolve(out)).replaceAll(sep, "/");
  return Array.isArray(list) && (list.includes(path) || list.includes(`${dirname(path)}/*`));
}
