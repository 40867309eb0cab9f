/** A list that keeps the most recent values, bounded in number and in bytes. */
export class BoundedLog<T> {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #entries: { readonly value: T; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor({ maxEntries, maxBytes }: { readonly maxEntries: number; readonly maxBytes: number }) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** Oldest first. */
  get values(): readonly T[] {
    return this.#entries.map(({ value }) => value);
  }

  /** Appends a value. Up to twice the limits are kept for a while, so that dropping the oldest values is amortized O(1). */
  add(value: T, bytes: number): void {
    this.#entries.push({ value, bytes });
    this.#bytes += bytes;
    if (this.#entries.length < 2 * this.#maxEntries && this.#bytes < 2 * this.#maxBytes) return;
    let from = this.#entries.length;
    let kept = 0;
    while (
      from > 0 &&
      this.#entries.length - from < this.#maxEntries &&
      kept + this.#entries[from - 1]!.bytes <= this.#maxBytes
    ) {
      from -= 1;
      kept += this.#entries[from]!.bytes;
    }
    this.#entries = this.#entries.slice(from);
    this.#bytes = kept;
  }

  /** Removes all values and returns them, oldest first. */
  take(): readonly T[] {
    const { values } = this;
    this.#entries = [];
    this.#bytes = 0;
    return values;
  }
}
