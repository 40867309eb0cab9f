import type { Path } from "./document.js";

/**
 * The URI of the schema document at `path` of the file `id`: `spec:/settings.yaml/resources/config/request/schema`. A file is
 * not a folder, so the URIs of a file and of a path in a file never clash. The URI is normalized (RFC 3986, section 6), so
 * URI libraries do not change it.
 */
export function resourceUri(id: string, path: Path): string {
  return `spec:/${[...id.split("/"), ...path].map((level) => segment(String(level))).join("/")}`;
}

/** Encodes a level. A `:` in a level is percent-encoded, so special levels are encoded as words that begin with `:`. */
function segment(level: string): string {
  if (level === "") return ":empty";
  if (level === ".") return ":here";
  if (level === "..") return ":up";
  return level.replace(/[^A-Za-z0-9_.~-]/gu, encode);
}

function encode(char: string): string {
  // encodeURIComponent throws at a lone surrogate, and leaves !'()* as they are.
  if (/^\p{Cs}$/u.test(char)) return `:${char.charCodeAt(0).toString(16)}:`;
  return /^[!'()*]$/.test(char)
    ? `%${char.charCodeAt(0).toString(16).toUpperCase()}`
    : encodeURIComponent(char);
}
