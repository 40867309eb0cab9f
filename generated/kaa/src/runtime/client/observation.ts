/** Observations: the values that a platform pushes, as an async iterator. */
import { TopicsmithError } from "../errors.js";
import { type ObserveRequest, ObserverRegistration } from "./observer-registration.js";
import type { Session } from "./session.js";
import { type BufferOptions, ValueBuffer } from "./value-buffer.js";

/** Yields values as they arrive. Ends by `return()` (which leaving a `for await` calls), by its signal, or when the client closes. */
export interface Observation<T> extends AsyncIterable<T> {
  /** Resolves when the platform has responded; without a request, when subscribed. Rejects with the error of `next()`. */
  readonly ready: Promise<void>;
  next(): Promise<IteratorResult<T, undefined>>;
  return(): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): Observation<T>;
}

/** Starts an observation. An error of `request` is reported like every other error: by `ready` and `next()`. */
export function observe(
  session: Session,
  request: () => ObserveRequest,
  options: BufferOptions,
): Observation<unknown> {
  return new BufferedObservation(session, request, options);
}

class BufferedObservation implements Observation<unknown> {
  readonly ready: Promise<void>;
  readonly #values: ValueBuffer;
  #registration: ObserverRegistration | undefined;

  constructor(session: Session, request: () => ObserveRequest, options: BufferOptions) {
    this.#values = new ValueBuffer(options);
    this.ready = new Promise((resolve, reject) => {
      const end = (error: unknown): void => {
        reject(error ?? new TopicsmithError("closed", "ended before it was ready"));
        this.#values.end(error);
      };
      try {
        const registration = new ObserverRegistration(session, request(), {
          onRegistered: resolve,
          onValue: (value) => {
            if (this.#values.push(value) || options.overflow !== "error") return;
            registration.overflow(`more than ${options.buffer} values were not taken`);
          },
          onEnd: (error) => {
            if (error?.code === "aborted") {
              reject(error);
              this.#values.clear();
            }
            end(error?.code === "aborted" || error?.code === "closed" ? undefined : error);
          },
        });
        this.#registration = registration;
        registration.start();
      } catch (error) {
        end(error);
      }
    });
    // A program that only reads values gets the error from `next()`.
    this.ready.catch(() => undefined);
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#values.next();
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#values.clear();
    await this.#registration?.stop();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): Observation<unknown> {
    return this;
  }
}
