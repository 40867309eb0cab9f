import {
  arrayProperty,
  isObject,
  property,
  numberProperty,
  objectProperty,
  stringArrayProperty,
  type JsonObject,
} from "../../json/json.js";
import type { SchemaLocation } from "../schema-index.js";
import { pointerStep } from "../../json/pointer.js";
import { referencesOf } from "../references.js";
import { objectWithProperty } from "./object-alternative.js";
import type { Applicator } from "../dialect.js";
import type { TypeContext } from "./type-context.js";
import {
  typesFromTypeKeyword,
  exclude,
  ARRAY,
  BOOLEAN,
  kindOf,
  KINDS,
  NEVER,
  NULL,
  NUMBER,
  OBJECT,
  STRING,
  UNKNOWN,
  type Type,
} from "./type.js";

/** More properties, or items, than this are not negated one by one: each adds an alternative. */
const MAX_PROPERTIES = 8;
const MAX_DEPTH = 6;

/**
 * Derives the type of the values that a schema refuses. A schema refuses a value if one of its keywords does, and a
 * keyword refuses only values of the kind that it is about. So the union over the keywords is correct, and often
 * narrow.
 */
export class Negation {
  readonly #context: TypeContext;
  #depth = 0;

  constructor(context: TypeContext) {
    this.#context = context;
  }

  /** The values that the schema at `steps` within the one at `location` refuses. */
  at(location: SchemaLocation, ...steps: readonly (string | number)[]): Type {
    const found = this.#context.index.inside(location, steps.map(pointerStep).join(""));
    return found === undefined ? UNKNOWN : this.#of(found);
  }

  #of(location: SchemaLocation): Type {
    const { schema } = location;
    if (!isObject(schema)) return schema === false ? UNKNOWN : NEVER;
    if (this.#depth >= MAX_DEPTH) return UNKNOWN;
    this.#depth++;
    try {
      const references = referencesOf(this.#context.index, location).map(({ target }) =>
        target.to === "schema" ? this.#of(target.location) : UNKNOWN,
      );
      if (location.dialect.refIgnoresSiblings && references.length > 0)
        return this.#context.algebra.union(references);
      const keywords = Object.keys(schema).map((keyword) => this.#keyword(location, schema, keyword));
      return this.#context.algebra.union([...references, ...keywords]);
    } finally {
      this.#depth--;
    }
  }

  #keyword(location: SchemaLocation, schema: JsonObject, keyword: string): Type {
    const { dialect } = location;
    if (!dialect.applicators.has(keyword) && !dialect.assertions.has(keyword)) return NEVER;
    const { algebra } = this.#context;
    const all = (name: string) =>
      arrayProperty(schema, name).map((_, index) => this.at(location, name, index));
    switch (keyword) {
      case "type":
        return withoutTypes(schema);
      case "const":
        return withoutValues([schema["const"]]);
      case "enum":
        return withoutValues(arrayProperty(schema, "enum"));
      case "allOf":
        return algebra.union(all("allOf"));
      case "anyOf":
        return algebra.intersectAll(all("anyOf"));
      case "oneOf":
        return arrayProperty(schema, "oneOf").length === 1 ? this.at(location, "oneOf", 0) : UNKNOWN;
      case "not":
        return this.#context.inside(location, "not");
      case "if":
        return this.#conditional(location, schema);
      case "properties":
        return this.#properties(location, schema);
      case "required":
        return requiredRefusal(stringArrayProperty(schema, "required"));
      case "minProperties":
        return numberProperty(schema, "minProperties") === 1
          ? [{ ...objectWithProperty([], BLANK), rest: NEVER }]
          : OBJECT;
      case "additionalProperties":
        return isObject(schema[keyword]) || schema[keyword] === false ? OBJECT : NEVER;
      case "contains":
        return this.#contains(location, schema);
      default:
        return (
          REFUSED_BY[keyword] ??
          refusedByTarget(dialect.applicators.get(keyword)) ??
          arrayRefusal(schema, keyword)
        );
    }
  }

  #conditional(location: SchemaLocation, schema: JsonObject): Type {
    const { algebra } = this.#context;
    const refused = (keyword: string) =>
      Object.hasOwn(schema, keyword) ? this.at(location, keyword) : NEVER;
    const held = algebra.intersect(this.#context.inside(location, "if"), refused("then"));
    return algebra.union([held, algebra.intersect(this.at(location, "if"), refused("else"))]);
  }

  #properties(location: SchemaLocation, schema: JsonObject): Type {
    const names = Object.keys(objectProperty(schema, "properties"));
    if (names.length > MAX_PROPERTIES) return OBJECT;
    return this.#context.algebra.union(
      names.map((name) => {
        const type = this.at(location, "properties", name);
        return type.length === 0 ? NEVER : [objectWithProperty([name], { type, required: true })];
      }),
    );
  }

  #contains(location: SchemaLocation, schema: JsonObject): Type {
    const { dialect } = location;
    const counts = ["minContains", "maxContains"].some(
      (one) => dialect.assertions.has(one) && Object.hasOwn(schema, one),
    );
    return counts ? ARRAY : [{ kind: "array", prefix: [], min: 0, rest: this.at(location, "contains") }];
  }
}

const BLANK = { type: UNKNOWN, required: false };

const REFUSED_BY: Readonly<Record<string, Type>> = {
  ...Object.fromEntries(["minLength", "maxLength", "pattern"].map((keyword) => [keyword, STRING])),
  ...Object.fromEntries(["minimum", "maximum", "multipleOf"].map((keyword) => [keyword, NUMBER])),
  exclusiveMinimum: NUMBER,
  exclusiveMaximum: NUMBER,
  // Some formats constrain numbers.
  format: [...STRING, ...NUMBER],
  ...Object.fromEntries(
    ["maxProperties", "dependencies", "dependentRequired", "dependentSchemas"].map((keyword) => [
      keyword,
      OBJECT,
    ]),
  ),
  // These have no meaning without the keyword that they belong to.
  ...Object.fromEntries(["then", "else", "nullable"].map((keyword) => [keyword, NEVER])),
};

/** The values that an applicator can refuse, where its target is enough to know. */
function refusedByTarget(applicator: Applicator | undefined): Type | undefined {
  switch (applicator?.appliesTo) {
    case "property":
    case "properties":
    case "property-names":
      return OBJECT;
    case "nothing":
    case "content":
      return NEVER;
    default:
      return undefined;
  }
}

function arrayRefusal(schema: JsonObject, keyword: string): Type {
  const limit = numberProperty(schema, keyword) ?? 0;
  const atLeast = (min: number): Type => [
    {
      kind: "array",
      prefix: Array.from({ length: Math.min(min, MAX_PROPERTIES) }, () => UNKNOWN),
      min: Math.min(min, MAX_PROPERTIES),
      rest: UNKNOWN,
    },
  ];
  switch (keyword) {
    case "minItems":
      if (limit < 1) return NEVER;
      if (limit > MAX_PROPERTIES) return ARRAY;
      return [
        { kind: "array", prefix: Array.from({ length: limit - 1 }, () => UNKNOWN), min: 0, rest: NEVER },
      ];
    case "maxItems":
      return atLeast(limit + 1);
    case "uniqueItems":
      return property(schema, "uniqueItems") === true ? atLeast(2) : NEVER;
    case "items":
    case "prefixItems":
      return atLeast(1);
    default:
      return ARRAY;
  }
}

function requiredRefusal(names: readonly string[]): Type {
  if (names.length > MAX_PROPERTIES) return OBJECT;
  return names.map((name) => objectWithProperty([name], { type: NEVER, required: false }));
}

/** The values that `type` refuses. A number that is not an integer is refused by "integer". */
function withoutTypes(schema: JsonObject): Type {
  const named = typesFromTypeKeyword(schema);
  const declared = property(schema, "type");
  const hasNumber = Array.isArray(declared) ? declared.includes("number") : declared === "number";
  const kinds = KINDS.filter(
    (kind) => kind !== "number" && named.some((alternative) => kindOf(alternative) === kind),
  );
  return exclude(...kinds, ...(hasNumber ? (["number"] as const) : []));
}

function withoutValues(values: readonly unknown[]): Type {
  const strings = new Set(values.filter((value) => typeof value === "string"));
  const numbers = new Set(values.filter((value) => typeof value === "number"));
  return [
    ...OBJECT,
    ...ARRAY,
    strings.size === 0 ? { kind: "string" } : { kind: "string", except: strings },
    numbers.size === 0 ? { kind: "number" } : { kind: "number", except: numbers },
    ...[...BOOLEAN, ...NULL].filter(
      (alternative) => alternative.kind === "literal" && !values.includes(alternative.value),
    ),
  ];
}
