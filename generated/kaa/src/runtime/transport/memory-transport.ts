import { TopicsmithError } from "../errors.js";
import { TopicFilterTrie } from "../topics/filter-trie.js";
import { filterMatches, isTopicFilter, lowerQos, splitShared } from "../topics/topic-filter.js";
import type { IncomingMessage, PublishOptions, QoS, Transport } from "./transport.js";
import { TransportEvents } from "./transport-events.js";

/** Hooks of a {@link MemoryBroker}. Each may be replaced at any time. */
export interface MemoryBrokerHooks {
  /**
   * Called for each well-formed filter of a SUBSCRIBE. Returns its granted QoS, or 128 to refuse it. A promise delays the SUBACK.
   * Default: grants the requested QoS.
   */
  onSubscribe?: ((filter: string, qos: QoS) => number | Promise<number>) | undefined;
  /** Called for each PUBLISH before it is delivered. A promise delays the message and its PUBACK; an exception refuses it. */
  onPublish?: ((message: IncomingMessage) => void | Promise<void>) | undefined;
}

/** Options of a connection to a {@link MemoryBroker}. */
export interface MemoryTransportOptions {
  /**
   * Gives incoming messages their `origin`, and delivers outgoing ones `to` an origin without a SUBSCRIBE, as a broker does on its own
   * side. Default: false.
   */
  readonly origins?: boolean;
  /** False: has no connection, and reports no state, until `restore` is called. Default: true. */
  readonly connected?: boolean;
}

/** A connection to a {@link MemoryBroker}, which tests can interrupt. */
export interface MemoryTransport extends Transport {
  /** Loses the connection until {@link MemoryTransport.restore}. */
  drop(cause?: unknown): void;
  /** Connects again. Without `sessionPresent` (default: false), subscriptions and queued messages are lost. */
  restore(options?: { readonly sessionPresent?: boolean }): void;
  /** Loses the connection for good, with the state `failed`. */
  giveUp(cause: unknown): void;
}

/** An MQTT broker in memory; see {@link memoryBroker}. */
export interface MemoryBroker extends MemoryBrokerHooks {
  /** Opens a connection. */
  transport(options?: MemoryTransportOptions): MemoryTransport;
}

/**
 * Creates the in-memory twin of an MQTT broker, with wildcards, `$`-topics, shared subscriptions and sessions. Each connection gets one
 * copy of a message, however many of its filters match (as MQTT 3.1.1 section 3.3.5 allows). Messages arrive by microtask and in the
 * order in which they were sent, so the broker works with fake clocks.
 */
export function memoryBroker(hooks: MemoryBrokerHooks = {}): MemoryBroker {
  return new InMemoryBroker(hooks);
}

/** The return code of a SUBACK for a refused filter (MQTT 3.1.1 section 3.9.3). */
const FAILURE = 128;

/** A filter as it was subscribed to, and its granted QoS. */
interface BrokerSubscription {
  /** With the `$share/group/` of a shared subscription. */
  readonly filter: string;
  readonly shared: boolean;
  readonly qos: QoS;
}

/** Routes messages between connections. Structurally typed by {@link MemoryBroker}, so that brokers of two packages fit each other. */
class InMemoryBroker implements MemoryBroker {
  onSubscribe: MemoryBrokerHooks["onSubscribe"];
  onPublish: MemoryBrokerHooks["onPublish"];
  readonly connections = new Set<MemoryConnection>();
  /** Retained messages by topic (MQTT 3.1.1 section 3.3.1.3). */
  readonly retained = new Map<string, IncomingMessage>();
  /** The number of messages that each shared subscription has received. */
  readonly #turns = new Map<string, number>();

  constructor({ onSubscribe, onPublish }: MemoryBrokerHooks) {
    this.onSubscribe = onSubscribe;
    this.onPublish = onPublish;
  }

  readonly transport = (options: MemoryTransportOptions = {}): MemoryTransport =>
    new MemoryConnection(this, options);

  /**
   * Delivers a message to its receivers, and to the connection `addressee`, which need not have subscribed; with `only`, to
   * that connection alone.
   */
  route(message: IncomingMessage, addressee: unknown, only: boolean): void {
    const receivers = only ? new Map<MemoryConnection, QoS>() : this.#receivers(message.topic);
    if (addressee instanceof MemoryConnection && this.connections.has(addressee))
      receivers.set(addressee, message.qos);
    for (const [receiver, granted] of receivers) {
      const { origin, ...rest } = message;
      // Only what a broker has kept arrives as retained (MQTT 3.1.1 section 3.3.1.3).
      const anonymous = { ...rest, retain: false };
      const qos = lowerQos(message.qos, granted);
      const copy = receiver.origins ? { ...anonymous, qos, origin } : { ...anonymous, qos };
      queueMicrotask(() => receiver.deliver(copy));
    }
  }

  /** Keeps a message for later subscribers; one without a body removes the one that was kept. */
  retain({ topic, payload, qos }: IncomingMessage): void {
    this.retained.delete(topic);
    if (payload.length > 0) this.retained.set(topic, { topic, payload, qos, retain: true });
  }

  /** The connections that receive `topic`, each with the highest QoS that it was granted. Groups take turns. */
  #receivers(topic: string): Map<MemoryConnection, QoS> {
    const receivers = new Map<MemoryConnection, QoS>();
    const groups = new Map<string, [MemoryConnection, QoS][]>();
    const add = (connection: MemoryConnection, qos: QoS): void => {
      const other = receivers.get(connection);
      receivers.set(connection, other === undefined || other < qos ? qos : other);
    };
    for (const connection of this.connections) {
      for (const { filter, shared, qos } of connection.subscriptionsTo(topic)) {
        if (!shared) add(connection, qos);
        else groups.set(filter, [...(groups.get(filter) ?? []), [connection, qos]]);
      }
    }
    for (const [filter, members] of groups) {
      const turn = this.#turns.get(filter) ?? 0;
      this.#turns.set(filter, turn + 1);
      const online = members.filter(([connection]) => connection.online);
      const candidates = online.length > 0 ? online : members;
      add(...candidates[turn % candidates.length]!);
    }
    return receivers;
  }
}

/** A connection and its session. */
class MemoryConnection extends TransportEvents implements MemoryTransport {
  readonly origins: boolean;
  readonly #broker: InMemoryBroker;
  /** By the filter without its group, then by the filter that was subscribed to. */
  readonly #subscriptions = new TopicFilterTrie<Map<string, BrokerSubscription>>();
  /** The messages that arrived while the connection was lost. */
  #queued: IncomingMessage[] = [];
  #online = false;
  #closed = false;

  constructor(broker: InMemoryBroker, { origins = false, connected = true }: MemoryTransportOptions) {
    super();
    this.#broker = broker;
    this.origins = origins;
    broker.connections.add(this);
    if (connected) this.#connect(false);
  }

  get online(): boolean {
    return this.#online;
  }

  subscriptionsTo(topic: string): BrokerSubscription[] {
    return this.#subscriptions.match(topic).flatMap((subscriptions) => [...subscriptions.values()]);
  }

  deliver(message: IncomingMessage): void {
    if (this.#online) this.emitMessage(message);
    else if (message.qos > 0 && !this.#closed) this.#queued.push(message);
  }

  readonly publish = async (
    topic: string,
    payload: Uint8Array,
    { qos, to, only = false, retain = false }: PublishOptions,
  ): Promise<void> => {
    this.#requireConnection();
    if (topic === "" || /[+#\0]/u.test(topic)) throw new Error(`"${topic}" is not a valid topic name`);
    const message = { topic, payload: payload.slice(), qos, retain, origin: this };
    // A message that was sent reaches the broker even if the connection is lost right after. Its PUBACK does not come back.
    await this.#broker.onPublish?.(message);
    if (retain) this.#broker.retain(message);
    this.#broker.route(message, this.origins ? to : undefined, this.origins && only);
    await Promise.resolve();
    if (qos > 0) this.#requireConnection();
  };

  readonly subscribe = async (filters: readonly string[], qos: QoS): Promise<readonly number[]> => {
    this.#requireConnection();
    const returnCodes = await Promise.all(
      filters.map(async (filter) =>
        isTopicFilter(filter) ? ((await this.#broker.onSubscribe?.(filter, qos)) ?? qos) : FAILURE,
      ),
    );
    this.#requireConnection();
    for (const [index, filter] of filters.entries()) {
      const granted = returnCodes[index];
      if (granted !== 0 && granted !== 1 && granted !== 2) continue;
      const { filter: matched, group } = splitShared(filter);
      const subscriptions = this.#subscriptions.get(matched) ?? new Map<string, BrokerSubscription>();
      subscriptions.set(filter, { filter, shared: group !== undefined, qos: granted });
      this.#subscriptions.set(matched, subscriptions);
      if (group === undefined) this.#deliverRetained(filter, granted);
    }
    return returnCodes;
  };

  readonly unsubscribe = async (filters: readonly string[]): Promise<void> => {
    if (!this.#online) return;
    for (const filter of filters) {
      const { filter: matched } = splitShared(filter);
      const subscriptions = this.#subscriptions.get(matched);
      subscriptions?.delete(filter);
      if (subscriptions?.size === 0) this.#subscriptions.delete(matched);
    }
  };

  readonly close = async (): Promise<void> => {
    this.#leave();
  };

  readonly drop = (cause: unknown = new Error("the connection was lost")): void => {
    if (!this.#online) return;
    this.#online = false;
    this.emitState({ kind: "disconnected", cause });
  };

  readonly restore = ({ sessionPresent = false }: { readonly sessionPresent?: boolean } = {}): void => {
    if (this.#closed || this.#online) return;
    if (!sessionPresent) this.#forgetSession();
    this.#connect(sessionPresent);
    for (const message of this.#queued.splice(0)) queueMicrotask(() => this.deliver(message));
  };

  readonly giveUp = (cause: unknown): void => {
    if (this.#closed) return;
    this.#leave();
    this.emitState({ kind: "failed", cause });
  };

  #deliverRetained(filter: string, granted: QoS): void {
    for (const message of this.#broker.retained.values())
      if (filterMatches(filter, message.topic))
        queueMicrotask(() => this.deliver({ ...message, qos: lowerQos(message.qos, granted) }));
  }

  #connect(sessionPresent: boolean): void {
    this.#online = true;
    this.emitState({ kind: "connected", sessionPresent });
  }

  #leave(): void {
    this.#closed = true;
    this.#online = false;
    this.#broker.connections.delete(this);
    this.#forgetSession();
  }

  #forgetSession(): void {
    this.#subscriptions.clear();
    this.#queued = [];
  }

  #requireConnection(): void {
    if (this.#online) return;
    throw new TopicsmithError(
      "disconnected",
      this.#closed ? "the connection is closed" : "there is no connection",
    );
  }
}
