import { oneOf } from "../diagnostics/index.js";

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "a mapping",
  array: "a list",
  string: "a text",
  boolean: "true or false",
  integer: "a whole number",
  number: "a number",
  null: "nothing",
};

/** The types of JSON Schema as a reader of YAML calls them: `a mapping or a text`. */
export function typeNames(types: readonly string[]): string {
  return oneOf(types.map((type) => TYPE_NAMES[type] ?? type));
}

/** What a value is, in the same words. */
export function typeNameOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "boolean") return `${value}`;
  return typeNames([typeof value]);
}

/** The way out when a value has none of the types. */
export function remedyFor(value: unknown, types: readonly string[]): string | undefined {
  if (value === null) return "fill it in, or remove the key";
  if ((typeof value === "number" || typeof value === "boolean") && types.includes("string")) {
    return "put it in quotes";
  }
  if (typeof value === "string" && isScalarText(value, types)) return "remove the quotes";
  return undefined;
}

/** Whether a text would be of one of the types without its quotes. */
function isScalarText(text: string, types: readonly string[]): boolean {
  if (types.includes("boolean") && (text === "true" || text === "false")) return true;
  return types.includes("integer") && /^-?[0-9]+$/.test(text);
}
