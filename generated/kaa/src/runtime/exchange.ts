/**
 * One request on its way: what calls, sends and observations have in common.
 *
 * | state       | becomes     | when |
 * |-------------|-------------|------|
 * | queued      | preparing   | a request id is granted; at once where none is needed |
 * | preparing   | sent        | its subscriptions are acknowledged, and there is a connection |
 * | sent        | preparing   | the connection came back and the request may be repeated |
 * | sent        | done        | it is answered (call), the broker has it (send) |
 * | any         | done        | timeout, abort, refusal, gave-up, close; an observation also by its end |
 *
 * Done means: no timer, listener, subscription use or table entry is left. An id that was sent and not answered rests.
 */
import { type ErrorCode, TopicsmithError } from "./errors.js";
import type { Engine } from "./engine.js";
import type { IdScope, IdWaiter } from "./ids.js";
import { maskCause, secretMask, secretsOf } from "./mask.js";
import type { Resource } from "./resource.js";
import type { Subscriber, Subscription } from "./subscriptions.js";
import type { TopicValues } from "./topic.js";
import type { QoS } from "./transport.js";

/** What is to be sent, and how. */
export interface Request {
  readonly resource: Resource;
  readonly values: TopicValues;
  /** The request topic without an id. */
  readonly base: string;
  /** What the ids of this request are unique within; absent where it takes none. */
  readonly scope?: string | undefined;
  /** Requests of different groups have no filters in common. */
  readonly group: string;
  /** Absent: there is nothing to ask, only to listen. */
  readonly body?: Uint8Array | undefined;
  readonly qos: QoS;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly filters: readonly string[];
  /** Part of ending something else: also while the client is closing. */
  readonly last?: boolean | undefined;
}

/** See the table above. */
export abstract class Exchange implements Subscriber, IdWaiter {
  readonly subscriptions = new Set<Subscription>();
  readonly request: Request;
  protected readonly engine: Engine;
  /** As far as the connection loses nothing: acknowledged by the broker, or answered. */
  protected safe = false;
  #state: "queued" | "preparing" | "sent" | "done" = "queued";
  /** Sent at least once. */
  #known = false;
  #sessionLost = false;
  #id: number | undefined;
  #scope: IdScope | undefined;
  #topic: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;

  constructor(engine: Engine, request: Request) {
    this.engine = engine;
    this.request = request;
    this.#topic = request.base;
  }

  /** What it must have been told of, lest closing loses it: a graceful close waits for it. */
  abstract readonly awaited: boolean;

  get queued(): boolean {
    return this.#state === "queued";
  }

  get done(): boolean {
    return this.#state === "done";
  }

  get requestId(): number | undefined {
    return this.#id;
  }

  /** Begins; the outcome may be there before this returns. */
  start(): void {
    const { engine, request } = this;
    const { signal, scope, last } = request;
    if (signal?.aborted) return this.#abort();
    if (engine.refusal && !last)
      return this.fail(engine.refusal.code, engine.refusal.message, engine.refusal.cause);
    engine.begin(this);
    this.wait();
    signal?.addEventListener("abort", this.#abort);
    if (scope === undefined) return this.#prepare();
    this.#scope = engine.scope(scope);
    if (!this.#scope.request(this))
      this.fail("queue-full", `${engine.settings.maxQueued} requests wait for a request id already`);
  }

  granted(id: number): void {
    this.#id = id;
    this.#topic += `/${id}`;
    this.engine.await(this.#topic, this);
    this.#prepare();
  }

  /** Sends, if all is ready for it. */
  advance(): void {
    const { connection, transport } = this.engine;
    if (this.#state !== "preparing" || connection === undefined) return;
    for (const { ready } of this.subscriptions) if (!ready) return;
    this.#state = "sent";
    const { body, qos } = this.request;
    if (body === undefined) return this.sent();
    this.#known = true;
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.wait();
    transport.publish(this.#topic, body, { qos }).then(
      // oxlint-disable-next-line promise/always-return -- nothing goes on from here
      () => {
        if (this.done || attempt !== this.#attempt) return;
        this.safe ||= qos > 0;
        this.sent();
      },
      (error: unknown) => {
        if (!this.done && attempt === this.#attempt) this.#notSent(error, connection);
      },
    );
  }

  /** There is a connection again. */
  reconnected(sessionPresent: boolean): void {
    if (this.#state === "sent") {
      this.#sessionLost ||= !sessionPresent;
      if (this.repeats && !(sessionPresent && this.safe)) {
        this.safe = false;
        this.#state = "preparing";
      }
    }
    this.advance();
  }

  refused(message: string, cause: unknown): void {
    this.fail("subscribe-refused", message, cause);
  }

  /** An answer came on its topic; `false` if it can not be one. */
  answer(kind: "success" | "error", body: Uint8Array): boolean {
    if (!this.#known) return false;
    this.safe = true;
    this.answered(kind, body);
    return true;
  }

  /** Ends it with an error, whose message and cause show no secrets. */
  fail(code: ErrorCode, message: string, cause?: unknown): void {
    this.end(this.error(code, message, cause));
  }

  error(code: ErrorCode, message: string, cause?: unknown): TopicsmithError {
    const { resource, values } = this.request;
    const mask = secretMask(this.engine.mask, secretsOf(resource.shape, values));
    return new TopicsmithError(code, mask(message), {
      resource: resource.shape.name,
      requestId: this.#id,
      // A signal's reason is the caller's own.
      cause: code === "aborted" ? cause : maskCause(cause, mask),
    });
  }

  /** Ends it: everything of it is gone. The `outcome` is an error, or `"answered"`, or `undefined` for no more interest. */
  end(outcome?: TopicsmithError | "answered"): void {
    if (this.done) return;
    this.#state = "done";
    clearTimeout(this.#timer);
    this.request.signal?.removeEventListener("abort", this.#abort);
    if (this.#id !== undefined && this.#scope) {
      const rest = this.#known && outcome !== "answered";
      this.engine.retire({
        topic: this.#topic,
        id: this.#id,
        scope: this.#scope,
        restMs: rest ? this.request.timeoutMs : undefined,
      });
    }
    this.#scope?.cancel(this);
    this.engine.subscriptions.release(this);
    this.engine.finish(this);
    this.ended(outcome === "answered" ? undefined : outcome);
  }

  /** Whether it may be sent again with the same id. */
  protected get repeats(): boolean {
    return this.request.resource.idempotent === true;
  }

  /** The time is over. */
  protected expired(): void {
    this.fail("timeout", `no answer within ${this.request.timeoutMs} ms (${this.#facts()})`);
  }

  protected wait(): void {
    const { timeoutMs } = this.request;
    // Longer ones overflow a timer, which then fires at once.
    if (timeoutMs >= 2 ** 31) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.expired();
    }, timeoutMs);
  }

  protected waitNoMore(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Sends again what was sent. */
  protected repeat(): void {
    if (this.#state === "sent") this.#state = "preparing";
    this.advance();
  }

  /** The transport has taken the message, or there was none to send. */
  protected abstract sent(): void;
  protected abstract answered(kind: "success" | "error", body: Uint8Array): void;
  /** It is over; called once. */
  protected abstract ended(error: TopicsmithError | undefined): void;

  /** The connection broke under a message that may not be repeated. */
  protected lost(_cause: unknown): void {
    // The answer may come yet.
  }

  readonly #abort = (): void => this.fail("aborted", "aborted", this.request.signal?.reason);

  #prepare(): void {
    this.#state = "preparing";
    const { filters, group } = this.request;
    for (const filter of filters) if (!this.done) this.engine.subscriptions.acquire(filter, group, this);
    this.advance();
  }

  #notSent(error: unknown, on: number): void {
    const disconnected = error instanceof TopicsmithError && error.code === "disconnected";
    if (this.engine.connection === on && !disconnected)
      return this.fail("publish-refused", "the message was refused", error);
    if (!this.repeats) return this.lost(error);
    this.#state = "preparing";
    if (this.engine.connection !== on) this.advance();
  }

  #facts(): string {
    const connected = this.engine.connection === undefined ? ", not connected" : "";
    if (this.queued) return `all request ids are in use${connected}`;
    if (!this.#known) return `not sent: ${connected ? "not connected" : "waiting for the subscription"}`;
    return `sent${this.safe ? ", acknowledged" : ""}${this.#sessionLost ? ", session lost" : ""}${connected}`;
  }
}
