import { isObject } from "../../json/json.js";
import type { SchemaLocation, SchemaSet } from "../../schema/index.js";
import { expandAll, type Expansion, type Mode } from "./expansion.js";
import { accepts, goalOf, isNever, type Goal } from "./goal.js";
import { matchesPattern } from "./pattern.js";
import { KINDS, type Bound, type Kind, type Part } from "./part.js";

/** The values of one kind that satisfy one combination of branches of a goal. */
export interface Alternative {
  readonly goal: Goal;
  readonly kind: Kind;
  /** The exact values, if there are few. The other rules then say nothing more. */
  readonly values?: readonly unknown[];
  readonly parts: readonly Part[];
  readonly not: readonly SchemaLocation[];
  readonly sources: readonly SchemaLocation[];
  readonly opaque: readonly SchemaLocation[];
}

/** A range of integers with more members is described by its limits. */
const MAX_LISTED = 64;

/** The alternatives that were derived, by the key of their goal. */
type Derived = Readonly<Record<Mode, Map<string, readonly Alternative[]>>>;

const derived = new WeakMap<SchemaSet, Derived>();

/** The alternatives of a goal: together, they contain at least (`over`) or at most (`under`) the accepted values. */
export function alternativesOf(goal: Goal, mode: Mode): readonly Alternative[] {
  const known = derived.get(goal.set) ?? { over: new Map(), under: new Map() };
  derived.set(goal.set, known);
  const found = known[mode].get(goal.key) ?? derive(goal, mode);
  known[mode].set(goal.key, found);
  return found;
}

/** The alternatives whose values go through some branches, in the mode `over`. */
export function alternativesVia(goal: Goal, via: ReadonlySet<string>): readonly Alternative[] {
  return via.size === 0 ? alternativesOf(goal, "over") : derive(goal, "over", via);
}

function derive(goal: Goal, mode: Mode, via?: ReadonlySet<string>): readonly Alternative[] {
  if (isNever(goal)) return [];
  const expansions = expandAll(goal.set.index, goal.all, mode, via);
  const listed = new Set<string>();
  return expansions.flatMap((expansion) =>
    KINDS.filter((kind) => expansion.parts.every(({ kinds }) => kinds?.has(kind) ?? true)).flatMap(
      (kind): readonly Alternative[] => {
        const values = listValues(expansion, kind);
        if (values === undefined)
          return isPossible(goal, expansion, kind) ? [{ goal, kind, ...expansion }] : [];
        const fitting = values.filter((value) => kindOf(value) === kind && accepts(goal, value));
        const isNew = fitting.some((value) => !listed.has(JSON.stringify(value)));
        for (const value of fitting) listed.add(JSON.stringify(value));
        return isNew ? [{ goal, kind, values: fitting, ...expansion }] : [];
      },
    ),
  );
}

/** The values of a kind that an expansion lists, or that are few. */
function listValues({ parts }: Expansion, kind: Kind): readonly unknown[] | undefined {
  if (kind === "null") return [null];
  if (kind === "boolean") return [true, false];
  const listing = parts.find(({ values }) => values !== undefined);
  if (listing) return listing.values;
  if (kind !== "number" && impliedSizeOf(parts, kind)[1] === 0) return [EMPTY[kind]];
  if (kind !== "number" || !areIntegral(parts)) return undefined;
  const [low, high] = [lowest(parts), highest(parts)];
  if (low === undefined || high === undefined) return undefined;
  const [from, to] = [Math.ceil(low.value), Math.floor(high.value)];
  // Exclusive limits are among the listed values, and are filtered like all others.
  return to - from < MAX_LISTED
    ? Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)
    : undefined;
}

/** The only value of a kind whose size is zero. */
const EMPTY = { string: "", array: [], object: {} } as const;

/** Whether all numbers of an expansion are integers. */
export function areIntegral(parts: readonly Part[]): boolean {
  return parts.some(isIntegral);
}

function isIntegral({ isInteger, multipleOf }: Part): boolean {
  return isInteger === true || (multipleOf !== undefined && Number.isInteger(multipleOf));
}

/** Whether the limits of an expansion leave any value. */
function isPossible(goal: Goal, expansion: Expansion, kind: Kind): boolean {
  const { parts, not } = expansion;
  if (not.some(({ schema }) => schema === true || (isObject(schema) && Object.keys(schema).length === 0)))
    return false;
  if (kind === "object") {
    const alternative = { goal, kind, ...expansion };
    if ([...requiredOf(parts)].some((name) => isNever(propertyGoal(alternative, name)))) return false;
  }
  if (kind === "number") {
    const [low, high] = [lowest(parts), highest(parts)];
    if (low === undefined || high === undefined || low.value < high.value) return true;
    return low.value === high.value && !low.isExclusive && !high.isExclusive;
  }
  const [min, max] = impliedSizeOf(parts, kind);
  return min <= max;
}

/** The kind of a JSON value. */
export function kindOf(value: unknown): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as "boolean" | "number" | "string" | "object";
}

/** The tightest lower limit of numbers. */
export function lowest(parts: readonly Part[]): Bound | undefined {
  return tightest(
    parts.flatMap(({ minimum }) => minimum ?? []),
    (a, b) => a.value > b.value || (a.value === b.value && a.isExclusive),
  );
}

/** The tightest upper limit of numbers. */
export function highest(parts: readonly Part[]): Bound | undefined {
  return tightest(
    parts.flatMap(({ maximum }) => maximum ?? []),
    (a, b) => a.value < b.value || (a.value === b.value && a.isExclusive),
  );
}

function tightest(bounds: readonly Bound[], isTighter: (a: Bound, b: Bound) => boolean): Bound | undefined {
  return bounds.reduce<Bound | undefined>(
    (found, bound) => (found === undefined || isTighter(bound, found) ? bound : found),
    undefined,
  );
}

/** The least and the greatest length of strings, or number of items or properties, as the rules state it. */
export function sizeOf(parts: readonly Part[], kind: Kind): readonly [min: number, max: number] {
  const keys = {
    string: ["minLength", "maxLength"],
    array: ["minItems", "maxItems"],
    object: ["minProperties", "maxProperties"],
  } as const;
  if (kind !== "string" && kind !== "array" && kind !== "object") return [0, Infinity];
  const [low, high] = keys[kind];
  return [
    Math.max(0, ...parts.map((part) => part[low] ?? 0)),
    Math.min(Infinity, ...parts.map((part) => part[high] ?? Infinity)),
  ];
}

/** The same, and what follows from names that are required and from lists and objects that are closed. */
export function impliedSizeOf(parts: readonly Part[], kind: Kind): readonly [min: number, max: number] {
  const [min, max] = sizeOf(parts, kind);
  if (kind === "array") return [min, Math.min(max, ...parts.map(lengthOf))];
  if (kind !== "object") return [min, max];
  return [Math.max(min, requiredOf(parts).size), Math.min(max, ...parts.map(nameCountOf))];
}

/** The number of items that a list may have where it is closed. */
function lengthOf({ items }: Part): number {
  if (items === undefined) return Infinity;
  const end = items.prefix.findIndex((item) => item?.schema === false);
  if (end >= 0) return end;
  return items.rest?.schema === false ? items.prefix.length : Infinity;
}

/** The number of names that an object may have where it is closed. */
function nameCountOf({ properties }: Part): number {
  if (properties?.rest?.schema !== false || properties.patterns.length > 0) return Infinity;
  return [...properties.properties.values()].filter((one) => one?.schema !== false).length;
}

/** The names that objects must have, also because they have others. */
export function requiredOf(parts: readonly Part[]): ReadonlySet<string> {
  const names = new Set(parts.flatMap(({ required }) => required ?? []));
  const dependencies = parts.flatMap((part) => part.dependencies ?? []);
  for (let size = -1; size !== names.size;) {
    size = names.size;
    for (const [name, needed] of dependencies) if (names.has(name)) names.add(needed);
  }
  return names;
}

/** The names that the rules for properties mention. */
export function namesOf(parts: readonly Part[]): ReadonlySet<string> {
  return new Set(parts.flatMap(({ properties }) => [...(properties?.properties.keys() ?? [])]));
}

/** The patterns that the rules for properties mention. */
export function patternsOf(parts: readonly Part[]): ReadonlySet<string> {
  return new Set(parts.flatMap(({ properties }) => properties?.patterns.map(([pattern]) => pattern) ?? []));
}

const propertyGoals = new WeakMap<readonly Part[], Map<string, Goal>>();

/** The goal of the value of a property. */
export function propertyGoal(one: Alternative, name: string): Goal {
  const known = propertyGoals.get(one.parts) ?? new Map<string, Goal>();
  propertyGoals.set(one.parts, known);
  const found = known.get(name) ?? findPropertyGoal(one, name);
  known.set(name, found);
  return found;
}

function findPropertyGoal({ goal, parts }: Alternative, name: string): Goal {
  return goalOf(
    goal.set,
    parts.flatMap(({ properties }) => {
      if (properties === undefined) return [];
      const matched = properties.patterns.filter(([pattern]) => matchesPattern(pattern, name));
      if (!properties.properties.has(name) && matched.length === 0) return properties.rest ?? [];
      return [properties.properties.get(name), ...matched.map(([, schema]) => schema)].flatMap(
        (one) => one ?? [],
      );
    }),
  );
}

/** The goal of properties that no rule names, and whose names match these patterns and no others. */
export function otherGoal({ goal, parts }: Alternative, matching: ReadonlySet<string>): Goal {
  return goalOf(
    goal.set,
    parts.flatMap(({ properties }) => {
      if (properties === undefined) return [];
      const matched = properties.patterns.filter(([pattern]) => matching.has(pattern));
      return matched.length === 0 ? (properties.rest ?? []) : matched.flatMap(([, schema]) => schema ?? []);
    }),
  );
}

/** The goal of the item at an index. */
export function itemGoal({ goal, parts }: Alternative, at: number): Goal {
  return goalOf(
    goal.set,
    parts.flatMap(({ items }) => {
      if (items === undefined) return [];
      return (at < items.prefix.length ? items.prefix[at] : items.rest) ?? [];
    }),
  );
}

/** The number of first positions that have a rule of their own. */
export function positionsOf(parts: readonly Part[]): number {
  return Math.max(0, ...parts.map(({ items }) => items?.prefix.length ?? 0));
}

/** The alternatives of the other side that stem from the same schemas; without such ones, all of the same kind. */
export function counterpartsOf(one: Alternative, peers: readonly Alternative[]): readonly Alternative[] {
  const alike = peers.filter(({ kind }) => kind === one.kind);
  const own = new Set(marksOf(one));
  const shared = alike.map((peer) => {
    const marks = marksOf(peer);
    const count = marks.filter((mark) => own.has(mark)).length;
    return { peer, count, similarity: 2 * count - marks.length };
  });
  if (shared.every(({ count }) => count === 0)) return alike;
  const best = Math.max(...shared.map(({ similarity }) => similarity));
  return shared.filter(({ similarity }) => similarity === best).map(({ peer }) => peer);
}

/** The schemas whose rules an alternative has, and those that it excludes. */
function marksOf({ sources, not }: Alternative): readonly string[] {
  return [...sources.map(({ uri }) => uri), ...not.map(({ uri }) => `not ${uri}`)];
}
