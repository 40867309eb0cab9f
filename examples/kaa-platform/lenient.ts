/** Requests that the schemas reject, although real clients send them, and numbers that they accept. */
import { inexactNumber, inexactReason } from "./numbers.js";
import { reject } from "./rejections.js";

/** The parts of a request's context that {@link repair} needs. */
export interface RepairContext {
  readonly resource: string;
  /** As received. */
  readonly body: Uint8Array;
}

/**
 * Repairs a request: a single result instead of a list, properties that are null instead of absent (as the Python client
 * sends them), and a newline after a plain value (as a shell sends it).
 *
 * @throws Rejection with 400 for a number that would change if it were stored, such as 1e400 or 2^53 + 1.
 */
export function repair(value: unknown, { resource, body }: RepairContext): unknown {
  const inexact = resource === "plain" ? undefined : inexactNumber(new TextDecoder().decode(body));
  if (inexact !== undefined) reject(400, inexactReason(inexact));
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
