import { isObject } from "../../json/json.js";
import type { SchemaLocation, SchemaSet } from "../../schema/index.js";
import { goalOf, type Goal } from "./goal.js";
import { isGrowthApart, type GrowthProver } from "./growth.js";
import { BRANCHES, type InnerPair, type Parallel, type SchemaPair } from "./parallel.js";
import { isSameSchema } from "./same-schema.js";

/** The proofs that a comparison of two schemas rests on. */
export interface Prover extends GrowthProver {
  /** Whether all values of the first goal are values of the second, for a part of the value. */
  below(a: Goal, b: Goal): boolean;
}

/** Two sets of schemas, and a proof for their parts. */
interface Sides {
  readonly a: SchemaSet;
  readonly b: SchemaSet;
  readonly prover: Prover;
}

/**
 * Whether the values of a schema are certainly values of one with the same keywords, because the schemas inside are included in each
 * other: a schema that only grows inside another one makes that one grow, and below `not` makes it shrink. Undefined if this rule says
 * nothing about the two.
 */
export function isAlikeIncluded(
  sides: Sides,
  outer: SchemaPair,
  { isAlike, inside }: Parallel,
): boolean | undefined {
  if (!isAlike) return undefined;
  const isSame = ({ one, other }: SchemaPair) => isSameSchema(sides.a, one, sides.b, other);
  const changed = inside.filter((pair) => !isSame(pair));
  // Which properties and items are evaluated depends on the branches that accept a value.
  if (hasUnevaluated(outer.one) && changed.some(({ keyword }) => EVALUATING.has(keyword))) return undefined;
  return (
    changed.every((pair) => pair.keyword === "oneOf" || isInnerIncluded(sides, outer, pair)) &&
    areBranchesIncluded(sides, {
      all: inside.filter(({ keyword }) => keyword === "oneOf"),
      changed: changed.filter(({ keyword }) => keyword === "oneOf"),
    })
  );
}

/** Keywords whose schemas decide which properties and items are evaluated. */
const EVALUATING: ReadonlySet<string> = new Set([
  ...BRANCHES,
  "$ref",
  "if",
  "then",
  "else",
  "dependentSchemas",
  "contains",
]);

function hasUnevaluated({ schema }: SchemaLocation): boolean {
  return isObject(schema) && ["unevaluatedProperties", "unevaluatedItems"].some((key) => key in schema);
}

function isInnerIncluded({ a, b, prover }: Sides, outer: SchemaPair, pair: InnerPair): boolean {
  const [one, other] = [goalOf(a, [pair.one]), goalOf(b, [pair.other])];
  const isBounded = isObject(outer.one.schema) && "maxContains" in outer.one.schema;
  switch (pair.keyword) {
    case "$ref":
    case "allOf":
    case "anyOf":
    case "then":
    case "else":
    case "dependentSchemas":
    case "dependencies":
      return prover.here(one, other);
    case "not":
      return prover.here(other, one);
    case "if":
      return prover.here(one, other) && prover.here(other, one);
    case "contains":
      return prover.below(one, other) && (!isBounded || prover.below(other, one));
    default:
      return prover.below(one, other);
  }
}

interface Branches {
  readonly all: readonly InnerPair[];
  readonly changed: readonly InnerPair[];
}

/** A value that a branch of `oneOf` accepts in addition must not be one that another branch accepts. */
function areBranchesIncluded({ a, b, prover }: Sides, { all, changed }: Branches): boolean {
  return changed.every((pair) => {
    const [one, other] = [goalOf(a, [pair.one]), goalOf(b, [pair.other])];
    if (!prover.here(one, other)) return false;
    const rivals = all.filter((rival) => rival !== pair).map((rival) => goalOf(a, [rival.one]));
    return rivals.every((rival) => isGrowthApart(prover, { a, b, pair }, rival)) || prover.here(other, one);
  });
}
