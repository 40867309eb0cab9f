/** A place in a {@link LinkedList}; outside of it once `after` is gone. */
export interface ListNode<T> {
  readonly value: T;
  before?: ListNode<T> | undefined;
  after?: ListNode<T> | undefined;
}

/**
 * What comes and goes by the thousand a second, in the order of its coming. A `Set` will not do: each time it grows, the
 * table that it leaves behind points to the next one, and once one of those is old for the garbage collector, all that was
 * ever in the later ones stays until a full collection.
 */
export class LinkedList<T> {
  size = 0;
  // A ring, whose one link without a value is both ends.
  readonly #ends: ListNode<T> = { value: undefined as T };

  constructor() {
    this.#ends.before = this.#ends.after = this.#ends;
  }

  add(value: T): ListNode<T> {
    const { before } = this.#ends;
    const link: ListNode<T> = { value, before, after: this.#ends };
    before!.after = this.#ends.before = link;
    this.size += 1;
    return link;
  }

  /** Again is once too often, and does nothing; so does nothing at all. */
  remove(link: ListNode<T> | undefined): void {
    if (!link?.before || !link.after) return;
    link.before.after = link.after;
    link.after.before = link.before;
    link.before = link.after = undefined;
    this.size -= 1;
  }

  /** The one that has been there for longest. */
  first(): ListNode<T> | undefined {
    return this.size > 0 ? this.#ends.after : undefined;
  }

  /** The one that came next. */
  next({ after }: ListNode<T>): ListNode<T> | undefined {
    return after === this.#ends ? undefined : after;
  }

  /** As it is now: may be walked while links come and go. */
  values(): T[] {
    const values: T[] = [];
    for (let link = this.#ends.after!; link !== this.#ends; link = link.after!) values.push(link.value);
    return values;
  }
}
