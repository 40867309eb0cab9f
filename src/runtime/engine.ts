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
import { Chain } from "./chain.js";
import { decode } from "./codec.js";
import type { ErrorCode } from "./errors.js";
import { type Emitter, emitter } from "./events.js";
import type { AnswerKind, Exchange } from "./exchange.js";
import { IdScope } from "./ids.js";
import {
  type Mask,
  maskCause,
  maskParameters,
  maskPayload,
  maskTexts,
  maskValue,
  topicMask,
} from "./mask.js";
import { notLonger } from "./not-longer.js";
import type { Settings } from "./options.js";
import type { Protocol } from "./protocol.js";
import type { Extension, Resource } from "./resource.js";
import { type Subscriptions, subscriptions } from "./subscriptions.js";
import { type ParsedTopic, readTopic, type TopicValues } from "./topic.js";
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

/** Takes a success or error without an id; `false` if it is not for this one. */
export type Watcher = (kind: AnswerKind, body: Uint8Array) => boolean;

/** Who observes one topic. */
export interface Watched {
  readonly watchers: Set<Watcher>;
  /** Asks the platform to push no more: what one of those who are gone wanted at the end. */
  disarm?: (() => Promise<unknown>) | undefined;
}

/** An id whose request is over. */
export interface RetiredId {
  readonly topic: string;
  readonly id: number;
  readonly scope: IdScope;
  readonly answered: boolean;
  /** How many answers may still come: the id rests until they have, or for so long. */
  readonly owed: number;
  readonly restMs: number;
}

/** What an error answer carried. */
export interface ErrorContent {
  readonly payload?: unknown;
  /** The body, where it fails its schema. */
  readonly raw?: Uint8Array;
  /** The payload as it may be shown. */
  readonly shown?: unknown;
}

/** See the table above. */
export interface Engine {
  readonly protocol: Protocol;
  readonly settings: Settings;
  readonly transport: Transport;
  readonly events: Emitter;
  readonly subscriptions: Subscriptions;
  readonly mask: Mask;
  /** Which connection this is, counted from 1; `undefined` while there is none. */
  connection: number | undefined;
  /** Why there is none, as far as the transport said. */
  trouble: unknown;
  /** Why nothing new may begin. */
  refusal: { readonly code: ErrorCode; readonly message: string; readonly cause?: unknown } | undefined;
  /** All requests under way. */
  readonly live: Chain<Exchange>;
  /** How many of them a graceful close waits for. */
  busy: number;
  /** What must not be shown: the secret values of client and endpoints. */
  readonly secrets: Set<string>;
  /** Who observes, by the topic (without an id) that they ask on. */
  readonly watchers: Map<string, Watched>;
  /** Called at a close, before anything else. */
  readonly closing: Set<() => void>;
  stats(): ClientStats;
  /** The ids that are unique within `key`. */
  scope(key: string): IdScope;
  /** Answers to `topic` go to this one. */
  expect(topic: string, exchange: Exchange): void;
  retire(retired: RetiredId): void;
  /** Reads the body of an error that concerns `values`. */
  readError(resource: Resource, body: Uint8Array, values: TopicValues): ErrorContent;
  /** Something that a graceful close waits for. */
  task(work: Promise<unknown>): Promise<void>;
  /** Something that a graceful close waits for may be over. */
  settled(): void;
  close(force: boolean): Promise<void>;
}

const answerKinds = ["success", "error"] as const;

/** How many topics a generation of answered ones has. */
const remembered = 1_000;
/** About how many scopes without a request keep the order of their ids. */
const keptScopes = 10_000;

/** Begins to listen to a transport. */
export function startEngine({ protocol, extensions }: Api, transport: Transport, settings: Settings): Engine {
  const resources = extensions.flatMap((extension) => Object.values(extension.resources));
  // Not a `Map`, for the reason that there are chains: see chain.ts.
  const pending: Record<string, Exchange> = Object.create(null);
  const scopes = new Map<string, IdScope>();
  /** Ids that are not used again yet, by their topic. */
  const resting = new Map<string, { readonly answered: boolean; owed: number; readonly end: () => void }>();
  /** Topics that were answered of late, in two generations, to know a duplicate from a stranger. */
  let answered = new Set<string>();
  let answeredBefore = new Set<string>();
  let maxScopes = keptScopes;
  const counts = { late: 0, duplicate: 0, unmatched: 0 };
  let connections = 0;
  let tasks = 0;
  let idle: (() => void) | undefined;
  let closing: Promise<void> | undefined;
  let hurry = (): void => undefined;
  /** Settles when a close is not to wait any more. */
  const hurried = new Promise<void>((resolve) => (hurry = resolve));

  const isIdle = (): boolean => tasks + engine.busy === 0;

  const failAll = (code: ErrorCode, message: string, cause?: unknown): void => {
    for (const exchange of engine.live.values()) exchange.fail(code, message, cause);
  };

  /** After that there is no timer. */
  const leaveNothing = (orderly = false): Promise<void> => {
    for (const { end } of resting.values()) end();
    return engine.subscriptions.close(orderly);
  };

  const enter = (state: TransportState): void => {
    const wasConnected = engine.connection !== undefined;
    if (state.kind === "connected") {
      const { sessionPresent } = state;
      connections += 1;
      engine.connection = connections;
      engine.subscriptions.restore(sessionPresent);
      for (const exchange of engine.live.values()) exchange.reconnected(sessionPresent);
      return engine.events.emit("connected", { sessionPresent });
    }
    engine.connection = undefined;
    const cause = (engine.trouble = maskCause(state.cause, engine.mask));
    if (state.kind === "gave-up") {
      const message = "the connection was refused for good";
      engine.refusal ??= { code: "connection-refused", message, cause };
      failAll("connection-refused", message, cause);
      void leaveNothing();
    } else if (!wasConnected) {
      // One more attempt that failed.
      return;
    }
    engine.events.emit(state.kind, { cause });
  };

  /** What an answer says that nobody waits for: rare, so that they are all tried. */
  const mask = topicMask(resources);

  const read = (topic: string): (ParsedTopic & { readonly resource: Resource }) | undefined => {
    for (const kind of answerKinds) {
      if (!topic.endsWith(protocol[kind])) continue;
      const levels = topic.slice(0, -protocol[kind].length).split("/");
      for (const resource of resources) {
        const parsed = readTopic(resource.shape, kind, levels);
        if (parsed) return { ...parsed, resource };
      }
    }
    return undefined;
  };

  const receive = ({ topic, payload, retain }: IncomingMessage): void => {
    for (const kind of answerKinds) {
      if (!topic.endsWith(protocol[kind])) continue;
      const base = topic.slice(0, -protocol[kind].length);
      // A retained one was there before any request, so it is no answer; but it may be what was pushed last.
      if (!retain) {
        if (pending[base]?.answer(kind, payload)) return;
        const rest = resting.get(base);
        if (rest) {
          rest.owed -= 1;
          if (rest.owed <= 0) {
            rest.end();
            remember(base);
          }
          return report(rest.answered ? "duplicate" : "late", topic);
        }
        if (answered.has(base) || answeredBefore.has(base)) return report("duplicate", topic);
      } else if (kind === "error") continue;
      const watchers = Array.from(engine.watchers.get(base)?.watchers ?? []);
      if (watchers.filter((watcher) => watcher(kind, payload)).length > 0) return;
    }
    const parsed = read(topic);
    if (!parsed) return;
    if (parsed.kind === "success" || parsed.requestId !== undefined) return report("unmatched", topic);
    const { resource, shape, parameters } = parsed;
    engine.events.emit("rejected", {
      resource: shape.name,
      parameters: maskParameters(shape, parameters),
      payload: engine.readError(resource, payload, parameters).shown,
    });
  };

  const remember = (topic: string): void => {
    if (answered.add(topic).size >= remembered) [answeredBefore, answered] = [answered, new Set()];
  };

  /** Who waits gets it a moment later: an answer that comes twice mostly does so at once, and must not be the next one's. */
  const letGo = (scope: IdScope, id: number, turns = scope.queued === 0 ? 0 : 10): void => {
    if (turns === 0) scope.release(id);
    else queueMicrotask(() => letGo(scope, id, turns - 1));
  };

  const report = (kind: keyof typeof counts, topic: string): void => {
    counts[kind] += 1;
    engine.events.emit(`${kind}-response`, {
      topic: engine.mask(topic),
      resource: read(topic)?.shape.name ?? "",
    });
  };

  const engine: Engine = {
    protocol,
    settings,
    transport,
    events: emitter(),
    mask(text, shape, values) {
      let masked = mask(text, shape, values);
      for (const secret of engine.secrets) masked = maskValue(masked, secret);
      return masked;
    },
    subscriptions: subscriptions({
      transport,
      qos: resources.reduce<QoS>((highest, { qos }) => (qos > highest ? qos : highest), 0),
      keepMs: settings.subscriptionKeepMs,
      maximum: settings.maxSubscriptions,
      connection: () => engine.connection,
    }),
    connection: undefined,
    trouble: undefined,
    refusal: undefined,
    live: new Chain(),
    busy: 0,
    secrets: new Set(),
    watchers: new Map(),
    closing: new Set(),
    stats() {
      const queued = Array.from(scopes.values()).reduce((sum, scope) => sum + scope.queued, 0);
      const inFlight = engine.live
        .values()
        .filter((exchange) => !exchange.role.stays && !exchange.queued()).length;
      return {
        inFlight,
        queued,
        resting: Array.from(resting.values()).filter((rest) => !rest.answered).length,
        subscriptions: engine.subscriptions.size(),
        ...counts,
      };
    },
    scope(key) {
      let scope = scopes.get(key);
      if (scope) return scope;
      if (scopes.size >= maxScopes) {
        for (const [other, { idle: unused }] of scopes) if (unused) scopes.delete(other);
        // So that looking through them is rare, however many are in use.
        maxScopes = Math.max(keptScopes, scopes.size * 2);
      }
      scope = new IdScope(protocol.requestId?.send ?? { minimum: 0, maximum: 0 }, settings.maxQueued);
      scopes.set(key, scope);
      return scope;
    },
    expect(topic, exchange) {
      pending[topic] = exchange;
    },
    retire({ topic, id, scope, answered: wasAnswered, owed, restMs }) {
      delete pending[topic];
      if (owed <= 0) {
        if (wasAnswered) remember(topic);
        return letGo(scope, id);
      }
      const end = (): void => {
        clearTimeout(timer);
        resting.delete(topic);
        letGo(scope, id);
      };
      // Where there was no limit, one must be made up: ids are few.
      const limit = [restMs, settings.timeoutMs].find((ms) => ms < 2 ** 31) ?? 0;
      const timer = setTimeout(end, Math.min(settings.restMs ?? Math.max(limit, 5_000), 2 ** 31 - 1));
      answered.delete(topic);
      answeredBefore.delete(topic);
      resting.set(topic, { answered: wasAnswered, owed, end });
    },
    readError({ error = protocol.errorPayload, shape }, body, values) {
      const { value: payload, fault } = decode(error, body, {
        maxDepth: settings.maxDepth,
        check: settings.responses !== "off",
      });
      if (fault) return { raw: body };
      const mask = (text: string): string => engine.mask(text, shape, values);
      return { payload, shown: maskTexts(maskPayload(payload, error.sensitive), mask) };
    },
    async task(work) {
      tasks += 1;
      try {
        await work;
      } finally {
        tasks -= 1;
        engine.settled();
      }
    },
    settled() {
      if (idle && isIdle()) idle();
    },
    close(force) {
      if (force) hurry();
      return (closing ??= end());
    },
  };

  const end = async (): Promise<void> => {
    const until = Date.now() + settings.closeTimeoutMs;
    const within = (work: Promise<unknown>): Promise<void> =>
      notLonger(Promise.race([work, hurried]), Math.max(until - Date.now(), 0));
    engine.refusal ??= { code: "closed", message: "the client is closed" };
    for (const stop of engine.closing) stop();
    if (engine.connection !== undefined && !isIdle()) {
      await within(new Promise<void>((resolve) => (idle = resolve)));
      idle = undefined;
    }
    const orderly = engine.connection !== undefined && isIdle();
    engine.connection = undefined;
    failAll("closed", "the client was closed");
    await within(leaveNothing(orderly));
    for (const remove of detach) remove();
    // Who did not hear the one will not hear the other.
    const forced = !orderly || Date.now() >= until;
    await within(transport.close({ force: forced }));
    if (Date.now() >= until) await notLonger(transport.close({ force: true }), 0);
  };
  const detach = [transport.onMessage(receive), transport.onState(enter)];
  return engine;
}
