import {
  alternativesOf,
  counterpartsOf,
  itemGoal,
  namesOf,
  otherGoal,
  patternsOf,
  positionsOf,
  propertyGoal,
  requiredOf,
  type Alternative,
} from "./alternatives.js";
import { goalOf, type Goal } from "./goal.js";
import { isSameGoal, isSameSchema } from "./same-schema.js";
import type { Part } from "./part.js";

/** Two parts of two schemas that are in the same place. */
interface PairNode {
  readonly own: Goal;
  readonly other: Goal;
  readonly parent: string | undefined;
}

/** Larger schemas are compared as far as this number of pairs leads. */
const MAX_PAIRS = 4_000;
/** All parts of smaller schemas are varied, since their values are few. */
const MAX_SMALL = 60;

/** The key of a pair of goals. */
export function pairKey(own: Goal, other: Goal): string {
  return `${own.key} | ${other.key}`;
}

/**
 * The pairs on the ways from two goals to the parts that differ by themselves, and not only by what they refer to. Undefined if
 * the schemas are so small that every part can be varied.
 */
export function relevantPairs(own: Goal, other: Goal): ReadonlySet<string> | undefined {
  const nodes = new Map<string, PairNode>();
  const open: string[] = [];
  const add = (left: Goal, right: Goal, parent: string | undefined) => {
    const key = pairKey(left, right);
    if (nodes.has(key) || nodes.size >= MAX_PAIRS || isSameGoal(left, right)) return;
    nodes.set(key, { own: left, other: right, parent });
    open.push(key);
  };
  add(own, other, undefined);
  const relevant = new Set<string>();
  for (let at = 0; at < open.length; at += 1) {
    const key = open[at] ?? "";
    const node = nodes.get(key);
    if (node === undefined) continue;
    const [left, right] = [alternativesOf(node.own, "over"), alternativesOf(node.other, "over")];
    if (differs(left, right)) {
      for (
        let way: string | undefined = key;
        way !== undefined && !relevant.has(way);
        way = nodes.get(way)?.parent
      )
        relevant.add(way);
    }
    for (const one of left)
      for (const peer of counterpartsOf(one, right)) {
        for (const [inside, counterpart] of insideOf(one, peer)) add(inside, counterpart, key);
      }
  }
  return nodes.size <= MAX_SMALL ? undefined : relevant;
}

/** Whether two lists of alternatives differ in more than the schemas inside them. */
function differs(a: readonly Alternative[], b: readonly Alternative[]): boolean {
  if (a.length !== b.length) return true;
  return a.some((one, at) => {
    const other = b[at];
    if (other === undefined || ownText(one) !== ownText(other) || one.not.length !== other.not.length)
      return true;
    return one.not.some(
      (schema) => !other.not.some((each) => isSameSchema(one.goal.set, schema, other.goal.set, each)),
    );
  });
}

function ownText({ kind, values, parts }: Alternative): string {
  return JSON.stringify([kind, values ?? parts.map(ownRules)]);
}

function ownRules({ kinds, items, properties, contains, names, ...rules }: Part): unknown {
  return [
    { ...rules, examples: undefined },
    [...(kinds ?? [])],
    items && [items.prefix.map((item) => item?.schema === false), items.rest?.schema === false],
    properties && [
      [...properties.properties].map(([name, schema]) => [name, schema?.schema === false]),
      properties.patterns.map(([pattern]) => pattern),
      properties.rest?.schema === false,
    ],
    contains && [contains.min, contains.max],
    names !== undefined,
  ];
}

/** The pairs of goals inside two alternatives. */
function insideOf(one: Alternative, peer: Alternative): readonly (readonly [Goal, Goal])[] {
  if (one.kind === "array") {
    const last = Math.max(positionsOf(one.parts), positionsOf(peer.parts));
    const positions = Array.from({ length: Math.min(last, MAX_POSITIONS) + 1 }, (_, at) => at);
    const contained = one.parts.flatMap(({ contains }) =>
      contains ? [goalOf(one.goal.set, [contains.schema])] : [],
    );
    const others = peer.parts.flatMap(({ contains }) =>
      contains ? [goalOf(peer.goal.set, [contains.schema])] : [],
    );
    return [
      ...positions.map((at) => [itemGoal(one, at), itemGoal(peer, at)] as const),
      ...contained.flatMap((goal, at) => (others[at] ? [[goal, others[at]] as const] : [])),
    ];
  }
  if (one.kind !== "object") return [];
  const parts = [...one.parts, ...peer.parts];
  const names = new Set([...namesOf(parts), ...requiredOf(parts)]);
  const classes = [new Set<string>(), ...[...patternsOf(parts)].map((pattern) => new Set([pattern]))];
  return [
    ...[...names].map((name) => [propertyGoal(one, name), propertyGoal(peer, name)] as const),
    ...classes.map((matching) => [otherGoal(one, matching), otherGoal(peer, matching)] as const),
  ];
}

/** Further positions of a tuple are not followed. */
const MAX_POSITIONS = 50;
