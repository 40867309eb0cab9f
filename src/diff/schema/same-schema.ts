import { isObject, property } from "../../json/json.js";
import type { SchemaLocation, SchemaSet } from "../../schema/index.js";
import { referencesOf, targetsOf } from "../../schema/references.js";
import type { Goal } from "./goal.js";

/** The pairs of schemas of two sets that were compared before. */
interface Known {
  readonly same: Set<string>;
  readonly different: Set<string>;
}

interface Sides extends Known {
  readonly a: SchemaSet;
  readonly b: SchemaSet;
  /** The pairs that are equal if all others are. */
  readonly assumed: Set<string>;
}

const compared = new WeakMap<SchemaSet, WeakMap<SchemaSet, Known>>();

function knownOf(a: SchemaSet, b: SchemaSet): Known {
  const others = compared.get(a) ?? new WeakMap<SchemaSet, Known>();
  compared.set(a, others);
  const known = others.get(b) ?? { same: new Set(), different: new Set() };
  others.set(b, known);
  return known;
}

/**
 * Whether two goals consist of equal schemas: the same keywords with the same values, in any order, and references to equal schemas.
 * Names, identifiers and annotations do not count.
 */
export function isSameGoal(a: Goal, b: Goal): boolean {
  if (a.key === b.key) return true;
  if (a.all.length !== b.all.length) return false;
  const left = [...b.all];
  return a.all.every((one) => {
    const at = left.findIndex((other) => isSameSchema(a.set, one, b.set, other));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

/** Whether two schemas are equal, as in {@link isSameGoal}. */
export function isSameSchema(
  a: SchemaSet,
  one: SchemaLocation,
  b: SchemaSet,
  other: SchemaLocation,
): boolean {
  const known = knownOf(a, b);
  const assumed = new Set<string>();
  const found = isSame({ a, b, assumed, ...known }, one, other);
  // Together, the assumptions have proven each other.
  if (found) for (const pair of assumed) known.same.add(pair);
  return found;
}

function isSame(sides: Sides, one: SchemaLocation, other: SchemaLocation): boolean {
  const [schema, counterpart] = [one.schema, other.schema];
  if (!isObject(schema) || !isObject(counterpart)) return schema === counterpart;
  const pair = `${one.uri} ${other.uri}`;
  if (sides.assumed.has(pair) || sides.same.has(pair)) return true;
  if (sides.different.has(pair)) return false;
  sides.assumed.add(pair);
  const found = isSameObject(sides, one, other);
  // Every assumption is in favor of equality, so a difference is certain.
  if (!found) sides.different.add(pair);
  return found;
}

function isSameObject(sides: Sides, one: SchemaLocation, other: SchemaLocation): boolean {
  const { schema } = one;
  if (!isObject(schema)) return false;
  if (one.dialect.name !== other.dialect.name) return false;
  if (!hasSameReferences(sides, one, other)) return false;
  if (one.dialect.refIgnoresSiblings && typeof schema["$ref"] === "string") return true;
  if (ownText(one) !== ownText(other)) return false;
  const inside = (set: SchemaSet, location: SchemaLocation) =>
    new Map(
      set.index
        .subschemas(location)
        .filter(({ appliesTo }) => appliesTo !== "nothing" && appliesTo !== "content")
        .map((each) => [each.pointer, each.location]),
    );
  const [left, right] = [inside(sides.a, one), inside(sides.b, other)];
  if (left.size !== right.size) return false;
  return [...left].every(([pointer, location]) => {
    const same = right.get(pointer);
    return same !== undefined && isSame(sides, location, same);
  });
}

function hasSameReferences(sides: Sides, one: SchemaLocation, other: SchemaLocation): boolean {
  const [left, right] = [referencesOf(sides.a.index, one), referencesOf(sides.b.index, other)];
  return (
    left.length === right.length &&
    left.every((reference, at) => {
      const same = right[at];
      if (same === undefined || same.keyword !== reference.keyword) return false;
      if (reference.target.to !== same.target.to) return false;
      if (reference.target.to === "meta-schema" && same.target.to === "meta-schema")
        return reference.target.uri === same.target.uri;
      const [targets, others] = [targetsOf(reference), targetsOf(same)];
      return (
        targets.length === others.length &&
        targets.every((target, number) => {
          const counterpart = others[number];
          return counterpart !== undefined && isSame(sides, target, counterpart);
        })
      );
    })
  );
}

/** The keywords without schemas that constrain values, in the order of their names, as one text. */
export function ownText({ schema, dialect }: SchemaLocation): string {
  if (!isObject(schema)) return String(schema);
  const keys = Object.keys(schema).filter(
    (key) => dialect.assertions.has(key) || dialect.applicators.get(key)?.holds === "map-or-names",
  );
  return JSON.stringify(keys.toSorted().map((key) => [key, normalized(key, property(schema, key))]));
}

const UNORDERED = new Set(["required", "enum", "type"]);

function normalized(key: string, value: unknown): unknown {
  if (UNORDERED.has(key) && Array.isArray(value))
    return value.map((one) => JSON.stringify(sorted(one))).toSorted();
  // Schemas inside are compared by themselves.
  if (key === "dependencies" && isObject(value))
    return sorted(
      Object.fromEntries(Object.entries(value).map(([name, one]) => [name, Array.isArray(one) ? one : true])),
    );
  return sorted(value);
}

/** A JSON value with the keys of its objects in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.keys(value)
    .toSorted()
    .map((key) => [key, sorted(value[key])]);
}
