/** Observations: the values that a platform pushes, as an async iterator. */
import { redactParameters } from "../api/redact.js";
import type { RequestTarget } from "../api/resource.js";
import { TopicsmithError } from "../errors.js";
import { callHook } from "../internal/call-hook.js";
import { asyncDispose } from "../internal/async-dispose.js";
import {
  type ObservationCallbacks,
  type ObserveRequest,
  ObserverRegistration,
} from "./observer-registration.js";
import type { Session } from "./session.js";
import { type BufferOptions, ValueBuffer } from "./value-buffer.js";

/** Yields values as they arrive. Ends by `return()` (which leaving a `for await` calls), by its signal, or when the client closes. */
export interface Observation<T> extends AsyncIterable<T> {
  /** Resolves when the platform has responded; without a request, when subscribed. Rejects with the error of `next()`. */
  readonly ready: Promise<void>;
  /** Resolves when the observation has ended by `return()`, its signal or `close()`. Rejects with the error of any other end. */
  readonly done: Promise<void>;
  readonly next: () => Promise<IteratorResult<T, undefined>>;
  readonly return: () => Promise<IteratorResult<T, undefined>>;
  [asyncDispose](): Promise<void>;
  [Symbol.asyncIterator](): Observation<T>;
}

/** Options of an observation, and what its handler needs of it. */
type ObservationOptions = BufferOptions &
  Pick<ObservationCallbacks, "onInvalidItem"> & { readonly onEnd?: () => void };

/** Starts an observation. An error of `request` is reported like every other error: by `ready` and `next()`. */
export function observe(
  session: Session,
  request: () => ObserveRequest,
  options: ObservationOptions,
): Observation<unknown> {
  const observation = new BufferedObservation(session, request, options);
  const { ready, done, target } = observation;
  for (const hook of session.hooks.observation) {
    if (!target) break;
    const { template } = target.resource;
    const parameters = redactParameters(template, target.values);
    callHook(() => hook({ resource: template.name, parameters, ready, done }));
  }
  return observation;
}

/** Its methods are properties of the object, so that they work detached from it. */
class BufferedObservation implements Observation<unknown> {
  readonly ready: Promise<void>;
  readonly done: Promise<void>;
  /** Absent if the request could not be built. */
  target: RequestTarget | undefined;
  readonly #values: ValueBuffer;
  #registration: ObserverRegistration | undefined;

  constructor(session: Session, request: () => ObserveRequest, options: ObservationOptions) {
    this.#values = new ValueBuffer(options);
    let setReady = (): void => undefined;
    let setUnready = (_error: unknown): void => undefined;
    this.ready = new Promise((resolve, reject) => {
      setReady = resolve;
      setUnready = reject;
    });
    this.done = new Promise((resolve, reject) => {
      const end = (error: unknown): void => {
        setUnready(error ?? new TopicsmithError("closed", "ended before it was ready"));
        this.#values.end(error);
        if (error === undefined) resolve();
        else reject(error);
      };
      try {
        const observeRequest = request();
        this.target = observeRequest.target;
        const registration = new ObserverRegistration(session, observeRequest, {
          onRegistered: setReady,
          onValue: (value) => {
            if (this.#values.push(value) || options.overflow !== "error") return;
            registration.overflow(`more than ${options.buffer} values were not taken`);
          },
          onInvalidItem: options.onInvalidItem,
          onEnd: (error) => {
            options.onEnd?.();
            if (error?.code === "aborted") {
              setUnready(error);
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
    this.done.catch(() => undefined);
  }

  readonly next = (): Promise<IteratorResult<unknown, undefined>> => this.#values.next();

  readonly return = async (): Promise<IteratorResult<unknown, undefined>> => {
    this.#values.clear();
    await this.#registration?.stop();
    return { done: true, value: undefined };
  };

  readonly [Symbol.asyncIterator] = (): Observation<unknown> => this;

  readonly [asyncDispose] = async (): Promise<void> => void (await this.return());
}
