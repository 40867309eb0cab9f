import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readManifest } from "./manifest.js";

/** A package manager, and the commands and ranges by which it learns what a project needs. */
export interface PackageManager {
  readonly name: "npm" | "pnpm" | "yarn";
  /** Runs a command of an installed package: `npx`. */
  readonly run: string;
  /** Adds a package as a dependency: `npm install`. */
  readonly add: string;
  /** The command that runs the script `build` of a folder. */
  readonly build: (folder: string) => string;
  /** The range of a dependency on a folder of the project. The folder has to be linked: a copy would lack what is built later. */
  readonly rangeOf: (folder: string) => string;
  /** Whether a folder of the project is linked only if it is a workspace. */
  readonly needsWorkspace: boolean;
  /** Whether an installation runs the project's script `prepare`. */
  readonly runsPrepare: boolean;
}

const npm: PackageManager = {
  name: "npm",
  run: "npx",
  add: "npm install",
  build: (folder) => `npm run build --prefix ${folder}`,
  rangeOf: (folder) => `file:${folder}`,
  needsWorkspace: false,
  runsPrepare: true,
};

const pnpm: PackageManager = {
  name: "pnpm",
  run: "pnpm exec",
  add: "pnpm add",
  build: (folder) => `pnpm --dir ${folder} run build`,
  rangeOf: () => "workspace:*",
  needsWorkspace: true,
  runsPrepare: true,
};

const yarn: PackageManager = {
  name: "yarn",
  run: "yarn",
  add: "yarn add",
  build: (folder) => `yarn --cwd ${folder} build`,
  // Yarn 1 does not know `workspace:`, and later versions take a workspace for any range.
  rangeOf: () => "*",
  needsWorkspace: true,
  // Yarn 1 does, later versions do not.
  runsPrepare: false,
};

/** Files that only one of them writes. */
const FILES: Readonly<Record<string, PackageManager>> = {
  "pnpm-lock.yaml": pnpm,
  "pnpm-workspace.yaml": pnpm,
  "yarn.lock": yarn,
  "package-lock.json": npm,
};

/** The package manager of the nearest folder that shows one, from `folder` upwards; else the one that runs this process; else npm. */
export function packageManagerOf(folder: string): PackageManager {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const named = byName(readManifest(at)["packageManager"]);
    if (named !== undefined) return named;
    const file = Object.keys(FILES).find((name) => existsSync(join(at, name)));
    if (file !== undefined) return FILES[file] ?? npm;
    if (dirname(at) === at) return byName(process.env["npm_config_user_agent"]) ?? npm;
  }
}

/** Of a name with a version: `pnpm@9.15.0` in a manifest, `pnpm/9.15.0 npm/? node/v20` from a process. */
function byName(text: unknown): PackageManager | undefined {
  const name = typeof text === "string" ? /^[a-z]+/.exec(text)?.[0] : undefined;
  return [npm, pnpm, yarn].find((each) => each.name === name);
}
