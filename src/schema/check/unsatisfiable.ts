import { isObject, objectProperty, property, type JsonObject } from "../../json/json.js";
import { quote } from "../../diagnostics/words.js";
import type { SchemaIndex, SchemaLocation } from "../schema-index.js";
import { problem, type SchemaProblem } from "../problems.js";

/** Reports keywords of one schema that contradict each other, and integers that JavaScript cannot represent. */
export function contradictionProblems(index: SchemaIndex): readonly SchemaProblem[] {
  return Array.from(index.locations()).flatMap((location) => {
    const { schema, dialect } = location;
    if (!isObject(schema)) return [];
    if (dialect.refIgnoresSiblings && typeof schema["$ref"] === "string") return [];
    return [...contradictions(index, location, schema), ...unsafeIntegers(location, schema)];
  });
}

/** Pairs of bounds: the first must not be above the second. `strict` if they must not be equal either. */
const BOUNDS: readonly (readonly [low: string, high: string, strict: boolean])[] = [
  ["minimum", "maximum", false],
  ["exclusiveMinimum", "maximum", true],
  ["minimum", "exclusiveMaximum", true],
  ["exclusiveMinimum", "exclusiveMaximum", true],
  ["minLength", "maxLength", false],
  ["minItems", "maxItems", false],
  ["minProperties", "maxProperties", false],
  ["minContains", "maxContains", false],
];

function contradictions(
  index: SchemaIndex,
  location: SchemaLocation,
  schema: JsonObject,
): readonly SchemaProblem[] {
  const found: SchemaProblem[] = [];
  const add = (keyword: string, reason: string) =>
    found.push(
      problem(
        "unsatisfiable-schema",
        { reason },
        { uri: location.document, pointer: `${location.pointer}/${keyword}`, at: "key" },
      ),
    );
  for (const [low, high, strict] of BOUNDS) {
    const [from, to] = [property(schema, low), property(schema, high)];
    if (typeof from !== "number" || typeof to !== "number") continue;
    if (from > to || (strict && from === to))
      add(high, `${quote(low)} is ${from} and ${quote(high)} is ${to}`);
  }
  const types = typesOf(schema);
  for (const keyword of ["const", "enum"]) {
    if (!Object.hasOwn(schema, keyword) || !location.dialect.assertions.has(keyword)) continue;
    const given = schema[keyword];
    const values = keyword === "const" ? [given] : Array.isArray(given) ? given : undefined;
    if (values === undefined) continue;
    if (values.length === 0) add(keyword, `"enum" is empty`);
    else if (types !== undefined && !values.some((value) => hasType(value, types)))
      add(keyword, `no value of ${quote(keyword)} has the type ${[...types].map(quote).join(" or ")}`);
  }
  for (const { keyword, location: inside } of index.subschemas(location)) {
    if (keyword !== "allOf" || !isObject(inside.schema) || types === undefined) continue;
    const other = typesOf(inside.schema);
    if (other !== undefined && !overlap(types, other))
      add(
        "allOf",
        `"type" is ${[...types].map(quote).join(" or ")}, and ${[...other].map(quote).join(" or ")} in "allOf"`,
      );
  }
  const excluded = requiredButExcluded(schema);
  if (excluded !== undefined) add("required", `${quote(excluded)} is required but not allowed`);
  return found;
}

function requiredButExcluded(schema: JsonObject): string | undefined {
  const required = property(schema, "required");
  const properties = objectProperty(schema, "properties");
  const hasPatterns = Object.keys(objectProperty(schema, "patternProperties")).length > 0;
  if (!Array.isArray(required)) return undefined;
  const isClosed = property(schema, "additionalProperties") === false && !hasPatterns;
  return required.find(
    (name): name is string =>
      typeof name === "string" && (Object.hasOwn(properties, name) ? properties[name] === false : isClosed),
  );
}

function typesOf(schema: JsonObject): ReadonlySet<string> | undefined {
  const type = property(schema, "type");
  if (typeof type === "string") return new Set([type]);
  return Array.isArray(type) ? new Set(type.filter((one) => typeof one === "string")) : undefined;
}

function hasType(value: unknown, types: ReadonlySet<string>): boolean {
  if (value === null) return types.has("null");
  if (Array.isArray(value)) return types.has("array");
  if (typeof value === "number")
    return types.has("number") || (Number.isInteger(value) && types.has("integer"));
  return types.has(typeof value);
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const isNumber = (types: ReadonlySet<string>) => types.has("number") || types.has("integer");
  return [...a].some((type) => b.has(type)) || (isNumber(a) && isNumber(b));
}

const WIDE_FORMATS = new Set(["int64", "uint64"]);

function unsafeIntegers(location: SchemaLocation, schema: JsonObject): readonly SchemaProblem[] {
  const at = (keyword: string) =>
    ({ uri: location.document, pointer: `${location.pointer}/${keyword}`, at: "value" }) as const;
  const format = property(schema, "format");
  const bounds = [property(schema, "minimum"), property(schema, "maximum")];
  if (typeof format === "string" && WIDE_FORMATS.has(format) && !bounds.every(Number.isSafeInteger))
    return [problem("unsafe-integer", { what: format }, at("format"))];
  return [
    "const",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
  ].flatMap((keyword) => {
    const value = property(schema, keyword);
    const values = keyword === "enum" && Array.isArray(value) ? value : [value];
    const unsafe = values.find((one) => Number.isInteger(one) && !Number.isSafeInteger(one));
    return unsafe === undefined ? [] : [problem("unsafe-integer", { what: String(unsafe) }, at(keyword))];
  });
}
