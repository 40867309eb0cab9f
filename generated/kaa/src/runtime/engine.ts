/**
 * What all requests of a client share: the connection's state, who waits for which topic, ids, subscriptions, counts.
 *
 * | connection  | becomes      | when |
 * |-------------|--------------|------|
 * | down        | up           | the transport is connected: subscriptions are restored, what may be is sent again |
 * | up          | down         | the transport lost it, and goes on trying |
 * | any         | gave up      | refused for good: everything under way fails, and whatever comes after it |
 * | any         | closing      | `close()`: nothing new begins, observations end, the rest has `closeTimeoutMs` |
 * | closing     | closed       | nothing is under way any more, or the time is over |
 */
import { decode } from "./codec.js";
import type { ErrorCode } from "./errors.js";
import { Emitter } from "./events.js";
import type { Exchange } from "./exchange.js";
import { Fifo, IdScope } from "./ids.js";
import {
  type Mask,
  maskCause,
  maskParameters,
  maskPayload,
  secretMask,
  secretsOf,
  topicMask,
} from "./mask.js";
import type { Settings } from "./options.js";
import { type ParsedTopic, topicReader } from "./parser.js";
import type { Protocol } from "./protocol.js";
import type { Extension, Resource } from "./resource.js";
import { Subscriptions } from "./subscriptions.js";
import type { IncomingMessage, QoS, Transport, TransportState } from "./transport.js";

/** An API, or as much of it as a program uses. */
export interface Api {
  readonly protocol: Protocol;
  readonly extensions: readonly Extension[];
}

/** What a client has done and has to do. */
export interface ClientStats {
  /** Calls and sends, without those that are queued. */
  readonly inFlight: number;
  /** Waiting for a request id. */
  readonly queued: number;
  /** Ids that were given up and are not used again yet. */
  readonly resting: number;
  readonly subscriptions: number;
  /** Answers that came after their request had ended otherwise. */
  readonly late: number;
  /** Further answers to a request that was answered. */
  readonly duplicate: number;
  /** Answers that belong to no request. */
  readonly unmatched: number;
}

/** Who takes pushes. */
export interface Watcher {
  /** A success or error without an id came; `false` if it is not for this one. */
  pushed(kind: "success" | "error", body: Uint8Array): boolean;
}

/** An id whose request is over. */
export interface RetiredId {
  readonly topic: string;
  readonly id: number;
  readonly scope: IdScope;
  /** The request's timeout, where the id must rest; absent where it was answered or never sent. */
  readonly restMs: number | undefined;
}

/** How many topics are remembered as answered, to know a duplicate from a stranger. */
const remembered = 1_000;
/** How many scopes without a request keep the order of their ids. */
const keptScopes = 1_000;

/** See the table above. */
export class Engine {
  readonly protocol: Protocol;
  readonly settings: Settings;
  readonly transport: Transport;
  readonly events = new Emitter();
  readonly subscriptions: Subscriptions;
  readonly mask: Mask;
  /** Which connection this is, counted from 1; `undefined` while there is none. */
  connection: number | undefined;
  /** Why there is none, as far as the transport said. */
  trouble: unknown;
  /** Why nothing new may begin. */
  refusal: { readonly code: ErrorCode; readonly message: string; readonly cause?: unknown } | undefined;
  /** Observations and the like, by the topic (without an id) that they ask on. */
  readonly watchers = new Map<string, Set<Watcher>>();
  /** Called at a close, before anything else. */
  readonly closing = new Set<() => void>();

  readonly #read: (topic: string) => ParsedTopic | undefined;
  readonly #resources = new Map<unknown, Resource>();
  readonly #live = new Set<Exchange>();
  readonly #pending = new Map<string, Exchange>();
  readonly #scopes = new Map<string, IdScope>();
  readonly #resting = new Map<
    string,
    { readonly timer: ReturnType<typeof setTimeout> | undefined; readonly end: () => void }
  >();
  readonly #answered = new Fifo<string>();
  readonly #counts = { late: 0, duplicate: 0, unmatched: 0 };
  readonly #detach: readonly (() => void)[];
  #connections = 0;
  #tasks = 0;
  #idle: (() => void) | undefined;

  constructor(api: Api, transport: Transport, settings: Settings) {
    const resources = api.extensions.flatMap((extension) => Object.values(extension.resources));
    for (const resource of resources) this.#resources.set(resource.shape, resource);
    this.protocol = api.protocol;
    this.settings = settings;
    this.transport = transport;
    this.mask = topicMask(resources);
    this.#read = topicReader(resources);
    this.subscriptions = new Subscriptions({
      transport,
      qos: resources.reduce<QoS>((highest, { qos }) => (qos > highest ? qos : highest), 0),
      keepMs: settings.subscriptionKeepMs,
      maximum: settings.maxSubscriptions,
      connection: () => this.connection,
    });
    this.#detach = [
      transport.onMessage((message) => this.#receive(message)),
      transport.onState((state) => this.#enter(state)),
    ];
  }

  stats(): ClientStats {
    let queued = 0;
    for (const scope of this.#scopes.values()) queued += scope.queued;
    const inFlight = [...this.#live].filter((exchange) => exchange.awaited && !exchange.queued).length;
    return {
      inFlight,
      queued,
      resting: this.#resting.size,
      subscriptions: this.subscriptions.size,
      ...this.#counts,
    };
  }

  /** The ids that are unique within `key`. */
  scope(key: string): IdScope {
    let scope = this.#scopes.get(key);
    if (scope === undefined) {
      if (this.#scopes.size >= keptScopes) {
        const idle = [...this.#scopes].find(([, other]) => other.idle);
        if (idle) this.#scopes.delete(idle[0]);
      }
      scope = new IdScope(
        this.protocol.requestId?.send ?? { minimum: 0, maximum: 0 },
        this.settings.maxQueued,
      );
      this.#scopes.set(key, scope);
    }
    return scope;
  }

  begin(exchange: Exchange): void {
    this.#live.add(exchange);
  }

  /** Answers to `topic` go to this one. */
  await(topic: string, exchange: Exchange): void {
    this.#answered.delete(topic);
    this.#pending.set(topic, exchange);
  }

  retire({ topic, id, scope, restMs }: RetiredId): void {
    this.#pending.delete(topic);
    if (restMs === undefined) {
      this.#answered.add(topic);
      if (this.#answered.size > remembered) this.#answered.shift();
      return scope.release(id);
    }
    const end = (): void => {
      clearTimeout(timer);
      this.#resting.delete(topic);
      scope.release(id);
    };
    const ms = this.settings.restMs ?? Math.max(restMs, 5_000);
    const timer = ms >= 2 ** 31 ? undefined : setTimeout(end, ms);
    this.#resting.set(topic, { timer, end });
  }

  finish(exchange: Exchange): void {
    this.#live.delete(exchange);
    this.#checkIdle();
  }

  /** Something that a graceful close waits for. */
  async task(work: Promise<unknown>): Promise<void> {
    this.#tasks += 1;
    try {
      await work;
    } finally {
      this.#tasks -= 1;
      this.#checkIdle();
    }
  }

  /** Adds a watcher; the returned function removes it and says whether it was the topic's last. */
  watch(base: string, watcher: Watcher): () => boolean {
    const there = this.watchers.get(base) ?? new Set();
    this.watchers.set(base, there.add(watcher));
    return () => {
      there.delete(watcher);
      return there.size === 0 && this.watchers.delete(base);
    };
  }

  /** See {@link Client.close}. */
  async close(force: boolean): Promise<void> {
    const until = Date.now() + this.settings.closeTimeoutMs;
    this.refusal ??= { code: "closed", message: "the client is closed" };
    for (const stop of this.closing) stop();
    if (!force && this.connection !== undefined && !this.#isIdle()) {
      await within(this.settings.closeTimeoutMs, new Promise<void>((resolve) => (this.#idle = resolve)));
    }
    const orderly = !force && this.connection !== undefined && this.#isIdle();
    this.#failAll("closed", "the client was closed");
    for (const { timer } of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
    this.subscriptions.close();
    for (const detach of this.#detach) detach();
    this.connection = undefined;
    await within(Math.max(until - Date.now(), 0), this.transport.close({ force: !orderly }));
  }

  #isIdle(): boolean {
    return this.#tasks === 0 && ![...this.#live].some(({ awaited }) => awaited);
  }

  #checkIdle(): void {
    if (this.#idle && this.#isIdle()) this.#idle();
  }

  #failAll(code: ErrorCode, message: string, cause?: unknown): void {
    for (const exchange of this.#live) exchange.fail(code, message, cause);
  }

  #enter(state: TransportState): void {
    if (state.kind === "connected") {
      this.#connections += 1;
      this.connection = this.#connections;
      this.subscriptions.restore(state.sessionPresent);
      for (const exchange of this.#live) exchange.reconnected(state.sessionPresent);
      this.events.emit("connected", { sessionPresent: state.sessionPresent });
      return;
    }
    const wasConnected = this.connection !== undefined;
    this.connection = undefined;
    const cause = maskCause(state.cause, this.mask);
    this.trouble = cause;
    if (state.kind === "gave-up") {
      this.refusal ??= { code: "connection-refused", message: "the connection was refused for good", cause };
      this.#failAll("connection-refused", "the connection was refused for good", cause);
    }
    // Not for each attempt that fails.
    if (wasConnected || state.kind === "gave-up") this.events.emit(state.kind, { cause });
  }

  #receive(message: IncomingMessage): void {
    const { topic, payload, retain } = message;
    for (const kind of ["success", "error"] as const) {
      const suffix = this.protocol[kind];
      if (!topic.endsWith(suffix)) continue;
      const base = topic.slice(0, -suffix.length);
      // A retained one was there before the request, so it is not its answer.
      if (!retain && this.#pending.get(base)?.answer(kind, payload)) return;
      if (this.#stray(base, topic)) return;
      const watchers = [...(this.watchers.get(base) ?? [])];
      if (watchers.filter((watcher) => watcher.pushed(kind, payload)).length > 0) return;
    }
    this.#unmatched(topic, payload);
  }

  /** Whether a message answers a request that is over. */
  #stray(base: string, topic: string): boolean {
    const resting = this.#resting.get(base);
    const kind = resting ? "late" : this.#answered.has(base) ? "duplicate" : undefined;
    if (kind === undefined) return false;
    resting?.end();
    this.#report(kind, topic, this.#read(topic));
    return true;
  }

  #unmatched(topic: string, payload: Uint8Array): void {
    const parsed = this.#read(topic);
    if (parsed === undefined || parsed.kind === "request") return;
    if (parsed.kind === "success" || parsed.requestId !== undefined)
      return this.#report("unmatched", topic, parsed);
    const { shape, parameters } = parsed;
    const definition = this.#resources.get(shape)?.error ?? this.protocol.errorPayload;
    const { value, fault } = this.readError(this.#resources.get(shape), payload);
    const mask = secretMask(this.mask, secretsOf(shape, parameters));
    this.events.emit("rejected", {
      resource: shape.name,
      parameters: maskParameters(shape, parameters),
      payload:
        fault || value === undefined
          ? undefined
          : JSON.parse(mask(JSON.stringify(maskPayload(value, definition.sensitive)))),
    });
  }

  /** Reads an error's body. */
  readError(resource: Resource | undefined, body: Uint8Array): ReturnType<typeof decode> {
    const { maxDepth, responses } = this.settings;
    return decode(resource?.error ?? this.protocol.errorPayload, body, {
      maxDepth,
      check: responses !== "off",
    });
  }

  #report(kind: "late" | "duplicate" | "unmatched", topic: string, parsed: ParsedTopic | undefined): void {
    this.#counts[kind] += 1;
    if (parsed === undefined) return;
    const mask = secretMask(this.mask, secretsOf(parsed.shape, parsed.parameters));
    this.events.emit(`${kind}-response`, { topic: mask(topic), resource: parsed.shape.name });
  }
}

/** Waits for `work`, but not longer; its failure is not of interest. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work.catch(() => undefined), over]);
  clearTimeout(timer);
}
