/**
 * Request ids of one scope, and the calls that wait for one.
 *
 * | id       | becomes  | when |
 * |----------|----------|------|
 * | fresh    | in use   | a call comes; the first of all is a random one |
 * | in use   | free     | its call was answered, or nothing was sent |
 * | in use   | resting  | its call timed out or was aborted after sending |
 * | resting  | free     | the late answer came, or the rest is over |
 * | free     | in use   | no fresh one is left; the one that has been free for longest |
 *
 * Resting ids count as in use here; the client knows which they are.
 */
import type { RequestIdRange } from "./descriptor.js";

/** First in, first out, each once, in constant time; members may leave before their turn. */
export class Fifo<T> {
  readonly #items = new Set<T>();
  // A set's iterator lives: it goes on to what is added later, and skips what has left.
  #order = this.#items.values();

  get size(): number {
    return this.#items.size;
  }

  has(item: T): boolean {
    return this.#items.has(item);
  }

  add(item: T): void {
    this.#items.add(item);
  }

  delete(item: T): boolean {
    return this.#items.delete(item);
  }

  shift(): T | undefined {
    let next = this.#order.next();
    if (next.done) {
      this.#order = this.#items.values();
      next = this.#order.next();
    }
    if (next.done) return undefined;
    this.#items.delete(next.value);
    return next.value;
  }
}

/** Who wants an id. */
export interface IdWaiter {
  granted(id: number): void;
}

/** Beyond so many ids, what was used is not remembered one by one: they are handed out in turn, round and round. */
const remembered = 4_096;

/** The ids of one scope; see the table above. */
export class IdScope {
  readonly #range: RequestIdRange;
  readonly #size: number;
  readonly #maxQueued: number;
  readonly #used = new Set<number>();
  readonly #free = new Fifo<number>();
  readonly #waiting = new Fifo<IdWaiter>();
  #next: number;
  #fresh: number;
  #granting = false;

  constructor(range: RequestIdRange, maxQueued: number) {
    this.#range = range;
    this.#size = range.maximum - range.minimum + 1;
    this.#maxQueued = maxQueued;
    this.#next = Math.floor(Math.random() * this.#size);
    this.#fresh = this.#size;
  }

  /** How many wait. */
  get queued(): number {
    return this.#waiting.size;
  }

  /** Neither ids in use nor anybody waiting. */
  get idle(): boolean {
    return this.#used.size + this.#waiting.size === 0;
  }

  /** Grants an id now or in turn; `false` if too many wait already. */
  request(waiter: IdWaiter): boolean {
    if (this.#waiting.size === 0 && this.#used.size < this.#size) {
      waiter.granted(this.#take());
    } else {
      if (this.#waiting.size >= this.#maxQueued) return false;
      this.#waiting.add(waiter);
    }
    return true;
  }

  /** Waits no more. */
  cancel(waiter: IdWaiter): void {
    this.#waiting.delete(waiter);
  }

  /** The id may be used again. */
  release(id: number): void {
    this.#used.delete(id);
    if (this.#size <= remembered) this.#free.add(id);
    // A loop of its own, for one who is granted an id may give it back at once.
    if (this.#granting) return;
    this.#granting = true;
    while (this.#used.size < this.#size) {
      const waiter = this.#waiting.shift();
      if (waiter === undefined) break;
      waiter.granted(this.#take());
    }
    this.#granting = false;
  }

  #take(): number {
    const id =
      this.#fresh > 0 || this.#size > remembered
        ? this.#takeNext()
        : (this.#free.shift() ?? this.#takeNext());
    this.#used.add(id);
    return id;
  }

  #takeNext(): number {
    let id: number;
    do {
      id = this.#range.minimum + (this.#next % this.#size);
      this.#next += 1;
      this.#fresh -= 1;
    } while (this.#used.has(id));
    return id;
  }
}
