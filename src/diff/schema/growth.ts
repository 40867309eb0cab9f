import type { SchemaSet } from "../../schema/index.js";
import { canonicalLocation } from "../../schema/references.js";
import { parsePointer } from "../../json/pointer.js";
import { alternativesOf, propertyGoal } from "./alternatives.js";
import { accepts, goalOf, type Goal } from "./goal.js";
import { parallelOf, type InnerPair, type SchemaPair } from "./parallel.js";
import { isSameSchema } from "./same-schema.js";

/** Whether no value is in two goals, and whether all values of the first are values of the second. */
export interface GrowthProver {
  here(a: Goal, b: Goal): boolean;
  areApart(a: Goal, b: Goal): boolean;
}

/** A schema and its counterpart that accepts more. */
interface Growth {
  readonly a: SchemaSet;
  readonly b: SchemaSet;
  readonly pair: SchemaPair;
}

/**
 * Whether it is certain that a third schema accepts no value that a schema accepts in addition to those of its counterpart. Where
 * only a part of the two differs, only values with another part count.
 */
export function isGrowthApart(prover: GrowthProver, { a, b, pair }: Growth, rival: Goal): boolean {
  const grown = goalOf(b, [pair.other]);
  if (prover.areApart(grown, rival)) return true;
  const plain = { one: canonicalLocation(a.index, pair.one), other: canonicalLocation(b.index, pair.other) };
  const { isAlike, inside } = parallelOf(a, b, plain);
  if (!isAlike) return false;
  return inside
    .filter(({ one, other }) => !isSameSchema(a, one, b, other))
    .every((inner) => isInnerGrowthApart(prover, { a, b, pair: inner }, rival));
}

interface InnerGrowth extends Growth {
  readonly pair: InnerPair;
}

function isInnerGrowthApart(prover: GrowthProver, growth: InnerGrowth, rival: Goal): boolean {
  const { a, b, pair } = growth;
  switch (pair.keyword) {
    // The value is one that such a schema accepts in addition.
    case "$ref":
    case "allOf":
    case "anyOf":
      return isGrowthApart(prover, growth, rival);
    case "oneOf":
      // Otherwise, it could be one that two branches accepted before.
      return (
        prover.here(goalOf(a, [pair.one]), goalOf(b, [pair.other])) && isGrowthApart(prover, growth, rival)
      );
    case "properties": {
      const [, name = ""] = parsePointer(pair.pointer) ?? [];
      return alternativesOf(rival, "over").every((one) => {
        if (one.kind !== "object") return true;
        if (one.values !== undefined) return one.values.every((value) => !accepts(rival, value));
        return isGrowthApart(prover, growth, propertyGoal(one, name));
      });
    }
    default:
      return false;
  }
}
