import type { Location, Path } from "./document.js";
import { formatPointer, follow } from "../json/pointer.js";

/** The value at a location; undefined if there is none. */
export function valueAt({ file, path }: Location): unknown {
  const found = follow(file.data, path);
  return "missing" in found ? undefined : found.value;
}

/** A location as a `$ref` in the root file would spell it: `sensors.yaml#/resources/json`. A map key, also shown in messages. */
export function locationId({ file, path }: Location): string {
  const id = file.id.replaceAll("%", "%25").replaceAll("#", "%23");
  return path.length === 0 ? id : `${id}#${formatPointer(path)}`;
}

/** Whether `path` is equal to `start` or below it. */
export function startsWith(path: Path, start: Path): boolean {
  return start.every((level, index) => String(path[index]) === String(level));
}
