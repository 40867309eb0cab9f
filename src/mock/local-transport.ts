import { TopicFilterTrie } from "../runtime/topics/filter-trie.js";
import { isTopicFilter, splitShared } from "../runtime/topics/topic-filter.js";
import type {
  IncomingMessage,
  PublishOptions,
  QoS,
  Transport,
  TransportState,
} from "../runtime/transport/transport.js";

/** A connection inside the broker's process, as the broker sees it. */
export interface LocalConnection {
  /** Its subscriptions, with the granted QoS. */
  readonly filters: TopicFilterTrie<QoS>;
  deliver(message: IncomingMessage): void;
  /** Ends the connection, and reports the cause to the transport's user. */
  fail(cause: unknown): void;
}

/** Publishes a message; resolves when the broker has accepted it. */
export type Route = (message: IncomingMessage, address: Pick<PublishOptions, "to" | "only">) => Promise<void>;

/**
 * Opens a connection inside the broker's process, without a socket. It is in `connections` until it is closed. Refuses
 * shared subscriptions, because aedes does not support them either.
 */
export function localTransport(connections: Set<LocalConnection>, route: Route): Transport {
  const filters = new TopicFilterTrie<QoS>();
  const messageListeners = new Set<(message: IncomingMessage) => void>();
  const stateListeners = new Set<(state: TransportState) => void>();
  let state: TransportState = { kind: "connected", sessionPresent: false };

  const connection: LocalConnection = {
    filters,
    deliver(message) {
      queueMicrotask(() => {
        if (connections.has(connection)) for (const listener of messageListeners) listener(message);
      });
    },
    fail(cause) {
      connections.delete(connection);
      state = { kind: "failed", cause };
      for (const listener of stateListeners) listener(state);
    },
  };
  connections.add(connection);

  function requireConnection(): void {
    if (!connections.has(connection)) throw new Error("the connection is closed");
  }

  return {
    async publish(topic, payload, { qos, to, only = false, retain = false }) {
      requireConnection();
      await route({ topic, payload: payload.slice(), qos, retain, origin: connection }, { to, only });
    },
    async subscribe(wanted, qos) {
      requireConnection();
      return wanted.map((filter) => {
        if (!isTopicFilter(filter) || splitShared(filter).group !== undefined) return 128;
        filters.set(filter, qos);
        return qos;
      });
    },
    async unsubscribe(unwanted) {
      for (const filter of unwanted) filters.delete(filter);
    },
    onMessage(listener) {
      messageListeners.add(listener);
      return () => void messageListeners.delete(listener);
    },
    onState(listener) {
      stateListeners.add(listener);
      listener(state);
      return () => void stateListeners.delete(listener);
    },
    async close() {
      connections.delete(connection);
    },
  };
}
