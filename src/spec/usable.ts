import type { Location } from "./document.js";
import type { FoundExtension } from "./extension-reader.js";
import { startsWith } from "./locations.js";

/** What is left of a spec when everything of a wrong shape is taken out of it. */
export interface Usable {
  readonly extensions: readonly FoundExtension[];
  /** Whether the resource `key` of the extension whose body is at `body` is of a wrong shape. */
  isBroken(body: Location, key: string): boolean;
}

/**
 * Takes out what has a wrong shape, a resource or an extension at a time, so that all that is wrong with the rest can
 * be told in the same run. Undefined if there is damage elsewhere: then nothing can be concluded.
 */
export function usableParts(
  extensions: readonly FoundExtension[],
  damaged: readonly Location[],
): Usable | undefined {
  const broken = new Map<string, Set<string>>();
  const lost = new Set<FoundExtension>();
  for (const damage of damaged) {
    const owners = extensions.filter(({ body }) => holds(body, damage));
    if (owners.length === 0) return undefined;
    for (const owner of owners) {
      const [section, key] = damage.path.slice(owner.body.path.length);
      if (section !== "resources" || key === undefined) lost.add(owner);
      else broken.set(idOf(owner.body), (broken.get(idOf(owner.body)) ?? new Set()).add(String(key)));
    }
  }
  return {
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
