import type { SourceRange } from "../diagnostics/index.js";
import type { ApiModel } from "../model/index.js";
import type { Finding, WitnessValue } from "./change.js";
import type { RuleCode } from "./rules/index.js";

/** The two versions of an API, and what was found so far. */
export class Comparison {
  readonly older: ApiModel;
  readonly newer: ApiModel;
  readonly findings: Finding[] = [];

  constructor(older: ApiModel, newer: ApiModel) {
    this.older = older;
    this.newer = newer;
  }

  /** Records a difference. */
  add(rule: RuleCode, at: Position, message: string, witness?: WitnessValue): void {
    const { subject, range } = at;
    this.findings.push({ rule, subject, message, ...(witness && { witness }), ...(range && { range }) });
  }
}

/** The part of an API that a difference belongs to. */
export interface Position {
  readonly subject: string;
  /** Its position in the new spec. */
  readonly range?: SourceRange | undefined;
}

/** A pair of parts, one of each version. */
export interface Pair<T> {
  readonly older: T;
  readonly newer: T;
}

/** Named parts of two versions. */
export interface Matched<T> {
  readonly pairs: readonly Pair<T>[];
  readonly added: readonly T[];
  readonly removed: readonly T[];
}

/** Finds the pairs of equal keys, and of keys with former names that are free in the newer version. */
export function match<T extends { readonly renamedFrom?: string }>(
  older: readonly T[],
  newer: readonly T[],
  keyOf: (part: T) => string,
): Matched<T> {
  const before = new Map(older.map((part) => [keyOf(part), part]));
  const now = new Set(newer.map(keyOf));
  const pairs: Pair<T>[] = [];
  const added: T[] = [];
  for (const part of newer) {
    const former = part.renamedFrom;
    const same =
      before.get(keyOf(part)) ?? (former === undefined || now.has(former) ? undefined : before.get(former));
    if (same === undefined) added.push(part);
    else pairs.push({ older: same, newer: part });
  }
  const known = new Set(pairs.map((pair) => pair.older));
  return { pairs, added, removed: older.filter((part) => !known.has(part)) };
}

/** Whether two JSON values are equal, apart from the order of keys. */
export function isEqualJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b));
}

function ordered(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => [key, ordered(item)]);
}
