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
import { call, readSuccess, rejectionOf, send } from "./call.js";
import type { Engine, Watcher } from "./engine.js";
import type { TopicsmithError } from "./errors.js";
import { Exchange, type Request } from "./exchange.js";
import type { Overflow } from "./options.js";
import { vouched } from "./vouched.js";

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
  /** Called once; without an error where somebody asked for the end. */
  end(error: TopicsmithError | undefined): void;
}

/** A standing request. */
export interface WatchRequest extends Request {
  /** What to send at the end so that the platform stops, if it should be told. */
  readonly disarm?: Request | undefined;
}

/** See the table above. */
export class Watch extends Exchange implements Watcher {
  readonly awaited = false;
  readonly #sink: Sink;
  readonly #disarm: Request | undefined;
  #unwatch: (() => boolean) | undefined;
  #armed = false;
  #everArmed = false;

  constructor(engine: Engine, request: WatchRequest, sink: Sink) {
    super(engine, request);
    this.#sink = sink;
    this.#disarm = request.disarm;
  }

  override start(): void {
    this.#unwatch = this.engine.watch(this.request.base, this);
    this.engine.closing.add(this.#close);
    super.start();
  }

  /** Ends it quietly; settles when the platform has been told, where it should be. */
  async stop(): Promise<void> {
    const telling = this.#everArmed && !this.done ? this.#disarm : undefined;
    this.end();
    // Who else observes goes on; and a platform that lost sight of us need not be told.
    const { watchers, connection } = this.engine;
    if (telling === undefined || watchers.has(this.request.base) || connection === undefined) return;
    // Best effort: nobody is left to tell of a failure.
    await (telling.scope === undefined ? send : call)(this.engine, telling).catch(() => undefined);
  }

  pushed(kind: "success" | "error", body: Uint8Array): boolean {
    if (kind === "error") {
      // An error without an id is an answer only to who asked without one.
      return !this.#armed && this.request.scope === undefined && this.answer(kind, body);
    }
    this.#take(body);
    return true;
  }

  // It may always be asked again; that is what an observation is.
  protected override get repeats(): boolean {
    return true;
  }

  protected sent(): void {
    if (this.request.scope === undefined) this.#arm();
  }

  protected answered(kind: "success" | "error", body: Uint8Array): void {
    if (kind === "error") return this.end(rejectionOf(this, this.engine, body));
    this.#arm();
    this.#take(body);
  }

  protected override expired(): void {
    if (!this.#everArmed) return super.expired();
    this.wait();
    this.repeat();
  }

  override reconnected(sessionPresent: boolean): void {
    if (!sessionPresent) this.#armed = false;
    super.reconnected(sessionPresent);
  }

  protected ended(error: TopicsmithError | undefined): void {
    this.#unwatch?.();
    this.engine.closing.delete(this.#close);
    this.#sink.end(error);
  }

  readonly #close = (): void => void this.engine.task(this.stop());

  #arm(): void {
    this.waitNoMore();
    this.#armed = true;
    if (this.#everArmed) return;
    this.#everArmed = true;
    this.#sink.ready();
  }

  #take(body: Uint8Array): void {
    if (this.done) return;
    const read = readSuccess(this, this.engine, body);
    // What can not be used has been reported; `undefined` means nothing.
    if ("value" in read && read.value !== undefined) this.#sink.value(read.value);
  }
}

/** How the values of an observation wait for being taken. */
export interface BufferOptions {
  readonly buffer: number;
  readonly overflow: Overflow;
}

/** Starts an observation; what is wrong with the request is told like any other failure. */
export function observe(
  engine: Engine,
  makeRequest: () => WatchRequest,
  { buffer, overflow }: BufferOptions,
): Observation<unknown> {
  const values: unknown[] = [];
  const takers: {
    resolve(result: IteratorResult<unknown, undefined>): void;
    reject(error: unknown): void;
  }[] = [];
  let over: { readonly error: unknown } | undefined;
  let watch: Watch | undefined;
  let settle: { resolve(): void; reject(error: unknown): void } | undefined;
  const ready = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  // Whoever does not look at it learns of a failure from the values.
  ready.catch(() => undefined);

  const end = (error: unknown): void => {
    over ??= { error };
    for (const taker of takers.splice(0)) finish(taker);
  };
  /** An error is told once. */
  const finish = (taker: (typeof takers)[number]): void => {
    const error = over?.error;
    over = { error: undefined };
    if (error === undefined) taker.resolve({ done: true, value: undefined });
    else taker.reject(error);
  };
  const sink: Sink = {
    ready: () => settle?.resolve(),
    value(value) {
      const taker = takers.shift();
      if (taker) return taker.resolve({ done: false, value });
      if (values.length < Math.max(buffer, 1)) return void values.push(value);
      if (overflow === "error")
        return watch?.fail("overflow", `more than ${buffer} values wait for being taken`);
      if (overflow === "drop-oldest") {
        values.shift();
        values.push(value);
      }
    },
    end(error) {
      settle?.reject(error ?? watch?.error("aborted", "ended before it was ready"));
      if (error?.code === "aborted") values.length = 0;
      // Who ended it by a signal or a close knows.
      end(error?.code === "aborted" || error?.code === "closed" ? undefined : error);
    },
  };

  try {
    watch = new Watch(engine, makeRequest(), sink);
    watch.start();
  } catch (error) {
    settle?.reject(error);
    end(error);
  }

  const observation: Observation<unknown> = {
    ready,
    next: () =>
      new Promise((resolve, reject) => {
        if (values.length > 0) resolve({ done: false, value: values.shift() });
        else if (over) finish({ resolve, reject });
        else takers.push({ resolve, reject });
      }),
    async return() {
      values.length = 0;
      over ??= { error: undefined };
      await watch?.stop();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => observation,
  };
  return vouched(observation);
}
