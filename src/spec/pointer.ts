import type { Path } from "./document.js";
import { member } from "./json.js";

/** A JSON pointer (RFC 6901): `/a~1b/0`; the root is the empty text. */
export function formatPointer(path: Path): string {
  return path.map((level) => `/${String(level).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** The levels of a JSON pointer, all as texts; undefined if it is none. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((level) => level.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** A JSON pointer as it stands behind the `#` of a URI. */
export function formatFragment(path: Path): string {
  return path.map((level) => `/${escapeLevel(String(level))}`).join("");
}

function escapeLevel(level: string): string {
  const pointer = level.replaceAll("~", "~0").replaceAll("/", "~1");
  // A lone surrogate has no UTF-8 form, so it can not be percent-encoded and stays as it is.
  return pointer.replace(/[^A-Za-z0-9_.~$-]/gu, encodeChar);
}

function encodeChar(char: string): string {
  return /^\p{Cs}$/u.test(char) ? char : encodeURIComponent(char);
}

/** What a path leads to in data. */
export type Found =
  | {
      readonly value: unknown;
      /** The same path, with numbers for the indexes of lists. */ readonly path: Path;
    }
  | {
      /** The first level that does not exist. */ readonly missing: string;
      /** The keys that exist instead. */ readonly siblings: readonly string[];
    };

/** Follows a path through own members and items. */
export function follow(data: unknown, levels: Path): Found {
  const path: (string | number)[] = [];
  let value = data;
  for (const level of levels) {
    const key = keyIn(value, level);
    if (key === undefined) return { missing: String(level), siblings: keysOf(value) };
    path.push(key);
    value = member(value, key);
  }
  return { value, path };
}

function keyIn(value: unknown, level: string | number): string | number | undefined {
  if (Array.isArray(value)) {
    // RFC 6901, section 4: no leading zeros.
    return /^(0|[1-9][0-9]*)$/.test(String(level)) && Number(level) < value.length
      ? Number(level)
      : undefined;
  }
  const key = String(level);
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? key : undefined;
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
