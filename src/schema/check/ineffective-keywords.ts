import { formatList, quote } from "../../diagnostics/words.js";
import { isObject, property, type JsonObject } from "../../json/json.js";
import { isStringFormat } from "../formats.js";
import { problem, type SchemaProblem } from "../problems.js";
import type { SchemaIndex, SchemaLocation } from "../schema-index.js";
import { locationUri } from "../uris.js";
import { typesOfAll, schemasOfValue } from "./combined.js";

/** The keywords that constrain the values of one type only. */
const KEYWORDS_OF_TYPE: Readonly<Record<string, string>> = {
  string: "minLength maxLength pattern",
  number: "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf",
  array:
    "items prefixItems additionalItems unevaluatedItems contains minContains maxContains minItems maxItems uniqueItems",
  object:
    "properties required additionalProperties patternProperties unevaluatedProperties propertyNames minProperties " +
    "maxProperties dependencies dependentRequired dependentSchemas",
};

const TYPE_OF_KEYWORD: ReadonlyMap<string, string> = new Map(
  Object.entries(KEYWORDS_OF_TYPE).flatMap(([type, keywords]) =>
    keywords.split(" ").map((keyword) => [keyword, type] as const),
  ),
);

/** The keywords that say nothing without another one beside them. */
const PARTNERS: ReadonlyMap<string, string> = new Map([
  ["then", "if"],
  ["else", "if"],
  ["minContains", "contains"],
  ["maxContains", "contains"],
]);

/** The keywords whose value `true` has a meaning of its own. */
const SWITCHES = ["uniqueItems", "nullable"];

/** Reports keywords that constrain no value: those for values of another type, and those without their partner. */
export function ineffectiveKeywords(index: SchemaIndex): readonly SchemaProblem[] {
  return Array.from(index.locations()).flatMap((location) => {
    const { schema, dialect, document, pointer } = location;
    if (!isObject(schema)) return [];
    if (dialect.refIgnoresSiblings && typeof property(schema, "$ref") === "string") return [];
    // Programs that write schemas close or open everything: an enum of OCPP has `additionalProperties: false`.
    const used = Object.keys(schema).filter(
      (keyword) =>
        (dialect.assertions.has(keyword) || dialect.applicators.has(keyword)) &&
        (typeof schema[keyword] !== "boolean" || SWITCHES.includes(keyword)),
    );
    return [...withoutPartner(schema, used), ...ofOtherTypes(index, location, used)].map(
      ({ keyword, reason, remedy }) =>
        problem(
          "ineffective-keyword",
          { keyword, reason, remedy },
          { uri: document, pointer: `${pointer}/${keyword}`, at: "key" },
        ),
    );
  });
}

interface Ineffective {
  readonly keyword: string;
  readonly reason: string;
  readonly remedy: string;
}

function withoutPartner(schema: JsonObject, used: readonly string[]): readonly Ineffective[] {
  return used.flatMap((keyword) => {
    const partner = PARTNERS.get(keyword);
    if (partner !== undefined && !Object.hasOwn(schema, partner))
      return [
        { keyword, reason: `without ${quote(partner)}`, remedy: `add ${quote(partner)}, or remove it` },
      ];
    if (keyword === "nullable" && typeof schema[keyword] !== "boolean")
      return [
        {
          keyword,
          reason: "unless it is true or false",
          remedy: "write one of them without quotes, or remove it",
        },
      ];
    if (keyword === "nullable" && refusesNull(schema))
      return [
        {
          keyword,
          reason: 'without "type"',
          remedy: 'write "anyOf" with a schema { type: "null" }, or remove it',
        },
      ];
    if (keyword !== "additionalItems" || Array.isArray(property(schema, "items"))) return [];
    return [
      {
        keyword,
        reason: 'unless "items" is a list of schemas',
        remedy: 'write such a list as "items", or remove it',
      },
    ];
  });
}

/** Whether `nullable` asks for null, and other keywords than `type`, which alone heeds it, refuse it. */
function refusesNull(schema: JsonObject): boolean {
  if (property(schema, "nullable") !== true || Object.hasOwn(schema, "type")) return false;
  const values = property(schema, "enum");
  const isListed = Array.isArray(values) && !values.includes(null);
  return isListed || ["$ref", "allOf"].some((keyword) => Object.hasOwn(schema, keyword));
}

function ofOtherTypes(
  index: SchemaIndex,
  location: SchemaLocation,
  used: readonly string[],
): readonly Ineffective[] {
  const typed = used.flatMap((keyword) => {
    const type = typeOf(keyword, location.schema);
    return type === undefined ? [] : [{ keyword, type }];
  });
  const types =
    typed.length === 0 ? undefined : typesOfAll(schemasOfValue(index, outermost(index, location)));
  // A contradiction between types is reported already.
  if (types === undefined || types.size === 0) return [];
  const isAllowed = (type: string) => types.has(type) || (type === "number" && types.has("integer"));
  return typed
    .filter(({ type }) => !isAllowed(type))
    .map(({ keyword, type }) => ({
      keyword,
      reason: `on a value of type ${formatList([...types].map(quote), "or")}, because it applies to ${type}s only`,
      remedy: "remove it, or correct the type",
    }));
}

/** The schema around the branches of `allOf` that a schema is in, which applies to the same value. */
function outermost(index: SchemaIndex, location: SchemaLocation): SchemaLocation {
  const pointer = /^(.*)\/allOf\/\d+$/s.exec(location.pointer)?.[1];
  const around = pointer === undefined ? undefined : index.at(locationUri(location.document, pointer));
  return around === undefined ? location : outermost(index, around);
}

function typeOf(keyword: string, schema: unknown): string | undefined {
  if (keyword !== "format") return TYPE_OF_KEYWORD.get(keyword);
  const format = isObject(schema) ? property(schema, "format") : undefined;
  return typeof format === "string" && isStringFormat(format) ? "string" : undefined;
}
