import { property, stringArrayProperty, type JsonObject } from "../../json/json.js";

/** What a JSON value that is no array and no object can be. */
export type Literal = string | number | boolean | null;

/**
 * A set of JSON values, as the union of its terms; no term is no value. Every operation on types errs on one side only:
 * a type may hold more values than the schema it was made from, never fewer.
 */
export type Type = readonly TypeAlternative[];

/** One alternative of a type. */
export type TypeAlternative =
  | LiteralAlternative
  | StringAlternative
  | NumberAlternative
  | ArrayAlternative
  | ObjectAlternative
  | NamedAlternative;

/** One value. */
export interface LiteralAlternative {
  readonly kind: "literal";
  readonly value: Literal;
}

/** Strings; those left out TypeScript can not name, but they matter where types meet. */
export interface StringAlternative {
  readonly kind: "string";
  readonly except?: ReadonlySet<Literal>;
}

/** Numbers; see {@link StringAlternative} for those left out. */
export interface NumberAlternative {
  readonly kind: "number";
  readonly except?: ReadonlySet<Literal>;
}

/** Arrays: at least `min` items; the first by place (`min` is at most their number), all others of the type `rest`. */
export interface ArrayAlternative {
  readonly kind: "array";
  readonly prefix: readonly Type[];
  readonly min: number;
  readonly rest: Type;
}

/** Objects: properties by name, properties whose names match a pattern, and all others. */
export interface ObjectAlternative {
  readonly kind: "object";
  readonly properties: ReadonlyMap<string, Property>;
  readonly patterns: readonly PatternProperties[];
  /** Empty: there are no others. */
  readonly rest: Type;
}

/** A property of an object. */
export interface Property {
  readonly type: Type;
  readonly required: boolean;
  /** What its JSDoc says. */
  readonly doc?: string | undefined;
}

/** The properties whose names match a regular expression. */
export interface PatternProperties {
  readonly pattern: string;
  readonly type: Type;
}

/** What is in all of the declared types, and in `and`. */
export interface NamedAlternative {
  readonly kind: "named";
  readonly names: readonly string[];
  readonly and: Type;
}

/** The kinds of JSON value. */
export type Kind = "null" | "boolean" | "string" | "number" | "array" | "object";

/** No value at all. */
export const NEVER: Type = [];
export const NULL: Type = [{ kind: "literal", value: null }];
export const BOOLEAN: Type = [
  { kind: "literal", value: true },
  { kind: "literal", value: false },
];
export const STRING: Type = [{ kind: "string" }];
export const NUMBER: Type = [{ kind: "number" }];

const unknown: TypeAlternative[] = [];
/** Any value. */
export const UNKNOWN: Type = unknown;
export const ARRAY: Type = [{ kind: "array", prefix: [], min: 0, rest: UNKNOWN }];
export const OBJECT: Type = [{ kind: "object", properties: new Map(), patterns: [], rest: UNKNOWN }];
unknown.push(...OBJECT, ...ARRAY, ...STRING, ...NUMBER, ...BOOLEAN, ...NULL);

/** All values of a kind. */
export const ALL_OF_KIND: Readonly<Record<Kind, Type>> = {
  null: NULL,
  boolean: BOOLEAN,
  string: STRING,
  number: NUMBER,
  array: ARRAY,
  object: OBJECT,
};
export const KINDS: readonly Kind[] = ["object", "array", "string", "number", "boolean", "null"];

/** All values but those of one kind. */
export function exclude(...excluded: readonly Kind[]): Type {
  return KINDS.filter((kind) => !excluded.includes(kind)).flatMap((kind) => ALL_OF_KIND[kind]);
}

/** The kind of a term's values; undefined for a declared type, which may have several. */
export function kindOf(term: TypeAlternative): Kind | undefined {
  if (term.kind === "named") return undefined;
  if (term.kind !== "literal") return term.kind;
  const { value } = term;
  return value === null ? "null" : (typeof value as "string" | "number" | "boolean");
}

/** The type that holds exactly one value, as far as numbers can be written. */
export function literalType(value: unknown): Type {
  if (Array.isArray(value))
    return [{ kind: "array", prefix: value.map(literalType), min: value.length, rest: NEVER }];
  if (typeof value === "object" && value !== null) {
    const properties = Object.entries(value).map(
      ([name, item]) => [name, { type: literalType(item), required: true }] as const,
    );
    return [{ kind: "object", properties: new Map(properties), patterns: [], rest: NEVER }];
  }
  if (typeof value === "number" && !Number.isFinite(value)) return NUMBER;
  return [{ kind: "literal", value: value as Literal }];
}

/** What `type` allows. */
export function typesFromTypeKeyword(schema: JsonObject): Type {
  const named = property(schema, "type");
  const names = typeof named === "string" ? [named] : stringArrayProperty(schema, "type");
  if (names.length === 0) return UNKNOWN;
  const kinds = names.map((name) => (name === "integer" ? "number" : name));
  if (property(schema, "nullable") === true) kinds.push("null");
  const found = KINDS.filter((kind) => kinds.includes(kind));
  if (found.length === KINDS.length) return UNKNOWN;
  return [...new Set(kinds)].flatMap((kind) => ALL_OF_KIND[kind as Kind] ?? []);
}
