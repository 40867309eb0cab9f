import type { SchemaLocation, SchemaSet } from "../../schema/index.js";
import { referencesOf, targetsOf } from "../../schema/references.js";
import type { Goal } from "./goal.js";
import { isIncluded } from "./inclusion.js";
import { isSameGoal } from "./same-schema.js";
import { findWitnesses, type Reader, type Witness } from "./witness.js";

/** A comparison of two sets of values in one direction. */
export interface Direction {
  /** True if every value of the first is certainly one of the second. */
  readonly isProven: boolean;
  /** Values of the first that the second refuses. */
  readonly witnesses: readonly Witness[];
  /** The number of values that were tried. */
  readonly tried: number;
}

/** A comparison of two schemas. */
export interface SchemaComparison {
  /** True if the schemas are equal but for annotations, or certainly accept the same values. */
  readonly isEqual: boolean;
  /** Values that the old schema accepts and the new one refuses. */
  readonly narrowed: Direction;
  /** Values that the new schema accepts and the old one refuses. */
  readonly widened: Direction;
}

const PROVEN: Direction = { isProven: true, witnesses: [], tried: 0 };

/** Compares two readers of values in both directions. */
export function compareReaders(
  older: Reader,
  newer: Reader,
  examples: readonly unknown[] = [],
): SchemaComparison {
  if (isSameGoal(older.goal, newer.goal)) return { isEqual: true, narrowed: PROVEN, widened: PROVEN };
  const narrowed = compareOneWay(older, newer, examples);
  const widened = compareOneWay(newer, older, examples);
  return { isEqual: narrowed.isProven && widened.isProven, narrowed, widened };
}

function compareOneWay(own: Reader, other: Reader, examples: readonly unknown[]): Direction {
  if (!isDynamic(own.goal) && !isDynamic(other.goal) && isIncluded(own.goal, other.goal)) return PROVEN;
  return { isProven: false, ...findWitnesses(own, other, examples) };
}

/** Whether the target of a reference depends on the path to it. Parts of such schemas say nothing by themselves. */
function isDynamic({ set, all }: Goal): boolean {
  const seen = new Set<string>();
  const open = [...all];
  for (let location = open.pop(); location !== undefined; location = open.pop()) {
    if (seen.has(location.uri)) continue;
    seen.add(location.uri);
    const references = referencesOf(set.index, location);
    if (references.some(({ target }) => target.to === "dynamic")) return true;
    open.push(...references.flatMap(targetsOf), ...insideOf(set, location));
  }
  return false;
}

function insideOf(set: SchemaSet, location: SchemaLocation): readonly SchemaLocation[] {
  return set.index.subschemas(location).map((inside) => inside.location);
}
