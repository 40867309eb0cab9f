/** Requests that the schemas reject, although real clients send them. */

/**
 * Repairs a request: a single result instead of a list, properties that are null instead of absent (as the Python client
 * sends them), and a newline after a plain value (as a shell sends it).
 */
export function repair(value: unknown, { resource }: { readonly resource: string }): unknown {
  if (resource === "applied") return withoutNulls(value);
  if (resource === "result") return (Array.isArray(value) ? value : [value]).map(withoutNulls);
  return resource === "plain" && typeof value === "string" ? value.trimEnd() : value;
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const optional = ["statusCode", "reasonPhrase"];
  return Object.fromEntries(
    Object.entries(value).filter(([key, property]) => property !== null || !optional.includes(key)),
  );
}
