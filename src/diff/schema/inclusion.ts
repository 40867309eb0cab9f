import { isObject, stringArrayProperty } from "../../json/json.js";
import { isAlikeIncluded, type Prover } from "./alike.js";
import type { SchemaLocation } from "../../schema/index.js";
import { canonicalLocation } from "../../schema/references.js";
import {
  alternativesOf,
  highest,
  impliedSizeOf,
  itemGoal,
  lowest,
  namesOf,
  otherGoal,
  patternsOf,
  positionsOf,
  propertyGoal,
  requiredOf,
  type Alternative,
} from "./alternatives.js";
import { accepts, goalOf, isNever, type Goal } from "./goal.js";
import { parallelOf } from "./parallel.js";
import { isSameGoal, isSameSchema } from "./same-schema.js";
import { isAbove, isWithinScalars } from "./scalar-inclusion.js";

/** Names that match different patterns are told apart up to this number of patterns: the classes double with each. */
const MAX_PATTERNS = 5;
/** The nesting up to which a proof is tried. Deeper schemas are proven only if they are equal or recursive. */
const MAX_DEPTH = 60;
/** Steps of one proof. Beyond it, nothing is proven. */
const MAX_STEPS = 10_000;

/** The number of properties by which objects are divided at once. The cases double with each. */
const MAX_SPLITS = 3;
/** The names that are tried for a division. */
const MAX_DECISIVE = 4;

/**
 * Whether it is certain that every value of one goal is a value of the other. False says nothing: the proof compares combination by
 * combination, and knows no arithmetic over several of them.
 */
export function isIncluded(a: Goal, b: Goal): boolean {
  return new Inclusion("all").isProven(a, b);
}

/** The same, by a proof that compares combinations only where the keywords of two schemas differ: it is fast for large schemas. */
export function isIncludedByShape(a: Goal, b: Goal): boolean {
  return new Inclusion("different").isProven(a, b);
}

class Inclusion {
  /** The depth at which each pair was met. Below that depth, values are smaller, so the pair may be assumed (induction). */
  readonly #open = new Map<string, number>();
  readonly #proven: string[] = [];
  readonly #isProven = new Set<string>();
  readonly #isRefuted = new Set<string>();
  readonly #prover: Prover = {
    here: (a, b) => this.isProven(a, b),
    below: (a, b) => this.#below(a, b),
    areApart: (a, b) => this.#areApart(a, b),
  };
  /** The schemas whose combinations are compared. */
  readonly #expanded: "all" | "different";
  #depth = 0;
  #steps = 0;

  constructor(expanded: "all" | "different") {
    this.#expanded = expanded;
  }

  isProven(a: Goal, b: Goal): boolean {
    if (isNever(a) || b.all.length === 0) return true;
    const key = `${a.key} < ${b.key}`;
    if (this.#isProven.has(key)) return true;
    if (this.#isRefuted.has(key) || this.#depth > MAX_DEPTH || (this.#steps += 1) > MAX_STEPS) return false;
    const met = this.#open.get(key);
    if (met !== undefined) return met < this.#depth;
    if (b.all.every((other) => a.all.some((one) => isSameSchema(a.set, one, b.set, other)))) {
      this.#isProven.add(key);
      return true;
    }
    this.#open.set(key, this.#depth);
    const start = this.#proven.length;
    const found = this.#isContained(a, b);
    this.#open.delete(key);
    if (found) {
      this.#proven.push(key);
      this.#isProven.add(key);
    } else {
      // What was proven in between may rest on this pair.
      for (const one of this.#proven.splice(start)) this.#isProven.delete(one);
      if (this.#open.size === 0) this.#isRefuted.add(key);
    }
    return found;
  }

  #isContained(a: Goal, b: Goal): boolean {
    const [one, other] = [a.all, b.all].map((all) => (all.length === 1 ? all[0] : undefined));
    if (one !== undefined && other !== undefined) {
      const pair = { one: canonicalLocation(a.set.index, one), other: canonicalLocation(b.set.index, other) };
      const sides = { a: a.set, b: b.set, prover: this.#prover };
      const verdict = isAlikeIncluded(sides, pair, parallelOf(a.set, b.set, pair));
      if (verdict === true) return true;
      if (verdict === false && this.#expanded === "different") return false;
    }
    return alternativesOf(a, "over").every((alternative) => this.#isCovered(alternative, b));
  }

  #below(a: Goal, b: Goal): boolean {
    this.#depth += 1;
    const found = this.isProven(a, b);
    this.#depth -= 1;
    return found;
  }

  #isCovered(one: Alternative, b: Goal, splits = 0): boolean {
    if (one.values !== undefined) return one.values.every((value) => accepts(b, value));
    const candidates = alternativesOf(b, "under").filter(({ kind, values }) => kind === one.kind && !values);
    if (candidates.some((other) => this.#isWithin(one, other)) || this.#isEmpty(one)) return true;
    if (one.kind !== "object" || candidates.length < 2) return false;
    return (
      this.#isCoveredByValue(one, candidates) || this.#isCoveredByPresence(one, { b, candidates, splits })
    );
  }

  /** Divides objects by the values of a property that has few, which often chooses the branch. */
  #isCoveredByValue(one: Alternative, candidates: readonly Alternative[]): boolean {
    for (const name of requiredOf(one.parts)) {
      const choices = alternativesOf(propertyGoal(one, name), "over");
      if (!choices.every(({ values }) => values !== undefined)) continue;
      const values = choices.flatMap((choice) => choice.values ?? []);
      if (values.length < 2) continue;
      const isAll = values.every((value) => {
        const chosen = { name, value };
        return candidates.some((other) => this.#isWithin(one, other, chosen)) || this.#isEmpty(one, chosen);
      });
      if (isAll) return true;
    }
    return false;
  }

  /** Divides objects into those with a property and those without it. */
  #isCoveredByPresence(
    one: Alternative,
    { b, candidates, splits }: { b: Goal; candidates: readonly Alternative[]; splits: number },
  ): boolean {
    const [anywhere] = [...one.goal.all, ...b.all];
    if (splits >= MAX_SPLITS || anywhere === undefined) return false;
    return decisiveNames(one, candidates).some((name) => {
      const never = { ...anywhere, uri: "false", schema: false };
      const without = { properties: new Map([[name, never]]), patterns: [], rest: undefined };
      return [{ required: [name] }, { properties: without }].every((part) =>
        this.#isCovered({ ...one, parts: [...one.parts, part] }, b, splits + 1),
      );
    });
  }

  /** Whether an alternative has no values, because it excludes all by `not`. */
  #isEmpty(one: Alternative, chosen?: Chosen): boolean {
    return one.not.some((schema) =>
      alternativesOf(goalOf(one.goal.set, [schema]), "under").some(
        (other) => other.kind === one.kind && this.#isWithin(one, other, chosen),
      ),
    );
  }

  /** Whether an alternative is within another one; with `chosen`, only its objects with that property. */
  #isWithin(a: Alternative, b: Alternative, chosen?: Chosen): boolean {
    if (b.values !== undefined) return false;
    const isOpen = (location: SchemaLocation) =>
      !a.sources.some((source) => isSameSchema(a.goal.set, source, b.goal.set, location));
    if (
      b.opaque.some(
        (location) =>
          isOpen(location) && !a.opaque.some((one) => isSameSchema(a.goal.set, one, b.goal.set, location)),
      )
    )
      return false;
    return isWithinScalars(a, b) && this.#isWithinNested(a, b, chosen) && this.#avoids(a, b, chosen);
  }

  #isWithinNested(a: Alternative, b: Alternative, chosen?: Chosen): boolean {
    if (a.kind === "array") return this.#isWithinItems(a, b) && this.#contains(a, b);
    return a.kind !== "object" || this.#isWithinProperties(a, b, chosen);
  }

  #isWithinItems(a: Alternative, b: Alternative): boolean {
    const [, longest] = impliedSizeOf(a.parts, "array");
    const positions = Math.max(positionsOf(a.parts), positionsOf(b.parts));
    for (let at = 0; at <= positions && at < longest; at += 1) {
      const item = itemGoal(a, at);
      if (alternativesOf(item, "over").length === 0) return true;
      if (!this.#below(item, itemGoal(b, at))) return false;
    }
    return true;
  }

  #contains(a: Alternative, b: Alternative): boolean {
    return b.parts.every(({ contains: wanted }) => {
      if (wanted === undefined) return true;
      const goal = goalOf(b.goal.set, [wanted.schema]);
      const rules = a.parts.flatMap(({ contains }) => contains ?? []);
      const [shortest, longest] = impliedSizeOf(a.parts, "array");
      const isEnough =
        wanted.min === 0 ||
        rules.some(
          (rule) => rule.min >= wanted.min && this.#below(goalOf(a.goal.set, [rule.schema]), goal),
        ) ||
        (shortest >= wanted.min && this.#allItems(a, goal));
      const isFew =
        wanted.max >= longest ||
        rules.some((rule) => rule.max <= wanted.max && this.#below(goal, goalOf(a.goal.set, [rule.schema])));
      return isEnough && isFew;
    });
  }

  #allItems(a: Alternative, goal: Goal): boolean {
    return Array.from({ length: positionsOf(a.parts) + 1 }, (_, at) => itemGoal(a, at)).every((item) =>
      this.#below(item, goal),
    );
  }

  #isWithinProperties(a: Alternative, b: Alternative, chosen?: Chosen): boolean {
    const required = requiredOf(a.parts);
    if ([...requiredOf(b.parts)].some((name) => !required.has(name))) return false;
    const impossible = (name: string) => alternativesOf(propertyGoal(a, name), "over").length === 0;
    const wanted = b.parts.flatMap(({ dependencies }) => dependencies ?? []);
    const isDependent = wanted.every(
      ([name, needed]) =>
        name === needed ||
        required.has(needed) ||
        (!required.has(name) && impossible(name)) ||
        a.parts.some(({ dependencies }) => dependencies?.some(([x, y]) => x === name && y === needed)),
    );
    if (!isDependent || !this.#hasNames(a, b)) return false;
    for (const name of new Set([...namesOf(a.parts), ...namesOf(b.parts)])) {
      const goal = propertyGoal(b, name);
      if (chosen?.name === name ? !accepts(goal, chosen.value) : !this.#below(propertyGoal(a, name), goal))
        return false;
    }
    const patterns = [...new Set([...patternsOf(a.parts), ...patternsOf(b.parts)])];
    if (patterns.length > MAX_PATTERNS) return false;
    return subsetsOf(patterns).every((matching) =>
      this.#below(otherGoal(a, matching), otherGoal(b, matching)),
    );
  }

  /** Whether the names of `a` are names that `b` allows. */
  #hasNames(a: Alternative, b: Alternative): boolean {
    return b.parts.every(({ names }) => {
      const goal = goalOf(b.goal.set, names === undefined ? [] : [names]);
      if (goal.all.length === 0) return true;
      if (a.parts.some((part) => part.names && this.#below(goalOf(a.goal.set, [part.names]), goal)))
        return true;
      const isClosed = subsetsOf([...patternsOf(a.parts)].slice(0, MAX_PATTERNS)).every(
        (matching) => alternativesOf(otherGoal(a, matching), "over").length === 0,
      );
      return isClosed && [...namesOf(a.parts)].every((name) => accepts(goal, name));
    });
  }

  /** Whether no value of `a` is one that `b` excludes by `not`. */
  #avoids(a: Alternative, b: Alternative, chosen?: Chosen): boolean {
    return b.not.every((schema) => {
      const goal = goalOf(b.goal.set, [schema]);
      return (
        a.not.some((one) => this.isProven(goal, goalOf(a.goal.set, [one]))) ||
        this.#isDisjoint(a, goal, chosen)
      );
    });
  }

  /** Whether it is certain that no value is both in an alternative and in a goal. */
  #isDisjoint(a: Alternative, goal: Goal, chosen?: Chosen): boolean {
    return alternativesOf(goal, "over").every((other) => {
      if (a.kind !== other.kind) return true;
      if (other.values !== undefined) return other.values.every((value) => !accepts(a.goal, value));
      if (other.not.some((schema) => this.isProven(a.goal, goalOf(goal.set, [schema])))) return true;
      if (a.not.some((schema) => this.isProven(goal, goalOf(a.goal.set, [schema])))) return true;
      return this.#differ(a, other, chosen);
    });
  }

  #differ(a: Alternative, b: Alternative, chosen?: Chosen): boolean {
    if (a.kind === "number") {
      return isAbove(lowest(a.parts), highest(b.parts)) || isAbove(lowest(b.parts), highest(a.parts));
    }
    const [[least, most], [fewest, largest]] = [
      impliedSizeOf(a.parts, a.kind),
      impliedSizeOf(b.parts, b.kind),
    ];
    if (least > largest || fewest > most) return true;
    if (a.kind === "array") return least > 0 && this.#areApart(itemGoal(a, 0), itemGoal(b, 0));
    if (a.kind !== "object") return false;
    const always = requiredOf(a.parts);
    return [...new Set([...always, ...requiredOf(b.parts)])].some((name) =>
      chosen?.name === name
        ? !accepts(propertyGoal(b, name), chosen.value)
        : this.#areApart(propertyGoal(a, name), propertyGoal(b, name)),
    );
  }

  #areApart(a: Goal, b: Goal): boolean {
    if ((this.#steps += 1) > MAX_STEPS || this.#depth > MAX_DEPTH) return false;
    this.#depth += 1;
    const found = alternativesOf(a, "over").every((one) =>
      one.values !== undefined ? one.values.every((value) => !accepts(b, value)) : this.#isDisjoint(one, b),
    );
    this.#depth -= 1;
    return found;
  }
}

/** The names whose presence decides which alternative an object belongs to. */
function decisiveNames(one: Alternative, candidates: readonly Alternative[]): readonly string[] {
  const always = requiredOf(one.parts);
  const names = candidates.flatMap((other) => [
    ...requiredOf(other.parts),
    ...[...namesOf(other.parts)].filter((name) => isNever(propertyGoal(other, name))),
    ...other.not.flatMap(({ schema }) => (isObject(schema) ? stringArrayProperty(schema, "required") : [])),
    ...other.parts.flatMap(({ dependencies }) => dependencies?.map(([name]) => name) ?? []),
  ]);
  return [...new Set(names)]
    .filter((name) => !always.has(name) && !isNever(propertyGoal(one, name)))
    .slice(0, MAX_DECISIVE);
}

/** A property that has a certain value. */
interface Chosen {
  readonly name: string;
  readonly value: unknown;
}

function subsetsOf(patterns: readonly string[]): readonly ReadonlySet<string>[] {
  return patterns.reduce<readonly ReadonlySet<string>[]>(
    (subsets, pattern) => subsets.flatMap((subset) => [subset, new Set([...subset, pattern])]),
    [new Set()],
  );
}

/** Whether two goals accept certainly the same values. */
export function areEqual(a: Goal, b: Goal): boolean {
  return isSameGoal(a, b) || (isIncluded(a, b) && isIncluded(b, a));
}
