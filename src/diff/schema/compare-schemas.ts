import type { SchemaLocation, SchemaSet } from "../../schema/index.js";
import { referencesOf, targetsOf } from "../../schema/references.js";
import { findDifferences } from "./differences.js";
import type { Goal } from "./goal.js";
import { isIncluded, isIncludedByShape } from "./inclusion.js";
import { isSameGoal } from "./same-schema.js";
import { findWitnesses, findWitnessesByDifference, type Reader, type Witness } from "./witness.js";

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
  const surveys = [older, newer].map(({ goal }) => surveyOf(goal));
  const isLarge = surveys.some(({ size }) => size > MAX_SMALL);
  const isProvable = surveys.every(({ isDynamic }) => !isDynamic);
  const pair = { older, newer, examples, isProvable };
  const { narrowed, widened } = isLarge
    ? compareByDifference(pair)
    : { narrowed: compareOneWay(pair, older, newer), widened: compareOneWay(pair, newer, older) };
  return { isEqual: narrowed.isProven && widened.isProven, narrowed, widened };
}

/** Two readers that are compared. */
export interface Compared {
  readonly older: Reader;
  readonly newer: Reader;
  readonly examples: readonly unknown[];
  /** False if the target of a reference depends on the path to it: parts of such schemas say nothing by themselves. */
  readonly isProvable: boolean;
}

/** The parts of a schema that consists of fewer schemas are all varied at once, since their values are few. */
const MAX_SMALL = 60;

/** Compares two large schemas only where they differ. */
export function compareByDifference({ older, newer, examples, isProvable }: Compared): {
  readonly narrowed: Direction;
  readonly widened: Direction;
} {
  const proven = {
    narrowed: isProvable && isIncludedByShape(older.goal, newer.goal),
    widened: isProvable && isIncludedByShape(newer.goal, older.goal),
  };
  const differences = findDifferences(older.goal, newer.goal);
  const wanted = { older: !proven.narrowed, newer: !proven.widened };
  const { narrowed, widened } = findWitnessesByDifference(older, newer, { differences, wanted, examples });
  return {
    narrowed: proven.narrowed ? PROVEN : { isProven: false, ...narrowed },
    widened: proven.widened ? PROVEN : { isProven: false, ...widened },
  };
}

function compareOneWay({ examples, isProvable }: Compared, own: Reader, other: Reader): Direction {
  // The faster proof finds more where the schemas differ in few places.
  if (isProvable && (isIncludedByShape(own.goal, other.goal) || isIncluded(own.goal, other.goal)))
    return PROVEN;
  return { isProven: false, ...findWitnesses(own, other, examples) };
}

interface Survey {
  /** The number of schemas that the goal consists of. */
  readonly size: number;
  /** Whether the target of a reference depends on the path to it. Parts of such schemas say nothing by themselves. */
  readonly isDynamic: boolean;
}

function surveyOf({ set, all }: Goal): Survey {
  const seen = new Set<string>();
  const open = [...all];
  let isDynamic = false;
  for (let location = open.pop(); location !== undefined; location = open.pop()) {
    if (seen.has(location.uri)) continue;
    seen.add(location.uri);
    const references = referencesOf(set.index, location);
    isDynamic ||= references.some(({ target }) => target.to === "dynamic");
    open.push(...references.flatMap(targetsOf), ...insideOf(set, location));
  }
  return { size: seen.size, isDynamic };
}

function insideOf(set: SchemaSet, location: SchemaLocation): readonly SchemaLocation[] {
  const applied = set.index
    .subschemas(location)
    .filter(({ appliesTo }) => appliesTo !== "nothing" && appliesTo !== "content");
  return applied.map((inside) => inside.location);
}
