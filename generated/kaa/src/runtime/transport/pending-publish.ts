import type { ListNode } from "../internal/linked-list.js";
import type { FlowControlled } from "./flow-control.js";
import type { Delivery, QoS } from "./transport.js";

/** The last trial on an mqtt.js client. A global symbol, so that it is shared by the runtimes of several generated packages. */
export const lastTrial: unique symbol = Symbol.for("topicsmith.trial");

/** The part of an mqtt.js client that publishes. */
export interface MqttPublisher extends FlowControlled {
  [lastTrial]?: { readonly active: boolean };
  readonly options: { readonly clean?: boolean | undefined };
  readonly outgoing: Readonly<Record<number, { readonly cb: unknown } | undefined>>;
  publish(
    topic: string,
    payload: never,
    options: { readonly qos: QoS; readonly retain: boolean },
    callback: (error?: unknown) => void,
  ): unknown;
  getLastMessageId(): number;
  readonly outgoingStore: { put(packet: object, callback: () => void): unknown };
  removeOutgoingMessage(packetId: number): unknown;
  sendPing(): void;
}

/** One message, from its caller to its acknowledgement. */
export interface PendingPublish {
  readonly topic: string;
  payload: Uint8Array;
  readonly retain: boolean;
  /** At QoS 0 a message is sent at most once. */
  readonly retransmitted: boolean;
  delivery: Delivery;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly wantedQos: QoS;
  /** The QoS that it is written with: at most what the broker supports. */
  qos: QoS;
  /** Of the last write; `undefined` if mqtt.js has completed the message, or has to forget it. */
  callback?: ((error?: unknown) => void) | undefined;
  /** Of the message in mqtt.js; `undefined` at QoS 0, or if mqtt.js does not have it. */
  packetId?: number | undefined;
  /** Number of connections that ended because messages had to wait for its acknowledgement. */
  stalls: number;
  /** mqtt.js retransmits it. */
  held?: boolean;
  /** The position in the list of written messages. */
  node?: ListNode<PendingPublish>;
}
