import type { Location } from "../spec/document.js";
import type { Context } from "./context.js";

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
  const [error, ...more] = context.schemas.validate(uri, value);
  if (error === undefined) return undefined;
  const where = error.instancePath === "" ? "" : `${error.instancePath} `;
  const rest = more.length === 0 ? "" : ` (and ${more.length} more)`;
  return `${where}${error.message ?? `fails "${error.keyword}"`}${rest}`;
}
