import { RegExpParser } from "@eslint-community/regexpp";
import { overlap } from "./character-set.js";
import { automataOf, type PositionAutomaton } from "./position-automaton.js";

const parser = new RegExpParser();

/**
 * Whether a backtracking matcher can take exponential time: whether a loop through the expression matches one string in
 * two ways, and the match can still fail afterwards.
 */
export function isSlow(pattern: string): boolean {
  // Without a repetition in a repetition there is no such loop, and most patterns have none.
  if (!/[*+}?)].*[*+}]/s.test(pattern)) return false;
  try {
    return automataOf(parser.parsePattern(pattern, 0, pattern.length, { unicode: true })).some(isAmbiguous);
  } catch {
    // Syntax that the parser does not know is not analyzed.
    return false;
  }
}

/** A pair of positions that the same string leads to, as one number. */
type Pair = number;

function isAmbiguous(automaton: PositionAutomaton): boolean {
  const size = automaton.characters.length;
  const pair = (left: number, right: number): Pair => left * size + right;
  const next = (at: Pair): Pair[] => {
    const [left, right] = [Math.floor(at / size), at % size];
    const found: Pair[] = [];
    for (const a of automaton.follow[left]?.keys() ?? []) {
      for (const b of automaton.follow[right]?.keys() ?? []) {
        if (a === b || overlap(automaton.characters[a] ?? [], automaton.characters[b] ?? []))
          found.push(pair(a, b));
      }
    }
    return found;
  };
  const roots = Array.from({ length: size }, (_, position) => pair(position, position));
  return cycles(roots, next).some((cycle) => {
    const isTogether = (at: Pair) => Math.floor(at / size) === at % size;
    const together = cycle.filter(isTogether);
    if (together.length === 0) return false;
    // A complete match ends and is never retried.
    if (cycle.some((at) => automaton.last.has(at % size) || automaton.last.has(Math.floor(at / size))))
      return false;
    return together.length < cycle.length || hasTwoWays(automaton, new Set(together.map((at) => at % size)));
  });
}

/** Whether a position leads to another of the cycle in more than one way. */
function hasTwoWays({ follow }: PositionAutomaton, positions: ReadonlySet<number>): boolean {
  return [...positions].some((position) =>
    [...(follow[position] ?? [])].some(([after, ways]) => ways > 1 && positions.has(after)),
  );
}

/** The strongly connected components that contain a cycle and are reachable from the roots (Tarjan). */
function cycles(roots: readonly Pair[], next: (at: Pair) => readonly Pair[]): readonly (readonly Pair[])[] {
  const index = new Map<Pair, number>();
  const low = new Map<Pair, number>();
  const path: Pair[] = [];
  const onPath = new Set<Pair>();
  const found: Pair[][] = [];
  for (const root of roots) {
    if (index.has(root)) continue;
    const calls: { readonly at: Pair; readonly rest: Pair[] }[] = [enter(root)];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const { at, rest } = call;
      const after = rest.pop();
      if (after !== undefined) {
        if (!index.has(after)) calls.push(enter(after));
        else if (onPath.has(after)) lower(at, index.get(after) ?? 0);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1);
      if (caller !== undefined) lower(caller.at, low.get(at) ?? 0);
      if (low.get(at) === index.get(at)) leave(at);
    }
  }
  return found;

  function enter(at: Pair) {
    index.set(at, index.size);
    low.set(at, index.get(at) ?? 0);
    path.push(at);
    onPath.add(at);
    return { at, rest: [...next(at)] };
  }

  function lower(at: Pair, to: number): void {
    low.set(at, Math.min(low.get(at) ?? to, to));
  }

  function leave(at: Pair): void {
    const component = path.splice(path.lastIndexOf(at));
    for (const one of component) onPath.delete(one);
    if (component.length > 1 || next(at).includes(at)) found.push(component);
  }
}
