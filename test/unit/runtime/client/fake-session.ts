/** A session for tests of single parts: the transport answers when the test says so. */
import { Secrets } from "../../../../src/runtime/api/redact.js";
import type { RequestTarget, Resource } from "../../../../src/runtime/api/resource.js";
import { CorrelationTable } from "../../../../src/runtime/client/correlation.js";
import { hooksOf } from "../../../../src/runtime/client/hooks.js";
import type { Request } from "../../../../src/runtime/client/request.js";
import type { LiveRequest, ObserverList, Session } from "../../../../src/runtime/client/session.js";
import { SubscriptionManager } from "../../../../src/runtime/client/subscription-manager.js";
import { emitter } from "../../../../src/runtime/events.js";
import { LinkedList } from "../../../../src/runtime/internal/linked-list.js";
import { type ClientOptions, settingsOf } from "../../../../src/runtime/options.js";
import type { PublishOptions, Transport } from "../../../../src/runtime/transport/transport.js";
import { api, protocol, resources } from "../greenhouse-api.js";

/** A message that the transport has accepted but not acknowledged. */
export interface PendingPublish {
  readonly topic: string;
  readonly text: string;
  readonly options: PublishOptions;
  acknowledge(): void;
  refuse(error: unknown): void;
}

export interface FakeSession extends Session {
  connection: number | undefined;
  readonly published: PendingPublish[];
  /** Acknowledges the oldest SUBSCRIBE with this return code. */
  acknowledgeSubscribe(code?: number): void;
  /** The tasks that were given to `task()`. */
  readonly tasks: Promise<unknown>[];
}

/** Creates a connected session without requests. */
export function fakeSession(options: ClientOptions = {}): FakeSession {
  const settings = settingsOf(options);
  const published: PendingPublish[] = [];
  const subscribes: ((code: number) => void)[] = [];
  const tasks: Promise<unknown>[] = [];
  const transport: Transport = {
    publish: (topic, payload, publishOptions) =>
      new Promise((acknowledge, refuse) => {
        const text = new TextDecoder().decode(payload);
        published.push({ topic, text, options: publishOptions, acknowledge, refuse });
      }),
    subscribe: (filters) =>
      new Promise((resolve) => subscribes.push((code) => resolve(filters.map(() => code)))),
    unsubscribe: () => Promise.resolve(),
    onMessage: () => () => undefined,
    onState: () => () => undefined,
    close: () => Promise.resolve(),
  };
  const session: FakeSession = {
    protocol,
    settings,
    transport,
    hooks: hooksOf(options),
    events: emitter(),
    subscriptions: new SubscriptionManager({
      transport,
      qos: 1,
      keepMs: settings.subscriptionKeepMs,
      maximum: settings.maxSubscriptions,
      connection: () => session.connection,
    }),
    correlation: new CorrelationTable(protocol, settings),
    redact: (text) => text,
    connection: 1,
    state: "connected",
    lastError: undefined,
    terminalError: undefined,
    inFlight: new LinkedList<LiveRequest>(),
    pendingCount: 0,
    secrets: new Secrets(),
    redactCause: (cause) => cause,
    observers: new Map<string, ObserverList>(),
    handled: new Set(),
    strays: { late: 0, duplicate: 0, unmatched: 0, foreign: 0 },
    reader: undefined,
    stats: () => ({
      inFlight: 0,
      queued: 0,
      quarantined: 0,
      subscriptions: 0,
      late: 0,
      duplicate: 0,
      unmatched: 0,
      foreign: 0,
    }),
    async task(work) {
      const working = work();
      tasks.push(working);
      await working;
    },
    notifyIdle: () => undefined,
    onProcessed: () => undefined,
    reconnect: () => undefined,
    close: () => Promise.resolve(),
    published,
    tasks,
    acknowledgeSubscribe: (code = 1) => subscribes.shift()?.(code),
  };
  return session;
}

/** The topic of one resource at the endpoint `u1`. */
export function fakeTarget(resource: Resource): RequestTarget {
  const base = `gh/north/climate/u1/${resource.template.resource}`;
  return {
    resource,
    values: { site: "north", unit: "u1" },
    bound: {},
    base,
    responseTopicBase: base,
    sharedTopicBase: base,
    responseFilters: [`${base}/+/ok`, `${base}/+/failed`],
    scope: "north climate u1",
  };
}

/** A request of the resource `read`: by default with an id, at QoS 1, without subscriptions. */
export function fakeRequest(changes: Partial<Request> = {}): Request {
  return {
    target: fakeTarget(resources.read),
    withId: true,
    body: new TextEncoder().encode("{}"),
    qos: 1,
    timeoutMs: 1_000,
    filters: [],
    ...changes,
  };
}

export { api, protocol, resources };
