import { setImmediate as immediately } from "node:timers/promises";
import type { Client, PublishPacket } from "aedes";
import { TopicFilterTrie } from "../runtime/topics/filter-trie.js";
import { lowerQos, splitShared } from "../runtime/topics/topic-filter.js";
import type { IncomingMessage, QoS, Transport } from "../runtime/transport/transport.js";
import { type Connection, createAedes, incompleteBytes } from "./aedes-internals.js";
import type { BrokerEvent, BrokerMessage } from "./broker-events.js";
import { OfflineSessions } from "./offline-sessions.js";
import { endConnections } from "./end-connections.js";
import { type Listening, listenOnTcp, listenOnWebSocket } from "./listeners.js";
import { localTransport, type LocalConnection } from "./local-transport.js";

/**
 * Who gets what:
 * `subscribed`: an ordinary broker; messages go to who subscribed, and to nobody else.
 * `always`: what a platform is that speaks MQTT but relays nothing: an answer reaches the connection that asked even without a
 * SUBSCRIBE, and what one device publishes is never relayed to another.
 */
export type Delivery = "subscribed" | "always";

/** How {@link startBroker} listens and delivers. */
export interface BrokerOptions {
  /** 0, the default: any free port. */
  readonly port?: number;
  /** Default: `127.0.0.1`, so that nothing outside this machine can connect. */
  readonly host?: string;
  /** MQTT over WebSocket as well: true for any free port, or the port. */
  readonly webSocket?: boolean | number;
  /** Default: `subscribed`. */
  readonly deliver?: Delivery;
  /** Told of everything that happens, with nothing masked. */
  readonly onEvent?: (event: BrokerEvent) => void;
}

/** What a broker asks somebody else about. */
export interface BrokerHooks {
  /** Why a filter is refused; `undefined` if it is not. */
  readonly refuses?: (filter: string) => string | undefined;
  /** Whether a device's message reaches the connections inside this process. */
  readonly incoming?: (message: IncomingMessage) => boolean;
  /** Whether a message from inside this process is delivered as it is. */
  readonly outgoing?: (message: IncomingMessage, to: unknown) => boolean;
}

/** A running broker. */
export interface Broker {
  /** `mqtt://127.0.0.1:1883` */
  readonly url: string;
  /** `ws://127.0.0.1:8083`; present where asked for. */
  readonly wsUrl?: string;
  readonly port: number;
  /** A connection inside this process, which knows who sent a message. */
  transport(): Transport;
  /** Delivers a message past the hooks, as if it came from inside this process. */
  deliver(message: BrokerMessage, to?: unknown): Promise<void>;
  /** Takes nothing more from outside: what comes now is not acknowledged, so that whoever sent it knows. Settles when what was is delivered. */
  pause(): Promise<void>;
  /** Breaks the connection of one origin, or all of them, without a word. */
  disconnect(origin?: unknown): void;
  /** Sends what is to be sent, and ends every connection; those that do not answer within a second are broken. */
  close(): Promise<void>;
}

/** aedes would take what it sees here for its own messages, were it not for another broker's name on them. */
const BROKER_ID = "topicsmith";

/** Packets longer than that are nobody's request: who sends one is thrown out, so that memory stays bounded. */
const MAXIMUM_PACKET_BYTES = 16 * 1024 * 1024;

/** A CONNECT has five fields of at most 65,535 bytes (MQTT 3.1.1 section 3.1.3). */
const MAXIMUM_CONNECT_BYTES = 512 * 1024;

/** Who lets so much wait for being read is thrown out; a session without a connection is kept no more than that. */
const MAXIMUM_UNREAD_BYTES = 16 * 1024 * 1024;

/** Starts an MQTT 3.1.1 broker in this process. */
export async function startBroker(options: BrokerOptions = {}, hooks: BrokerHooks = {}): Promise<Broker> {
  const {
    host = "127.0.0.1",
    port = 0,
    webSocket = false,
    deliver: delivery = "subscribed",
    onEvent = () => {},
  } = options;
  const relays = delivery === "subscribed";
  /** What each connection subscribed to. */
  const subscriptions = new WeakMap<Client, TopicFilterTrie<QoS>>();
  const locals = new Set<LocalConnection>();
  /** Who was told already why it is turned away. */
  const told = new WeakSet<Client>();
  let sent = 0;
  /** Whether some session may outlive its connection. */
  let keepsSessions = false;
  let paused = false;
  /** What aedes has not written to its connection yet. */
  const writing = new Set<Promise<void>>();

  const aedes = await createAedes({
    // Beyond its default of 100 messages under way, aedes' emitter warns of a leak that there is none of.
    concurrency: 10_000,
    // What comes before CONNACK waits for it.
    queueLimit: 1_000,
    authorizeForward: (_client, packet) => (relays || packet.brokerId === BROKER_ID ? packet : null),
    preConnect(client, { protocolVersion, clientId, clean }, done) {
      keepsSessions ||= clean === false;
      if (protocolVersion === 5) {
        const reason =
          "this broker speaks MQTT 3.1.1 only; connect with that version (mosquitto's tools: -V 311)";
        onEvent({ kind: "refused", client: clientId, reason: `MQTT 5: ${reason}` });
        told.add(client);
      }
      // aedes itself answers the others.
      done(null, true);
    },
    authorizePublish(client, packet, done) {
      if (paused) return;
      // There aedes talks to itself: who could publish there could end other clients' connections.
      if (packet.topic.startsWith("$SYS/")) return done(new Error("$SYS is the broker's own"));
      // A platform that relays nothing has nobody to tell, and takes no will for a request.
      const isWill = !relays && client !== null && packet === connectionOf(client).will;
      done(isWill ? new Error("wills are ignored") : null);
    },
    authorizeSubscribe(client, subscription, done) {
      const { topic: filter, qos } = subscription;
      const shared = splitShared(filter).group !== undefined;
      const reason = shared
        ? "shared subscriptions ($share) are of MQTT 5 and of brokers that support them; this one does not"
        : hooks.refuses?.(filter);
      if (reason !== undefined) {
        onEvent({ kind: "refused-subscription", client: client.id, filter, reason });
        return done(null, null);
      }
      const mine = subscriptions.get(client) ?? new TopicFilterTrie<QoS>();
      mine.set(filter, qos);
      subscriptions.set(client, mine);
      onEvent({ kind: "subscribed", client: client.id, origin: client, filter, qos });
      done(null, subscription);
    },
  });
  aedes.on("unsubscribe", (filters, client) => {
    for (const filter of filters) subscriptions.get(client)?.delete(filter);
  });
  aedes.on("clientReady", (client) => onEvent({ kind: "connected", client: client.id, origin: client }));
  aedes.on("clientDisconnect", (client) =>
    onEvent({ kind: "disconnected", client: client.id, origin: client }),
  );
  for (const event of ["clientError", "connectionError"] as const) {
    aedes.on(event, (client, { message }) => {
      // Who has left by itself was not thrown out.
      if (told.has(client) || message === "connection closed") return;
      onEvent({ kind: "refused", client: client.id ?? "", reason: message });
    });
  }

  const offline = new OfflineSessions(aedes, {
    mostBytes: MAXIMUM_UNREAD_BYTES,
    onFull(client) {
      const reason = `more than ${MAXIMUM_UNREAD_BYTES} bytes wait for its session; what comes now is not kept`;
      onEvent({ kind: "refused", client, reason });
    },
  });

  await new Promise<void>((resolve) => {
    aedes.subscribe("#", receive, resolve);
  });

  /** Ends a connection whose packet has no end. */
  function watch(client: Client): void {
    const connection = connectionOf(client);
    const { conn } = connection;
    conn.prependListener("readable", () => {
      const greeted = connection.connecting || connection.connected;
      const most = greeted ? MAXIMUM_PACKET_BYTES : MAXIMUM_CONNECT_BYTES;
      if (incompleteBytes(connection) <= most) return;
      onEvent({ kind: "refused", client: client.id ?? "", reason: `a packet of more than ${most} bytes` });
      conn.destroy();
    });
  }

  /** A device's message, on its way to the connections inside this process. */
  function receive(packet: PublishPacket & { clientId?: string }, done: () => void): void {
    done();
    const { topic, qos, clientId } = packet;
    // Without a client it is aedes talking of itself, on `$SYS`.
    if (clientId === undefined) return;
    const payload = toBuffer(packet.payload);
    const origin: unknown = aedes.clients[clientId];
    onEvent({ kind: "received", client: clientId, origin, topic, payload, qos });
    const message = { topic, payload, qos, retain: false, origin };
    if (hooks.incoming?.(message) !== false) deliverLocally(message, undefined);
  }

  /** A message from inside this process, on its way to everybody who is to have it. */
  async function deliver(message: IncomingMessage, to: unknown): Promise<void> {
    const { topic, payload, qos } = message;
    onEvent({ kind: "sent", client: idOf(to), topic, payload, qos });
    deliverLocally(message, to);
    deliverRemotely(message, to);
    if (qos > 0 && keepsSessions)
      await offline.keep(message, (owed) => packetOf({ topic, payload, qos: owed }));
  }

  function deliverLocally(message: IncomingMessage, to: unknown): void {
    for (const local of locals) {
      const granted = local === to && !relays ? 2 : best(local.filters, message.topic);
      if (granted !== undefined) local.deliver({ ...message, qos: lowerQos(message.qos, granted) });
    }
  }

  /** One copy a connection, with the smaller of the two QoS, however many of its filters match. */
  function deliverRemotely({ topic, payload, qos }: IncomingMessage, to: unknown): void {
    for (const client of Object.values(aedes.clients)) {
      const granted = client === to && !relays ? 2 : best(subscriptions.get(client), topic);
      if (granted === undefined) continue;
      if (client.conn.writableLength > MAXIMUM_UNREAD_BYTES) {
        const reason = `it reads too slowly: more than ${MAXIMUM_UNREAD_BYTES} bytes wait for it`;
        onEvent({ kind: "refused", client: client.id, reason });
        client.conn.destroy();
        continue;
      }
      const packet = packetOf({ topic, payload, qos: lowerQos(qos, granted) });
      const written = new Promise<void>((resolve) => client.publish(packet, () => resolve()));
      writing.add(written);
      void written.then(() => writing.delete(written));
    }
  }

  function packetOf(message: { topic: string; payload: Uint8Array; qos: QoS }): PublishPacket {
    sent += 1;
    const marks = { brokerId: BROKER_ID, brokerCounter: sent };
    return {
      cmd: "publish",
      ...message,
      payload: toBuffer(message.payload),
      retain: false,
      dup: false,
      ...marks,
    };
  }

  const listening: Listening[] = [];
  /** Ends what has begun. */
  const end = async (): Promise<void> => {
    await endConnections(
      Object.values(aedes.clients).map(({ conn }) => conn),
      Promise.all(writing),
    );
    await new Promise<void>((resolve) => {
      aedes.close(resolve);
    });
    await Promise.all(listening.map((each) => each.close()));
  };
  try {
    listening.push(await listenOnTcp(aedes, { host, port }, watch));
    const wsPort = webSocket === true ? 0 : webSocket;
    if (wsPort !== false) listening.push(await listenOnWebSocket(aedes, { host, port: wsPort }, watch));
  } catch (error) {
    await end();
    throw error;
  }
  const [tcp, ws] = listening as [Listening, Listening?];
  // RFC 3986, section 3.2.2.
  const name = host.includes(":") ? `[${host}]` : host;

  return {
    url: `mqtt://${name}:${tcp.port}`,
    ...(ws && { wsUrl: `ws://${name}:${ws.port}` }),
    port: tcp.port,
    transport: () =>
      localTransport(locals, async (message, to) => {
        if (hooks.outgoing?.(message, to) !== false) await deliver(message, to);
      }),
    deliver: async (message, to) => deliver({ ...message, retain: false }, to),
    async pause() {
      paused = true;
      // What was let in before goes through aedes, and then to who is in this process.
      for (let turn = 0; turn < 3; turn += 1) await immediately();
    },
    disconnect(origin) {
      for (const client of Object.values(aedes.clients)) {
        if (origin === undefined || origin === client) client.conn.destroy();
      }
    },
    async close() {
      for (const local of locals) local.giveUp(new Error("the broker was closed"));
      await end();
    },
  };
}

/** The greatest QoS that one of these subscriptions grants `topic`; undefined if none of them matches it. */
function best(filters: TopicFilterTrie<QoS> | undefined, topic: string): QoS | undefined {
  const granted = filters?.matching(topic) ?? [];
  return granted.includes(2) ? 2 : granted.includes(1) ? 1 : granted[0];
}

// aedes keeps more on a client than it declares.
function connectionOf(client: Client): Connection {
  return client as Connection;
}

function idOf(origin: unknown): string | undefined {
  return typeof origin === "object" && origin !== null && "id" in origin ? String(origin.id) : undefined;
}

function toBuffer(payload: string | Uint8Array): Buffer {
  return typeof payload === "string"
    ? Buffer.from(payload)
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}
