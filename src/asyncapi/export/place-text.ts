import { formatPointer } from "../../json/pointer.js";
import type { Location } from "../../spec/document.js";

/** A place in a file of the spec, without percent-encoding: `settings.yaml#/resources/config`. */
export function placeText({ file, path }: Location): string {
  return path.length === 0 ? file.id : `${file.id}#${formatPointer(path)}`;
}
