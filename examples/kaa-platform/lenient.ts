/** What the schemas refuse and real clients send all the same. */

/**
 * One result instead of a list of them, members that are null instead of absent (the Python client's habit), and a line's end
 * behind a plain value (what a shell sends).
 */
export function mend(value: unknown, { resource }: { readonly resource: string }): unknown {
  if (resource === "applied") return withoutNulls(value);
  if (resource === "result") return (Array.isArray(value) ? value : [value]).map(withoutNulls);
  return resource === "plain" && typeof value === "string" ? value.trimEnd() : value;
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const optional = ["statusCode", "reasonPhrase"];
  return Object.fromEntries(
    Object.entries(value).filter(([key, member]) => member !== null || !optional.includes(key)),
  );
}
