/** Counts what several owners keep in memory, against one limit for all of them. */
export class MemoryBudget<Owner> {
  readonly #maxBytes: number;
  readonly #bytes = new Map<Owner, number>();
  #total = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of an owner. */
  of(owner: Owner): number {
    return this.#bytes.get(owner) ?? 0;
  }

  /** Sets the bytes of an owner. Changes nothing and returns false if they are more than before and exceed the limit. */
  set(owner: Owner, bytes: number): boolean {
    const before = this.of(owner);
    if (bytes > before && this.#total - before + bytes > this.#maxBytes) return false;
    this.#total += bytes - before;
    if (bytes === 0) this.#bytes.delete(owner);
    else this.#bytes.set(owner, bytes);
    return true;
  }
}
