/** An aedes broker, with what its declarations omit. */
import type { Duplex } from "node:stream";
import { Aedes, type Client, type PublishPacket } from "aedes";
import type { QoS } from "../runtime/transport/transport.js";

/** A connection, with the properties that aedes sets but does not declare. */
export interface Connection extends Client {
  readonly conn: Duplex;
  /** True from CONNECT until CONNACK. */
  readonly connecting: boolean;
  /** The last will, as it will be published. */
  readonly will: unknown;
  /** Holds the bytes of a packet that is not complete yet. */
  readonly _parser: PacketParser;
}

/** The parser of a connection, with the properties of mqtt-packet 9 that are not declared. */
interface PacketParser {
  readonly _list: { readonly length: number; slice(start: number, end: number): Buffer };
  readonly _pos: number;
  /** Reads the next string of a packet; null if there is none, which is an error. */
  _parseString(): string | null;
}

/** An aedes broker, with the properties of aedes 1.2 that its declarations omit. */
export interface AedesInternals extends Aedes {
  /** The connected clients, by client id. */
  readonly clients: Readonly<Record<string, Connection>>;
  readonly persistence: {
    /** The QoS 1 and 2 subscriptions of persistent sessions that match a topic. */
    subscriptionsByTopic(topic: string): Promise<readonly { readonly clientId: string; readonly qos: QoS }[]>;
    /** Stores a QoS 2 message until PUBREL. */
    incomingStorePacket(client: Client, packet: PublishPacket): Promise<void>;
    /** Stores a message for a persistent session. */
    outgoingEnqueue(session: { readonly clientId: string }, packet: PublishPacket): Promise<void>;
    /** Stores a message for later subscribers, or deletes the stored one if it has no payload. */
    storeRetained(packet: PublishPacket): Promise<void>;
  };
}

/** Creates an aedes broker. */
export async function createAedes(): Promise<AedesInternals> {
  const aedes = await Aedes.createBroker({
    // The default is 100. Beyond it, aedes' emitter warns of a memory leak that does not exist.
    concurrency: 10_000,
    // Packets that arrive before CONNACK are queued up to this number.
    queueLimit: 1_000,
  });
  if (!hasInternals(aedes)) throw new Error("this version of aedes has no `clients` and `persistence`");
  const { persistence } = aedes;
  const store = persistence.incomingStorePacket.bind(persistence);
  // aedes only looks up whether an id is taken, so the message itself need not stay in memory until PUBREL.
  persistence.incomingStorePacket = (client, packet) =>
    store(client, Object.assign({}, packet, { topic: "", payload: Buffer.alloc(0) }));
  return aedes;
}

/** A client with the properties that aedes sets and does not declare. */
export function connectionOf(client: Client): Connection {
  return client as Connection;
}

/** The bytes of a packet that is not complete yet. */
export function incompleteBytes({ conn, _parser: parser }: Connection): number {
  // oxlint-disable-next-line no-underscore-dangle -- the name that aedes uses
  return parser._list.length + conn.readableLength;
}

function hasInternals(broker: Aedes): broker is AedesInternals {
  return "clients" in broker && "persistence" in broker;
}
