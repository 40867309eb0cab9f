import { alternativesOf, counterpartsOf, type Alternative } from "./alternatives.js";
import { type Choices, distinct } from "./choices.js";
import { accepts, goalOf, type Goal } from "./goal.js";
import { ListMaker } from "./list-maker.js";
import { ObjectMaker } from "./object-maker.js";
import { isSameGoal } from "./same-schema.js";
import { numbersFor, textsFor } from "./scalars.js";

/** The nesting up to which values are made: parts of recursive schemas below it are left out. */
const MAX_DEPTH = 10;
/** The values of one part. More would multiply with those of the parts around it. */
const MAX_VALUES = 160;
/** The values of a whole body. */
const MAX_CANDIDATES = 6_000;
/** Examples of a part that is the same on both sides. */
const MAX_SAMPLES = 6;
/** All values of all parts. Beyond it, only samples are made: a schema has hundreds of thousands of characters then. */
const MAX_MADE = 60_000;

/** Makes the values that tell two goals apart, without randomness: equal schemas give equal values. */
export class Candidates {
  /** The longest texts that are made. */
  readonly #maxText: number;
  readonly #maxVaried: number;
  readonly #values = new Map<string, { readonly depth: number; readonly values: readonly unknown[] }>();
  /** The pairs of goals whose values are being made. */
  readonly #open = new Set<string>();
  #made = 0;
  readonly #samples = new Map<string, readonly unknown[]>();
  /** The keys of the samples that are being made, and the number of times that one of them was needed meanwhile. */
  readonly #sampled = new Set<string>();
  #unfinished = 0;

  /** @param maxVaried The nesting up to which parts are varied; by default all are. Deeper parts have samples. */
  constructor(maxText: number, maxVaried: number = Infinity) {
    this.#maxText = maxText;
    this.#maxVaried = maxVaried;
  }

  /** Values that `own` probably accepts, at the limits of both goals. */
  of(own: Goal, other: Goal): readonly unknown[] {
    return this.#valuesOf(own, other, 0).slice(0, MAX_CANDIDATES);
  }

  /** The same for some of the alternatives of two goals. */
  ofAlternatives(own: readonly Alternative[], others: readonly Alternative[]): readonly unknown[] {
    return this.#vary(own, others, 0).slice(0, MAX_CANDIDATES);
  }

  /** A few valid values of a part. */
  samplesOf(goal: Goal): readonly unknown[] {
    return this.#samplesOf(goal, 1);
  }

  /** The smallest object of an alternative, or one with as many properties as are possible; undefined if there is none. */
  objectOf(one: Alternative, size: "smallest" | "largest"): object | undefined {
    const maker = new ObjectMaker(one, [], (own, others) => this.#choices(own, others, 0));
    return size === "smallest" ? maker.smallest() : maker.largest();
  }

  #valuesOf(own: Goal, other: Goal, depth: number): readonly unknown[] {
    if (depth > 0 && isSameGoal(own, other)) return this.#samplesOf(own, depth);
    if (depth > this.#maxVaried) return this.#samplesOf(own, depth);
    const key = `${own.key} | ${other.key}`;
    const known = this.#values.get(key);
    if (known !== undefined && known.depth <= depth) return known.values;
    // The rules of a recursive schema are varied once. Below itself, it has samples.
    if (this.#open.has(key) || this.#made > MAX_MADE) return this.#samplesOf(own, depth);
    this.#open.add(key);
    const found = this.#vary(alternativesOf(own, "over"), alternativesOf(other, "over"), depth);
    const values = found.slice(0, depth === 0 ? MAX_CANDIDATES : MAX_VALUES);
    this.#open.delete(key);
    this.#made += values.length;
    this.#values.set(key, { depth, values });
    return values;
  }

  #vary(own: readonly Alternative[], others: readonly Alternative[], depth: number): readonly unknown[] {
    const peers = withExcluded(others);
    const excluded = own.flatMap(excludedBy);
    const found = own.map((one) => {
      const alike = [...counterpartsOf(one, peers), ...excluded.filter(({ kind }) => kind === one.kind)];
      return [...this.#ofAlternative(one, alike, depth)];
    });
    return distinct(interleaved(found));
  }

  /** Valid values, a few of each alternative. */
  #samplesOf(goal: Goal, depth: number): readonly unknown[] {
    // Parts below a limit need any value, so that one that was made deeper will do.
    const key = this.#maxVaried === Infinity ? `${goal.key} | ${depth}` : goal.key;
    const known = this.#samples.get(key);
    if (known !== undefined) {
      this.#unfinished += this.#sampled.has(key) ? 1 : 0;
      return known;
    }
    // A schema that leads back to itself at the same depth has no value there.
    this.#samples.set(key, []);
    this.#sampled.add(key);
    const before = this.#unfinished;
    const found: unknown[] = [];
    for (const one of alternativesOf(goal, "over")) {
      const fitting: unknown[] = [];
      for (const value of this.#ofAlternative(one, [], depth)) {
        if (accepts(goal, value)) fitting.push(value);
        if (fitting.length >= (one.values ? MAX_SAMPLES : 2)) break;
      }
      found.push(...fitting);
      if (found.length >= MAX_SAMPLES * 2) break;
    }
    const samples = distinct(found).slice(0, MAX_SAMPLES * 2);
    this.#sampled.delete(key);
    // Without the values that are being made, there may be some that were not found.
    if (samples.length === 0 && this.#unfinished > before) this.#samples.delete(key);
    else this.#samples.set(key, samples);
    return samples;
  }

  /** The values of an alternative, which are made one by one: samples need only the first ones. */
  *#ofAlternative(one: Alternative, peers: readonly Alternative[], depth: number): Generator {
    if (one.values !== undefined) {
      yield* one.values;
      return;
    }
    if (depth > MAX_DEPTH) return;
    const parts = peers.flatMap((peer) => peer.parts);
    if (one.kind === "number") yield* numbersFor(one.parts, parts);
    if (one.kind === "string") yield* textsFor(one.parts, parts, this.#maxText);
    if (one.kind === "array") yield* this.#lists(one, peers, depth);
    if (one.kind === "object") yield* this.#objects(one, peers, depth);
    yield* one.parts.flatMap(({ examples }) => examples ?? []);
    yield* peers.flatMap(({ values }) => values ?? []);
    yield* parts.flatMap(({ examples }) => examples ?? []);
  }

  /** The values of a part, and the first of them that it, and if possible the part on the other side, accepts. */
  #choices(own: Goal, others: readonly Goal[], depth: number): Choices {
    const lists = others.slice(0, 6).map((other) => this.#valuesOf(own, other, depth + 1));
    const values = distinct([...this.#samplesOf(own, depth + 1), ...lists.flat()]);
    const fitting = values.filter((value) => accepts(own, value));
    const common = fitting.find((value) => others.every((other) => accepts(other, value)));
    return { own, values, fitting, best: common ?? fitting[0] };
  }

  /** At least as many different values of a part as a list has items, if it has so many. */
  #different({ own, fitting }: Choices, count: number, depth: number): readonly unknown[] {
    if (own === undefined || fitting.length >= count) return fitting;
    const numbered = Array.from({ length: count * 2 }, (_, at) => [
      at,
      `a${at}`,
      "a".repeat(Math.min(at, this.#maxText)),
    ]).flat();
    const made = alternativesOf(own, "over").flatMap((one) => [...this.#ofAlternative(one, [], depth + 1)]);
    const others = distinct([...fitting, ...made, ...numbered]);
    return others.filter((value) => accepts(own, value)).slice(0, count + 2);
  }

  #lists(one: Alternative, peers: readonly Alternative[], depth: number): readonly unknown[] {
    const maker = new ListMaker(one, peers, {
      choose: (own, others) => this.#choices(own, others, depth),
      different: (choices, count) => this.#different(choices, count, depth),
      samples: (goal) => this.#samplesOf(goal, depth + 1),
    });
    return maker.lists();
  }

  #objects(one: Alternative, peers: readonly Alternative[], depth: number): Generator {
    const maker = new ObjectMaker(one, peers, (own, others) => this.#choices(own, others, depth));
    for (const each of [one, ...peers])
      if (nameGoal(each).all.length > 0) maker.addNames(this.#samplesOf(nameGoal(each), depth + 1));
    for (const peer of peers) maker.addNames(this.#namesApart(nameGoal(one), nameGoal(peer), depth));
    return maker.objects();
  }

  /** Names that only the first of two rules for names accepts. */
  #namesApart(own: Goal, other: Goal, depth: number): readonly unknown[] {
    if (other.all.length === 0) return [];
    const textsOf = (goal: Goal) => alternativesOf(goal, "over").filter(({ kind }) => kind === "string");
    return this.#vary(textsOf(own), textsOf(other), depth + 1)
      .filter((name) => accepts(own, name) && !accepts(other, name))
      .slice(0, MAX_SAMPLES);
  }
}

/** The values of several lists, the first ones of each first. */
function interleaved(lists: readonly (readonly unknown[])[]): readonly unknown[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) =>
    lists.flatMap((list) => (at < list.length ? [list[at]] : [])),
  ).flat();
}

/** The goal of the names of an object's properties. */
function nameGoal({ goal, parts }: Alternative): Goal {
  return goalOf(
    goal.set,
    parts.flatMap(({ names }) => names ?? []),
  );
}

/** The alternatives, and those of the schemas that they exclude by `not`. */
function withExcluded(alternatives: readonly Alternative[]): readonly Alternative[] {
  return alternatives.flatMap((one) => [one, ...excludedBy(one)]);
}

function excludedBy({ goal, not }: Alternative): readonly Alternative[] {
  return not.flatMap((schema) => alternativesOf(goalOf(goal.set, [schema]), "over"));
}
