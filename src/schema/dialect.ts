import { isObject, property } from "../json/json.js";

/** A version of JSON Schema. */
export type DialectName = "draft-04" | "draft-06" | "draft-07" | "2019-09" | "2020-12";

/** How a keyword holds schemas: one, a list, a map by name, one or a list, or a map to schemas or lists of names. */
export type ApplicatorKind = "schema" | "list" | "map" | "schema-or-list" | "schemas-or-names";

/** What differs between the versions of JSON Schema. */
export interface Dialect {
  readonly name: DialectName;
  /** `id` in draft-04. */
  readonly idKeyword: "id" | "$id";
  /** Up to draft-07, whatever stands beside a `$ref` is ignored. */
  readonly refIgnoresSiblings: boolean;
  readonly metaSchema: string;
  /** The keywords that hold schemas. */
  readonly applicators: ReadonlyMap<string, ApplicatorKind>;
  /** The keywords that constrain a value without holding a schema. */
  readonly assertions: ReadonlySet<string>;
}

// `nullable` is OpenAPI's; ajv honours it beside `type`, and people write it.
const ASSERTIONS_04 =
  "type enum multipleOf maximum minimum exclusiveMaximum exclusiveMinimum maxLength minLength pattern format maxItems " +
  "minItems uniqueItems maxProperties minProperties required nullable";
const ASSERTIONS_06 = `${ASSERTIONS_04} const`;
const ASSERTIONS_2019 = `${ASSERTIONS_06} dependentRequired minContains maxContains`;

const HOLDERS_04: readonly (readonly [string, ApplicatorKind])[] = [
  ["definitions", "map"],
  ["properties", "map"],
  ["patternProperties", "map"],
  ["additionalProperties", "schema"],
  ["items", "schema-or-list"],
  ["additionalItems", "schema"],
  ["dependencies", "schemas-or-names"],
  ["allOf", "list"],
  ["anyOf", "list"],
  ["oneOf", "list"],
  ["not", "schema"],
];
const HOLDERS_06: typeof HOLDERS_04 = [...HOLDERS_04, ["contains", "schema"], ["propertyNames", "schema"]];
const HOLDERS_07: typeof HOLDERS_04 = [
  ...HOLDERS_06,
  ["if", "schema"],
  ["then", "schema"],
  ["else", "schema"],
];
const HOLDERS_2019: typeof HOLDERS_04 = [
  ...HOLDERS_07,
  ["$defs", "map"],
  ["dependentSchemas", "map"],
  ["unevaluatedItems", "schema"],
  ["unevaluatedProperties", "schema"],
];
const HOLDERS_2020: typeof HOLDERS_04 = [
  ...HOLDERS_2019.filter(([keyword]) => keyword !== "items" && keyword !== "additionalItems"),
  ["prefixItems", "list"],
  ["items", "schema"],
];

interface Parts {
  readonly assertions: string;
  readonly applicators: typeof HOLDERS_04;
  readonly metaSchema: string;
}

function dialect(name: DialectName, { assertions, applicators: holders, metaSchema }: Parts): Dialect {
  return {
    name,
    idKeyword: name === "draft-04" ? "id" : "$id",
    refIgnoresSiblings: name.startsWith("draft"),
    metaSchema,
    applicators: new Map(holders),
    assertions: new Set(assertions.split(" ")),
  };
}

/** Every dialect, oldest first. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  "draft-04": dialect("draft-04", {
    assertions: ASSERTIONS_04,
    applicators: HOLDERS_04,
    metaSchema: "http://json-schema.org/draft-04/schema",
  }),
  "draft-06": dialect("draft-06", {
    assertions: ASSERTIONS_06,
    applicators: HOLDERS_06,
    metaSchema: "http://json-schema.org/draft-06/schema",
  }),
  "draft-07": dialect("draft-07", {
    assertions: ASSERTIONS_06,
    // ajv reads `$defs` in no special way, but people write it, and it can be referred to in any dialect.
    applicators: [...HOLDERS_07, ["$defs", "map"]],
    metaSchema: "http://json-schema.org/draft-07/schema",
  }),
  "2019-09": dialect("2019-09", {
    assertions: ASSERTIONS_2019,
    applicators: HOLDERS_2019,
    metaSchema: "https://json-schema.org/draft/2019-09/schema",
  }),
  "2020-12": dialect("2020-12", {
    assertions: ASSERTIONS_2019,
    applicators: HOLDERS_2020,
    metaSchema: "https://json-schema.org/draft/2020-12/schema",
  }),
};

const BY_META_SCHEMA = new Map(Object.values(DIALECTS).map((found) => [found.metaSchema, found]));

/** The dialect that a `$schema` names; undefined if it names none of ours. */
export function dialectOf(metaSchema: string): Dialect | undefined {
  const bare = metaSchema.replace(/#$/, "");
  // The unversioned one always meant "the latest"; it stopped moving at draft-07, and ajv reads it so.
  if (/^https?:\/\/json-schema\.org\/schema$/.test(bare)) return DIALECTS["draft-07"];
  return BY_META_SCHEMA.get(bare) ?? BY_META_SCHEMA.get(bare.replace(/^https?:/, "http:")) ?? byHttps(bare);
}

function byHttps(bare: string): Dialect | undefined {
  return BY_META_SCHEMA.get(bare.replace(/^https?:/, "https:"));
}

/** The dialect of a schema or document: by `$schema`, or 2020-12; undefined if its `$schema` is unknown. */
export function dialectFor(schema: unknown, inherited: Dialect = DIALECTS["2020-12"]): Dialect | undefined {
  const named = isObject(schema) ? property(schema, "$schema") : undefined;
  return typeof named === "string" ? dialectOf(named) : inherited;
}
