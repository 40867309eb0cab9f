/** JSON pointers (RFC 6901). */

/** The keys of a pointer: `["a/b", "0"]` for `/a~1b/0`. */
export function parsePointer(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((key) => key.replace(/~1/g, "/").replace(/~0/g, "~"));
}

/** The inverse of {@link parsePointer}. */
export function formatPointer(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replace(/~/g, "~0").replace(/\//g, "~1")}`).join("");
}
