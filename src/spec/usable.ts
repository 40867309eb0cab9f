import type { Location, Path, SourceFile } from "./document.js";
import type { FoundExtension } from "./extension-reader.js";
import { isObject } from "./json.js";
import { startsWith } from "./location.js";

/** What is left of a spec when everything of a wrong shape is taken out of it. */
export interface Usable {
  readonly extensions: readonly FoundExtension[];
  /** Paths in the root file, outside of extensions, where the shape is wrong. */
  readonly inRoot: readonly Path[];
  /** Whether the resource `key` of the extension whose body is at `body` is of a wrong shape. */
  isBroken(body: Location, key: string): boolean;
}

/**
 * Takes out what has a wrong shape, a resource or an extension at a time, so that all that is wrong with the rest can
 * be told in the same run. Undefined if another file than the root is damaged where no extension stands.
 */
export function usableParts(
  root: SourceFile,
  extensions: readonly FoundExtension[],
  damaged: readonly Location[],
): Usable | undefined {
  const inRoot: Path[] = [];
  const broken = new Map<string, Set<string>>();
  const lost = new Set<FoundExtension>();
  for (const damage of damaged) {
    const owners = extensions.filter(({ body }) => holds(body, damage));
    if (owners.length === 0) {
      if (damage.file !== root || !isObject(root.data)) return undefined;
      inRoot.push(damage.path);
    }
    for (const owner of owners) {
      const [section, key] = damage.path.slice(owner.body.path.length);
      if (section !== "resources" || key === undefined) lost.add(owner);
      else broken.set(idOf(owner.body), (broken.get(idOf(owner.body)) ?? new Set()).add(String(key)));
    }
  }
  return {
    inRoot,
    extensions: extensions.filter((extension) => !lost.has(extension)),
    isBroken: (body, key) => broken.get(idOf(body))?.has(key) === true,
  };
}

function holds(body: Location, damage: Location): boolean {
  return body.file === damage.file && startsWith(damage.path, body.path);
}

function idOf({ file, path }: Location): string {
  return JSON.stringify([file.id, path]);
}
