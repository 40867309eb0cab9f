import { formatList } from "../diagnostics/index.js";

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "a mapping",
  array: "a list",
  string: "a string",
  boolean: "a boolean",
  integer: "an integer",
  number: "a number",
  null: "null",
};

/** Names JSON Schema types in YAML's terms: `a mapping or a string`. */
export function typeNames(types: readonly string[]): string {
  return formatList(
    types.map((type) => TYPE_NAMES[type] ?? type),
    "or",
  );
}

/** Names the type of a value in YAML's terms. */
export function typeNameOf(value: unknown): string {
  if (value === null) return "an empty value";
  if (Array.isArray(value)) return "a list";
  return typeNames([typeof value]);
}

/** The remedy for a value that has none of the `types`; undefined if there is no typical one. */
export function remedyFor(value: unknown, types: readonly string[]): string | undefined {
  if (value === null) return "add a value, or remove the key";
  const template = types.includes("string") ? templateOf(value) : undefined;
  if (template !== undefined) return `put the template in quotes: "${template}"`;
  if ((typeof value === "number" || typeof value === "boolean") && types.includes("string")) {
    return "put it in quotes";
  }
  if (typeof value === "string" && isValidUnquoted(value, types)) return "remove the quotes";
  return undefined;
}

/** The template `{name}` that YAML has read as a mapping with the key `name` and no value. */
export function templateOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const [entry, ...more] = Object.entries(value);
  return entry?.[1] === null && more.length === 0 ? `{${entry[0]}}` : undefined;
}

/** Whether a string without its quotes would have one of the types. */
function isValidUnquoted(text: string, types: readonly string[]): boolean {
  if (types.includes("boolean") && (text === "true" || text === "false")) return true;
  return types.includes("integer") && /^-?[0-9]+$/.test(text);
}
