import { posix } from "node:path";
import { isObject, property, setProperty, type JsonObject } from "../../json/json.js";
import { formatFragment, formatPointer, parsePointer } from "../../json/pointer.js";

/** A place in a file of the imported spec. */
export interface Place {
  /** Relative to the folder of the root file, with `/`. */
  readonly file: string;
  readonly path: readonly string[];
}

/** Reads a place such as `settings.yaml#/resources/config`. Undefined for one outside of the spec's folder. */
export function parsePlace(text: unknown): Place | undefined {
  if (typeof text !== "string") return undefined;
  const hash = text.indexOf("#/");
  const file = hash < 0 ? text : text.slice(0, hash);
  const path = parsePointer(hash < 0 ? "" : text.slice(hash + 1));
  return path === undefined || !isInside(file) ? undefined : { file, path };
}

/** Whether a file of a spec may be written: below the folder of the root file, and not hidden. */
function isInside(file: string): boolean {
  return (
    /^[^\\:*?"<>|\p{Cc}]+$/u.test(file) &&
    file.split("/").every((step) => step !== "" && !step.startsWith(".") && step.trim() === step)
  );
}

/** A text that is the same for the same place. */
export function placeId({ file, path }: Place): string {
  return `${file}#${formatPointer(path)}`;
}

/** The `$ref` by which a file refers to a place. */
export function referenceTo({ file, path }: Place, from: string): string {
  const relative = posix.relative(posix.dirname(from), file);
  const uri = encodeURI(relative.startsWith("../") ? relative : `./${relative}`).replaceAll("#", "%23");
  return path.length === 0 ? uri : `${uri}#${formatFragment(path)}`;
}

/** The files of a spec, as data. The root file is the first. */
export class SpecFiles {
  readonly files = new Map<string, unknown>();

  /** Sets the value at a place, and creates the mappings around it. */
  set({ file, path }: Place, value: unknown): void {
    if (path.length === 0) {
      const known = this.files.get(file);
      this.files.set(file, isObject(known) && isObject(value) ? { ...known, ...value } : value);
      return;
    }
    const root = this.files.get(file);
    let parent: JsonObject = isObject(root) ? root : {};
    this.files.set(file, parent);
    for (const step of path.slice(0, -1)) {
      const next = property(parent, step);
      const child: JsonObject = isObject(next) ? next : {};
      setProperty(parent, step, child);
      parent = child;
    }
    setProperty(parent, path.at(-1) ?? "", value);
  }
}
