import { isObject, property } from "../../json/json.js";
import {
  alternativesVia,
  counterpartsOf,
  impliedSizeOf,
  itemGoal,
  propertyGoal,
  type Alternative,
} from "./alternatives.js";
import { Candidates } from "./candidates.js";
import type { Way } from "./differences.js";
import { accepts, goalOf, type Goal } from "./goal.js";
import { keysOf, levelsOf, type Level, type Step } from "./levels.js";
import { mutantsOf } from "./mutate.js";
import { withProperty } from "./object-maker.js";

/** The values that only one of two goals accepts. */
export interface Apart {
  readonly onlyOlder: readonly unknown[];
  readonly onlyNewer: readonly unknown[];
}

/** The directions in which values are needed. */
export interface Wanted {
  readonly older: boolean;
  readonly newer: boolean;
}

interface Wish {
  readonly wanted: Wanted;
  /** Values of the whole, into which others are put. */
  readonly examples: readonly unknown[];
}

interface Goals {
  readonly older: Goal;
  readonly newer: Goal;
}

/** The alternatives of two goals through a place. */
interface Through {
  readonly older: readonly Alternative[];
  readonly newer: readonly Alternative[];
}

/** The values of one place that are put into values around it. More hardly differ in what matters there. */
const MAX_KEPT = 24;
/** The combinations of branches through which a way is tried at one level. */
const MAX_TRIED = 4;
/** The searches for one way, over all combinations. */
const MAX_SEARCHES = 16;
/** Attempts with random changes at one place, if no systematic value tells the schemas apart. */
const MAX_MUTATIONS = 1_000;
/** The nesting below a difference up to which parts are varied. */
const MAX_VARIED = 2;

const NOTHING: Apart = { onlyOlder: [], onlyNewer: [] };

/**
 * Looks for values at a difference between two schemas, and puts those that only one schema accepts into valid values around them,
 * level by level. So the work grows with the depth of a difference, and not with the size of the schemas.
 */
export class WaySearch {
  readonly #candidates: Candidates;
  #tried = 0;
  #searches = 0;
  #wanted: Wanted = { older: true, newer: true };

  /** @param maxText The longest texts that are made. */
  constructor(maxText: number) {
    this.#candidates = new Candidates(maxText, MAX_VARIED);
  }

  /** The number of values that were judged. */
  get tried(): number {
    return this.#tried;
  }

  /**
   * Values that only one of two goals accepts, by the difference at the end of a way.
   *
   * @param wanted Whether values are needed that only the older goal accepts, and that only the newer one accepts.
   */
  find(goals: Goals, way: Way, { examples, wanted }: Wish): Apart {
    this.#searches = 0;
    const isMixed = way.some(({ inner }) => TURNING.has(inner.keyword));
    this.#wanted = isMixed ? { older: true, newer: true } : wanted;
    return this.#find(goals, levelsOf(way), examples);
  }

  #find(goals: Goals, levels: readonly Level[], contexts: readonly unknown[]): Apart {
    const [level, ...rest] = levels;
    if (level === undefined) return NOTHING;
    const through = {
      older: alternativesVia(goals.older, level.via),
      newer: alternativesVia(goals.newer, level.via),
    };
    const { step } = level;
    if (step !== undefined) return this.#findInside(goals, { step, through, rest, contexts });
    this.#searches += 1;
    const values = [
      ...this.#candidates.ofAlternatives(through.older, through.newer),
      ...this.#candidates.ofAlternatives(through.newer, through.older),
      ...contexts,
    ];
    const found = this.#judge(goals, values);
    if (found.onlyOlder.length + found.onlyNewer.length > 0) return found;
    const isAccepted = (value: unknown) => accepts(goals.older, value) || accepts(goals.newer, value);
    return this.#judge(goals, mutantsOf(values, isAccepted, MAX_MUTATIONS));
  }

  #findInside(goals: Goals, at: Inside): Apart {
    const found: Apart[] = [];
    let tried = 0;
    for (const [one, peer] of pairsOf(at.through, at.step)) {
      if (tried >= MAX_TRIED || this.#searches >= MAX_SEARCHES || this.#isEnough(found)) break;
      // Rules that contradict each other are often seen only when an object is made.
      if (one.kind === "object" && this.#candidates.objectOf(one, "smallest") === undefined) continue;
      tried += 1;
      for (const key of keysOf(one, at.step, (goal) => this.#candidates.samplesOf(goal))) {
        const inner = { older: innerGoal(one, at.step, key), newer: innerGoal(peer, at.step, key) };
        const contexts = at.contexts.flatMap((context) => partAt(context, key));
        const inside = this.#find(inner, at.rest, contexts);
        const values = [...inside.onlyOlder, ...inside.onlyNewer];
        const replacing = at.contexts.flatMap((context) =>
          values.flatMap((value) => replaced(context, key, value)),
        );
        found.push(this.#judge(goals, replacing));
        for (const size of ["smallest", "largest"] as const) {
          if (values.length === 0 || this.#isEnough(found)) break;
          const around = [one, peer].flatMap((each) =>
            this.#around(each, { step: at.step, key, values, size }),
          );
          found.push(this.#judge(goals, around));
        }
      }
    }
    return {
      onlyOlder: found.flatMap(({ onlyOlder }) => onlyOlder).slice(0, MAX_KEPT),
      onlyNewer: found.flatMap(({ onlyNewer }) => onlyNewer).slice(0, MAX_KEPT),
    };
  }

  #isEnough(found: readonly Apart[]): boolean {
    const { older, newer } = this.#wanted;
    return (
      (!older || found.some(({ onlyOlder }) => onlyOlder.length > 0)) &&
      (!newer || found.some(({ onlyNewer }) => onlyNewer.length > 0))
    );
  }

  #judge({ older, newer }: Goals, values: readonly unknown[]): Apart {
    const onlyOlder: unknown[] = [];
    const onlyNewer: unknown[] = [];
    const known = new Set<string>();
    for (const value of values) {
      const text = JSON.stringify(value);
      if (known.has(text)) continue;
      known.add(text);
      this.#tried += 1;
      const isOlder = accepts(older, value);
      if (isOlder === accepts(newer, value)) continue;
      const list = isOlder ? onlyOlder : onlyNewer;
      if (list.length < MAX_KEPT) list.push(value);
    }
    return { onlyOlder, onlyNewer };
  }

  /** Values of an alternative that contain one of some values. */
  #around(one: Alternative, { step, key, values, size }: Parts): readonly unknown[] {
    if (one.kind === "array") return values.map((value) => this.#listAround(one, { step, key, value, size }));
    const object = this.#candidates.objectOf(one, size);
    if (object === undefined) return [];
    if (step.to !== "name") return values.map((value) => withProperty(object, String(key), value));
    return values.flatMap((name) => {
      if (typeof name !== "string") return [];
      const [value = null] = this.#candidates.samplesOf(propertyGoal(one, name));
      return [withProperty(object, name, value)];
    });
  }

  #listAround(one: Alternative, { step, key, value, size }: Part): readonly unknown[] {
    const [min] = impliedSizeOf(one.parts, "array");
    const index = typeof key === "number" ? key : 0;
    const isUnique = one.parts.some((part) => part.isUnique);
    const contained = Math.max(0, ...one.parts.map(({ contains }) => contains?.min ?? 0));
    const wanted = size === "smallest" ? 0 : contained;
    const used = new Set([JSON.stringify(value)]);
    return Array.from({ length: Math.max(min, wanted, index + 1) }, (_, at) => {
      if (at === index || (step.to === "contained" && at < wanted)) return value;
      const samples = this.#candidates.samplesOf(itemGoal(one, at));
      const item = (isUnique ? samples.find((each) => !used.has(JSON.stringify(each))) : samples[0]) ?? null;
      used.add(JSON.stringify(item));
      return item;
    });
  }
}

/** Keywords below which a schema that accepts more can make the whole accept less. */
const TURNING: ReadonlySet<string> = new Set(["not", "if", "oneOf", "contains"]);

interface Inside {
  readonly step: Step;
  readonly through: Through;
  readonly rest: readonly Level[];
  readonly contexts: readonly unknown[];
}

interface Place {
  readonly step: Step;
  /** The name of a property, or the index of an item. */
  readonly key: string | number;
  /** The size of the values around it. */
  readonly size: "smallest" | "largest";
}

interface Part extends Place {
  readonly value: unknown;
}

interface Parts extends Place {
  readonly values: readonly unknown[];
}

/** The alternatives that have parts of a kind, each with its counterpart, those of the schemas at the place first. */
function pairsOf(
  { older, newer }: Through,
  { kind, of }: Step,
): readonly (readonly [Alternative, Alternative])[] {
  const fits = (one: Alternative) => one.kind === kind && one.values === undefined;
  const isThrough = ({ sources }: Alternative) => (sources.some(({ uri }) => of.has(uri)) ? 0 : 1);
  const [left, right] = [older.filter(fits), newer.filter(fits)];
  return left
    .toSorted((a, b) => isThrough(a) - isThrough(b))
    .flatMap((one) => {
      const peers = counterpartsOf(one, right).toSorted((a, b) => isThrough(a) - isThrough(b));
      return peers.slice(0, 2).map((peer) => [one, peer] as const);
    });
}

function innerGoal(one: Alternative, step: Step, key: string | number): Goal {
  if (step.to === "contained" || step.to === "name")
    return goalOf(
      one.goal.set,
      one.parts.flatMap(({ contains, names }) => (step.to === "name" ? names : contains?.schema) ?? []),
    );
  return one.kind === "array" ? itemGoal(one, Number(key)) : propertyGoal(one, String(key));
}

function partAt(context: unknown, key: string | number): readonly unknown[] {
  if (Array.isArray(context)) return typeof key === "number" && key < context.length ? [context[key]] : [];
  const part = isObject(context) ? property(context, String(key)) : undefined;
  return part === undefined ? [] : [part];
}

function replaced(context: unknown, key: string | number, value: unknown): readonly unknown[] {
  if (Array.isArray(context))
    return typeof key === "number" && key <= context.length ? [context.toSpliced(key, 1, value)] : [];
  return isObject(context) && typeof key === "string" && key !== ""
    ? [withProperty(context, key, value)]
    : [];
}
