import { setProperty } from "../../json/json.js";
import {
  alternativesOf,
  counterpartsOf,
  itemGoal,
  namesOf,
  patternsOf,
  positionsOf,
  propertyGoal,
  requiredOf,
  impliedSizeOf,
  type Alternative,
} from "./alternatives.js";
import { accepts, goalOf, type Goal } from "./goal.js";
import { samplesOf } from "./pattern-samples.js";
import { isSameGoal } from "./same-schema.js";
import { numbersFor, tellingSizes, textsFor } from "./scalars.js";

/** The nesting up to which values are made: parts of recursive schemas below it are left out. */
const MAX_DEPTH = 10;
/** The values of one part. More would multiply with those of the parts around it. */
const MAX_VALUES = 160;
/** The values of a whole body. */
const MAX_CANDIDATES = 6_000;
/** Examples of a part that is the same on both sides. */
const MAX_SAMPLES = 6;
/** Longer lists and larger objects are made only where one side refuses them for their size: they take long to judge. */
const MAX_ITEMS = 300;
/** Longer lists are not made at all. */
const MAX_LIST = 10_000;
/** Larger objects are not made at all: each property is added to a copy. */
const MAX_OBJECT = 1_000;
/** Objects with more properties are not varied in two properties at once. */
const MAX_PAIRED = 10;

/** All values of all parts. Beyond it, only samples are made: a schema has hundreds of thousands of characters then. */
const MAX_MADE = 60_000;
/** Objects with more properties are not varied beside all of their optional properties. */
const MAX_FULL = 24;

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
    if (one.kind === "array") yield* this.#arrays(one, peers, depth);
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

  #arrays(one: Alternative, peers: readonly Alternative[], depth: number): readonly unknown[] {
    const parts = peers.flatMap((peer) => peer.parts);
    const positions = Math.max(positionsOf(one.parts), positionsOf(parts));
    let choices: Choices[] = [];
    for (let at = 0; at <= Math.min(positions, MAX_ITEMS); at += 1)
      choices.push(
        this.#choices(
          itemGoal(one, at),
          peers.map((peer) => itemGoal(peer, at)),
          depth,
        ),
      );
    const at = (index: number): Choices => choices[Math.min(index, choices.length - 1)] ?? NO_CHOICE;
    const isUnique = one.parts.some((part) => part.isUnique);
    const [min, max] = impliedSizeOf(one.parts, "array");
    const limits = [min, max, positions, ...peers.flatMap((peer) => impliedSizeOf(peer.parts, "array"))];
    const longest = Math.max(...limits.filter((limit) => limit <= MAX_ITEMS)) + 1;
    if (isUnique)
      choices = choices.map((each) => ({ ...each, fitting: this.#different(each, longest, depth) }));
    const listOf = (length: number): unknown[] | undefined => {
      const used = new Set<string>();
      const list: unknown[] = [];
      for (let index = 0; index < length; index += 1) {
        const { fitting, best } = at(index);
        const free = isUnique ? fitting.find((value) => !used.has(JSON.stringify(value))) : best;
        if (fitting.length === 0 || (isUnique && free === undefined && used.size > 0)) return undefined;
        used.add(JSON.stringify(free));
        list.push(free);
      }
      return list;
    };
    const common = [...limits.flatMap((limit) => [limit, limit + 1, limit - 1]), 1, 2].filter(
      (length) => length >= min && length <= Math.min(max, MAX_ITEMS),
    );
    const others = peers.flatMap((peer) => impliedSizeOf(peer.parts, "array"));
    const lengths = distinct([
      ...common,
      ...tellingSizes([min, max], others, isUnique ? MAX_ITEMS : MAX_LIST),
    ]);
    const found: unknown[] = lengths
      .toSorted((a, b) => a - b)
      .flatMap((length) => {
        const list = listOf(length);
        return list === undefined ? [] : [list];
      });
    for (let index = 0; index <= positions; index += 1) {
      const base = listOf(Math.max(min, index + 1));
      if (base === undefined || base.length > max) continue;
      for (const value of at(index).values) found.push(base.with(index, value));
    }
    for (const value of at(0).fitting.slice(0, 3)) found.push([value, value]);
    const longer = listOf(Math.max(min, 2));
    if (longer !== undefined && longer.length > 1) found.push(longer.with(1, longer[0]));
    return [...found, ...this.#containing([one, ...peers], { listOf, min }, depth)];
  }

  /** Lists with one item more and one less than `contains` wants. */
  #containing(
    alternatives: readonly Alternative[],
    base: { readonly min: number; readonly listOf: (length: number) => unknown[] | undefined },
    depth: number,
  ): readonly unknown[] {
    const wantedByAll = alternatives.map(({ goal, parts }) =>
      parts.flatMap(({ contains }) => {
        const [item] = contains ? this.#samplesOf(goalOf(goal.set, [contains.schema]), depth + 1) : [];
        return item === undefined ? [] : [item];
      }),
    );
    const varied = alternatives.flatMap(({ goal, parts }) =>
      parts.flatMap(({ contains }) => {
        if (contains === undefined) return [];
        const wanted = goalOf(goal.set, [contains.schema]);
        const counts = [
          0,
          1,
          contains.min - 1,
          contains.min,
          contains.min + 1,
          contains.max,
          contains.max + 1,
        ];
        return counts
          .filter((count) => count >= 0 && count <= MAX_ITEMS)
          .flatMap((count) =>
            this.#samplesOf(wanted, depth + 1)
              .slice(0, 3)
              .flatMap((item) => {
                const items = Array.from({ length: count }, () => item);
                const rest = base.listOf(Math.max(0, base.min - count)) ?? [];
                return [items, [...items, ...rest], [...(base.listOf(base.min) ?? []), ...items]];
              }),
          );
      }),
    );
    // One item for each of several rules.
    return [...wantedByAll.filter((items) => items.length > 1), ...varied];
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

interface Choices {
  readonly own: Goal | undefined;
  readonly values: readonly unknown[];
  /** The valid ones. */
  readonly fitting: readonly unknown[];
  readonly best: unknown;
}

const NO_CHOICE: Choices = { own: undefined, values: [], fitting: [], best: undefined };

type Choose = (own: Goal, others: readonly Goal[]) => Choices;

/** Makes objects of an alternative: with each property, without it, and with each of its values. */
class ObjectMaker {
  readonly #one: Alternative;
  readonly #peers: readonly Alternative[];
  readonly #choose: Choose;
  readonly #choices = new Map<string, Choices>();
  readonly #required: ReadonlySet<string>;
  readonly #names: string[];

  constructor(one: Alternative, peers: readonly Alternative[], choose: Choose) {
    this.#one = one;
    this.#peers = peers;
    this.#choose = choose;
    this.#required = requiredOf(one.parts);
    const parts = [one, ...peers].flatMap((each) => each.parts);
    const dependent = parts.flatMap(({ dependencies }) => dependencies ?? []).flat();
    const matching = [...patternsOf(parts)].flatMap((pattern) => samplesOf(pattern).texts.slice(0, 3));
    this.#names = distinct([
      ...this.#required,
      ...namesOf(parts),
      ...requiredOf(parts),
      ...dependent,
      ...matching,
    ]) as string[];
    this.#names.push(this.#fresh(0));
  }

  /** Adds further names to try. */
  addNames(names: readonly unknown[]): void {
    for (const name of names)
      if (typeof name === "string" && !this.#names.includes(name)) this.#names.push(name);
  }

  *objects(): Generator {
    const base = this.#base();
    if (base === undefined) return;
    yield base;
    const possible = this.#possible();
    const isWide = this.#names.length > MAX_FULL;
    const full = this.#full(base, possible);
    yield full;
    for (const name of this.#names)
      yield* this.#of(name).values.map((value) => withProperty(base, name, value));
    if (!isWide) yield* possible.map((name) => without(full, name));
    yield* [...this.#required].map((name) => without(base, name));
    yield* this.#pairs(base);
    for (const name of isWide ? [] : this.#names)
      yield* this.#of(name)
        .values.slice(0, 8)
        .map((value) => withProperty(full, name, value));
    yield* this.#sizes(base);
  }

  /** The object with what it must have. */
  smallest(): object | undefined {
    return this.#base();
  }

  /** The object with everything, unless there are too many properties. */
  largest(): object | undefined {
    const base = this.#names.length > MAX_FULL ? undefined : this.#base();
    return base && this.#full(base, this.#possible());
  }

  /** The names of properties that may be absent, and for which there is a value. */
  #possible(): readonly string[] {
    return this.#names.filter((name) => !this.#required.has(name) && this.#of(name).fitting.length > 0);
  }

  /** The object with all properties but that of a name that no rule mentions. */
  #full(base: object, possible: readonly string[]): object {
    return possible
      .filter((name) => name !== this.#fresh(0))
      .reduce((object, name) => withProperty(object, name, this.#of(name).best), base);
  }

  /** An object with what it must have. */
  #base(): object | undefined {
    let object: object = {};
    for (const name of this.#required) {
      const { fitting, best } = this.#of(name);
      if (fitting.length === 0) return undefined;
      object = withProperty(object, name, best);
    }
    const [min] = impliedSizeOf(this.#one.parts, "object");
    if (min > MAX_ITEMS) return undefined;
    return this.#padded(object, min);
  }

  /** The object with as many properties, if that is possible. */
  #padded(start: object, size: number): object {
    let object = start;
    for (const name of this.#names) {
      if (Object.keys(object).length >= size) return object;
      if (this.#of(name).fitting.length > 0 && !Object.hasOwn(object, name))
        object = withProperty(object, name, this.#of(name).best);
    }
    const { fitting, best } = this.#of(this.#fresh(1));
    for (let number = 1; fitting.length > 0 && Object.keys(object).length < size; number += 1)
      object = withProperty(object, this.#fresh(number), best);
    return object;
  }

  #pairs(base: object): readonly unknown[] {
    const names = this.#names.filter((name) => this.#of(name).values.length > 0);
    if (names.length > MAX_PAIRED) return [];
    return names.flatMap((name, at) =>
      names
        .slice(at + 1)
        .flatMap((other) =>
          few(this.#of(name)).flatMap((value) =>
            few(this.#of(other)).map((item) => withProperty(withProperty(base, name, value), other, item)),
          ),
        ),
    );
  }

  #sizes(base: object): readonly unknown[] {
    const limits = [this.#one, ...this.#peers].flatMap(({ parts }) => impliedSizeOf(parts, "object"));
    const common = limits
      .flatMap((limit) => [limit - 1, limit, limit + 1])
      .filter((size) => size >= 0 && size <= MAX_ITEMS);
    const own = impliedSizeOf(this.#one.parts, "object");
    return distinct([...common, ...tellingSizes(own, limits, MAX_OBJECT)]).map((size) =>
      this.#padded(base, size),
    );
  }

  #of(name: string): Choices {
    const known = this.#choices.get(name);
    if (known !== undefined) return known;
    const others = this.#peers.filter(({ values }) => values === undefined);
    const found = this.#choose(
      propertyGoal(this.#one, name),
      others.map((peer) => propertyGoal(peer, name)),
    );
    this.#choices.set(name, found);
    return found;
  }

  /** A name that no rule mentions. */
  #fresh(number: number): string {
    const name = number === 0 ? "other" : `other${number}`;
    const isTaken = [this.#one, ...this.#peers].some(({ parts }) => namesOf(parts).has(name));
    return isTaken ? `${name}_` : name;
  }
}

/** The values of several lists, the first ones of each first. */
function interleaved(lists: readonly (readonly unknown[])[]): readonly unknown[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) =>
    lists.flatMap((list) => (at < list.length ? [list[at]] : [])),
  ).flat();
}

/** A few values of a property: valid ones, and one that may not be. */
function few({ values, fitting }: Choices): readonly unknown[] {
  return distinct([...fitting.slice(0, 4), ...values.slice(0, 1)]);
}

/** A copy of an object with another value of a property. */
export function withProperty(object: object, name: string, value: unknown): object {
  const copy = { ...object };
  setProperty(copy, name, value);
  return copy;
}

function without(object: object, name: string): object {
  const copy = { ...object };
  Reflect.deleteProperty(copy, name);
  return copy;
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

function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
