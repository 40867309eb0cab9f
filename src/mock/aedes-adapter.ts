import { isUtf8 } from "node:buffer";
import type {
  AuthorizePublishHandler,
  AuthorizeSubscribeHandler,
  Client,
  PreConnectHandler,
  PublishPacket,
} from "aedes";
import { TopicFilterTrie } from "../runtime/topics/filter-trie.js";
import { splitShared } from "../runtime/topics/topic-filter.js";
import type { IncomingMessage, QoS } from "../runtime/transport/transport.js";
import type { BrokerEvent } from "../runtime/testing/events.js";
import { type AedesInternals, connectionOf, incompleteBytes } from "./aedes-broker.js";
import { MemoryBudget } from "./memory-budget.js";

/** The dependencies of an {@link AedesAdapter}. */
export interface AedesAdapterDeps {
  /** Whether messages of devices reach other devices. */
  readonly relays: boolean;
  /** The reason to refuse a topic filter; undefined to grant it. */
  readonly refuses: (filter: string) => string | undefined;
  readonly onEvent: (event: BrokerEvent) => void;
}

/** Marks messages from this process. aedes would take messages without a foreign broker id for its own. */
export const BROKER_ID = "topicsmith";

/** No request is that long. The connection of a longer packet is closed, so that memory stays bounded. */
const MAX_PACKET_BYTES = 16 * 1024 * 1024;

/** Bytes of unfinished packets of all connections. Whoever exceeds it is disconnected. */
const MAX_UNFINISHED_BYTES = 128 * 1024 * 1024;

/** Topics and payloads of retained messages. Beyond it, messages are delivered and not retained. */
const MAX_RETAINED_BYTES = 64 * 1024 * 1024;

/** Topic filters of all connections and sessions. Beyond it, subscriptions are refused. */
const MAX_FILTER_BYTES = 64 * 1024 * 1024;

/** The memory that a subscription takes beside its filter. */
const SUBSCRIPTION_BYTES = 200;

/** CONNECT has five fields of at most 65,535 bytes each (MQTT 3.1.1 section 3.1.3). */
const MAX_CONNECT_BYTES = 512 * 1024;

/** Decides what devices may do at an aedes broker, and reports what they do. */
export class AedesAdapter {
  readonly #aedes: AedesInternals;
  readonly #deps: AedesAdapterDeps;
  readonly #subscriptions = new WeakMap<Client, TopicFilterTrie<QoS>>();
  /** Connections that were reported as connected. aedes handles packets that follow CONNACK before it says `clientReady`. */
  readonly #connected = new WeakSet<Client>();
  /** The reason why the broker ends a connection, until its end is reported. */
  readonly #endReasons = new WeakMap<Client, string>();
  /** Subscriptions of resumed sessions, reported once the session has its stored messages. */
  readonly #restored = new WeakMap<Client, BrokerEvent[]>();
  /** Connections whose refusal was already reported with a better reason than aedes gives. */
  readonly #reported = new WeakSet<Client>();
  readonly #unfinished = new MemoryBudget<Client>(MAX_UNFINISHED_BYTES);
  /** By topic. */
  readonly #retained = new MemoryBudget<string>(MAX_RETAINED_BYTES);
  /** By client id, because persistent sessions outlive their connections. */
  readonly #filterBytes = new MemoryBudget<string>(MAX_FILTER_BYTES);
  #hasSessions = false;
  #draining = false;

  constructor(aedes: AedesInternals, deps: AedesAdapterDeps) {
    this.#aedes = aedes;
    this.#deps = deps;
    aedes.preConnect = this.#authorizeConnect;
    aedes.authorizePublish = this.#authorizePublish;
    aedes.authorizeSubscribe = this.#authorizeSubscribe;
    aedes.authorizeForward = (_client, packet) =>
      deps.relays || packet.brokerId === BROKER_ID ? packet : null;
    this.#reportEvents();
  }

  /** Whether a client has connected with a persistent session. */
  get hasSessions(): boolean {
    return this.#hasSessions;
  }

  /** The topic filters of a connection, with the granted QoS. */
  filtersOf(client: Client): TopicFilterTrie<QoS> | undefined {
    return this.#subscriptions.get(client);
  }

  /** Calls `listener` with every message that a device publishes. */
  async onMessage(listener: (message: IncomingMessage) => void): Promise<void> {
    const receive = (packet: PublishPacket & { clientId?: string }, done: () => void): void => {
      done();
      const { topic, qos, clientId } = packet;
      // Messages without a client are aedes' own, on `$SYS`.
      if (clientId === undefined) return;
      const payload = toBuffer(packet.payload);
      const origin = this.#aedes.clients[clientId];
      if (origin) this.#reportConnected(origin);
      const receiversOf = (): number => this.#receiversOf(topic);
      this.#deps.onEvent({
        kind: "received",
        client: clientId,
        origin,
        topic,
        payload,
        qos,
        // Counted only if it is read, because few readers need it.
        get receivers() {
          return receiversOf();
        },
      });
      listener({ topic, payload, qos, retain: false, origin });
    };
    await new Promise<void>((resolve) => {
      this.#aedes.subscribe("#", receive, resolve);
    });
  }

  /** Ends an established connection for a reason, which is reported with its end. */
  disconnect(client: Client, reason: string): void {
    this.#endReasons.set(client, reason);
    connectionOf(client).conn.destroy();
  }

  #receiversOf(topic: string): number {
    if (!this.#deps.relays) return 0;
    const matching = (client: Client): boolean => (this.filtersOf(client)?.match(topic).length ?? 0) > 0;
    return Object.values(this.#aedes.clients).filter(matching).length;
  }

  /** Accepts no more messages from devices. They are not acknowledged, so that their senders keep them. */
  drain(): void {
    this.#draining = true;
  }

  /** Closes a connection as soon as it sends a packet that is too long, or a string that MQTT does not allow. */
  limitPackets(client: Client): void {
    const connection = connectionOf(client);
    const { conn } = connection;
    conn.prependListener("readable", () => {
      const limit = connection.connecting || connection.connected ? MAX_PACKET_BYTES : MAX_CONNECT_BYTES;
      const bytes = incompleteBytes(connection);
      if (bytes <= limit && this.#unfinished.set(client, bytes)) return;
      const reason =
        bytes > limit
          ? `a packet of more than ${limit} bytes`
          : `unfinished packets of all connections have more than ${MAX_UNFINISHED_BYTES} bytes`;
      this.#refuse(client, reason);
      conn.destroy();
    });
    conn.once("close", () => this.#unfinished.set(client, 0));
    this.#checkStrings(client);
  }

  /** MQTT 3.1.1 section 1.5.3: a receiver closes the connection on ill-formed UTF-8 and on NUL. mqtt-packet accepts both. */
  #checkStrings(client: Client): void {
    // oxlint-disable-next-line no-underscore-dangle -- the name that aedes uses
    const parser = connectionOf(client)._parser;
    /* oxlint-disable no-underscore-dangle -- the names that mqtt-packet uses */
    const parse = parser._parseString.bind(parser);
    parser._parseString = () => {
      const start = parser._pos + 2;
      const text = parse();
      const isIllFormed = text?.includes("\uFFFD") && !isUtf8(parser._list.slice(start, parser._pos));
      if (!isIllFormed && text?.includes("\0") !== true) return text;
      this.#refuse(
        client,
        `a string with ${isIllFormed ? "ill-formed UTF-8" : "NUL"} (MQTT 3.1.1 section 1.5.3)`,
      );
      this.#reported.add(client);
      return null;
    };
    /* oxlint-enable no-underscore-dangle */
  }

  readonly #authorizeConnect: PreConnectHandler = (client, { protocolVersion, clientId, clean }, done) => {
    this.#hasSessions ||= clean === false;
    if (protocolVersion === 5) {
      const reason =
        "this broker supports MQTT 3.1.1 only; connect with that version (mosquitto's tools: -V 311)";
      this.#deps.onEvent({ kind: "refused", client: clientId, reason: `MQTT 5: ${reason}` });
      this.#reported.add(client);
    }
    // aedes itself refuses this version and all unknown ones.
    done(null, true);
  };

  readonly #authorizePublish: AuthorizePublishHandler = (client, packet, done) => {
    if (this.#draining) return;
    // aedes sends control messages to itself on $SYS. With them, a client could disconnect others.
    if (packet.topic.startsWith("$SYS/")) return done(new Error("$SYS is reserved for the broker"));
    // Without relaying, a will reaches no other device, and the platform must not take it for a request.
    if (packet.retain) this.#limitRetained(client, packet);
    const isWill = !this.#deps.relays && client !== null && packet === connectionOf(client).will;
    done(isWill ? new Error("wills are ignored") : null);
  };

  #limitRetained(client: Client | null, packet: PublishPacket): void {
    const { topic, payload } = packet;
    // A message without a payload deletes the retained one.
    const bytes = payload.length === 0 ? 0 : payload.length + topic.length;
    if (this.#retained.set(topic, bytes)) return;
    packet.retain = false;
    const reason = `retained messages have more than ${MAX_RETAINED_BYTES} bytes, so it is not retained`;
    this.#deps.onEvent({ kind: "dropped", client: client?.id ?? "", reason });
  }

  readonly #authorizeSubscribe: AuthorizeSubscribeHandler = (client, subscription, done) => {
    const { topic: filter, qos } = subscription;
    const restores = connectionOf(client).connecting;
    if (!restores) this.#reportConnected(client);
    const isShared = splitShared(filter).group !== undefined;
    const reason = isShared
      ? "shared subscriptions ($share) are not supported by this broker"
      : (this.#deps.refuses(filter) ?? this.#limitFilters(client, filter));
    if (reason !== undefined) {
      this.#deps.onEvent({ kind: "refused-subscription", client: client.id, filter, reason });
      return done(null, null);
    }
    const filters = this.#subscriptions.get(client) ?? new TopicFilterTrie<QoS>();
    filters.set(filter, qos);
    this.#subscriptions.set(client, filters);
    const event = { kind: "subscribed", client: client.id, origin: client, filter, qos } as const;
    if (restores) this.#restored.set(client, [...(this.#restored.get(client) ?? []), event]);
    else this.#deps.onEvent(event);
    done(null, subscription);
  };

  #limitFilters(client: Client, filter: string): string | undefined {
    const bytes = this.#filterBytes.of(client.id) + filter.length + SUBSCRIPTION_BYTES;
    return this.#filterBytes.set(client.id, bytes)
      ? undefined
      : `the subscriptions of all clients have more than ${MAX_FILTER_BYTES} bytes`;
  }

  /** Reports that the broker ends a connection: at once, or with the end of one that was established. */
  #refuse(client: Client, reason: string): void {
    // The first reason is the cause of the others.
    if (this.#connected.has(client)) this.#endReasons.set(client, this.#endReasons.get(client) ?? reason);
    else this.#deps.onEvent({ kind: "refused", client: client.id ?? "", reason });
  }

  #reportConnected(client: Client): void {
    if (this.#connected.has(client)) return;
    this.#connected.add(client);
    this.#deps.onEvent({ kind: "connected", client: client.id, origin: client });
    for (const event of this.#restored.get(client) ?? []) this.#deps.onEvent(event);
    this.#restored.delete(client);
  }

  #reportEvents(): void {
    const { onEvent } = this.#deps;
    const aedes = this.#aedes;
    aedes.on("unsubscribe", (filters, client) => {
      const freed = filters.reduce((sum, filter) => sum + filter.length + SUBSCRIPTION_BYTES, 0);
      this.#filterBytes.set(client.id, Math.max(0, this.#filterBytes.of(client.id) - freed));
      for (const filter of filters) this.#subscriptions.get(client)?.delete(filter);
    });
    aedes.on("clientReady", (client) => this.#reportConnected(client));
    aedes.on("clientDisconnect", (client) => {
      if (connectionOf(client).clean) this.#filterBytes.set(client.id, 0);
      const reason = this.#endReasons.get(client);
      const event = { kind: "disconnected", client: client.id, origin: client } as const;
      onEvent(reason === undefined ? event : { ...event, reason });
    });
    for (const event of ["clientError", "connectionError"] as const) {
      aedes.on(event, (client, { message }) => {
        // A client that closed its connection itself was not refused.
        if (this.#reported.has(client) || message === "connection closed") return;
        this.#refuse(client, message);
      });
    }
  }
}

/** A payload as a Buffer over the same bytes. */
export function toBuffer(payload: string | Uint8Array): Buffer {
  return typeof payload === "string"
    ? Buffer.from(payload)
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

/** The id of a connection; undefined if `origin` is not one. */
export function clientIdOf(origin: unknown): string | undefined {
  return typeof origin === "object" && origin !== null && "id" in origin ? String(origin.id) : undefined;
}
