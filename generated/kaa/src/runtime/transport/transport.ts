/** An MQTT quality of service. */
export type QoS = 0 | 1 | 2;

/** An incoming PUBLISH. */
export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** The connection that sent the message, if the transport knows it: on a broker's own side it does, in an MQTT client it does not. */
  readonly origin?: unknown;
}

/** One message over all its attempts. A caller that publishes a message again passes the same object each time. */
export interface Delivery {
  /** The caller has given up: the transport does not send the message again. */
  readonly abandoned: boolean;
  /**
   * The number of connections that were lost when the broker had not shown yet that it can process the message. Counted by
   * the transport for messages that it retransmits, and by the caller for others.
   */
  losses: number;
  /** Number of them that were lost while the message was the only one that the broker may have been at. Counted like `losses`. */
  trials: number;
  /** Number of connections that were lost soon after the message was written, and that may be its fault. Counted like `losses`. */
  quickLosses?: number;
  /** Set by the transport when it writes the message: its place among all messages of the transport. 0: it waits to be written; -1: again. */
  position: number | undefined;
  /** The time of that, by `performance.now()`. */
  writtenAt?: number;
  /** Set with it: the QoS, which is lower than the caller's if the broker supports no higher one. */
  writtenQos?: QoS;
}

/** Options of an outgoing PUBLISH. */
export interface PublishOptions {
  readonly qos: QoS;
  /** The broker keeps the message for later subscribers. Default: false. */
  readonly retain?: boolean | undefined;
  /** Default: an object that is the transport's own. */
  readonly delivery?: Delivery | undefined;
  /** The transport must not retransmit the message after a reconnect, because the caller repeats it, or must not repeat it. */
  readonly noRetransmit?: boolean;
  /** Delivers to this `origin` even if it has not subscribed. Ignored by transports that know no origins. */
  readonly to?: unknown;
  /** Delivers to the connection `to` alone, and to no other subscriber. Ignored by transports that know no origins. */
  readonly only?: boolean;
}

/** The state of a transport's connection. */
export type TransportState =
  /** Usable. Without `sessionPresent`, the broker has none of the earlier subscriptions. */
  | { readonly kind: "connected"; readonly sessionPresent: boolean }
  /**
   * Lost, or not made yet; the transport keeps trying. Reported for each attempt that fails. The broker has processed every message up
   * to the position `processed`, and was at the message at the position `suspect`, if that is known.
   */
  | {
      readonly kind: "disconnected";
      readonly cause: unknown;
      readonly processed?: number | undefined;
      readonly suspect?: number | undefined;
    }
  /** Lost for good: the broker refused permanently, or the underlying client was ended. */
  | { readonly kind: "failed"; readonly cause: unknown };

/**
 * The MQTT operations that a client or a platform needs. `mqttTransport` and `memoryBroker` create transports, and any
 * object with these methods is one.
 */
export interface Transport {
  /** The broker keeps the session after `close`, with its subscriptions, and what it receives for them until the next connection. */
  readonly keepsSession?: boolean;
  /** Resolves when the message was sent (QoS 0) or acknowledged (QoS 1 and 2). Rejects if it cannot be sent. */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<void>;
  /** Resolves with one return code for each filter: the granted QoS, or 128 and above if refused (SUBACK, MQTT 3.1.1 section 3.9.3). */
  subscribe(filters: readonly string[], qos: QoS): Promise<readonly number[]>;
  /** Resolves when the broker has acknowledged it, or at once while there is no connection. */
  unsubscribe(filters: readonly string[]): Promise<void>;
  /** Adds a listener for incoming messages. The returned function removes it. */
  onMessage(listener: (message: IncomingMessage) => void): () => void;
  /** Adds a listener for changes of state, and calls it at once with the current state, if there is one. The returned function removes it. */
  onState(listener: (state: TransportState) => void): () => void;
  /** Takes note that the platform has responded to the message at this position (see `Delivery`), so the broker has taken it. */
  onResponse?(position: number): void;
  /** Connects again at once: after `failed`, or instead of the rest of a pause. Absent: the transport cannot. */
  reconnect?(): void;
  /** Disconnects. `force` waits neither for pending messages nor for an earlier `close` without `force`. */
  close(options?: { readonly force?: boolean }): Promise<void>;
}
