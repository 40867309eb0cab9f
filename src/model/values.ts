import { formatList, quote } from "../diagnostics/words.js";
import type { Location } from "../spec/document.js";
import type { Context } from "./context.js";

/** The number of allowed values in a message. More would hide the remedy. */
const MAX_LISTED = 20;

/** Reports `value` at `at` if it does not match the schema. */
export function checkValue(
  context: Context,
  checked: { readonly uri: string; readonly value: unknown; readonly what: string; readonly at: Location },
): void {
  const problem = valueProblem(context, checked.uri, checked.value);
  if (problem !== undefined) context.report("invalid-value", { what: checked.what, problem }, checked.at);
}

/** Describes the first violation of the schema by `value`; undefined if it is valid, or the schema is invalid and reported. */
export function valueProblem(context: Context, uri: string, value: unknown): string | undefined {
  // The pattern is reported where it stands. Running it could take years.
  if (context.schemas.isSlow(uri, JSON.stringify(value)?.length ?? 0)) return undefined;
  const [error, ...more] = context.schemas.validate(uri, value);
  if (error === undefined) return undefined;
  const where = error.instancePath === "" ? "" : `${error.instancePath} `;
  const rest = more.length === 0 ? "" : ` (and ${more.length} more)`;
  const allowed = error.params["allowedValues"] ?? error.params["allowedValue"];
  const values = Array.isArray(allowed) ? allowed : [allowed];
  const list = allowed === undefined ? "" : `: ${formatList(values.slice(0, MAX_LISTED).map(quote), "or")}`;
  const cut = values.length > MAX_LISTED ? " …" : "";
  return `${where}${error.message ?? `fails "${error.keyword}"`}${list}${cut}${rest}`;
}
