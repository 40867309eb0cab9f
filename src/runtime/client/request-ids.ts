/**
 * The request ids of one scope, and the requests that wait for one.
 *
 * | id          | becomes     | when |
 * |-------------|-------------|------|
 * | unused      | in use      | a request needs one; the first id of a scope is random |
 * | in use      | free        | its request was answered (slightly later if requests wait), or nothing was sent |
 * | in use      | quarantined | its request has ended, and fewer responses have arrived than messages were sent |
 * | quarantined | free        | the responses have arrived (slightly later if requests wait), or the quarantine is over |
 * | free        | in use      | a request needs one and none is unused; the id that has been free for the longest time |
 *
 * A quarantined id counts as in use in this file; correlation.ts distinguishes them.
 */
import type { RequestId } from "../api/descriptor.js";
import { LinkedList } from "../internal/linked-list.js";
import type { RequestIdRange } from "../topics/grammar.js";

/** Receives the granted request id. */
export type IdWaiter = (id: number) => void;

/** Grants the request ids of one scope. */
export interface IdSource {
  /** The number of requests that wait for an id. */
  readonly queued: number;
  /**
   * Grants an id, at once or when one is free: first in, first out. Returns a function that cancels the wait, or `undefined` if
   * too many requests wait already.
   */
  request(waiter: (id: RequestId) => void): (() => void) | undefined;
  /** Frees an id and grants it to the next waiting request. */
  release(id: RequestId): void;
}

/**
 * Above this range size, ids are handed out round-robin instead of from a free list. A free list costs memory for each id, and a
 * range that large is not exhausted by requests in flight.
 */
const MAX_TRACKED_IDS = 4_096;

const nothing = (): void => undefined;

/** The request ids of one scope; see the table above. */
export class IdScope implements IdSource {
  readonly #minimum: number;
  readonly #size: number;
  readonly #maxQueued: number;
  readonly #used = new Set<number>();
  /** Released ids, oldest first. */
  readonly #free: number[] = [];
  readonly #waiting = new LinkedList<IdWaiter>();
  /** Offset of the next unused id. */
  #next: number;
  #unused: number;
  #granting = false;

  constructor({ minimum, maximum }: RequestIdRange, maxQueued: number) {
    this.#minimum = minimum;
    this.#size = this.#unused = maximum - minimum + 1;
    this.#maxQueued = maxQueued;
    this.#next = Math.floor(Math.random() * this.#size);
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /** True if no id is in use and no request waits. */
  get idle(): boolean {
    return this.#used.size === 0 && this.queued === 0;
  }

  request(waiter: IdWaiter): (() => void) | undefined {
    if (this.queued === 0 && this.#used.size < this.#size) waiter(this.#take());
    else if (this.queued >= this.#maxQueued) return undefined;
    else {
      const node = this.#waiting.add(waiter);
      return () => this.#waiting.remove(node);
    }
    return nothing;
  }

  release(id: number): void {
    this.#used.delete(id);
    if (this.#size <= MAX_TRACKED_IDS) this.#free.push(id);
    // A waiter may release its id at once. The loop below grants it then, so that the stack does not grow.
    if (this.#granting) return;
    this.#granting = true;
    for (let first = this.#waiting.first(); first; first = this.#waiting.first()) {
      if (this.#used.size >= this.#size) break;
      this.#waiting.remove(first);
      first.value(this.#take());
    }
    this.#granting = false;
  }

  #take(): number {
    let id = this.#unused > 0 || this.#size > MAX_TRACKED_IDS ? undefined : this.#free.shift();
    while (id === undefined || this.#used.has(id)) {
      id = this.#minimum + (this.#next % this.#size);
      this.#next += 1;
      this.#unused -= 1;
    }
    this.#used.add(id);
    return id;
  }
}
