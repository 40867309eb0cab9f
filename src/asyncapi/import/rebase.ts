import { posix } from "node:path";

/** A value of another file, whose references mean the same in the file that refers to it by `ref`. */
export function rebased(value: unknown, ref: string): unknown {
  const [uri = ""] = ref.split("#");
  if (uri === "" || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => rebased(item, ref));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]: [string, unknown]) => [
      key,
      key === "$ref" && typeof child === "string" ? rebasedRef(child, uri) : rebased(child, ref),
    ]),
  );
}

function rebasedRef(ref: string, uri: string): string {
  if (ref.startsWith("#")) return `${uri}${ref}`;
  if (/^[a-z][a-z0-9+.-]*:|^\//i.test(ref)) return ref;
  const [path = "", ...fragment] = ref.split("#");
  const joined = /^[a-z][a-z0-9+.-]*:/i.test(uri)
    ? new URL(path, uri).href
    : posix.join(posix.dirname(uri), path);
  return [joined, ...fragment].join("#");
}
