import { didYouMean } from "../../diagnostics/index.js";
import { isObject, type JsonObject } from "../../json/json.js";
import { pointerStep } from "../../json/pointer.js";
import { ANNOTATIONS } from "../annotations.js";
import { DIALECTS, type Dialect, type DialectName, type SchemaContainer } from "../dialect.js";
import type { SchemaIndex, SchemaLocation } from "../schema-index.js";
import { problem, type SchemaProblem } from "../problems.js";

/** Keywords of the core vocabularies, which neither assert nor hold schemas. */
const CORE: Readonly<Record<DialectName, readonly string[]>> = {
  "draft-04": ["$schema", "id", "$ref"],
  "draft-06": ["$schema", "$id", "$ref"],
  "draft-07": ["$schema", "$id", "$ref"],
  "2019-09": ["$schema", "$id", "$ref", "$anchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary"],
  "2020-12": ["$schema", "$id", "$ref", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary"],
};

/** The keyword to write instead, where another dialect has the same under another name. */
const INSTEAD: Readonly<Partial<Record<DialectName, Readonly<Record<string, string>>>>> = {
  "draft-04": { const: "enum", dependentRequired: "dependencies", dependentSchemas: "dependencies" },
  "draft-06": { dependentRequired: "dependencies", dependentSchemas: "dependencies", prefixItems: "items" },
  "draft-07": { dependentRequired: "dependencies", dependentSchemas: "dependencies", prefixItems: "items" },
  "2019-09": { prefixItems: "items", $dynamicRef: "$recursiveRef" },
  "2020-12": { additionalItems: "items", $recursiveRef: "$dynamicRef", extends: "allOf" },
};

/** Whether a value has the form in which a keyword holds schemas. */
function canHold(holds: SchemaContainer, value: unknown): boolean {
  if (holds === "list") return Array.isArray(value);
  if (holds === "map" || holds === "map-or-names") return isObject(value);
  return (
    isObject(value) || typeof value === "boolean" || (holds === "schema-or-list" && Array.isArray(value))
  );
}

/** Keywords of draft-03, which no dialect of ours has. */
const DRAFT_03: Readonly<Record<string, string>> = {
  divisibleBy: "multipleOf",
  disallow: "not",
  extends: "allOf",
};

/** Reports keywords that do not constrain the value although their author probably wants them to. */
export function keywordProblems(index: SchemaIndex): readonly SchemaProblem[] {
  const locations = Array.from(index.locations());
  return locations.flatMap((location) => {
    const { schema, dialect } = location;
    if (!isObject(schema)) return [];
    if (dialect.refIgnoresSiblings && typeof schema["$ref"] === "string")
      return ignoredSiblings(location, schema);
    return Object.keys(schema).flatMap((key) => {
      if (isKnown(key, dialect)) return [];
      return problemOf(location, key, schema[key], locations);
    });
  });
}

function problemOf(
  { dialect, document, pointer }: SchemaLocation,
  keyword: string,
  value: unknown,
  locations: readonly SchemaLocation[],
): readonly SchemaProblem[] {
  const position = { uri: document, pointer: pointer + pointerStep(keyword), at: "key" } as const;
  const others = Object.values(DIALECTS).filter((other) => constrains(keyword, other));
  const own = dialect.name;
  if (others.length > 0 || Object.hasOwn(DRAFT_03, keyword)) {
    const from = others.map(({ name }) => name);
    const instead = INSTEAD[own]?.[keyword] ?? DRAFT_03[keyword];
    return [problem("foreign-keyword", { keyword, own, from, instead }, position)];
  }
  // An unknown key may hold definitions that references lead to.
  const isContainer = locations.some(
    (one) => one.document === document && one.pointer.startsWith(`${position.pointer}/`),
  );
  if (isContainer) return [];
  return [
    problem("unknown-keyword", { keyword, suggestion: suggestionFor(keyword, value, dialect) }, position),
  ];
}

function ignoredSiblings(location: SchemaLocation, schema: JsonObject): readonly SchemaProblem[] {
  const { dialect, document, pointer } = location;
  return Object.keys(schema)
    .filter((key) => key !== "$ref" && constrains(key, dialect))
    .map((keyword) =>
      problem(
        "ignored-keyword",
        { keyword, dialect: dialect.name },
        { uri: document, pointer: pointer + pointerStep(keyword), at: "key" },
      ),
    );
}

/** Whether the dialect gives the keyword a meaning, or it is an annotation of a known vocabulary or of a vendor. */
function isKnown(keyword: string, dialect: Dialect): boolean {
  if (dialect.assertions.has(keyword) || dialect.applicators.has(keyword)) return true;
  if (CORE[dialect.name].includes(keyword) || ANNOTATIONS.has(keyword)) return true;
  // Definitions constrain nothing by themselves, and a reference leads to them in every dialect.
  if (keyword === "$defs" || keyword === "definitions" || keyword === "contentSchema") return true;
  // A misspelled key of ours would be ignored like one of a vendor.
  if (keyword.startsWith("x-topicsmith")) return false;
  return /^(?:x-|_|\/\/|#)|[:.]/.test(keyword);
}

/** Whether the keyword makes some values invalid in the dialect. */
function constrains(keyword: string, dialect: Dialect): boolean {
  const applicator = dialect.applicators.get(keyword);
  if (dialect.assertions.has(keyword)) return true;
  if (applicator !== undefined) return !IDLE.has(applicator.appliesTo);
  return /^\$(?:dynamic|recursive)Ref$/.test(keyword) && CORE[dialect.name].includes(keyword);
}

const IDLE: ReadonlySet<string> = new Set(["nothing", "content"]);

function suggestionFor(keyword: string, value: unknown, dialect: Dialect): string | undefined {
  if (keyword === "id" && typeof value === "string") return dialect.idKeyword;
  const known = [...dialect.assertions, ...dialect.applicators.keys(), ...CORE[dialect.name], ...DESCRIPTIVE];
  // `unit: "cm"` is not a misspelling of `uniqueItems`.
  return didYouMean(
    keyword,
    known.filter((name) => isPlausible(name, value, dialect)),
  );
}

/** The annotations that are printed, or that change what is generated. */
const DESCRIPTIVE = (
  "title description default example examples deprecated readOnly writeOnly sensitive $comment x-topicsmith-name " +
  "x-topicsmith-index"
).split(" ");

const NUMERIC = /^(?:min|max|exclusive|multiple)/;

function isPlausible(keyword: string, value: unknown, { applicators }: Dialect): boolean {
  const applicator = applicators.get(keyword);
  if (applicator !== undefined) return canHold(applicator.holds, value);
  if (NUMERIC.test(keyword)) return typeof value === "number" || typeof value === "boolean";
  if (["uniqueItems", "nullable", "sensitive"].includes(keyword)) return typeof value === "boolean";
  if (keyword === "enum" || keyword === "required") return Array.isArray(value) || typeof value === "boolean";
  return true;
}
