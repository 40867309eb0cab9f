/** Changes the count of a key, and returns it. A count of zero is no entry. */
export function count<Key>(counts: Map<Key, number>, key: Key, change: 1 | -1): number {
  const changed = (counts.get(key) ?? 0) + change;
  if (changed > 0) counts.set(key, changed);
  else counts.delete(key);
  return changed;
}
