import * as helpers from "../../templates/validator-helpers.js";
import type { Format } from "ajv";

// Formats that say something about a value but refuse none: hints for user interfaces and for code generators.
const UNCHECKED = ["float", "double", "password", "binary"];

/** The formats that validators know, by name: those of JSON Schema, and those of OpenAPI 3.0. */
export const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ...Object.entries(helpers).flatMap(([name, value]): (readonly [string, Format])[] =>
    name.startsWith("format_") ? [[name.slice("format_".length).replaceAll("_", "-"), value as Format]] : [],
  ),
  ...UNCHECKED.map((name) => [name, true] as const),
]);

/** Whether a format refuses some strings, and no value of another type. */
export function isStringFormat(name: string): boolean {
  const format = FORMATS.get(name);
  return typeof format === "function" || format instanceof RegExp;
}

/** The formats of integers that JavaScript cannot represent. */
export const WIDE_FORMATS: ReadonlySet<string> = new Set(["int64", "uint64"]);

/** The names of {@link FORMATS}. */
export const FORMAT_NAMES: readonly string[] = [...FORMATS.keys()];
