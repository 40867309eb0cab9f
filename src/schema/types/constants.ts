import type { Dialect } from "../dialect.js";
import { arrayProperty, isObject, property, stringProperty, type JsonObject } from "../../json/json.js";
import type { Literal } from "./type.js";

/** A value that a schema lists, with what its author says of it. */
export interface Constant {
  readonly value: Literal;
  /** The title of the value: `off`. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
}

/** A title longer than this is a sentence: it is printed as JSDoc, and no property is named after it. */
const MAX_NAME_LENGTH = 40;

/** OpenAPI generators' keywords for the names of an `enum`, which people write in any schema. */
export const NAMES_OF_ENUM = ["x-enum-varnames", "x-enumNames"];
/** Their keywords for what each value of an `enum` means. */
export const DESCRIPTIONS_OF_ENUM = ["x-enum-descriptions", "x-enumDescriptions"];

/**
 * The constants of a schema that says of at least one what it means: `oneOf` or `anyOf` of `const` with a `title` or
 * `description`, or an `enum` with `x-enum-varnames`. None for any other schema.
 */
export function constantsOf(schema: unknown, dialect: Dialect): readonly Constant[] {
  if (!isObject(schema)) return [];
  if (dialect.refIgnoresSiblings && stringProperty(schema, "$ref") !== undefined) return [];
  const constants = listedIn(schema) ?? branchesOf(schema);
  const isDescribed = constants.some(({ title, description }) => (title ?? description) !== undefined);
  return isDescribed ? constants : [];
}

/** The constants by a property name each; undefined if one has no title, or if two would have the same name. */
export function nameConstants(constants: readonly Constant[]): ReadonlyMap<string, Literal> | undefined {
  const named = new Map<string, Literal>();
  for (const { title, value } of constants) {
    const name = title === undefined || title.length > MAX_NAME_LENGTH ? "" : constantName(title);
    if (name === "" || name === "__proto__" || named.has(name)) return undefined;
    named.set(name, value);
  }
  return named.size === 0 ? undefined : named;
}

/** A title that is an identifier as it is; others in camel case. Empty if there is no letter or digit. */
function constantName(title: string): string {
  const composed = title.normalize("NFC");
  if (/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(composed)) return composed;
  const words = composed.split(/[^\p{L}\p{Nd}]+/u).filter((word) => word !== "");
  const name = words
    .map((word, index) => (index === 0 ? word.toLowerCase() : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join("");
  return /^\p{Nd}/u.test(name) ? `_${name}` : name;
}

function listedIn(schema: JsonObject): readonly Constant[] | undefined {
  const titles = NAMES_OF_ENUM.map((key) => arrayProperty(schema, key)).find(({ length }) => length > 0);
  const texts = DESCRIPTIONS_OF_ENUM.map((key) => arrayProperty(schema, key)).find(
    ({ length }) => length > 0,
  );
  const values = arrayProperty(schema, "enum");
  if (values.length === 0 || !values.every(isLiteral)) return undefined;
  return values.map((value, index) => ({
    value,
    title: text(titles?.[index]),
    description: text(texts?.[index]),
  }));
}

function branchesOf(schema: JsonObject): readonly Constant[] {
  const branches = ["oneOf", "anyOf"]
    .map((key) => arrayProperty(schema, key))
    .find(({ length }) => length > 0);
  const constants = (branches ?? []).map((branch) => {
    if (!isObject(branch)) return undefined;
    const [only, ...others] = arrayProperty(branch, "enum");
    const value = Object.hasOwn(branch, "const") ? branch["const"] : others.length > 0 ? undefined : only;
    if (!isLiteral(value)) return undefined;
    const title = text(property(branch, "title"));
    return { value, title, description: text(property(branch, "description")) };
  });
  return constants.every((constant) => constant !== undefined) ? constants : [];
}

function isLiteral(value: unknown): value is Literal {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
