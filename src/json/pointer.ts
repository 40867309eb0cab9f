import { isObject, property } from "./json.js";

/** The steps from a JSON value to one inside it: property names and array indexes. */
export type Path = readonly (string | number)[];

/** One step as part of a JSON pointer, escaped (RFC 6901, section 3): `a/b` as `/a~1b`. */
export function pointerStep(step: string | number): string {
  return `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A JSON pointer (RFC 6901): `/a~1b/0`. The root is the empty string. */
export function formatPointer(path: Path): string {
  return path.map(pointerStep).join("");
}

/** The unescaped steps of a JSON pointer, all as strings; undefined if `pointer` is not a valid one. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A JSON pointer, percent-encoded for use behind the `#` of a URI (RFC 6901, section 6). */
export function formatFragment(path: Path): string {
  // A lone surrogate has no UTF-8 form, so it cannot be percent-encoded and stays as it is.
  return formatPointer(path).replace(/[^A-Za-z0-9_.~$/-]/gu, encodeChar);
}

function encodeChar(char: string): string {
  return /^\p{Cs}$/u.test(char) ? char : encodeURIComponent(char);
}

/** The result of {@link follow}. */
export type Followed =
  | {
      readonly value: unknown;
      /** The same path, with numbers for the indexes of arrays. */
      readonly path: Path;
    }
  | {
      /** The first step that does not exist. */
      readonly missing: string;
      /** The keys that exist instead. */
      readonly siblings: readonly string[];
    };

/** Follows a path through own properties and array items. */
export function follow(data: unknown, steps: Path): Followed {
  const path: (string | number)[] = [];
  let value = data;
  for (const step of steps) {
    const key = keyIn(value, step);
    if (key === undefined)
      return { missing: String(step), siblings: isObject(value) ? Object.keys(value) : [] };
    path.push(key);
    value = property(value, key);
  }
  return { value, path };
}

function keyIn(value: unknown, step: string | number): string | number | undefined {
  if (Array.isArray(value)) {
    // RFC 6901, section 4: no leading zeros.
    return /^(0|[1-9][0-9]*)$/.test(String(step)) && Number(step) < value.length ? Number(step) : undefined;
  }
  return isObject(value) && Object.hasOwn(value, step) ? String(step) : undefined;
}

/** The location `steps` below `location`. */
export function below<L extends { readonly path: Path }>(location: L, ...steps: Path): L {
  return { ...location, path: [...location.path, ...steps] };
}
