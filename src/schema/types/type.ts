import { property, stringArrayProperty, type JsonObject } from "../../json/json.js";

/** A JSON value that is neither an array nor an object. */
export type Literal = string | number | boolean | null;

/**
 * A set of JSON values: the union of its alternatives. No alternatives, no values. Every operation on types errs on one
 * side only: a type may contain more values than the schema it was derived from, never fewer.
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

/** A single value. */
export interface LiteralAlternative {
  readonly kind: "literal";
  readonly value: Literal;
}

/** All strings but those in `except`. TypeScript cannot express the exception, but intersections need it. */
export interface StringAlternative {
  readonly kind: "string";
  readonly except?: ReadonlySet<Literal>;
}

/** All numbers but those in `except`; see {@link StringAlternative}. */
export interface NumberAlternative {
  readonly kind: "number";
  readonly except?: ReadonlySet<Literal>;
}

/**
 * Arrays of at least `min` items: the first ones by position (`min` is at most their number), all others of type
 * `rest`.
 */
export interface ArrayAlternative {
  readonly kind: "array";
  readonly prefix: readonly Type[];
  readonly min: number;
  readonly rest: Type;
  /** The number of first positions that have a schema or a value of their own; default: 0. The others only count items. */
  readonly positions?: number;
}

/** Objects: properties by name, properties whose names match a pattern, and all others. */
export interface ObjectAlternative {
  readonly kind: "object";
  readonly properties: ReadonlyMap<string, Property>;
  readonly patterns: readonly PatternProperties[];
  /** The type of all other properties; no values if there are none. */
  readonly rest: Type;
  /** Whether it narrows a declared type that says what other properties may be, so that it is printed without them. */
  readonly isPart?: boolean;
}

/** A property of an object. */
export interface Property {
  readonly type: Type;
  readonly required: boolean;
  /** The text of its JSDoc. */
  readonly doc?: string | undefined;
}

/** The properties whose names match a regular expression. */
export interface PatternProperties {
  readonly pattern: string;
  readonly type: Type;
}

/** The intersection of declared types and `and`. */
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

/** All values except those of these kinds. */
export function exclude(...excluded: readonly Kind[]): Type {
  return KINDS.filter((kind) => !excluded.includes(kind)).flatMap((kind) => ALL_OF_KIND[kind]);
}

/** The kind of an alternative's values; undefined for a declared type, which may have several. */
export function kindOf(alternative: TypeAlternative): Kind | undefined {
  if (alternative.kind === "named") return undefined;
  if (alternative.kind !== "literal") return alternative.kind;
  const { value } = alternative;
  return value === null ? "null" : (typeof value as "string" | "number" | "boolean");
}

/** The type of exactly one value. Numbers that have no literal widen to `number`. */
export function literalType(value: unknown): Type {
  if (Array.isArray(value))
    return [
      {
        kind: "array",
        prefix: value.map(literalType),
        min: value.length,
        rest: NEVER,
        positions: value.length,
      },
    ];
  if (typeof value === "object" && value !== null) {
    const properties = Object.entries(value).map(
      ([name, item]) => [name, { type: literalType(item), required: true }] as const,
    );
    return [{ kind: "object", properties: new Map(properties), patterns: [], rest: NEVER }];
  }
  if (typeof value === "number" && !Number.isFinite(value)) return NUMBER;
  return [{ kind: "literal", value: value as Literal }];
}

/** The type of the keyword `type`, with OpenAPI's `nullable`. */
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
