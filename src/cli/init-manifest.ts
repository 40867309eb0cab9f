import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { testedRange } from "../emit/own-manifest.js";
import type { PackageManager } from "./package-manager.js";
import { entriesOf } from "./workspaces.js";

/** The choices of a new project. */
export interface InitPlan {
  /** The API's name: `kettle`. */
  readonly name: string;
  readonly layout: "source" | "package";
  /** Name of the npm package: `kettle-client`. */
  readonly packageName: string;
  /** Output folder. */
  readonly out: string;
  readonly manager: PackageManager;
  /** An entry that the workspaces of `package.json` lack. */
  readonly workspace?: string;
}

type Manifest = Record<string, unknown>;

/** The test script that npm writes for a package without tests. */
const NO_TEST = 'echo "Error: no test specified" && exit 1';

/** Adds what `package.json` lacks, and creates it if there is none. Returns a line that says what was done. */
export function completeManifest(plan: InitPlan): string {
  const path = "package.json";
  if (!existsSync(path)) {
    const manifest = {
      name: basename(process.cwd())
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]+/g, "-"),
      private: true,
    };
    const { manifest: complete } = completed({ ...manifest, type: "module" }, plan);
    writeFileSync(path, `${JSON.stringify(complete, undefined, 2)}\n`);
    return `created ${path}`;
  }
  const text = readFileSync(path, "utf8");
  let present: unknown;
  try {
    present = JSON.parse(text);
  } catch {
    return `kept    ${path}, which is not valid JSON; correct it, then run init again`;
  }
  const { manifest, added } = completed(present as Manifest, plan);
  if (added.length === 0) return `kept    ${path}, which has everything already`;
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? 2;
  const lineBreak = text.includes("\r\n") ? "\r\n" : "\n";
  const changed = `${JSON.stringify(manifest, undefined, indent)}\n`.replaceAll("\n", lineBreak);
  writeFileSync(path, changed);
  return `changed ${path}: added ${added.join(", ")}`;
}

function completed(
  present: Manifest,
  { layout, name, packageName, out, manager, workspace }: InitPlan,
): { readonly manifest: Manifest; readonly added: readonly string[] } {
  const isPackage = layout === "package";
  const wanted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    scripts: {
      generate: "topicsmith generate",
      check: "topicsmith check",
      mock: "topicsmith mock",
      test: "vitest run",
      // Package managers do not build what they link.
      ...(isPackage && { prepare: `topicsmith generate && ${manager.build(out)}` }),
    },
    dependencies: isPackage ? { [packageName]: manager.rangeOf(out) } : { mqtt: testedRange("mqtt") },
    devDependencies: {
      "@types/node": testedRange("@types/node"),
      topicsmith: testedRange("topicsmith"),
      typescript: testedRange("typescript"),
      vitest: testedRange("vitest"),
    },
  };
  const manifest = { ...present };
  const added: string[] = [];
  // `npm install` creates a package.json without `type`. A project with code of its own keeps what it is.
  const isFresh = !["type", "main", "exports", "scripts", "name"].some((key) => Object.hasOwn(present, key));
  if (isFresh) {
    manifest["type"] = "module";
    manifest["private"] = true;
    manifest["name"] = name.toLowerCase();
    added.push("type");
  }
  if (workspace !== undefined) {
    const { workspaces } = present;
    const entries = [...entriesOf(workspaces), workspace];
    manifest["workspaces"] =
      Array.isArray(workspaces) || workspaces === undefined
        ? entries
        : { ...Object(workspaces), packages: entries };
    // Yarn 1 has workspaces in private packages only.
    manifest["private"] ??= true;
    added.push(`workspaces (${workspace})`);
  }
  for (const [key, values] of Object.entries(wanted)) {
    const own = Object(present[key] ?? {}) as Record<string, string>;
    const missing = Object.entries(values).filter(
      ([field, value]) =>
        (!Object.hasOwn(own, field) || own[field] === NO_TEST) &&
        !isElsewhere(present, key, field) &&
        value !== "",
    );
    if (missing.length === 0) continue;
    const all = { ...own, ...Object.fromEntries(missing) };
    // npm sorts dependencies, and a later `npm install` would move them.
    manifest[key] =
      key === "scripts"
        ? all
        : Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    added.push(`${key} (${missing.map(([field]) => field).join(", ")})`);
  }
  return { manifest, added };
}

/** Whether another list of dependencies has a package already. */
function isElsewhere(present: Manifest, key: string, field: string): boolean {
  if (key === "scripts") return false;
  return ["dependencies", "devDependencies", "peerDependencies"].some((list) =>
    Object.hasOwn(Object(present[list] ?? {}) as object, field),
  );
}
