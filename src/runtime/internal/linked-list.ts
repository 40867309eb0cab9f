/** An entry of a {@link LinkedList}; `next` is undefined once the entry was removed. */
export interface ListNode<T> {
  readonly value: T;
  previous?: ListNode<T> | undefined;
  next?: ListNode<T> | undefined;
}

/**
 * A doubly linked list: O(1) append and remove, insertion order. For entries that come and go thousands of times a second, where a
 * `Set` or `Map` leaks: when it grows, its old table points to the new one. Once an old table has been promoted by the garbage
 * collector, everything that later tables ever held is retained until a major GC.
 */
export class LinkedList<T> {
  size = 0;
  // The list is a ring. This node has no value; it precedes the first entry and follows the last one.
  readonly #ends: ListNode<T> = { value: undefined as T };

  constructor() {
    this.#ends.previous = this.#ends.next = this.#ends;
  }

  /** Appends an entry. */
  add(value: T): ListNode<T> {
    const { previous } = this.#ends;
    const node: ListNode<T> = { value, previous, next: this.#ends };
    previous!.next = this.#ends.previous = node;
    this.size += 1;
    return node;
  }

  /** Removes an entry. A no-op if it was already removed, or undefined. */
  remove(node: ListNode<T> | undefined): void {
    if (!node?.previous || !node.next) return;
    node.previous.next = node.next;
    node.next.previous = node.previous;
    node.previous = node.next = undefined;
    this.size -= 1;
  }

  /** The oldest entry. */
  first(): ListNode<T> | undefined {
    return this.size > 0 ? this.#ends.next : undefined;
  }

  /** The entry that was added after this one. */
  next({ next }: ListNode<T>): ListNode<T> | undefined {
    return next === this.#ends ? undefined : next;
  }

  /** Removes all entries, and returns them. */
  drain(): T[] {
    const values = this.values();
    for (let node = this.first(); node; node = this.first()) this.remove(node);
    return values;
  }

  /** A snapshot; safe to iterate while entries are added or removed. */
  values(): T[] {
    const values: T[] = [];
    for (let node = this.#ends.next!; node !== this.#ends; node = node.next!) values.push(node.value);
    return values;
  }
}
