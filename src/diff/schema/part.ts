import {
  arrayProperty,
  isObject,
  numberProperty,
  objectProperty,
  property,
  stringArrayProperty,
  stringProperty,
  type JsonObject,
} from "../../json/json.js";
import { pointerStep } from "../../json/pointer.js";
import { FORMATS } from "../../schema/formats.js";
import type { SchemaIndex, SchemaLocation } from "../../schema/index.js";

/** The kinds of JSON value. */
export type Kind = "null" | "boolean" | "number" | "string" | "array" | "object";
/** Every kind. */
export const KINDS: readonly Kind[] = ["object", "array", "string", "number", "boolean", "null"];

/** A limit of numbers. */
export interface Bound {
  readonly value: number;
  readonly isExclusive: boolean;
}

/** The rules for the properties of an object, from one schema. */
export interface PropertyRules {
  /** Undefined: any value. */
  readonly properties: ReadonlyMap<string, SchemaLocation | undefined>;
  readonly patterns: readonly (readonly [pattern: string, schema: SchemaLocation | undefined])[];
  /** The rule for all others. Undefined: any value. */
  readonly rest: SchemaLocation | undefined;
}

/** The rules for the items of an array, from one schema. */
export interface ItemRules {
  readonly prefix: readonly (SchemaLocation | undefined)[];
  readonly rest: SchemaLocation | undefined;
}

/** A number of items that a schema must accept. */
export interface ContainsRule {
  readonly schema: SchemaLocation;
  readonly min: number;
  readonly max: number;
}

/** The rules that one schema states by its own keywords. Those of other schemas that apply in place are not part of it. */
export interface Part {
  readonly kinds?: ReadonlySet<Kind>;
  readonly isInteger?: boolean;
  /** Of `enum` or `const`. */
  readonly values?: readonly unknown[];
  readonly minimum?: Bound | undefined;
  readonly maximum?: Bound | undefined;
  readonly multipleOf?: number | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly pattern?: string | undefined;
  readonly format?: string | undefined;
  readonly items?: ItemRules;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly isUnique?: boolean;
  readonly contains?: ContainsRule;
  readonly properties?: PropertyRules;
  readonly required?: readonly string[];
  readonly minProperties?: number | undefined;
  readonly maxProperties?: number | undefined;
  readonly names?: SchemaLocation;
  /** Pairs: an object with the first property must have the second, too. */
  readonly dependencies?: readonly (readonly [string, string])[];
  /** Values that the schema's author gives as examples. */
  readonly examples?: readonly unknown[];
}

/** Reads the own keywords of a schema. */
export function partOf(index: SchemaIndex, location: SchemaLocation): Part {
  const { schema, dialect } = location;
  if (!isObject(schema)) return {};
  const knows = (keyword: string) =>
    Object.hasOwn(schema, keyword) && (dialect.assertions.has(keyword) || dialect.applicators.has(keyword));
  const count = (keyword: string) => (knows(keyword) ? numberProperty(schema, keyword) : undefined);
  const at = (...steps: readonly (string | number)[]) =>
    index.inside(location, steps.map(pointerStep).join(""));
  return {
    ...typesOf(schema),
    ...valuesOf(schema, knows),
    ...boundsOf(schema, dialect.name === "draft-04"),
    multipleOf: count("multipleOf"),
    minLength: count("minLength"),
    maxLength: count("maxLength"),
    pattern: stringProperty(schema, "pattern"),
    format: checkedFormat(stringProperty(schema, "format")),
    ...itemsOf(schema, knows, at),
    minItems: count("minItems"),
    maxItems: count("maxItems"),
    ...(property(schema, "uniqueItems") === true && { isUnique: true }),
    ...containsOf(count, knows("contains") ? at("contains") : undefined),
    ...propertiesOf(schema, at),
    required: stringArrayProperty(schema, "required"),
    minProperties: count("minProperties"),
    maxProperties: count("maxProperties"),
    ...namesOf(knows("propertyNames") ? at("propertyNames") : undefined),
    dependencies: dependenciesOf(schema, knows),
    examples: [
      ...arrayProperty(schema, "examples"),
      ...(Object.hasOwn(schema, "default") ? [schema["default"]] : []),
    ],
  };
}

/** A format that refuses values. Others are annotations. */
function checkedFormat(format: string | undefined): string | undefined {
  return format === undefined || FORMATS.get(format) === true ? undefined : format;
}

function typesOf(schema: JsonObject): Part {
  const named = property(schema, "type");
  const names = typeof named === "string" ? [named] : stringArrayProperty(schema, "type");
  if (names.length === 0) return {};
  const kinds = names.map((name) => (name === "integer" ? "number" : name));
  if (property(schema, "nullable") === true) kinds.push("null");
  return {
    kinds: new Set(KINDS.filter((kind) => kinds.includes(kind))),
    ...(names.includes("integer") && !names.includes("number") && { isInteger: true }),
  };
}

function valuesOf(schema: JsonObject, knows: (keyword: string) => boolean): Part {
  const listed = knows("enum") ? property(schema, "enum") : undefined;
  if (knows("const")) return { values: [schema["const"]] };
  return Array.isArray(listed) ? { values: listed } : {};
}

function boundsOf(schema: JsonObject, isDraft04: boolean): Part {
  const bound = (inclusive: string, exclusive: string, isTighter: (a: number, b: number) => boolean) => {
    const value = numberProperty(schema, inclusive);
    const limit = numberProperty(schema, exclusive);
    if (isDraft04) {
      const isExclusive = property(schema, exclusive) === true;
      return value === undefined ? undefined : { value, isExclusive };
    }
    if (limit !== undefined && (value === undefined || limit === value || isTighter(limit, value)))
      return { value: limit, isExclusive: true };
    return value === undefined ? undefined : { value, isExclusive: false };
  };
  return {
    minimum: bound("minimum", "exclusiveMinimum", (a, b) => a > b),
    maximum: bound("maximum", "exclusiveMaximum", (a, b) => a < b),
  };
}

type At = (...steps: readonly (string | number)[]) => SchemaLocation | undefined;

function itemsOf(schema: JsonObject, knows: (keyword: string) => boolean, at: At): Part {
  const items = property(schema, "items");
  if (knows("prefixItems")) {
    const prefix = arrayProperty(schema, "prefixItems").map((_, number) => at("prefixItems", number));
    return { items: { prefix, rest: at("items") } };
  }
  if (Array.isArray(items))
    return { items: { prefix: items.map((_, number) => at("items", number)), rest: at("additionalItems") } };
  return knows("items") ? { items: { prefix: [], rest: at("items") } } : {};
}

function containsOf(
  count: (keyword: string) => number | undefined,
  schema: SchemaLocation | undefined,
): Pick<Part, "contains"> {
  if (schema === undefined) return {};
  return { contains: { schema, min: count("minContains") ?? 1, max: count("maxContains") ?? Infinity } };
}

function propertiesOf(schema: JsonObject, at: At): Part {
  const names = Object.keys(objectProperty(schema, "properties"));
  const patterns = Object.keys(objectProperty(schema, "patternProperties"));
  const rest = at("additionalProperties");
  if (names.length + patterns.length === 0 && rest === undefined) return {};
  return {
    properties: {
      properties: new Map(names.map((name) => [name, at("properties", name)])),
      patterns: patterns.map((pattern) => [pattern, at("patternProperties", pattern)]),
      rest,
    },
  };
}

function namesOf(names: SchemaLocation | undefined): Pick<Part, "names"> {
  return names === undefined ? {} : { names };
}

function dependenciesOf(schema: JsonObject, knows: (keyword: string) => boolean) {
  return ["dependentRequired", "dependencies"].flatMap((keyword) => {
    if (!knows(keyword)) return [];
    const map = objectProperty(schema, keyword);
    return Object.keys(map).flatMap((name) =>
      stringArrayProperty(map, name).map((needed) => [name, needed] as const),
    );
  });
}
