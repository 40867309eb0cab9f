import { isObject, property } from "../../json/json.js";
import {
  alternativesOf,
  itemGoal,
  namesOf,
  patternsOf,
  propertyGoal,
  requiredOf,
  type Alternative,
} from "./alternatives.js";
import { Candidates } from "./candidates.js";
import type { Differences } from "./differences.js";
import type { Goal } from "./goal.js";
import { mutantsOf } from "./mutate.js";
import { matchesPattern } from "./pattern.js";
import { MAX_COMMON_TEXT, MAX_SLOW_TEXT, MAX_TEXT } from "./scalars.js";
import { WaySearch, type Wanted } from "./way-search.js";

/** A problem of a refused value, as a validator reports it. */
export interface Refusal {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
  readonly schemaPath: string;
}

/** A value that one schema accepts and the other refuses. */
export interface Witness {
  readonly value: unknown;
  /** The reason of the refusal. */
  readonly refusal: Refusal;
}

/** A set of JSON values by its validator. */
export interface Reader {
  readonly goal: Goal;
  /** The problems of a value; empty if it is accepted. */
  refuse(value: unknown): readonly Refusal[];
}

/** The result of a search. */
export interface Search {
  /** One witness for each rule that refuses a value, the most telling ones first. */
  readonly witnesses: readonly Witness[];
  /** The number of values that were tried. */
  readonly tried: number;
}

/** Attempts with random changes, if no systematic value tells the schemas apart. */
const MAX_MUTATIONS = 3_000;
/** Attempts to make a witness smaller. */
const MAX_SHRINKS = 300;
/** Witnesses of one body. More differences are counted only. */
const MAX_WITNESSES = 40;

/** Looks for values that `own` accepts and `other` refuses: at the limits of both schemas, in their examples, and then at random. */
export function findWitnesses(own: Reader, other: Reader, examples: readonly unknown[] = []): Search {
  const maxText = longestText(own, other);
  const isWitness = (value: unknown) => own.refuse(value).length === 0 && other.refuse(value).length > 0;
  const values = new Map<string, unknown>();
  const found: unknown[] = [];
  const tryAll = (candidates: readonly unknown[]) => {
    for (const value of candidates) {
      const key = JSON.stringify(value);
      if (values.has(key)) continue;
      values.set(key, value);
      if (isWitness(value)) found.push(value);
    }
  };
  tryAll(maxText === MAX_SLOW_TEXT ? [] : examples);
  const candidates = new Candidates(maxText);
  tryAll(candidates.of(own.goal, other.goal));
  if (found.length === 0) tryAll(candidates.of(other.goal, own.goal));
  const isAccepted = (value: unknown) => own.refuse(value).length === 0;
  if (found.length === 0) tryAll(mutantsOf([...values.values()], isAccepted, MAX_MUTATIONS));
  return { witnesses: distinctWitnesses(found, own, other), tried: values.size };
}

/** The longest text to try: a pattern could hang the process on a longer one. */
function longestText(...readers: readonly Reader[]): number {
  const isSlow = (length: number) =>
    readers.some(({ goal }) => goal.all.some(({ uri }) => goal.set.isSlow(uri, length)));
  if (isSlow(0)) return MAX_SLOW_TEXT;
  return isSlow(MAX_TEXT) ? MAX_COMMON_TEXT : MAX_TEXT;
}

/** Differences that are searched. A report shows fewer. */
const MAX_DIFFERENCES = 120;

/** The ways that are tried after a value was found for one direction. */
const MAX_FURTHER = 1;

/** Looks for values that only one of two readers accepts, by one difference of their schemas after the other. */
export function findWitnessesByDifference(
  older: Reader,
  newer: Reader,
  {
    differences,
    wanted,
    examples,
  }: { readonly differences: Differences; readonly wanted: Wanted; readonly examples: readonly unknown[] },
): { readonly narrowed: Search; readonly widened: Search } {
  const maxText = longestText(older, newer);
  const search = new WaySearch(maxText);
  const goals = { older: older.goal, newer: newer.goal };
  const contexts = maxText === MAX_SLOW_TEXT ? [] : examples;
  const [narrowing, widening]: [unknown[], unknown[]] = [[], []];
  for (const ways of differences.ways.slice(0, MAX_DIFFERENCES)) {
    let open = wanted;
    let further = MAX_FURTHER;
    for (const way of ways) {
      if ((!open.older && !open.newer) || further < 0) break;
      const { onlyOlder, onlyNewer } = search.find(goals, way, { wanted: open, examples: contexts });
      if (open.older) narrowing.push(...onlyOlder);
      if (open.newer) widening.push(...onlyNewer);
      open = { older: open.older && onlyOlder.length === 0, newer: open.newer && onlyNewer.length === 0 };
      // Most differences make a schema accept only less, or only more.
      if (open.older !== wanted.older || open.newer !== wanted.newer) further -= 1;
    }
  }
  // The readers may know more than their schemas: that a body is a text.
  const accepted = (own: Reader, values: readonly unknown[]) =>
    values.filter((value) => own.refuse(value).length === 0);
  return {
    narrowed: { witnesses: distinctWitnesses(accepted(older, narrowing), older, newer), tried: search.tried },
    widened: { witnesses: distinctWitnesses(accepted(newer, widening), newer, older), tried: search.tried },
  };
}

/** One witness for each rule: a small one, that no other rule refuses. */
function distinctWitnesses(values: readonly unknown[], own: Reader, other: Reader): readonly Witness[] {
  const byRule = new Map<string, { readonly value: unknown; readonly refusals: readonly Refusal[] }>();
  const simple = (value: unknown, refusals: readonly Refusal[]) =>
    refusals.length * 10_000 + (isDeclared(own.goal, value) ? 0 : 5_000) + textOf(value).length;
  for (const value of values) {
    const refusals = leavesOf(other.refuse(value));
    const rules = refusals.map(ruleOf).toSorted();
    const key = [...new Set(rules)].join("\n");
    const known = byRule.get(key);
    if (known === undefined || simple(value, refusals) < simple(known.value, known.refusals))
      byRule.set(key, { value, refusals });
  }
  const covered = new Set<string>();
  const witnesses: Witness[] = [];
  for (const { value, refusals } of [...byRule.values()].toSorted(
    (a, b) => simple(a.value, a.refusals) - simple(b.value, b.refusals),
  )) {
    if (witnesses.length >= MAX_WITNESSES) break;
    const rules = refusals.map(ruleOf);
    if (rules.some((rule) => covered.has(rule))) continue;
    for (const rule of rules) covered.add(rule);
    const small = shrink(value, (one) => {
      if (own.refuse(one).length > 0) return false;
      const now = leavesOf(other.refuse(one)).map(ruleOf);
      return now.length > 0 && now.every((rule) => rules.includes(rule));
    });
    const [refusal] = leavesOf(other.refuse(small));
    if (refusal !== undefined) witnesses.push({ value: small, refusal });
  }
  return witnesses;
}

/** The problems that explain others: those of branches rather than that no branch fits. */
function leavesOf(refusals: readonly Refusal[]): readonly Refusal[] {
  const own = refusals.filter(({ keyword }) => !["anyOf", "oneOf", "if", "allOf", "not"].includes(keyword));
  return own.length > 0 ? own : refusals;
}

/** The rule that refuses a value: the same for all items of a list. */
function ruleOf({ keyword, instancePath, params }: Refusal): string {
  const name = params["missingProperty"] ?? params["additionalProperty"] ?? params["unevaluatedProperty"];
  return `${instancePath.replaceAll(/\/\d+(?=\/|$)/g, "/*")} ${keyword} ${typeof name === "string" ? name : ""}`;
}

/** The smallest value that still satisfies a condition, as far as removing parts and simpler scalars lead. */
function shrink(start: unknown, isStill: (value: unknown) => boolean): unknown {
  let value = start;
  let attempts = 0;
  for (let isSmaller = true; isSmaller && attempts < MAX_SHRINKS;) {
    isSmaller = false;
    for (const smaller of smallerValues(value)) {
      if ((attempts += 1) >= MAX_SHRINKS) break;
      if (!isStill(smaller)) continue;
      value = smaller;
      isSmaller = true;
      break;
    }
  }
  return value;
}

/** The value without one property or item, at any depth, or with a simpler scalar. */
function* smallerValues(value: unknown): Generator {
  if (Array.isArray(value)) {
    for (const at of value.keys()) yield value.toSpliced(at, 1);
    for (const [at, item] of value.entries())
      for (const one of smallerValues(item)) yield value.with(at, one);
  } else if (isObject(value)) {
    for (const name of Object.keys(value))
      yield Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
    for (const [name, item] of Object.entries(value))
      for (const one of smallerValues(item))
        yield Object.fromEntries(Object.entries(value).map(([key, old]) => [key, key === name ? one : old]));
  } else if (typeof value === "string" && value.length > 1) {
    yield value.slice(0, Math.ceil(value.length / 2));
    yield value.slice(0, -1);
  }
}

/** The text of a value, short ones first. */
function textOf(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

/** Whether the schema mentions every property of a value, by its name, a pattern or a rule for all others. */
export function isDeclared(goal: Goal, value: unknown): boolean {
  return undeclaredIn(goal, value) === undefined;
}

/** The path to the first property of a value that the schema allows without mentioning it. */
export function undeclaredIn(goal: Goal, value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) {
    const lists = alternativesOf(goal, "over").filter(({ kind, values }) => kind === "array" && !values);
    return firstOf(value.entries(), ([at, item]) =>
      below(
        String(at),
        lists.map((list) => undeclaredIn(itemGoal(list, at), item)),
      ),
    );
  }
  if (!isObject(value)) return undefined;
  const objects = alternativesOf(goal, "over").filter(({ kind }) => kind === "object");
  if (objects.some(({ values }) => values !== undefined)) return undefined;
  return firstOf(Object.keys(value), (name) => {
    const naming = objects.filter((object) => mentions(object, name));
    if (naming.length === 0) return [name];
    return below(
      name,
      naming.map((object) => undeclaredIn(propertyGoal(object, name), property(value, name))),
    );
  });
}

function firstOf<T>(
  values: Iterable<T>,
  find: (value: T) => readonly string[] | undefined,
): readonly string[] | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The path with a step in front, unless one of the alternatives mentions everything. */
function below(
  step: string,
  paths: readonly (readonly string[] | undefined)[],
): readonly string[] | undefined {
  const [first] = paths;
  return first === undefined || paths.includes(undefined) ? undefined : [step, ...first];
}

function mentions({ parts }: Alternative, name: string): boolean {
  return (
    namesOf(parts).has(name) ||
    requiredOf(parts).has(name) ||
    [...patternsOf(parts)].some((pattern) => matchesPattern(pattern, name)) ||
    parts.some(({ properties }) => {
      const rest = properties?.rest?.schema;
      return isObject(rest) && Object.keys(rest).length > 0;
    })
  );
}

/** Whether a goal mentions a property by name somewhere in the objects at a place of a value. */
export function namesProperty(goal: Goal, path: readonly string[]): boolean {
  let goals: readonly Goal[] = [goal];
  for (const [at, step] of path.entries()) {
    const isLast = at === path.length - 1;
    const next: Goal[] = [];
    for (const one of goals.flatMap((each) => alternativesOf(each, "over"))) {
      if (one.kind === "object") {
        if (isLast && (namesOf(one.parts).has(step) || requiredOf(one.parts).has(step))) return true;
        next.push(propertyGoal(one, step));
      } else if (one.kind === "array") next.push(itemGoal(one, Number(step)));
    }
    goals = next;
  }
  return false;
}
