import type { AST } from "@eslint-community/regexpp";
import { charactersOf, type CharacterSet } from "./character-set.js";

/**
 * The position automaton (Glushkov) of a regular expression: its states are the positions that match a character. For
 * each
 * position it has the positions that can follow, and the number of ways to each.
 */
export interface PositionAutomaton {
  readonly characters: readonly CharacterSet[];
  readonly follow: readonly ReadonlyMap<number, number>[];
  /** Positions after which the whole expression has matched. */
  readonly last: ReadonlySet<number>;
}

/**
 * Repetitions up to this count are copied, as `a{2}` is `aa`. A higher count is treated as unbounded, since exponential
 * time needs only a few.
 */
const MAX_COPIES = 6;
/** Larger expressions are not analyzed: the check compares every pair of positions, here at most 14,400. */
const MAX_POSITIONS = 120;

// Treat `$` as a character that only the end of the string matches.
const END: CharacterSet = [[-1, -1]];

interface Part {
  /** Whether it can match the empty string. */
  readonly nullable: boolean;
  readonly first: ReadonlyMap<number, number>;
  readonly last: ReadonlyMap<number, number>;
}

const EMPTY: Part = { nullable: true, first: new Map(), last: new Map() };

/**
 * Builds the automata of an expression and of every lookaround in it, without those that exceed {@link MAX_POSITIONS}.
 */
export function automataOf(pattern: AST.Pattern): readonly PositionAutomaton[] {
  const found: PositionAutomaton[] = [];
  const open: (readonly AST.Alternative[])[] = [pattern.alternatives];
  for (let alternatives = open.pop(); alternatives !== undefined; alternatives = open.pop()) {
    const builder = new Builder((inside) => open.push(inside));
    const { last } = builder.either(alternatives);
    if (builder.characters.length > MAX_POSITIONS) continue;
    found.push({ characters: builder.characters, follow: builder.follow, last: new Set(last.keys()) });
  }
  return found;
}

class Builder {
  readonly characters: CharacterSet[] = [];
  readonly follow: Map<number, number>[] = [];
  readonly #lookaround: (alternatives: readonly AST.Alternative[]) => void;

  constructor(lookaround: (alternatives: readonly AST.Alternative[]) => void) {
    this.#lookaround = lookaround;
  }

  either(alternatives: readonly AST.Alternative[]): Part {
    const parts = alternatives.map(({ elements }) =>
      this.#sequence(elements.map((element) => () => this.#part(element))),
    );
    return {
      nullable: parts.some(({ nullable }) => nullable),
      first: sum(parts.map(({ first }) => first)),
      last: sum(parts.map(({ last }) => last)),
    };
  }

  #sequence(makers: readonly (() => Part)[]): Part {
    let all = EMPTY;
    for (const make of makers) {
      if (this.characters.length > MAX_POSITIONS) return all;
      const next = make();
      this.#connect(all.last, next.first);
      all = {
        nullable: all.nullable && next.nullable,
        first: all.nullable ? sum([all.first, next.first]) : all.first,
        last: next.nullable ? sum([all.last, next.last]) : next.last,
      };
    }
    return all;
  }

  #part(node: AST.Element): Part {
    switch (node.type) {
      case "Character":
      case "CharacterSet":
      case "CharacterClass":
        return this.#position(charactersOf(node));
      case "Group":
      case "CapturingGroup":
        return this.either(node.alternatives);
      case "Quantifier":
        return this.#repeated(node);
      case "Assertion":
        if (node.kind === "end") return this.#position(END);
        if (node.kind === "lookahead" || node.kind === "lookbehind") this.#lookaround(node.alternatives);
        return EMPTY;
      default:
        return EMPTY;
    }
  }

  #repeated({ element, min, max }: AST.Quantifier): Part {
    if (max <= MAX_COPIES) {
      const optional = (): Part => ({ ...this.#part(element), nullable: true });
      return this.#sequence(
        Array.from({ length: max }, (_, copy) => (copy < min ? () => this.#part(element) : optional)),
      );
    }
    const part = this.#part(element);
    this.#connect(part.last, part.first);
    return { ...part, nullable: part.nullable || min === 0 };
  }

  #position(characters: CharacterSet): Part {
    const position = this.characters.push(characters) - 1;
    this.follow.push(new Map());
    return { nullable: false, first: new Map([[position, 1]]), last: new Map([[position, 1]]) };
  }

  #connect(from: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>): void {
    for (const [before, waysOut] of from) {
      const next = this.follow[before];
      for (const [after, waysIn] of to) next?.set(after, (next.get(after) ?? 0) + waysOut * waysIn);
    }
  }
}

function sum(maps: readonly ReadonlyMap<number, number>[]): ReadonlyMap<number, number> {
  const total = new Map<number, number>();
  for (const map of maps)
    for (const [position, ways] of map) total.set(position, (total.get(position) ?? 0) + ways);
  return total;
}
