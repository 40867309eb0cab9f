/** An MQTT quality of service. */
export type QoS = 0 | 1 | 2;

/** One PUBLISH as it arrived. */
export interface IncomingMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  /** Which connection sent it, where the transport knows (a broker's own side does; a plain MQTT client does not). */
  readonly origin?: unknown;
}

/** How one PUBLISH is to be sent. */
export interface PublishOptions {
  readonly qos: QoS;
  /** Whoever asks repeats it after a lost session, or means it not to be repeated: the transport must not. */
  readonly noRetransmit?: boolean;
  /** Deliver to this connection whether it subscribed or not. Transports that know no origins ignore it. */
  readonly to?: unknown;
}

/** What a transport's connection is doing. */
export type TransportState =
  /** Usable. Without `sessionPresent` every earlier subscription is gone. */
  | { readonly kind: "connected"; readonly sessionPresent: boolean }
  /** Lost for now; the transport goes on trying. */
  | { readonly kind: "disconnected"; readonly cause: unknown }
  /** Lost for good: a permanent refusal, or the transport was closed from below. */
  | { readonly kind: "failed"; readonly cause: unknown };

/** The few verbs of MQTT that a client or platform needs. Implemented over mqtt.js and in memory. */
export interface Transport {
  /** Settles when the message is on its way (QoS 0) or acknowledged (QoS 1 and 2); rejects when it can not be sent. */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<void>;
  /** Settles with the granted QoS, one a filter, 128 for a refused one (SUBACK, MQTT 3.1.1 section 3.9.3). */
  subscribe(filters: readonly string[], qos: QoS): Promise<readonly number[]>;
  /** Settles when acknowledged, or at once when there is no connection to unsubscribe on. */
  unsubscribe(filters: readonly string[]): Promise<void>;
  /** Adds a listener for every arriving message; the returned function removes it. */
  onMessage(listener: (message: IncomingMessage) => void): () => void;
  /** Adds a listener for state changes, called at once with the present state if there is one; the returned function removes it. */
  onState(listener: (state: TransportState) => void): () => void;
  /** Disconnects. `force` does not wait for what is under way, nor for what an earlier call without it waits for. */
  close(options?: { readonly force?: boolean }): Promise<void>;
}
