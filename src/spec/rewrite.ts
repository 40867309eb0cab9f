import type { Path } from "./document.js";
import { setProperty } from "../json/json.js";

/** A new value for what stands at a path. */
export interface Edit {
  readonly path: Path;
  readonly value: unknown;
}

/** A copy of frozen data with some values replaced; frozen too, and what is not on the way to an edit is shared. */
export function rewrite(value: unknown, edits: readonly Edit[], depth = 0): unknown {
  const [first] = edits;
  if (!first) return value;
  if (first.path.length === depth) return first.value;
  const groups = groupByLevel(edits, depth);
  const part = (key: string, old: unknown) => rewrite(old, groups.get(key) ?? [], depth + 1);
  if (Array.isArray(value)) return Object.freeze(value.map((item, index) => part(String(index), item)));
  const copy: Record<string, unknown> = {};
  for (const [key, old] of Object.entries(value ?? {})) setProperty(copy, key, part(key, old));
  return Object.freeze(copy);
}

function groupByLevel(edits: readonly Edit[], depth: number): ReadonlyMap<string, readonly Edit[]> {
  const groups = new Map<string, Edit[]>();
  for (const edit of edits) {
    const key = String(edit.path[depth]);
    const group = groups.get(key);
    if (group) group.push(edit);
    else groups.set(key, [edit]);
  }
  return groups;
}
