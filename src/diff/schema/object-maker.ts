import { setProperty } from "../../json/json.js";
import {
  impliedSizeOf,
  namesOf,
  patternsOf,
  propertyGoal,
  requiredOf,
  type Alternative,
} from "./alternatives.js";
import { type Choices, type Choose, distinct, MAX_ITEMS } from "./choices.js";
import { samplesOf } from "./pattern-samples.js";
import { tellingSizes } from "./scalars.js";

/** Larger objects are not made at all: each property is added to a copy. */
const MAX_OBJECT = 1_000;
/** Objects with more properties are not varied in two properties at once. */
const MAX_PAIRED = 10;
/** Objects with more properties are not varied beside all of their optional properties. */
const MAX_FULL = 24;

/** Makes objects of an alternative: with each property, without it, and with each of its values. */
export class ObjectMaker {
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
