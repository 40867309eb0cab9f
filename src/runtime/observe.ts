/**
 * Observations: a request that stays, and the values that come of it.
 *
 * | observation | becomes | when |
 * |-------------|---------|------|
 * | arming      | armed   | the platform answered; where nothing is asked, the subscription is there |
 * | arming      | ended   | it was refused, or not answered in time |
 * | armed       | arming  | the session was lost; now asked again until there is an answer |
 * | any         | ended   | `return()`, the signal, `close()`: quietly. Refusal, overflow, gave-up: with an error |
 */
import { call, readAnswer, send } from "./call.js";
import type { Engine, Watcher } from "./engine.js";
import { type ErrorCode, TopicsmithError } from "./errors.js";
import { exchange, type Request } from "./exchange.js";
import type { Overflow } from "./options.js";

/** The values of a resource as they come; ends by `return()` (leaving a `for await` does that), its signal, or the client's close. */
export interface Observation<T> extends AsyncIterable<T> {
  /** Settles when the platform has answered (or where nothing is asked: when subscribed); rejects with what `next()` would. */
  readonly ready: Promise<void>;
  next(): Promise<IteratorResult<T, undefined>>;
  return(): Promise<IteratorResult<T, undefined>>;
  [Symbol.asyncIterator](): Observation<T>;
}

/** Who takes what a {@link Watch} sees. */
export interface Sink {
  ready(): void;
  value(value: unknown): void;
  /** Called once; `quiet` where somebody asked for the end. */
  end(error: TopicsmithError, quiet: boolean): void;
}

/** A standing request. */
export interface WatchRequest extends Request {
  /** What to send at the end so that the platform stops, if it should be told. */
  readonly disarm?: Request | undefined;
}

/** See the table above. */
export interface Watch {
  fail(code: ErrorCode, message: string): void;
  /** Ends it quietly; settles when the platform has been told, where it should be. */
  stop(): Promise<void>;
}

/** Begins to watch. */
export function watch(engine: Engine, request: WatchRequest, sink: Sink): Watch {
  const { base, disarm } = request;
  const asksWithoutId = request.scope === undefined;
  let everArmed = false;
  let armed = -1;

  const arm = (): void => {
    self.wait(false);
    armed = engine.connection ?? -1;
    if (everArmed) return;
    everArmed = true;
    sink.ready();
  };

  const take = (body: Uint8Array): void => {
    const read = readAnswer(engine, self, "success", body);
    // What can not be used has been reported; `undefined` means nothing.
    if (!(read instanceof TopicsmithError) && read.value !== undefined) sink.value(read.value);
  };

  const pushed: Watcher = (kind, body) => {
    // An error without an id is an answer only to who asked without one.
    if (kind === "error") return asksWithoutId && armed !== engine.connection && self.answer(kind, body);
    take(body);
    return true;
  };

  const self = exchange(engine, request, {
    // It may always be asked again; that is what an observation is.
    repeats: true,
    stays: true,
    sent() {
      if (asksWithoutId) arm();
    },
    answered(kind, body) {
      if (kind === "success") {
        arm();
        return take(body);
      }
      const error = readAnswer(engine, self, kind, body);
      if (error instanceof TopicsmithError) self.end(error);
    },
    expired() {
      if (!everArmed) return false;
      self.wait(true);
      self.repeat();
      return true;
    },
    ended(error) {
      const others = engine.watchers.get(base);
      others?.delete(pushed);
      if (others?.size === 0) engine.watchers.delete(base);
      engine.closing.delete(close);
      const quiet = error === undefined || error.code === "aborted" || error.code === "closed";
      sink.end(error ?? self.error("closed", "ended before it was ready"), quiet);
    },
  });

  const stop = async (): Promise<void> => {
    const tell = everArmed && engine.closing.has(close) ? disarm : undefined;
    self.end();
    // Who else observes goes on; and a platform that lost sight of us need not be told.
    if (!tell || engine.watchers.has(base) || engine.connection === undefined) return;
    // Best effort: nobody is left to learn of a failure.
    await (tell.scope === undefined ? send : call)(engine, tell).catch(() => undefined);
  };

  const close = (): void => void engine.task(stop());
  engine.watchers.set(base, (engine.watchers.get(base) ?? new Set()).add(pushed));
  engine.closing.add(close);
  self.start();
  return { fail: (code, message) => self.fail(code, message), stop };
}

/** How the values of an observation wait for being taken. */
export interface BufferOptions {
  readonly buffer: number;
  readonly overflow: Overflow;
}

/** Starts an observation; what is wrong with the request is told like any other failure. */
export function observe(
  engine: Engine,
  request: () => WatchRequest,
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
  let watching: Watch | undefined;
  let resolveReady = (): void => undefined;
  let rejectReady = (_error: unknown): void => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    resolveReady = resolve;
    rejectReady = reject;
  });
  // Whoever does not look at it learns of a failure from the values.
  ready.catch(() => undefined);

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

  const end = (error: unknown, quiet = false): void => {
    rejectReady(error);
    if (!over && !quiet) failure = error;
    over = true;
    serve();
  };

  try {
    watching = watch(engine, request(), {
      ready: resolveReady,
      value(value) {
        if (values.length >= Math.max(buffer, 1)) {
          if (overflow === "error")
            watching?.fail("overflow", `more than ${buffer} values wait for being taken`);
          if (overflow !== "drop-oldest") return;
          values.shift();
        }
        values.push(value);
        serve();
      },
      end(error, quiet) {
        if (error.code === "aborted") values.length = 0;
        end(error, quiet);
      },
    });
  } catch (error) {
    end(error);
  }

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
      over = true;
      await watching?.stop();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => observation,
  };
  return observation;
}
