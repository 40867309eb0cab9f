import { isObject, setProperty, type JsonObject } from "../../json/json.js";
import type { Dialect, DialectName } from "../../schema/dialect.js";

/** The key under which a document holds everything that AsyncAPI cannot say. */
export const EXTENSION = "x-topicsmith";

/** The keywords of AsyncAPI's schemas: those of draft-07, without the ones that address schemas. */
const ASYNCAPI_KEYWORDS: ReadonlySet<string> = new Set(
  (
    "title description default examples readOnly writeOnly deprecated contentEncoding contentMediaType format " +
    "type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern " +
    "maxItems minItems uniqueItems maxProperties minProperties required properties patternProperties " +
    "additionalProperties additionalItems items contains propertyNames dependencies definitions " +
    "if then else allOf anyOf oneOf not"
  ).split(" "),
);

/** The annotations that each dialect defines, beside `title`, `description` and `default`. */
const ANNOTATIONS: Readonly<Record<DialectName, readonly string[]>> = {
  "draft-04": [],
  "draft-06": ["examples"],
  "draft-07": ["examples", "readOnly", "writeOnly", "contentEncoding", "contentMediaType"],
  "2019-09": ["examples", "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "deprecated"],
  "2020-12": ["examples", "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "deprecated"],
};

/** Whether a keyword means in AsyncAPI's schemas the same as in the dialect. */
export function isCommon(keyword: string, dialect: Dialect): boolean {
  if (!ASYNCAPI_KEYWORDS.has(keyword)) return false;
  return (
    dialect.assertions.has(keyword) ||
    dialect.applicators.has(keyword) ||
    ["title", "description", "default", ...ANNOTATIONS[dialect.name]].includes(keyword)
  );
}

/** Whether AsyncAPI's schemas have the keyword. */
export function isAsyncApiKeyword(keyword: string): boolean {
  return ASYNCAPI_KEYWORDS.has(keyword);
}

/** The keywords whose values are data. */
export const DATA_KEYWORDS: ReadonlySet<string> = new Set(["const", "enum", "default", "examples"]);

/** Whether data contains a property `$ref`, which tools take for a reference wherever it stands. */
export function containsRef(data: unknown): boolean {
  if (Array.isArray(data)) return data.some(containsRef);
  if (!isObject(data)) return false;
  return Object.hasOwn(data, "$ref") || Object.values(data).some(containsRef);
}

/** Copies data with one more `$` in front of each property `$ref`, so that tools do not follow it. */
export function escapeRefs(data: unknown): unknown {
  return renameKeys(data, escapeRefName);
}

/** The inverse of {@link escapeRefs}. */
export function unescapeRefs(data: unknown): unknown {
  return renameKeys(data, unescapeRefName);
}

/** `$$ref` for `$ref`, `$$$ref` for `$$ref`, and any other name as it is. */
export function escapeRefName(name: string): string {
  return /^\$+ref$/.test(name) ? `$${name}` : name;
}

/** The inverse of {@link escapeRefName}. */
export function unescapeRefName(name: string): string {
  return /^\$\$+ref$/.test(name) ? name.slice(1) : name;
}

function renameKeys(data: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(data)) return data.map((item) => renameKeys(item, rename));
  if (!isObject(data)) return data;
  const copy: JsonObject = {};
  for (const [key, value] of Object.entries(data)) setProperty(copy, rename(key), renameKeys(value, rename));
  return copy;
}
