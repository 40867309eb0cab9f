import type { QoS } from "../runtime/transport/transport.js";

/** Something that happened at the broker. Nothing is masked here: who shows it has to do that. */
export type BrokerEvent =
  | ({ readonly kind: "connected" | "disconnected" } & Connected)
  /** Turned away: a protocol version, a packet that is none, a reader that is too slow. */
  | { readonly kind: "refused"; readonly client: string; readonly reason: string }
  | ({ readonly kind: "subscribed"; readonly filter: string; readonly qos: QoS } & Connected)
  | {
      readonly kind: "refused-subscription";
      readonly client: string;
      readonly filter: string;
      readonly reason: string;
    }
  /** A device published. */
  | ({ readonly kind: "received" } & Connected & BrokerMessage)
  /** A connection inside this process published: the platform. */
  | ({ readonly kind: "sent"; readonly client: string | undefined } & BrokerMessage);

/** The message that an event is about. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
}

/** Who it is that an event is about. */
export interface Connected {
  /** The client's id, which one connection may take over from another. */
  readonly client: string;
  /** The connection, as `Broker.disconnect` and a message's `origin` know it. */
  readonly origin: unknown;
}
