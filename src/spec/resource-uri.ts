import type { Path } from "./document.js";

/**
 * The URI of a schema document that stands at `path` of the file `id`: `spec:/cmx.yaml/resources/config/request/schema`.
 * A file is no folder, so a file and a place in a file never share a URI. It is in normal form (RFC 3986, section 6),
 * so that URI libraries leave it as it is.
 */
export function resourceUri(id: string, path: Path): string {
  return `spec:/${[...id.split("/"), ...path].map((level) => segment(String(level))).join("/")}`;
}

/** One level. Escapes of our own begin with `:`, which is percent-encoded wherever it is written. */
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
