import type { WitnessValue } from "./change.js";
import type { Refusal } from "./schema/witness.js";

/** A value that one version accepts, and the reason why the other one refuses it. */
export function witnessOf(
  value: unknown,
  acceptedBy: "old" | "new",
  { instancePath, message, keyword, params }: Refusal,
): WitnessValue {
  const name = params["additionalProperty"] ?? params["unevaluatedProperty"];
  const detail = typeof name === "string" ? `: ${JSON.stringify(name)}` : detailOf(params);
  const reason = `${instancePath === "" ? "" : `${instancePath} `}${message ?? keyword}${detail}`;
  return { value, acceptedBy, reason };
}

function detailOf(params: Readonly<Record<string, unknown>>): string {
  const allowed = params["allowedValues"];
  return Array.isArray(allowed) ? `: ${text(allowed)}` : "";
}

/** Longer values are cut in messages. The JSON output has them whole. */
const MAX_TEXT = 160;

/** A value as JSON, cut if it is long. */
export function text(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > MAX_TEXT ? `${json.slice(0, MAX_TEXT)}… (${json.length} characters)` : json;
}

/** The names on the way to a property, in quotes. */
export function pathText(path: readonly string[]): string {
  return JSON.stringify(path.filter((step) => !/^\d+$/.test(step)).join("."));
}
