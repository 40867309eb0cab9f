import { isObject, numberProperty, objectProperty, property, type JsonObject } from "../../json/json.js";
import { quote } from "../../diagnostics/words.js";
import type { SchemaIndex, SchemaLocation } from "../schema-index.js";
import { ANNOTATIONS } from "../annotations.js";
import { problem, type SchemaProblem } from "../problems.js";
import { WIDE_FORMATS } from "../formats.js";

/** Reports keywords of one schema that contradict each other, and integers that JavaScript cannot represent. */
export function contradictionProblems(index: SchemaIndex): readonly SchemaProblem[] {
  return Array.from(index.locations()).flatMap((location) => {
    const { schema, dialect } = location;
    if (!isObject(schema)) return [];
    if (dialect.refIgnoresSiblings && typeof schema["$ref"] === "string") return [];
    return [...contradictions(location, schema), ...unsafeIntegers(location, schema)];
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

function contradictions(location: SchemaLocation, schema: JsonObject): readonly SchemaProblem[] {
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
  const pattern = property(schema, "pattern");
  if (types?.size === 1 && types.has("string") && typeof pattern === "string" && DELIMITED.test(pattern))
    add("pattern", '"pattern" has slashes around it, so that "^" is not at its beginning');
  const integers = types?.size === 1 && types.has("integer") ? integerRange(schema) : undefined;
  if (integers !== undefined && found.length === 0) add("type", `no integer is ${integers}`);
  const named = property(schema, "propertyNames");
  const nameTypes = isObject(named) ? typesOf(named) : undefined;
  if (nameTypes !== undefined && !nameTypes.has("string"))
    add(
      "propertyNames",
      `names are strings, and ${quote("type")} is ${[...nameTypes].map(quote).join(" or ")}`,
    );
  const branches = property(schema, "oneOf");
  const twins = Array.isArray(branches) ? twinsAmong(branches, location) : [];
  if (twins.length > 0 && twins.every((twin) => twin !== undefined))
    add("oneOf", 'every branch of "oneOf" is there twice, so that none is the only one that fits');
  else
    for (const [at, twin] of twins.entries())
      if (twin !== undefined && twin < at)
        add(
          `oneOf/${at}`,
          `it equals branch ${twin + 1} of "oneOf", and neither is ever the only one that fits`,
        );
  const excluded = requiredButExcluded(schema);
  if (excluded !== undefined) add("required", `${quote(excluded)} is required but not allowed`);
  return found;
}

/** For each schema of a list, the place of another one that differs at most in its annotations. */
function twinsAmong(
  branches: readonly unknown[],
  { dialect }: SchemaLocation,
): readonly (number | undefined)[] {
  const constrains = ([keyword]: readonly [string, unknown]): boolean =>
    dialect.assertions.has(keyword) || !ANNOTATIONS.has(keyword);
  const texts = branches.map((branch) =>
    isObject(branch)
      ? Object.entries(branch)
          .filter(constrains)
          .map((entry) => JSON.stringify(entry))
          .toSorted()
          .join()
      : JSON.stringify(branch),
  );
  return texts.map((text, at) => {
    const first = texts.indexOf(text);
    const other = first === at ? texts.indexOf(text, at + 1) : first;
    return other < 0 ? undefined : other;
  });
}

/** A regular expression as in JavaScript code, whose slashes would be part of the text. An alternative to "^" could match. */
const DELIMITED = /^\/\^[^|]*\/[a-z]*$/;

/** The bounds of integers if there is none within them. */
function integerRange(schema: JsonObject): string | undefined {
  const bound = (keyword: string, otherwise: number) => numberProperty(schema, keyword) ?? otherwise;
  const low = Math.max(
    Math.ceil(bound("minimum", -Infinity)),
    Math.floor(bound("exclusiveMinimum", -Infinity)) + 1,
  );
  const high = Math.min(
    Math.floor(bound("maximum", Infinity)),
    Math.ceil(bound("exclusiveMaximum", Infinity)) - 1,
  );
  return low > high ? `from ${low} to ${high}` : undefined;
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

function unsafeIntegers(location: SchemaLocation, schema: JsonObject): readonly SchemaProblem[] {
  const at = (keyword: string) =>
    ({ uri: location.document, pointer: `${location.pointer}/${keyword}`, at: "value" }) as const;
  const types = typesOf(schema);
  if (types !== undefined && !types.has("integer") && !types.has("number")) return [];
  const format = property(schema, "format");
  const bounds = [
    property(schema, "minimum") ??
      property(schema, "exclusiveMinimum") ??
      (format === "uint64" ? 0 : undefined),
    property(schema, "maximum") ?? property(schema, "exclusiveMaximum"),
  ];
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
    // A bound of a number that is not an integer need not be exact.
    if (!["const", "enum"].includes(keyword) && types !== undefined && !types.has("integer")) return [];
    const value = property(schema, keyword);
    const values = keyword === "enum" && Array.isArray(value) ? value : [value];
    const unsafe = values.find((one) => Number.isInteger(one) && !Number.isSafeInteger(one));
    return unsafe === undefined ? [] : [problem("unsafe-integer", { what: String(unsafe) }, at(keyword))];
  });
}
