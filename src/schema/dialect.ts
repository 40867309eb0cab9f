import { isObject, property } from "../json/json.js";

/** A version of JSON Schema. */
export type DialectName = "draft-04" | "draft-06" | "draft-07" | "2019-09" | "2020-12";

/** The form in which a keyword holds schemas. */
export type SchemaContainer = "schema" | "list" | "map" | "schema-or-list" | "map-or-names";

/**
 * The part of a value that the schemas of an applicator are applied to: the value itself, the property of the same
 * name, any property, any item, property names, the document inside a string, or nothing until a reference leads there.
 */
export type ApplicatorTarget =
  "value" | "property" | "properties" | "items" | "property-names" | "content" | "nothing";

/** A keyword that holds schemas (JSON Schema core, section 10). `$defs` and `contentSchema` are counted among them. */
export interface Applicator {
  readonly holds: SchemaContainer;
  readonly appliesTo: ApplicatorTarget;
}

/** The differences between the versions of JSON Schema. */
export interface Dialect {
  readonly name: DialectName;
  /** `id` in draft-04. */
  readonly idKeyword: "id" | "$id";
  /** Up to draft-07, keywords beside a `$ref` are ignored (draft-07 core, section 8.3). */
  readonly refIgnoresSiblings: boolean;
  readonly metaSchema: string;
  /** The keywords that hold schemas. */
  readonly applicators: ReadonlyMap<string, Applicator>;
  /** The keywords that constrain a value without holding a schema. */
  readonly assertions: ReadonlySet<string>;
}

// `nullable` is OpenAPI's; ajv honors it beside `type`, and people write it.
const ASSERTIONS_04 =
  "type enum multipleOf maximum minimum exclusiveMaximum exclusiveMinimum maxLength minLength pattern format maxItems " +
  "minItems uniqueItems maxProperties minProperties required nullable";
const ASSERTIONS_06 = `${ASSERTIONS_04} const`;
const ASSERTIONS_2019 = `${ASSERTIONS_06} dependentRequired minContains maxContains`;

type ApplicatorTable = readonly (readonly [string, SchemaContainer, ApplicatorTarget])[];

// The only tables of keywords that hold schemas: a keyword that is added here is indexed, checked, walked for
// references and for `sensitive`, and given to ajv. Only its TypeScript type is derived elsewhere (types/).
const APPLICATORS_04: ApplicatorTable = [
  ["definitions", "map", "nothing"],
  ["properties", "map", "property"],
  ["patternProperties", "map", "properties"],
  ["additionalProperties", "schema", "properties"],
  ["items", "schema-or-list", "items"],
  ["additionalItems", "schema", "items"],
  ["dependencies", "map-or-names", "value"],
  ["allOf", "list", "value"],
  ["anyOf", "list", "value"],
  ["oneOf", "list", "value"],
  ["not", "schema", "value"],
];
const APPLICATORS_06: ApplicatorTable = [
  ...APPLICATORS_04,
  ["contains", "schema", "items"],
  ["propertyNames", "schema", "property-names"],
];
const APPLICATORS_07: ApplicatorTable = [
  ...APPLICATORS_06,
  ["if", "schema", "value"],
  ["then", "schema", "value"],
  ["else", "schema", "value"],
];
const APPLICATORS_2019: ApplicatorTable = [
  ...APPLICATORS_07,
  ["$defs", "map", "nothing"],
  ["dependentSchemas", "map", "value"],
  ["unevaluatedItems", "schema", "items"],
  ["unevaluatedProperties", "schema", "properties"],
  ["contentSchema", "schema", "content"],
];
const APPLICATORS_2020: ApplicatorTable = [
  ...APPLICATORS_2019.filter(([keyword]) => keyword !== "additionalItems"),
  ["prefixItems", "list", "items"],
  ["items", "schema", "items"],
];

interface DialectParts {
  readonly assertions: string;
  readonly applicators: ApplicatorTable;
  readonly metaSchema: string;
}

function dialect(name: DialectName, { assertions, applicators, metaSchema }: DialectParts): Dialect {
  return {
    name,
    idKeyword: name === "draft-04" ? "id" : "$id",
    refIgnoresSiblings: name.startsWith("draft"),
    metaSchema,
    applicators: applicatorsOf(applicators),
    assertions: new Set(assertions.split(" ")),
  };
}

function applicatorsOf(table: ApplicatorTable): ReadonlyMap<string, Applicator> {
  return new Map(table.map(([keyword, holds, appliesTo]) => [keyword, { holds, appliesTo }] as const));
}

/** Every dialect, oldest first. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  "draft-04": dialect("draft-04", {
    assertions: ASSERTIONS_04,
    applicators: APPLICATORS_04,
    metaSchema: "http://json-schema.org/draft-04/schema",
  }),
  "draft-06": dialect("draft-06", {
    assertions: ASSERTIONS_06,
    applicators: APPLICATORS_06,
    metaSchema: "http://json-schema.org/draft-06/schema",
  }),
  "draft-07": dialect("draft-07", {
    assertions: ASSERTIONS_06,
    // Draft-07 does not define `$defs`, but authors write it, and references may lead there in any dialect.
    applicators: [...APPLICATORS_07, ["$defs", "map", "nothing"]],
    metaSchema: "http://json-schema.org/draft-07/schema",
  }),
  "2019-09": dialect("2019-09", {
    assertions: ASSERTIONS_2019,
    applicators: APPLICATORS_2019,
    metaSchema: "https://json-schema.org/draft/2019-09/schema",
  }),
  "2020-12": dialect("2020-12", {
    assertions: ASSERTIONS_2019,
    applicators: APPLICATORS_2020,
    metaSchema: "https://json-schema.org/draft/2020-12/schema",
  }),
};

/**
 * The applicators of all dialects together, for code that must not miss a schema because its author named the wrong
 * dialect.
 */
export const ALL_APPLICATORS = applicatorsOf([...APPLICATORS_2020, ...APPLICATORS_2019]);

/** The applicators whose schemas are applied to the same value as the schema that they are part of. */
export const IN_PLACE_APPLICATORS: ReadonlySet<string> = new Set(
  [...ALL_APPLICATORS].filter(([, { appliesTo }]) => appliesTo === "value").map(([keyword]) => keyword),
);

const BY_META_SCHEMA = new Map(Object.values(DIALECTS).map((known) => [known.metaSchema, known]));

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
