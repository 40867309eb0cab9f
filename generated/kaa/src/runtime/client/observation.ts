/**
 * Observations: a request that stays, and the values that come of it.
 *
 * | observation | becomes | when |
 * |-------------|---------|------|
 * | arming      | armed   | the platform answered; where that is asked without an id, the broker has it; where nothing is, the subscription is there |
 * | arming      | ended   | it was refused, or not answered in time |
 * | armed       | arming  | the session was lost; now asked again until there is an answer |
 * | any         | ended   | `return()`, the signal, `close()`: quietly. Refusal, overflow, failed: with an error |
 */
import { readResponse } from "./response.js";
import type { Request } from "./request.js";
import type { Session, ObserverList, Observer } from "./session.js";
import { TopicsmithError } from "../errors.js";
import { type InFlightRequest, createInFlightRequest } from "./in-flight-request.js";
import type { Overflow } from "../options.js";

/** The values of a resource as they come; ends by `return()` (leaving a `for await` does that), its signal, or the client's close. */
export interface Observation<T> extends AsyncIterable<T> {
  /** Settles when the platform has answered (or where nothing is asked: when subscribed); rejects with what `next()` would. */
  readonly ready: Promise<void>;
  next(): Promise<IteratorResult<T, undefined>>;
  return(): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): Observation<T>;
}

/** A standing request. */
export interface ObserveRequest extends Request {
  /** Asks the platform at the end to stop, if it should be told. */
  readonly stopPushes?: (() => Promise<unknown>) | undefined;
}

/** How the values of an observation wait for being taken. */
export interface BufferOptions {
  readonly buffer: number;
  readonly overflow: Overflow;
}

/** Starts an observation; what is wrong with the request is told like any other failure. */
export function observe(
  session: Session,
  request: () => ObserveRequest,
  { buffer, overflow }: BufferOptions,
): Observation<unknown> {
  const values: unknown[] = [];
  const takers: {
    resolve(result: IteratorResult<unknown, undefined>): void;
    reject(error: unknown): void;
  }[] = [];
  let over = false;
  /** What `next()` is still to tell, once. */
  let failure: unknown;
  let stop = async (): Promise<void> => undefined;

  const serve = (): void => {
    for (const taker of takers.splice(0, over ? takers.length : values.length)) {
      if (values.length > 0) taker.resolve({ done: false, value: values.shift() });
      else if (failure === undefined) taker.resolve({ done: true, value: undefined });
      else {
        taker.reject(failure);
        failure = undefined;
      }
    }
  };

  const ready = new Promise<void>((resolve, reject) => {
    const end = (error: unknown): void => {
      over = true;
      failure = error;
      reject(error ?? new TopicsmithError("closed", "ended before it was ready"));
      serve();
    };
    try {
      stop = watch(session, request(), {
        ready: resolve,
        value(value, self) {
          if (values.length >= Math.max(buffer, 1)) {
            if (overflow === "error")
              self.fail("overflow", `more than ${buffer} values wait for being taken`);
            if (overflow !== "drop-oldest") return;
            values.shift();
          }
          values.push(value);
          serve();
        },
        end(error) {
          const { code } = error ?? {};
          if (code === "aborted") {
            reject(error);
            values.length = 0;
          }
          end(code === "aborted" || code === "closed" ? undefined : error);
        },
      });
    } catch (error) {
      end(error);
    }
  });
  // Whoever does not look at it learns of a failure from the values.
  ready.catch(() => undefined);

  const observation: Observation<unknown> = {
    ready,
    next: () =>
      new Promise((resolve, reject) => {
        takers.push({ resolve, reject });
        serve();
      }),
    async return() {
      values.length = 0;
      failure = undefined;
      await stop();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => observation,
  };
  return observation;
}

/** Who takes what is seen. */
interface ObservationCallbacks {
  ready(): void;
  value(value: unknown, self: InFlightRequest): void;
  /** Called once; without an error where somebody asked for the end. */
  end(error: TopicsmithError | undefined): void;
}

/** Best effort: nobody is left to learn of a failure. */
async function tell(session: Session, stopPushes: () => Promise<unknown>): Promise<void> {
  await session.task(stopPushes()).catch(() => undefined);
}

/** An observation that is asked again after a lost session is not asked more often than that, however short its time is. */
const shortestMs = 1_000;

/** Begins to watch. The returned function ends it, and settles when the platform has been told, where it should be. */
function watch(session: Session, request: ObserveRequest, sink: ObservationCallbacks): () => Promise<void> {
  const { target: place, stopPushes, withId } = request;
  const { base } = place;
  let everArmed = false;
  /** An answer is owed. Who asks without an id can not tell it from a push: the first that comes is taken for it. */
  let owed = false;
  let refused = false;
  /** Settles when the platform has been told to stop, where it should be. */
  let told: Promise<void> | undefined;

  const arm = (): void => {
    self.wait(false);
    everArmed = true;
    sink.ready();
  };

  const take = (answer: Uint8Array): void => {
    const read = readResponse(session, self, "success", answer);
    // What can not be used has been reported; `undefined` means nothing.
    if ("value" in read && read.value !== undefined) sink.value(read.value, self);
  };

  const pushed: Observer = (kind, answer) => {
    // An error without an id is an answer only to who asked without one.
    if (kind === "error") return !withId && owed && self.respond(kind, answer);
    owed = false;
    take(answer);
    return true;
  };

  const self = createInFlightRequest(session, request, {
    // It may always be asked again; that is what an observation is.
    retryable: true,
    longLived: true,
    onSending: () => void (owed = true),
    onPublished() {
      if (!withId) arm();
    },
    onResponse(kind, answer) {
      if (kind === "success") {
        arm();
        return take(answer);
      }
      refused = true;
      const error = readResponse(session, self, kind, answer);
      if (!("value" in error)) self.end(error);
    },
    onTimeout() {
      if (!everArmed) return false;
      self.wait(true, Math.max(request.timeoutMs, shortestMs));
      self.repeat();
      return true;
    },
    onEnd(error) {
      watched.observers.delete(pushed);
      session.closing.delete(close);
      // Who else observes goes on; and a platform that lost sight of us need not be told.
      if (self.attempts() > 0 && !refused) watched.stopPushes ??= stopPushes;
      if (watched.observers.size === 0) {
        session.observers.delete(base);
        if (watched.stopPushes && session.connection !== undefined) told = tell(session, watched.stopPushes);
      }
      sink.end(error);
    },
  });

  const stop = async (): Promise<void> => {
    self.end();
    await told;
  };

  const close = (): void => self.end();
  const watched: ObserverList = session.observers.get(base) ?? { observers: new Set() };
  watched.observers.add(pushed);
  session.observers.set(base, watched);
  session.closing.add(close);
  self.start();
  return stop;
}
