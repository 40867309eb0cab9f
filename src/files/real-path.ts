import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Links that are followed in one path, as in Linux. A path with more is a circle. */
const MAX_LINKS = 40;

/**
 * Resolves all links in a path. Unlike `realpath` of Node, this also works for a path that does not exist, and for a link to
 * one. If there are too many links, the result is one of them.
 */
export function realPath(path: string, followed = 0): string {
  try {
    return realpathSync.native(path);
  } catch {
    // It does not exist, or one of its folders cannot be read.
  }
  const parent = dirname(path);
  if (parent === path) return path;
  const folder = realPath(parent, followed);
  const entry = join(folder, basename(path));
  const target = linkTarget(entry);
  if (target === undefined) return entry;
  return followed < MAX_LINKS ? realPath(resolve(folder, target), followed + 1) : entry;
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // Not a link.
  }
}
