import type { PublishPacket } from "aedes";
import type { TopicFilterTrie } from "../runtime/topics/filter-trie.js";
import { lowerQos } from "../runtime/topics/topic-filter.js";
import type { IncomingMessage, QoS, Transport } from "../runtime/transport/transport.js";
import { type AedesAdapter, BROKER_ID, clientIdOf, toBuffer } from "./aedes-adapter.js";
import type { AedesInternals, Connection } from "./aedes-broker.js";
import type { BrokerEvent } from "../runtime/testing/events.js";
import { type LocalConnection, localTransport, type Route } from "./local-transport.js";
import { PersistentSessions } from "./persistent-sessions.js";

/** The dependencies of a {@link Delivery}. */
export interface DeliveryDeps {
  readonly aedes: AedesInternals;
  readonly adapter: AedesAdapter;
  /** Whether messages go to subscribers only. If not, the addressed connection receives them in any case. */
  readonly subscribersOnly: boolean;
  readonly onEvent: (event: BrokerEvent) => void;
}

/** Bounds the memory that a client can occupy by not reading, and that a session without a connection occupies. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/** The same for all clients together, and for all sessions together. */
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;

/** Clients with less to read are never the reason for much memory. Adding up the others for each message would take time. */
const MIN_COUNTED_BYTES = 1024 * 1024;

/** Delivers messages to connections inside this process, to devices, and to persistent sessions. */
export class Delivery {
  readonly #deps: DeliveryDeps;
  readonly #sessions: PersistentSessions;
  readonly #locals = new Set<LocalConnection>();
  /** Messages that aedes has not written to their connections yet. */
  readonly #writing = new Set<Promise<void>>();
  #packets = 0;

  constructor(deps: DeliveryDeps) {
    this.#deps = deps;
    this.#sessions = new PersistentSessions(deps.aedes, {
      maxBytes: MAX_UNREAD_BYTES,
      maxTotalBytes: MAX_TOTAL_BYTES,
      onFull(client) {
        const reason = `more than ${MAX_UNREAD_BYTES} bytes wait for its session, or ${MAX_TOTAL_BYTES} for all; further messages are dropped`;
        deps.onEvent({ kind: "dropped", client, reason });
      },
    });
  }

  /** Opens a connection inside this process. Its messages go to `route`. */
  connect(route: Route): Transport {
    return localTransport(this.#locals, route);
  }

  /** Ends the connections inside this process. */
  closeLocal(cause: Error): void {
    for (const local of this.#locals) local.fail(cause);
  }

  /** Resolves when the messages to devices are written. */
  async written(): Promise<void> {
    await Promise.all(this.#writing);
  }

  /**
   * Delivers a message from inside this process.
   *
   * @param to Origin of the connection that the message is addressed to, if it is addressed to one.
   * @param only Whether no other connection receives the message.
   */
  async deliver(message: IncomingMessage, to: unknown, only = false): Promise<void> {
    const { topic, payload, qos } = message;
    if (message.retain)
      await this.#deps.aedes.persistence.storeRetained({
        ...this.#packetOf({ topic, payload, qos }),
        retain: true,
      });
    this.#deps.onEvent({ kind: "sent", client: clientIdOf(to), topic, payload, qos });
    const connections = Object.values(this.#deps.aedes.clients);
    if (only) {
      const addressed = connections.find((connection) => connection === to);
      if (addressed) this.#deliverRemotely(addressed, message, to);
      else this.deliverLocally(message, to, only);
      return;
    }
    this.deliverLocally(message, to);
    for (const connection of connections) this.#deliverRemotely(connection, message, to);
    if (qos > 0 && this.#deps.adapter.hasSessions)
      await this.#sessions.store(message, (sessionQos) =>
        this.#packetOf({ topic, payload, qos: sessionQos }),
      );
  }

  /** Delivers a message to the connections inside this process. */
  deliverLocally(message: IncomingMessage, to?: unknown, only = false): void {
    // A message is retained for those that subscribe later (MQTT 3.1.1, section 3.3.1.3).
    const current = { ...message, retain: false };
    for (const local of this.#locals) {
      if (only && local !== to) continue;
      const granted = this.#isAddressed(local, to) ? 2 : bestQos(local.filters, message.topic);
      if (granted !== undefined) local.deliver({ ...current, qos: lowerQos(message.qos, granted) });
    }
  }

  /** Returns the connections of devices whose subscriptions match a topic. */
  subscribers(topic: string): readonly Connection[] {
    const { aedes, adapter } = this.#deps;
    return Object.values(aedes.clients).filter(
      (client) => bestQos(adapter.filtersOf(client), topic) !== undefined,
    );
  }

  /** One copy for the connection, however many of its filters match, with the lower of the two QoS. */
  #deliverRemotely(client: Connection, { topic, payload, qos }: IncomingMessage, to: unknown): void {
    const { adapter } = this.#deps;
    const granted = this.#isAddressed(client, to) ? 2 : bestQos(adapter.filtersOf(client), topic);
    if (granted === undefined) return;
    if (this.#isTooSlow(client)) {
      const reason = `it reads too slowly: ${client.conn.writableLength} bytes wait for it`;
      adapter.disconnect(client, reason);
      return;
    }
    const packet = this.#packetOf({ topic, payload, qos: lowerQos(qos, granted) });
    const written = new Promise<void>((resolve) => client.publish(packet, () => resolve()));
    this.#writing.add(written);
    void written.then(() => this.#writing.delete(written));
  }

  #isTooSlow({ conn }: Connection): boolean {
    const unread = conn.writableLength;
    if (unread <= MIN_COUNTED_BYTES) return false;
    if (unread > MAX_UNREAD_BYTES) return true;
    const all = Object.values(this.#deps.aedes.clients);
    return all.reduce((sum, client) => sum + client.conn.writableLength, 0) > MAX_TOTAL_BYTES;
  }

  #isAddressed(connection: object, to: unknown): boolean {
    return connection === to && !this.#deps.subscribersOnly;
  }

  #packetOf(message: { topic: string; payload: Uint8Array; qos: QoS }): PublishPacket {
    this.#packets += 1;
    const broker = { brokerId: BROKER_ID, brokerCounter: this.#packets };
    return {
      cmd: "publish",
      ...message,
      payload: toBuffer(message.payload),
      retain: false,
      dup: false,
      ...broker,
    };
  }
}

/** The highest QoS that a matching subscription grants; undefined if none matches. */
function bestQos(filters: TopicFilterTrie<QoS> | undefined, topic: string): QoS | undefined {
  const granted = filters?.match(topic) ?? [];
  return granted.includes(2) ? 2 : granted.includes(1) ? 1 : granted[0];
}
