/** The values of an observation between their arrival and the calls of `next()`. */
import type { Overflow } from "../options.js";

/** The number of values that an observation keeps, and the treatment of further ones. */
export interface BufferOptions {
  readonly buffer: number;
  readonly overflow: Overflow;
}

type Result = IteratorResult<unknown, undefined>;

interface Taker {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** A bounded queue of values, and of `next()` calls that wait for one. */
export class ValueBuffer {
  readonly #capacity: number;
  readonly #overflow: Overflow;
  readonly #values: unknown[] = [];
  readonly #takers: Taker[] = [];
  #ended = false;
  /** The error that one `next()` call still has to reject with. */
  #error: unknown;

  constructor({ buffer, overflow }: BufferOptions) {
    this.#capacity = Math.max(buffer, 1);
    this.#overflow = overflow;
  }

  /** Adds a value. Returns `false` if the buffer is full and `overflow` is not `"drop-oldest"`. */
  push(value: unknown): boolean {
    if (this.#values.length >= this.#capacity) {
      if (this.#overflow !== "drop-oldest") return false;
      this.#values.shift();
    }
    this.#values.push(value);
    this.#serve();
    return true;
  }

  /** Takes the oldest value, once there is one. After the end: rejects with the error, once, then reports `done`. */
  next(): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#takers.push({ resolve, reject });
      this.#serve();
    });
  }

  /** Ends the values; those in the buffer can still be taken. */
  end(error?: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#serve();
  }

  /** Drops the values and the error. */
  clear(): void {
    this.#values.length = 0;
    this.#error = undefined;
  }

  #serve(): void {
    const served = this.#ended ? this.#takers.length : this.#values.length;
    for (const taker of this.#takers.splice(0, served)) {
      if (this.#values.length > 0) taker.resolve({ done: false, value: this.#values.shift() });
      else if (this.#error === undefined) taker.resolve({ done: true, value: undefined });
      else {
        taker.reject(this.#error);
        this.#error = undefined;
      }
    }
  }
}
