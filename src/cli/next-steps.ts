import { readFileSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { packageRoot } from "../config/index.js";
import type { Generated } from "../run-options.js";
import type { CliJob } from "./jobs.js";
import { readManifest } from "./manifest.js";
import { packageManagerOf } from "./package-manager.js";
import { missingEntry, workspacesAround } from "./workspaces.js";

/** The lines that say what to do with a package that is new: install, build, import. */
export function nextSteps({ layout, runtime }: CliJob, { out = "" }: Generated): readonly string[] {
  const manager = packageManagerOf(process.cwd());
  if (layout === "source") {
    const entry = `./${basename(out)}/index.js`;
    const needed = runtime === "topicsmith/runtime" ? "topicsmith" : "mqtt";
    const add = dependsOn(needed) ? [] : [`  ${manager.add} ${needed}`];
    return ["", "Next:", ...add, `  import { connect } from "${entry}";`];
  }
  const { name } = JSON.parse(readFileSync(join(out, "package.json"), "utf8")) as { readonly name: string };
  const folder = relative(process.cwd(), resolve(out)).replaceAll(sep, "/");
  const target = folder.startsWith("../") ? folder : `./${folder}`;
  const around = workspacesAround(process.cwd());
  const entry = around === undefined ? folder : missingEntry(around, out);
  const range = manager.rangeOf(target);
  const install = `  ${manager.name} install`;
  const link = manager.needsWorkspace
    ? [
        ...(entry === undefined ? [] : [`  add ${entry} to the workspaces`]),
        ...(dependsOn(name) ? [] : [`  add "${name}": "${range}" to the dependencies`]),
        install,
      ]
    : [dependsOn(name) || entry === undefined ? install : `${install} ${target}`];
  return ["", "Next:", ...link, `  ${manager.build(target)}`, `  import { connect } from "${name}";`];
}

/** Whether the project around the working directory depends on a package. */
function dependsOn(name: string): boolean {
  const { dependencies, devDependencies } = readManifest(packageRoot(process.cwd()) ?? ".");
  return [dependencies, devDependencies].some((list) => Object.hasOwn(Object(list ?? {}) as object, name));
}
