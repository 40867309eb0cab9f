import type { Dialect } from "../dialect.js";
import { isObject, property, numberProperty, stringProperty, type JsonObject } from "../../json/json.js";
import { constantsOf, type Constant } from "./constants.js";
import type { TupleStyle } from "./tuples.js";
import { MAX_TUPLE_LENGTH } from "./limits.js";

const MAX_VALUE_LENGTH = 60;
const MAX_EXAMPLES = 3;

/**
 * The JSDoc of a schema: its description, then the rules that its type cannot express. Undefined if there is nothing to
 * describe.
 */
export function describe(schema: unknown, dialect: Dialect, tuples: TupleStyle): string | undefined {
  if (!isObject(schema)) return undefined;
  const description = proseOf(schema);
  const constants = constantsOf(schema, dialect).map(constantLine).join("\n");
  const hidden = dialect.refIgnoresSiblings && stringProperty(schema, "$ref") !== undefined;
  const facts = hidden ? "" : factsOf(schema, tuples, constants).join(" ");
  const deprecated = property(schema, "deprecated") === true ? "@deprecated" : "";
  const text = [description, constants, facts, deprecated].filter((part) => part !== "").join("\n\n");
  return text === "" ? undefined : text.replaceAll("*/", "*\\/");
}

/** The title and the description, or one of them if both say the same. */
function proseOf(schema: JsonObject): string {
  const [title = "", description = ""] = ["title", "description"].map((key) =>
    stringProperty(schema, key)?.trim(),
  );
  const same = (text: string) => text.toLowerCase().replace(/\.$/, "");
  if (same(description).startsWith(same(title))) return description;
  return description === "" ? title : `${title}\n\n${description}`;
}

/** ``- `0`: off: The fan stands still.`` */
function constantLine({ value, title, description }: Constant): string {
  const meaning = [title, description].filter((part) => part !== undefined).join(": ");
  const line = `- \`${JSON.stringify(value)}\`${meaning === "" ? "" : `: ${meaning}`}`;
  return line.replaceAll(/\s*\n\s*/g, " ");
}

function factsOf(schema: JsonObject, tuples: TupleStyle, constants: string): readonly string[] {
  const format = stringProperty(schema, "format");
  const pattern = stringProperty(schema, "pattern");
  const multiple = numberProperty(schema, "multipleOf");
  // The type already lists the values.
  const isListed = ["enum", "const"].some((key) => Object.hasOwn(schema, key)) || constants.length > 0;
  const facts = [
    isListed || numberFact(schema),
    multiple !== undefined && `Multiple of ${multiple}.`,
    countFact(schema, "Length", ["character", "characters"]),
    showsLength(schema, tuples) ? undefined : countFact(schema, "Items", ["item", "items"]),
    countFact(schema, "Properties", ["property", "properties"]),
    property(schema, "uniqueItems") === true && "No two items are equal.",
    format !== undefined && `Format: ${format}.`,
    pattern !== undefined && `Pattern: \`${pattern}\`.`,
    Object.hasOwn(schema, "default") && valuesFact("Default", [schema["default"]]),
    Array.isArray(schema["examples"]) && valuesFact("Example", schema["examples"].slice(0, MAX_EXAMPLES)),
    property(schema, "readOnly") === true && "Read only.",
    property(schema, "writeOnly") === true && "Write only.",
  ];
  return facts.filter((fact) => typeof fact === "string");
}

function numberFact(schema: JsonObject): string | undefined {
  const type = property(schema, "type");
  const isInteger =
    type === "integer" || (Array.isArray(type) && type.includes("integer") && !type.includes("number"));
  const bounds = range(
    bound(schema, "minimum", "exclusiveMinimum"),
    bound(schema, "maximum", "exclusiveMaximum"),
  );
  if (!isInteger) return bounds && `${bounds[0]?.toUpperCase()}${bounds.slice(1)}.`;
  return bounds === undefined ? "Integer." : `Integer, ${bounds}.`;
}

interface Bound {
  readonly value: number;
  readonly excluded: boolean;
}

/** A bound. In draft-04 the keyword for exclusion is a boolean. */
function bound(schema: JsonObject, keyword: string, excluding: string): Bound | undefined {
  const value = numberProperty(schema, keyword);
  const excluded = numberProperty(schema, excluding);
  if (excluded !== undefined) return { value: excluded, excluded: true };
  return value === undefined ? undefined : { value, excluded: property(schema, excluding) === true };
}

function range(low: Bound | undefined, high: Bound | undefined): string | undefined {
  if (low !== undefined && high !== undefined && !low.excluded && !high.excluded) {
    return `from ${low.value} to ${high.value}`;
  }
  const parts = [
    low && `${low.excluded ? "more than" : "at least"} ${low.value}`,
    high && `${high.excluded ? "less than" : "at most"} ${high.value}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(" and ");
}

function countFact(
  schema: JsonObject,
  keyword: string,
  [one, many]: readonly [string, string],
): string | undefined {
  const low = numberProperty(schema, `min${keyword}`) ?? 0;
  const high = numberProperty(schema, `max${keyword}`);
  const nouns = (count: number) => `${count} ${count === 1 ? one : many}`;
  if (high === undefined) return low > 0 ? `At least ${nouns(low)}.` : undefined;
  if (low === high) return `Exactly ${nouns(high)}.`;
  return low > 0 ? `${low} to ${nouns(high)}.` : `At most ${nouns(high)}.`;
}

/** Whether the type of a list shows its bounds. */
function showsLength(schema: JsonObject, tuples: TupleStyle): boolean {
  const low = numberProperty(schema, "minItems") ?? 0;
  const high = numberProperty(schema, "maxItems");
  if (tuples === "always") return low <= MAX_TUPLE_LENGTH && (high ?? 0) <= MAX_TUPLE_LENGTH;
  if (tuples === "never") return false;
  const listed = [property(schema, "prefixItems"), property(schema, "items")].find(Array.isArray);
  if (listed !== undefined) {
    const shown = Math.max(listed.length, high !== undefined && high <= 4 ? high : 0);
    return low <= shown && (high ?? 0) <= shown;
  }
  const items = property(schema, "items");
  const type = isObject(items) ? property(items, "type") : undefined;
  return (type === "number" || type === "integer") && low >= 2 && high !== undefined && high <= 4;
}

function valuesFact(label: string, values: readonly unknown[]): string | undefined {
  const texts = values
    .map((value) => JSON.stringify(value))
    .filter((text) => text.length <= MAX_VALUE_LENGTH);
  return texts.length === 0 ? undefined : `${label}${texts.length > 1 ? "s" : ""}: ${texts.join(", ")}.`;
}
