/**
 * Request ids of one scope, and the requests that wait for one.
 *
 * | id       | becomes  | when |
 * |----------|----------|------|
 * | fresh    | in use   | a request comes; the first of all is a random one |
 * | in use   | free     | its request was answered (a moment later, if others wait for one), or nothing was sent |
 * | in use   | resting  | its request timed out or was aborted after sending |
 * | resting  | free     | the late answer came, or the rest is over |
 * | free     | in use   | no fresh one is left; the one that has been free for longest |
 *
 * Resting ids count as in use here; the engine knows which they are.
 */
import { chain } from "./chain.js";
import type { RequestIdRange } from "./descriptor.js";

/** Is called with the id when its turn has come. */
export type IdWaiter = (id: number) => void;

/** The ids of one scope; see the table above. */
export interface IdScope {
  /** How many wait. */
  queued(): number;
  /** Neither ids in use nor anybody waiting. */
  idle(): boolean;
  /** Grants an id now or in turn. The returned function ends the waiting; there is none if too many wait already. */
  request(waiter: IdWaiter): (() => void) | undefined;
  /** The id may be used again. */
  release(id: number): void;
}

/** Beyond so many ids, what was used is not remembered one by one: they are handed out in turn, round and round. */
const remembered = 4_096;

const nothing = (): void => undefined;

/** A scope in which nothing is in use yet. */
export function idScope({ minimum, maximum }: RequestIdRange, maxQueued: number): IdScope {
  const size = maximum - minimum + 1;
  const used = new Set<number>();
  const free: number[] = [];
  const waiting = chain<IdWaiter>();
  let next = Math.floor(Math.random() * size);
  let fresh = size;
  let granting = false;

  const take = (): number => {
    let id = fresh > 0 || size > remembered ? undefined : free.shift();
    while (id === undefined || used.has(id)) {
      id = minimum + (next % size);
      next += 1;
      fresh -= 1;
    }
    used.add(id);
    return id;
  };

  return {
    queued: () => waiting.size,
    idle: () => used.size + waiting.size === 0,
    request(waiter) {
      if (waiting.size === 0 && used.size < size) waiter(take());
      else if (waiting.size >= maxQueued) return undefined;
      else {
        const link = waiting.add(waiter);
        return () => waiting.remove(link);
      }
      return nothing;
    },
    release(id) {
      used.delete(id);
      if (size <= remembered) free.push(id);
      // A loop of its own, for one who is granted an id may give it back at once.
      if (granting) return;
      granting = true;
      for (let first = waiting.first(); first && used.size < size; first = waiting.first()) {
        waiting.remove(first);
        first.value(take());
      }
      granting = false;
    },
  };
}
