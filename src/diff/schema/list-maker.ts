import { impliedSizeOf, itemGoal, positionsOf, type Alternative } from "./alternatives.js";
import { type Choices, type Choose, distinct, MAX_ITEMS, NO_CHOICE } from "./choices.js";
import { goalOf, type Goal } from "./goal.js";
import { tellingSizes } from "./scalars.js";

/** Longer lists are not made at all. */
const MAX_LIST = 10_000;

/** Makes the items of lists. */
export interface ItemSource {
  readonly choose: Choose;
  /** At least as many different valid values as a list has items, if there are so many. */
  readonly different: (choices: Choices, count: number) => readonly unknown[];
  /** A few valid values. */
  readonly samples: (goal: Goal) => readonly unknown[];
}

/** Makes lists of an alternative: of each telling length, with each value at each position, and with what `contains` wants. */
export class ListMaker {
  readonly #one: Alternative;
  readonly #peers: readonly Alternative[];
  readonly #items: ItemSource;
  readonly #isUnique: boolean;
  readonly #min: number;
  readonly #max: number;
  /** The number of positions that have a rule of their own on one of the sides. */
  readonly #positions: number;
  /** The sizes at which one of the sides may change its mind. */
  readonly #limits: readonly number[];
  /** By position; the last one is that of all further items. */
  readonly #choices: readonly Choices[];

  constructor(one: Alternative, peers: readonly Alternative[], items: ItemSource) {
    this.#one = one;
    this.#peers = peers;
    this.#items = items;
    this.#isUnique = one.parts.some((part) => part.isUnique);
    [this.#min, this.#max] = impliedSizeOf(one.parts, "array");
    this.#positions = Math.max(positionsOf(one.parts), positionsOf(peers.flatMap(({ parts }) => parts)));
    const sizes = this.#sizesOfPeers();
    this.#limits = [this.#min, this.#max, this.#positions, ...sizes];
    const positions = Array.from({ length: Math.min(this.#positions, MAX_ITEMS) + 1 }, (_, at) => at);
    const choices = positions.map((at) =>
      items.choose(
        itemGoal(one, at),
        peers.map((peer) => itemGoal(peer, at)),
      ),
    );
    const longest = Math.max(...this.#limits.filter((limit) => limit <= MAX_ITEMS)) + 1;
    this.#choices = this.#isUnique
      ? choices.map((each) => ({ ...each, fitting: items.different(each, longest) }))
      : choices;
  }

  /** The lists, the shortest ones first. */
  lists(): readonly unknown[] {
    return [...this.#ofEachLength(), ...this.#withEachValue(), ...this.#repeating(), ...this.#containing()];
  }

  #ofEachLength(): readonly unknown[] {
    const common = [...this.#limits.flatMap((limit) => [limit, limit + 1, limit - 1]), 1, 2].filter(
      (length) => length >= this.#min && length <= Math.min(this.#max, MAX_ITEMS),
    );
    const longest = this.#isUnique ? MAX_ITEMS : MAX_LIST;
    const telling = tellingSizes([this.#min, this.#max], this.#sizesOfPeers(), longest);
    return distinct([...common, ...telling])
      .toSorted((a, b) => a - b)
      .flatMap((length) => {
        const list = this.#ofLength(length);
        return list === undefined ? [] : [list];
      });
  }

  /** A list with each value of each position. */
  #withEachValue(): readonly unknown[] {
    return Array.from({ length: this.#positions + 1 }, (_, index) => {
      const base = this.#ofLength(Math.max(this.#min, index + 1));
      if (base === undefined || base.length > this.#max) return [];
      return this.#at(index).values.map((value) => base.with(index, value));
    }).flat();
  }

  /** Lists with an item twice. */
  #repeating(): readonly unknown[] {
    const pairs = this.#at(0)
      .fitting.slice(0, 3)
      .map((value) => [value, value]);
    const longer = this.#ofLength(Math.max(this.#min, 2));
    return longer !== undefined && longer.length > 1 ? [...pairs, longer.with(1, longer[0])] : pairs;
  }

  /** Lists with one item more and one less than `contains` wants. */
  #containing(): readonly unknown[] {
    const sides = [this.#one, ...this.#peers];
    const wantedByAll = sides.map(({ goal, parts }) =>
      parts.flatMap(({ contains }) =>
        contains ? this.#items.samples(goalOf(goal.set, [contains.schema])).slice(0, 1) : [],
      ),
    );
    const varied = sides.flatMap(({ goal, parts }) =>
      parts.flatMap(({ contains }) => {
        if (contains === undefined) return [];
        const { min, max, schema } = contains;
        const counts = [0, 1, min - 1, min, min + 1, max, max + 1];
        const wanted = this.#items.samples(goalOf(goal.set, [schema])).slice(0, 3);
        return counts
          .filter((count) => count >= 0 && count <= MAX_ITEMS)
          .flatMap((count) => wanted.flatMap((item) => this.#repeated(item, count)));
      }),
    );
    // One item for each of several rules.
    return [...wantedByAll.filter((items) => items.length > 1), ...varied];
  }

  /** An item so many times: alone, and together with others. */
  #repeated(item: unknown, count: number): readonly unknown[] {
    const items = Array.from({ length: count }, () => item);
    const rest = this.#ofLength(Math.max(0, this.#min - count)) ?? [];
    return [items, [...items, ...rest], [...(this.#ofLength(this.#min) ?? []), ...items]];
  }

  /** A valid list, if there is one of this length. */
  #ofLength(length: number): unknown[] | undefined {
    const used = new Set<string>();
    const list: unknown[] = [];
    for (let index = 0; index < length; index += 1) {
      const { fitting, best } = this.#at(index);
      const free = this.#isUnique ? fitting.find((value) => !used.has(JSON.stringify(value))) : best;
      if (fitting.length === 0 || (this.#isUnique && free === undefined && used.size > 0)) return undefined;
      used.add(JSON.stringify(free));
      list.push(free);
    }
    return list;
  }

  #at(index: number): Choices {
    return this.#choices[Math.min(index, this.#choices.length - 1)] ?? NO_CHOICE;
  }

  #sizesOfPeers(): readonly number[] {
    return this.#peers.flatMap(({ parts }) => impliedSizeOf(parts, "array"));
  }
}
