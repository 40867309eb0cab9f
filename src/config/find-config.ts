import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Endings of a configuration file, in the order of messages. */
export const CONFIG_ENDINGS = [".ts", ".js", ".mjs", ".cjs", ".json", ".yaml"] as const;

/**
 * Finds the configuration files of the project around a folder: in the folder itself, or else in the nearest one above it, up
 * to the folder of the nearest `package.json`. Nothing beyond that is looked at: a file of another project, or one that
 * another user put into a shared folder, must not run.
 *
 * @returns Paths as they are shown: relative to `folder`. More than one if a folder has several; empty if there is none.
 */
export function findConfigs(folder: string): readonly string[] {
  const root = packageRoot(folder) ?? folder;
  let at = resolve(folder);
  let shown = "";
  for (;;) {
    const found = CONFIG_ENDINGS.map((ending) => `topicsmith.config${ending}`).filter((name) =>
      existsSync(join(at, name)),
    );
    if (found.length > 0) return found.map((name) => shown + name);
    if (at === resolve(root)) return [];
    at = dirname(at);
    shown += "../";
  }
}

/** The nearest folder, from `folder` on upwards, that has a `package.json`. */
export function packageRoot(folder: string): string | undefined {
  let at = resolve(folder);
  for (;;) {
    if (existsSync(join(at, "package.json"))) return at;
    const parent = dirname(at);
    if (parent === at) return undefined;
    at = parent;
  }
}
