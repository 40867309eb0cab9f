import type { PublishPacket } from "aedes";
import { grantedQos, lowerQos } from "../runtime/topic-filter.js";
import type { IncomingMessage, QoS, Transport } from "../runtime/transport.js";
import { createAedes } from "./aedes-internals.js";
import { listenOnTcp, listenOnWebSocket } from "./listeners.js";
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
  /** Breaks the connection of one origin, or all of them, without a word. */
  disconnect(origin?: unknown): void;
  close(): Promise<void>;
}

/** aedes would take what it sees here for its own messages, were it not for another broker's name on them. */
const BROKER_ID = "topicsmith";

/** Starts an MQTT 3.1.1 broker in this process. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { host = "127.0.0.1", port = 0, webSocket = false, deliver = "subscribed" } = options;
  const relays = deliver === "subscribed";
  const aedes = await createAedes({
    // Beyond its default of 100 messages under way, aedes' emitter warns of a leak that there is none of.
    concurrency: 10_000,
    authorizeForward: (_client, packet) => (relays || packet.brokerId === BROKER_ID ? packet : null),
  });
  const locals = new Set<LocalConnection>();
  let sent = 0;

  await new Promise<void>((resolve) => {
    aedes.subscribe("#", receive, resolve);
  });

  /** A device's message, on its way to the connections inside this process. */
  function receive(packet: PublishPacket & { clientId?: string }, done: () => void): void {
    done();
    // Without a client it is aedes talking of itself, on `$SYS`.
    if (packet.clientId === undefined) return;
    const { topic, payload, qos } = packet;
    deliverLocally(
      { topic, payload: toBuffer(payload), qos, retain: false, origin: aedes.clients[packet.clientId] },
      undefined,
    );
  }

  function deliverLocally(message: IncomingMessage, to: unknown): void {
    for (const local of locals) {
      const granted = local === to && !relays ? 2 : grantedQos(local.filters, message.topic);
      if (granted !== undefined) local.deliver({ ...message, qos: lowerQos(message.qos, granted) });
    }
  }

  /** One copy a connection, with the smaller of the two QoS, however many of its filters match. */
  function deliverRemotely({ topic, payload, qos }: IncomingMessage, to: unknown): void {
    for (const client of Object.values(aedes.clients)) {
      const filters = Object.entries(client.subscriptions).map(
        ([filter, { qos: granted }]) => [filter, granted] as const,
      );
      const granted = client === to && !relays ? 2 : grantedQos(filters, topic);
      if (granted !== undefined)
        client.publish(packetOf({ topic, payload, qos: lowerQos(qos, granted) }), noop);
    }
  }

  /** What a session with no connection now gets when it comes back. */
  async function enqueueOffline({ topic, payload, qos }: IncomingMessage): Promise<void> {
    const owed = new Map<string, QoS>();
    for (const { clientId, qos: granted } of await aedes.persistence.subscriptionsByTopic(topic)) {
      if (!(clientId in aedes.clients)) owed.set(clientId, lowerQos(qos, granted));
    }
    for (const [clientId, owedQos] of owed) {
      await aedes.persistence.outgoingEnqueue({ clientId }, packetOf({ topic, payload, qos: owedQos }));
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

  const tcp = await listenOnTcp(aedes, { host, port });
  const ws =
    webSocket === false
      ? undefined
      : await listenOnWebSocket(aedes, { host, port: webSocket === true ? 0 : webSocket });

  return {
    url: `mqtt://${host}:${tcp.port}`,
    ...(ws && { wsUrl: `ws://${host}:${ws.port}` }),
    port: tcp.port,
    transport: () =>
      localTransport(locals, async (message, to) => {
        deliverLocally(message, to);
        deliverRemotely(message, to);
        if (message.qos > 0) await enqueueOffline(message);
      }),
    disconnect(origin) {
      for (const client of Object.values(aedes.clients)) {
        if (origin === undefined || origin === client) client.conn.destroy();
      }
    },
    async close() {
      for (const local of locals) local.giveUp(new Error("the broker was closed"));
      await new Promise<void>((resolve) => {
        aedes.close(resolve);
      });
      await Promise.all([tcp.close(), ws?.close()]);
    },
  };
}

function toBuffer(payload: string | Uint8Array): Buffer {
  return typeof payload === "string"
    ? Buffer.from(payload)
    : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

/** aedes calls it although its declarations make it optional. A connection that can not be written to, aedes closes. */
function noop(): void {}
