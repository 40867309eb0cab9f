import { isObject } from "../../json/json.js";
import type { SchemaLocation, SchemaSet } from "../../schema/index.js";
import { canonicalLocation, referencesOf } from "../../schema/references.js";
import type { Subschema } from "../../schema/walk.js";
import { isSameSchema, ownText } from "./same-schema.js";

/** Two schemas of two sets that stand in the same place. */
export interface SchemaPair {
  readonly one: SchemaLocation;
  readonly other: SchemaLocation;
}

/** Two schemas that the same keyword applies in two others. */
export interface InnerPair extends SchemaPair {
  /** `$ref`, or the keyword that holds the schemas. */
  readonly keyword: string;
  /** A JSON pointer from the first of the outer schemas; empty for references. */
  readonly pointer: string;
}

/** The common part of two schemas. */
export interface Parallel {
  /** Whether they have the same keywords, with values that are equal apart from the schemas inside. */
  readonly isAlike: boolean;
  /** The schemas inside that have a counterpart. */
  readonly inside: readonly InnerPair[];
}

/** The keywords whose branches may be listed in any order. */
export const BRANCHES: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf"]);

/** Compares two schemas keyword by keyword, without looking into the schemas inside. */
export function parallelOf(a: SchemaSet, b: SchemaSet, { one, other }: SchemaPair): Parallel {
  if (!isObject(one.schema) || !isObject(other.schema))
    return { isAlike: one.schema === other.schema, inside: [] };
  if (one.dialect.name !== other.dialect.name) return { isAlike: false, inside: [] };
  const references = pairReferences(a, b, { one, other });
  const isOnlyRef = ({ schema, dialect }: SchemaLocation) =>
    dialect.refIgnoresSiblings && isObject(schema) && typeof schema["$ref"] === "string";
  if (isOnlyRef(one) || isOnlyRef(other))
    return isOnlyRef(one) === isOnlyRef(other) ? references : { isAlike: false, inside: [] };
  const [left, right] = [insideOf(a, one), insideOf(b, other)];
  let isAlike = references.isAlike && ownText(one) === ownText(other);
  const inside: InnerPair[] = [...references.inside];
  for (const keyword of new Set([...left.keys(), ...right.keys()])) {
    const [own, theirs] = [left.get(keyword) ?? [], right.get(keyword) ?? []];
    const pairs = BRANCHES.has(keyword) ? pairBranches(a, b, own, theirs) : pairByPointer(own, theirs);
    isAlike &&= pairs.length === own.length && pairs.length === theirs.length;
    inside.push(...pairs);
  }
  return { isAlike, inside };
}

type Inside = Subschema & { readonly location: SchemaLocation };

function insideOf(set: SchemaSet, location: SchemaLocation): ReadonlyMap<string, readonly Inside[]> {
  const found = new Map<string, Inside[]>();
  for (const inside of set.index.subschemas(location)) {
    if (inside.appliesTo === "nothing" || inside.appliesTo === "content") continue;
    const list = found.get(inside.keyword) ?? [];
    found.set(inside.keyword, list);
    list.push(inside);
  }
  return found;
}

function pairReferences(a: SchemaSet, b: SchemaSet, { one, other }: SchemaPair): Parallel {
  const [left, right] = [referencesOf(a.index, one), referencesOf(b.index, other)];
  const inside: InnerPair[] = [];
  let isAlike = left.length === right.length;
  for (const [at, { keyword, target }] of left.entries()) {
    const counterpart = right[at];
    if (counterpart?.keyword !== keyword || counterpart.target.to !== target.to) isAlike = false;
    else if (target.to === "schema" && counterpart.target.to === "schema")
      inside.push({ keyword: "$ref", pointer: "", one: target.location, other: counterpart.target.location });
    else if (target.to === "meta-schema" && counterpart.target.to === "meta-schema")
      isAlike &&= target.uri === counterpart.target.uri;
    else isAlike = false;
  }
  return { isAlike, inside };
}

function pairByPointer(own: readonly Inside[], theirs: readonly Inside[]): readonly InnerPair[] {
  const counterparts = new Map(theirs.map((each) => [each.pointer, each.location]));
  return own.flatMap(({ keyword, pointer, location }) => {
    const other = counterparts.get(pointer);
    return other === undefined ? [] : [{ keyword, pointer, one: location, other }];
  });
}

/** Equal branches belong together. The others are paired in their order, or if their numbers differ by what they have in common. */
function pairBranches(
  a: SchemaSet,
  b: SchemaSet,
  own: readonly Inside[],
  theirs: readonly Inside[],
): readonly InnerPair[] {
  const left = [...theirs];
  const pairs: InnerPair[] = [];
  const open: Inside[] = [];
  for (const one of own) {
    const at = left.findIndex((each) => isSameSchema(a, one.location, b, each.location));
    if (at < 0) open.push(one);
    for (const { location } of at < 0 ? [] : left.splice(at, 1)) pairs.push(pairOf(one, location));
  }
  const isComplete = open.length === left.length;
  for (const [at, one] of open.entries()) {
    const likeness = left.map((each) => (isComplete ? 0 : likenessOf(a, one, b, each)));
    const best = isComplete ? at : likeness.indexOf(Math.max(...likeness));
    const found = isComplete ? left[at] : left.splice(best, 1)[0];
    if (found !== undefined) pairs.push(pairOf(one, found.location));
  }
  return pairs;
}

/** The number of things that two branches have in common. */
function likenessOf(a: SchemaSet, one: Inside, b: SchemaSet, other: Inside): number {
  const marks = marksOf(a, one);
  return [...marksOf(b, other)].filter((mark) => marks.has(mark)).length;
}

function marksOf(set: SchemaSet, { location }: Inside): ReadonlySet<string> {
  const target = canonicalLocation(set.index, location);
  const { schema } = target;
  if (!isObject(schema)) return new Set([String(schema)]);
  return new Set([
    target.uri,
    ...Object.entries(schema).map(([key, value]) => JSON.stringify([key, isObject(value) || value])),
    ...set.index.subschemas(target).map(({ pointer }) => pointer),
  ]);
}

function pairOf({ keyword, pointer, location }: Inside, other: SchemaLocation): InnerPair {
  return { keyword, pointer, one: location, other };
}
