import { isObject } from "../json/json.js";
import { below } from "../json/pointer.js";
import type { Location } from "../spec/document.js";
import { valueAt } from "../spec/location.js";
import type { Context } from "./context.js";

/** A part of the spec with a key. */
interface KeyedPart {
  readonly key: string;
  readonly renamedFrom: string | undefined;
  /** The part. */
  readonly at: Location;
  /** Its key, beside those of the others of its kind; another place than `at` if it is in another file. */
  readonly entry: Location;
}

/** Checks that the former name of a part of the spec is free now. */
export function checkRenamed(
  context: Context,
  { key, renamedFrom, at, entry }: KeyedPart,
): { readonly renamedFrom?: string } {
  if (renamedFrom === undefined) return {};
  const siblings = valueAt({ ...entry, path: entry.path.slice(0, -1) });
  if (isObject(siblings) && Object.hasOwn(siblings, renamedFrom)) {
    context.report("former-name-in-use", { key, name: renamedFrom }, below(at, "renamedFrom"));
  }
  return { renamedFrom };
}
