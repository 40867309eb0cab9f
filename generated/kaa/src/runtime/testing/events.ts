import type { RefusedRequest } from "../platform/serve-options.js";
import type { QoS } from "../transport/transport.js";
import type { FaultKind } from "./fault.js";

/** An event of the broker. Secrets are not masked: whoever prints an event must redact it. */
export type BrokerEvent =
  | ({ readonly kind: "connected"; readonly reason?: undefined } & ConnectionEvent)
  /** A connection ended. The reason is present if the broker ended it: a malformed packet, a client that reads too slowly. */
  | ({ readonly kind: "disconnected"; readonly reason?: string } & ConnectionEvent)
  /** The broker did not accept a connection: MQTT 5, no valid CONNECT. */
  | { readonly kind: "refused"; readonly client: string; readonly reason: string }
  /** Messages for a persistent session were dropped. */
  | { readonly kind: "dropped"; readonly client: string; readonly reason: string }
  | ({ readonly kind: "subscribed"; readonly filter: string; readonly qos: QoS } & ConnectionEvent)
  | {
      readonly kind: "refused-subscription";
      readonly client: string;
      readonly filter: string;
      readonly reason: string;
      /** The message of the error that a handler threw. */
      readonly cause?: string;
    }
  /** A device published a message. */
  | ({
      readonly kind: "received";
      /** The number of connections that receive the message, those inside this process excluded. */
      readonly receivers: number;
    } & ConnectionEvent &
      BrokerMessage)
  /** A platform in this process published a message; `client` is the connection that it is for, if it names one. */
  | ({ readonly kind: "sent"; readonly client: string | undefined } & BrokerMessage);

/** An event of the mock. Secrets are not masked: whoever prints an event must redact it. */
export type MockEvent =
  | BrokerEvent
  /** The mock refused a request. The error response, if the sender gets one, is `sent` afterwards. */
  | {
      readonly kind: "refused-request";
      readonly client: string | undefined;
      readonly topic: string;
      /** The payload of the `received` event. */
      readonly payload: Uint8Array;
      readonly occasion: RefusedRequest["occasion"];
      /** With the place in the spec: `/zone must be >= 1 (api.yaml:42)`. */
      readonly reason: string;
    }
  /** A fault was injected into a request or a subscription. */
  | {
      readonly kind: "fault";
      readonly fault: FaultKind;
      readonly client: string | undefined;
      /** Topic of the request, or the topic filter of the subscription. */
      readonly topic: string;
    };

/** The message of an event. */
export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
}

/** The connection of an event. */
export interface ConnectionEvent {
  /** The MQTT client id. Another connection can take it over. */
  readonly client: string;
  /** Identifies the connection, for `disconnect`; equals the `origin` of its messages. */
  readonly origin: unknown;
}
