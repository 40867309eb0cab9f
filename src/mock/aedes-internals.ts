import { Aedes, type AedesOptions, type Client, type PublishPacket } from "aedes";
import type { Duplex } from "node:stream";

/** A connection, with what aedes keeps on it but does not declare. */
export interface Connection extends Client {
  readonly conn: Duplex;
  /** CONNECT has come, and is being answered. */
  readonly connecting: boolean;
  /** What it wants to be said for it when it is gone. */
  readonly will: unknown;
  /** What has come in of a packet that is not complete yet, in bytes. */
  readonly _parser: { readonly _list: { readonly length: number } };
}

/** What aedes 1.2 has and its declarations leave out. */
export interface AedesInternals extends Aedes {
  /** By client id; those that are connected. */
  readonly clients: Readonly<Record<string, Connection>>;
  readonly persistence: {
    /** The subscriptions with QoS 1 and 2 of sessions that outlive their connection. */
    subscriptionsByTopic(topic: string): Promise<readonly { readonly clientId: string; readonly qos: QoS }[]>;
    /** Keeps a message for a session that has no connection now. */
    outgoingEnqueue(session: { readonly clientId: string }, packet: PublishPacket): Promise<void>;
  };
}

type QoS = 0 | 1 | 2;

/** `Aedes.createBroker`, with what its declarations leave out. */
export async function createAedes(options: AedesOptions): Promise<AedesInternals> {
  const broker = await Aedes.createBroker(options);
  if (!hasInternals(broker)) throw new Error("this version of aedes has no `clients` and `persistence`");
  return broker;
}

/** How many bytes of a packet have come that is not complete yet. */
export function incompleteBytes({ conn, _parser: parser }: Connection): number {
  // oxlint-disable-next-line no-underscore-dangle -- so aedes calls it
  return parser._list.length + conn.readableLength;
}

function hasInternals(broker: Aedes): broker is AedesInternals {
  return "clients" in broker && "persistence" in broker;
}
