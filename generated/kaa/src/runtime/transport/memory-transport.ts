import { TopicFilterTrie } from "../topics/filter-trie.js";
import { isTopicFilter, lowerQos, splitShared } from "../topics/topic-filter.js";
import type { IncomingMessage, PublishOptions, QoS, Transport, TransportState } from "./transport.js";

/** What a {@link MemoryBroker} can be told to do differently; each may be changed at any time. */
export interface MemoryBrokerHooks {
  /** Answers a filter with its granted QoS, or 128 to refuse it; a promise holds the SUBACK back. */
  onSubscribe?: ((filter: string, qos: QoS) => number | Promise<number>) | undefined;
  /** Sees every message on its way in. A promise holds the message and its PUBACK back; a throw refuses it. */
  onPublish?: ((message: IncomingMessage) => void | Promise<void>) | undefined;
}

/** How one connection to a {@link MemoryBroker} begins. */
export interface MemoryTransportOptions {
  /** Knows who sent a message, and delivers `to` it without a SUBSCRIBE, as a broker's own side does. Default: false. */
  readonly origins?: boolean;
  /** False: begins without a connection and without a state, until `restore`. Default: true. */
  readonly connected?: boolean;
}

/** A connection whose losses are made by hand. */
export interface MemoryTransport extends Transport {
  /** Loses the connection until {@link MemoryTransport.restore}. */
  drop(cause?: unknown): void;
  /** Connects again. Without `sessionPresent` (default: false) subscriptions and waiting messages are gone. */
  restore(options?: { readonly sessionPresent?: boolean }): void;
  /** Loses the connection for good, with the state `failed`. */
  giveUp(cause: unknown): void;
}

/** A broker in memory; see {@link memoryBroker}. */
export interface MemoryBroker extends MemoryBrokerHooks {
  /** A new connection. */
  transport(options?: MemoryTransportOptions): MemoryTransport;
}

/** What a SUBACK says of a refused filter (MQTT 3.1.1 section 3.9.3). */
const REFUSED = 128;

/** A filter as it was subscribed to, whether it is shared, and its granted QoS. */
interface BrokerSubscription {
  readonly subscribed: string;
  readonly shared: boolean;
  readonly qos: QoS;
}

interface Connection {
  online: boolean;
  /** By the filter that matches, then by what was subscribed to: with or without a group. */
  readonly subscriptions: TopicFilterTrie<Map<string, BrokerSubscription>>;
  readonly origins: boolean;
  readonly deliver: (message: IncomingMessage) => void;
}

/**
 * The in-memory twin of an MQTT broker: wildcards, `$`-topics, shared subscriptions and sessions as MQTT has them,
 * one copy a connection however many of its filters match (as MQTT 3.1.1 section 3.3.5 allows), nothing retained.
 * Everything arrives by microtask, so fake clocks work, and in the order it was sent.
 */
export function memoryBroker(hooks: MemoryBrokerHooks = {}): MemoryBroker {
  const connections = new Set<Connection>();
  const turns = new Map<string, number>();

  /** The QoS that each connection is owed `topic` with; shared subscriptions take turns within their group. */
  function receivers(topic: string): Map<Connection, QoS> {
    const owed = new Map<Connection, QoS>();
    const shared = new Map<string, [Connection, QoS][]>();
    const add = (connection: Connection, qos: QoS): void => {
      const other = owed.get(connection);
      owed.set(connection, other === undefined || other < qos ? qos : other);
    };
    for (const connection of connections) {
      for (const found of connection.subscriptions.matching(topic)) {
        for (const { subscribed, shared: inGroup, qos } of found.values()) {
          if (!inGroup) add(connection, qos);
          else shared.set(subscribed, [...(shared.get(subscribed) ?? []), [connection, qos]]);
        }
      }
    }
    for (const [subscribed, members] of shared) {
      const turn = turns.get(subscribed) ?? 0;
      turns.set(subscribed, turn + 1);
      const online = members.filter(([connection]) => connection.online);
      const pool = online.length > 0 ? online : members;
      add(...pool[turn % pool.length]!);
    }
    return owed;
  }

  const broker: MemoryBroker = {
    ...hooks,
    transport: (options = {}) => memoryTransport(options),
  };
  return broker;

  function memoryTransport({ origins = false, connected = true }: MemoryTransportOptions): MemoryTransport {
    const messageListeners = new Set<(message: IncomingMessage) => void>();
    const stateListeners = new Set<(state: TransportState) => void>();
    let waiting: IncomingMessage[] = [];
    let state: TransportState | undefined;
    let closed = false;

    const connection: Connection = {
      online: connected,
      origins,
      subscriptions: new TopicFilterTrie(),
      deliver(message) {
        if (connection.online) for (const listener of messageListeners) listener(message);
        else if (message.qos > 0 && connections.has(connection)) waiting.push(message);
      },
    };
    connections.add(connection);

    function enter(next: TransportState): void {
      state = next;
      connection.online = next.kind === "connected";
      for (const listener of stateListeners) listener(next);
    }

    function leave(): void {
      closed = true;
      connection.online = false;
      connections.delete(connection);
      connection.subscriptions.clear();
      waiting = [];
    }

    function requireConnection(): void {
      if (!connection.online) throw new Error(closed ? "the connection is closed" : "there is no connection");
    }

    function route(message: IncomingMessage, to: unknown): void {
      const owed = receivers(message.topic);
      // The addressee need not have subscribed, and gets one copy all the same.
      if (origins) for (const peer of connections) if (peer === to) owed.set(peer, message.qos);
      for (const [receiver, granted] of owed) {
        const { origin, ...anonymous } = message;
        const qos = lowerQos(message.qos, granted);
        const copy = receiver.origins ? { ...anonymous, qos, origin } : { ...anonymous, qos };
        queueMicrotask(() => receiver.deliver(copy));
      }
    }

    if (connected) state = { kind: "connected", sessionPresent: false };

    return {
      async publish(topic, payload, { qos, to }: PublishOptions) {
        requireConnection();
        if (topic === "" || /[+#\0]/u.test(topic)) throw new Error(`not a topic to publish on: ${topic}`);
        const message = { topic, payload: payload.slice(), qos, retain: false, origin: connection };
        // What left the connection reaches the broker even if the connection breaks right after; its PUBACK does not.
        await broker.onPublish?.(message);
        route(message, to);
        await Promise.resolve();
        if (qos > 0) requireConnection();
      },
      async subscribe(filters, qos) {
        requireConnection();
        const answers = filters.map(async (filter) =>
          isTopicFilter(filter) ? ((await broker.onSubscribe?.(filter, qos)) ?? qos) : REFUSED,
        );
        const granted = await Promise.all(answers);
        requireConnection();
        for (const [index, filter] of filters.entries()) {
          const answer = granted[index];
          if (answer === 0 || answer === 1 || answer === 2) {
            const { filter: matched, group } = splitShared(filter);
            const subscription: BrokerSubscription = {
              subscribed: filter,
              shared: group !== undefined,
              qos: answer,
            };
            const others = connection.subscriptions.get(matched) ?? new Map<string, BrokerSubscription>();
            connection.subscriptions.set(matched, others.set(filter, subscription));
          }
        }
        return granted;
      },
      async unsubscribe(filters) {
        if (!connection.online) return;
        for (const filter of filters) {
          const { filter: matched } = splitShared(filter);
          const others = connection.subscriptions.get(matched);
          others?.delete(filter);
          if (others?.size === 0) connection.subscriptions.delete(matched);
        }
      },
      onMessage(listener) {
        messageListeners.add(listener);
        return () => void messageListeners.delete(listener);
      },
      onState(listener) {
        stateListeners.add(listener);
        if (state) listener(state);
        return () => void stateListeners.delete(listener);
      },
      async close() {
        leave();
      },
      drop(cause = new Error("the connection was lost")) {
        if (connection.online) enter({ kind: "disconnected", cause });
      },
      restore({ sessionPresent = false } = {}) {
        if (closed || connection.online) return;
        if (!sessionPresent) {
          connection.subscriptions.clear();
          waiting = [];
        }
        enter({ kind: "connected", sessionPresent });
        for (const message of waiting.splice(0)) queueMicrotask(() => connection.deliver(message));
      },
      giveUp(cause) {
        if (closed) return;
        leave();
        enter({ kind: "failed", cause });
      },
    };
  }
}
