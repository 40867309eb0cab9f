/** A place in a {@link Chain}; outside of it once `after` is gone. */
export interface Link<T> {
  readonly value: T;
  before?: Link<T> | undefined;
  after?: Link<T> | undefined;
}

/**
 * What comes and goes by the thousand a second, in the order of its coming. A `Set` will not do: each time it grows, the
 * table that it leaves behind points to the next one, and once one of those is old for the garbage collector, all that was
 * ever in the later ones stays until a full collection.
 */
export interface Chain<T> {
  readonly size: number;
  add(value: T): Link<T>;
  /** Again is once too often, and does nothing. */
  remove(link: Link<T>): void;
  /** The one that has been there for longest. */
  first(): Link<T> | undefined;
  /** As it is now: may be walked while links come and go. */
  values(): T[];
}

/** An empty chain. */
export function chain<T>(): Chain<T> {
  // A ring, whose one link without a value is both ends.
  const ends: Link<T> = { value: undefined as T };
  ends.before = ends.after = ends;
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(value) {
      const link: Link<T> = { value, before: ends.before, after: ends };
      link.before!.after = ends.before = link;
      size += 1;
      return link;
    },
    remove(link) {
      const { before, after } = link;
      if (!before || !after) return;
      before.after = after;
      after.before = before;
      link.before = link.after = undefined;
      size -= 1;
    },
    first: () => (size > 0 ? ends.after : undefined),
    values() {
      const values: T[] = [];
      for (let link = ends.after!; link !== ends; link = link.after!) values.push(link.value);
      return values;
    },
  };
}
