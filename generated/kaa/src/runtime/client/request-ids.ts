/**
 * Request ids of one scope, and the requests that wait for one.
 *
 * | id       | becomes  | when |
 * |----------|----------|------|
 * | fresh    | in use   | a request comes; the first of all is a random one |
 * | in use   | free     | its request was answered (a moment later, if others wait for one), or nothing was sent |
 * | in use   | resting  | its request is over, and as many answers have not come as it was sent |
 * | resting  | free     | they have come (a moment later), or the rest is over |
 * | free     | in use   | no fresh one is left; the one that has been free for longest |
 *
 * Resting ids count as in use here; correlation.ts knows which they are.
 */
import { LinkedList } from "../internal/linked-list.js";
import type { RequestIdRange } from "../topics/grammar.js";

/** Is called with the id when its turn has come. */
export type IdWaiter = (id: number) => void;

/** Beyond so many ids, what was used is not remembered one by one: they are handed out in turn, round and round. */
const remembered = 4_096;

const nothing = (): void => undefined;

/** The ids of one scope; see the table above. */
export class IdScope {
  readonly #minimum: number;
  readonly #size: number;
  readonly #maxQueued: number;
  readonly #used = new Set<number>();
  readonly #free: number[] = [];
  readonly #waiting = new LinkedList<IdWaiter>();
  #next: number;
  #fresh: number;
  #granting = false;

  constructor({ minimum, maximum }: RequestIdRange, maxQueued: number) {
    this.#minimum = minimum;
    this.#size = this.#fresh = maximum - minimum + 1;
    this.#maxQueued = maxQueued;
    this.#next = Math.floor(Math.random() * this.#size);
  }

  /** How many wait. */
  get queued(): number {
    return this.#waiting.size;
  }

  /** Neither ids in use nor anybody waiting. */
  get idle(): boolean {
    return this.#used.size === 0 && this.queued === 0;
  }

  /** Grants an id now or in turn. The returned function ends the waiting; there is none if too many wait already. */
  request(waiter: IdWaiter): (() => void) | undefined {
    if (this.queued === 0 && this.#used.size < this.#size) waiter(this.#take());
    else if (this.queued >= this.#maxQueued) return undefined;
    else {
      const link = this.#waiting.add(waiter);
      return () => this.#waiting.remove(link);
    }
    return nothing;
  }

  /** The id may be used again. */
  release(id: number): void {
    this.#used.delete(id);
    if (this.#size <= remembered) this.#free.push(id);
    // A loop of its own, for one who is granted an id may give it back at once.
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
    let id = this.#fresh > 0 || this.#size > remembered ? undefined : this.#free.shift();
    while (id === undefined || this.#used.has(id)) {
      id = this.#minimum + (this.#next % this.#size);
      this.#next += 1;
      this.#fresh -= 1;
    }
    this.#used.add(id);
    return id;
  }
}
