import type { QoS } from "../runtime/transport.js";

/** Something that happened at the broker. Nothing is masked here: who shows it has to do that. */
export type BrokerEvent =
  | { readonly kind: "connected" | "disconnected"; readonly client: string }
  /** Turned away: a protocol version, a packet that is none, a reader that is too slow. */
  | { readonly kind: "refused"; readonly client: string; readonly reason: string }
  | { readonly kind: "subscribed"; readonly client: string; readonly filter: string; readonly qos: QoS }
  | {
      readonly kind: "refused-subscription";
      readonly client: string;
      readonly filter: string;
      readonly reason: string;
    }
  /** A device published. */
  | ({ readonly kind: "received"; readonly client: string } & BrokerMessage)
  /** A connection inside this process published: the platform. */
  | ({ readonly kind: "sent"; readonly client: string | undefined } & BrokerMessage);

/** The message that an event is about. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
}
