import type { Location, Path } from "./document.js";
import { formatPointer, follow } from "../json/pointer.js";

/** What stands at a location; undefined if nothing does. */
export function valueAt({ file, path }: Location): unknown {
  const found = follow(file.data, path);
  return "missing" in found ? undefined : found.value;
}

/** A location as a `$ref` from the root file would name it, for maps and for messages: `dcx.yaml#/resources/json`. */
export function locationId({ file, path }: Location): string {
  const id = file.id.replaceAll("%", "%25").replaceAll("#", "%23");
  return path.length === 0 ? id : `${id}#${formatPointer(path)}`;
}

/** Whether `path` is at or below `start`. */
export function startsWith(path: Path, start: Path): boolean {
  return start.every((level, index) => String(path[index]) === String(level));
}
