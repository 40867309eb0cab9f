import type { SchemaSet } from "../../schema/index.js";
import { canonicalLocation } from "../../schema/references.js";
import type { Goal } from "./goal.js";
import { parallelOf, type InnerPair, type SchemaPair } from "./parallel.js";
import { isSameSchema } from "./same-schema.js";

/** The way from a pair of schemas to a pair inside them. */
export type Way = readonly WayStep[];

/** A step of a way, between schemas that do more than refer to others. */
export interface WayStep {
  readonly outer: SchemaPair;
  readonly inner: InnerPair;
}

/** The differences between two schemas by their keywords. */
export interface Differences {
  /** The number of pairs of schemas that are not equal: those that differ by themselves, and those on the ways there. */
  readonly pairs: number;
  /** For each pair that differs by itself, some ways to it, short ones first. */
  readonly ways: readonly (readonly Way[])[];
}

interface Node {
  readonly key: string;
  readonly pair: SchemaPair;
  readonly parents: Arrival[];
}

interface Arrival {
  readonly from: Node;
  readonly by: InnerPair;
}

/** Larger schemas are compared as far as this number of pairs leads. */
const MAX_PAIRS = 10_000;
/** Ways to one difference. A definition that many others use is reached by more, but hardly by more kinds of way. */
const MAX_WAYS = 6;

/** Finds the pairs of schemas that differ by more than the schemas inside them. Equal schemas are not entered. */
export function findDifferences(a: Goal, b: Goal): Differences {
  const [one, other] = [a.all[0], b.all[0]];
  // A body without a schema accepts everything: there is only one place.
  if (one === undefined || other === undefined) return { pairs: 1, ways: [[[]]] };
  const sides = { a: a.set, b: b.set };
  const nodes = new Map<string, Node>();
  const differing: Node[] = [];
  const enter = (pair: SchemaPair): Node => {
    const key = `${pair.one.uri} ${pair.other.uri}`;
    const node = nodes.get(key) ?? { key, pair, parents: [] };
    nodes.set(key, node);
    return node;
  };
  const open = [enter(canonical(sides, { one, other }))];
  for (const node of open) {
    const { isAlike, inside } = parallelOf(a.set, b.set, node.pair);
    if (!isAlike) differing.push(node);
    for (const by of inside) {
      const pair = canonical(sides, by);
      if (nodes.size >= MAX_PAIRS || isSameSchema(a.set, pair.one, b.set, pair.other)) continue;
      const count = nodes.size;
      const entered = enter(pair);
      // The first pair is where all ways begin.
      if (entered !== open[0] && entered.parents.length < MAX_WAYS) entered.parents.push({ from: node, by });
      if (nodes.size > count) open.push(entered);
    }
  }
  return { pairs: nodes.size, ways: differing.map(waysTo) };
}

function canonical({ a, b }: { a: SchemaSet; b: SchemaSet }, { one, other }: SchemaPair): SchemaPair {
  return { one: canonicalLocation(a.index, one), other: canonicalLocation(b.index, other) };
}

function stepOf({ from, by }: Arrival): WayStep {
  return { outer: from.pair, inner: by };
}

/** The shortest way to a pair, and those that differ from it in one place. */
function waysTo(node: Node): readonly Way[] {
  const shortest = shortestTo(node);
  const found = [shortest.map(stepOf)];
  for (let at = shortest.length - 1; at >= 0 && found.length < MAX_WAYS; at -= 1) {
    const to = shortest[at + 1]?.from ?? node;
    const rest = shortest.slice(at + 1);
    for (const arrival of to.parents.slice(1, 1 + MAX_WAYS - found.length))
      found.push([...shortestTo(arrival.from), arrival, ...rest].map(stepOf));
  }
  return found;
}

/** The first arrivals make the shortest way, since pairs are entered in the order of their distance. */
function shortestTo(node: Node): readonly Arrival[] {
  const way: Arrival[] = [];
  for (let arrival = node.parents[0]; arrival !== undefined; arrival = arrival.from.parents[0])
    way.unshift(arrival);
  return way;
}
