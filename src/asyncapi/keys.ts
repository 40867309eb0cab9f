/** Hands out the keys of one map of an AsyncAPI document: letters, digits, `.`, `_` and `-`, each once. */
export class Keys {
  readonly #taken = new Set<string>();

  /** The wanted key, or one like it. */
  unique(wanted: string): string {
    // AsyncAPI allows no other characters in the keys of components.
    const base =
      wanted
        .normalize("NFKD")
        .replace(/\p{M}/gu, "")
        .replace(/[^A-Za-z0-9_.-]+/g, "_") || "_";
    let key = base;
    for (let count = 2; this.#taken.has(key); count += 1) key = `${base}${count}`;
    this.#taken.add(key);
    return key;
  }
}
