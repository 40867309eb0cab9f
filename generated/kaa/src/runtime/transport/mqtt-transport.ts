import type { IClientOptions, MqttClient } from "mqtt";
import { TopicsmithError } from "../errors.js";
import { checkOptions } from "../internal/check-options.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { type BrokerLimits, unsupported } from "./broker-limits.js";
import { checkConnect } from "./check-connect.js";
import { CredentialSource } from "./credential-source.js";
import { createClient } from "./mqtt-client.js";
import type { MqttClientLike, MqttTransportOptions } from "./mqtt-options.js";
import { endClient, joinWrites, tuneStream, withStatus } from "./mqtt-stream.js";
import { batchesOf, subscribeOnce } from "./mqtt-subscribe.js";
import type { MqttPublisher } from "./pending-publish.js";
import { PendingPublishes } from "./pending-publishes.js";
import { isRefusal, Reconnector } from "./reconnector.js";
import { SharedFilters } from "./shared-filters.js";
import { TransportEvents } from "./transport-events.js";
import type { IncomingMessage, PublishOptions, QoS, Transport } from "./transport.js";

/**
 * Creates a transport over mqtt.js. A URL is connected to at once, and again after each loss with growing pauses, until the transport
 * is closed or the broker refuses the first attempt. An mqtt.js client that is passed in stays its owner's: `close` does not end it,
 * its own options apply, and `reconnect` does nothing. Throws an Error if the target is not a URL of `mqtt`, `mqtts`, `ws` or `wss`,
 * and a TopicsmithError `invalid-option`.
 */
export function mqttTransport(
  target: string | MqttClientLike,
  options: MqttTransportOptions = {},
): Transport {
  if (typeof target !== "string") {
    if (typeof Object(target).publish !== "function")
      throw new Error("the target has to be the URL of a broker, an mqtt.js client or a transport");
    return new MqttTransport(uncheckedCast<MqttClient>(target));
  }
  checkOptions(options);
  return new MqttTransport(createClient(target, options), options);
}

/** The packets that a broker may send before it has accepted a client (MQTT 5.0 section 4.12). */
const BEFORE_CONNACK = new Set(["connack", "auth", "disconnect"]);

/** Not authorized (MQTT 5.0 section 3.14.2.1). */
const NOT_AUTHORIZED = 135;

/** A packet of the broker, as mqtt.js reports it. */
interface ReceivedPacket {
  readonly cmd: string;
  readonly reasonCode?: number;
  readonly returnCode?: number;
  readonly sessionPresent?: boolean;
  readonly properties?: BrokerLimits & {
    readonly serverReference?: string;
    readonly reasonString?: string;
  };
}

/**
 * A {@link Transport} over an mqtt.js client.
 *
 * | state      | becomes    | when |
 * |------------|------------|------|
 * | connecting | online     | mqtt.js has emitted `connect` |
 * | connecting | pausing    | the credentials function or the attempt has failed |
 * | online     | pausing    | the connection was lost |
 * | pausing    | connecting | the pause is over, or `reconnect()` |
 * | any        | failed     | the broker has refused the client, and is not to be asked again; or the owner has ended the mqtt.js client |
 * | failed     | connecting | `reconnect()` |
 * | any        | closed     | `close()` |
 */
class MqttTransport extends TransportEvents implements Transport {
  readonly keepsSession: boolean;
  readonly #client: MqttClient;
  /** Options of the connection; `undefined` if the mqtt.js client belongs to the caller, who also reconnects it. */
  readonly #options: MqttTransportOptions | undefined;
  readonly #credentials: CredentialSource;
  readonly #reconnector: Reconnector;
  readonly #pending: PendingPublishes;
  readonly #filters: SharedFilters;
  /** The listeners on the mqtt.js client, to be removed at the end. */
  readonly #clientListeners: (readonly ["connect", () => void])[];
  #state: "connecting" | "online" | "pausing" | "failed" | "closed" = "pausing";
  #wasConnected = false;
  /** Time at which the current connection was made, by `performance.now()`. */
  #connectedAt = 0;
  /** The end of the mqtt.js client after a refusal. The next attempt has to wait for it. */
  #ending: Promise<void> | undefined;
  /** The broker has a session to keep. To some brokers, one without subscriptions is none, so they deny it although they have kept the rest. */
  #hasSession = false;
  /** The properties of the broker's last CONNACK or DISCONNECT. */
  #properties: NonNullable<ReceivedPacket["properties"]> = {};
  /** The reason why the current attempt or connection failed. */
  #lastError: unknown;
  /** The broker has refused the client. */
  #refused = false;
  /** A connection was lost with one message alone on trial. If the broker takes others next, and not that one, it was to blame. */
  #hadSuspect = false;

  constructor(client: MqttClient, options?: MqttTransportOptions) {
    super();
    this.#client = client;
    this.#options = options;
    if (options)
      this.reconnect = () => {
        if (this.#state !== "failed" && this.#state !== "pausing") return;
        this.#reconnector.stop();
        void this.#connect();
      };
    // The connection of an owner goes on, and so would the messages.
    this.keepsSession = options !== undefined && client.options.clean === false;
    this.#credentials = new CredentialSource(client.options, options);
    this.#reconnector = new Reconnector(() => void this.#connect(), options?.backoff);
    this.#pending = new PendingPublishes(uncheckedCast<MqttPublisher>(client), {
      onStalled: () => {
        // An owner closes its own connections.
        if (options) this.#onError(new Error("the broker acknowledges no messages"));
      },
      onTaken: (wasSuspect) => {
        if (this.#hadSuspect && !wasSuspect) this.#reconnector.reset();
        this.#hadSuspect = false;
      },
    });
    this.#filters = new SharedFilters(client);
    const listeners = {
      connect: (packet: { readonly sessionPresent?: boolean }) => this.#onConnect(packet.sessionPresent),
      message: (topic: string, payload: Uint8Array, packet: Pick<IncomingMessage, "qos" | "retain">) =>
        this.emitMessage({ topic, payload, qos: packet.qos, retain: packet.retain }),
      packetreceive: (packet: ReceivedPacket) => this.#onPacket(packet),
      packetsend: ({ cmd }: ReceivedPacket) => {
        if (cmd === "pingreq") this.#pending.onPingRequest();
      },
      error: (error: Error & { readonly code?: unknown }) => this.#onError(error),
      disconnect: (packet: ReceivedPacket) => this.#onDisconnectPacket(packet),
      close: () => {
        if (!options) this.#onClose();
      },
      end: () => {
        if (!options) this.#onEnd();
      },
    };
    this.#clientListeners = uncheckedCast(Object.entries(listeners));
    for (const [event, listener] of this.#clientListeners) client.on(event, listener);
    if (options) void this.#connect();
    else if (client.connected) {
      const { connackPacket } = uncheckedCast<{ readonly connackPacket?: ReceivedPacket }>(client);
      if (connackPacket) this.#onPacket(connackPacket);
      this.#onConnect(false);
    } else if (client.disconnecting || client.disconnected) this.#onEnd();
  }

  readonly publish = (topic: string, payload: Uint8Array, options: PublishOptions): Promise<void> =>
    this.#state === "online" && this.#client.connected
      ? this.#pending.publish(topic, payload, options)
      : Promise.reject(new TopicsmithError("disconnected", "there is no connection"));

  readonly subscribe = async (filters: readonly string[], qos: QoS): Promise<readonly number[]> => {
    const client = this.#client;
    const codes = filters.map((filter) => unsupported(filter, this.#properties));
    const supported = filters.filter((_, index) => codes[index] === undefined);
    if (supported.length === 0) {
      const reason = codes.some((code) => code === 143 || code === 149)
        ? "the filter is larger than the broker accepts"
        : "the broker does not support wildcards or share groups";
      throw new TopicsmithError("subscribe-refused", reason);
    }
    for (const filter of supported) this.#filters.add(filter);
    const packets = batchesOf(client, supported, this.#properties).map((batch) =>
      this.#pending.subscribe(() => subscribeOnce(client, batch, qos)),
    );
    const granted = (await Promise.all(packets)).flat();
    this.#hasSession ||= granted.some((code = 128) => code < 128);
    return codes.map((code) => code ?? granted.shift() ?? 128);
  };

  readonly unsubscribe = async (filters: readonly string[]): Promise<void> => {
    if (!this.#client.connected) return;
    const unused = this.#filters.release(filters);
    await Promise.all(
      batchesOf(this.#client, unused, this.#properties).map((batch) => this.#client.unsubscribeAsync(batch)),
    );
  };

  readonly onResponse = (position: number): void => this.#pending.onProcessed(position);

  /** Absent over an mqtt.js client of the caller, who reconnects it. */
  readonly reconnect?: () => void;

  readonly close = async ({ force = false }: { readonly force?: boolean } = {}): Promise<void> => {
    const client = this.#client;
    if (this.#state === "closed") {
      // An earlier close without `force` may still wait for the broker.
      if (force && this.#options) uncheckedCast<{ destroy(): unknown } | undefined>(client.stream)?.destroy();
      return;
    }
    this.#state = "closed";
    this.#stop();
    for (const [event, listener] of this.#clientListeners) client.removeListener(event, listener);
    if (this.#options) return endClient(client, force || !client.connected);
    // Without a connection, mqtt.js sends UNSUBSCRIBE on its next one.
    for (const batch of batchesOf(client, this.#filters.release(), this.#properties))
      client.unsubscribe(batch, () => undefined);
  };

  async #connect(): Promise<void> {
    const client = this.#client;
    const mqttOptions = uncheckedCast<IClientOptions | undefined>(this.#options?.mqttOptions);
    this.#state = "connecting";
    this.#lastError = undefined;
    this.#refused = false;
    try {
      if (this.#ending) {
        await this.#ending;
        this.#ending = undefined;
      }
      const credentials = await this.#credentials.next();
      if (this.#state !== "connecting") return;
      Object.assign(client.options, credentials, { wsOptions: { ...mqttOptions?.wsOptions } });
      checkConnect(client.options);
      // Otherwise an mqtt.js client that was ended stays ended.
      if (client.disconnected) client.reconnecting = false;
      client.connect();
      tuneStream(client);
      const { stream } = client;
      // mqtt.js reports a close without its stream. That of a refused connection can come when the next one has begun.
      stream.on("close", () => {
        if (stream === client.stream) this.#onClose();
      });
      // mqtt.js drops errors without a `code`, such as the refusal of a WebSocket upgrade.
      stream.on("error", (error: Error) => (this.#lastError ??= withStatus(error)));
    } catch (error) {
      // In its own turn, so that the caller of `connect` with the option `lazy` can listen first.
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (this.#state !== "connecting") return;
      this.#lastError = error;
      this.#retry();
    }
  }

  #retry(): void {
    this.#state = "pausing";
    const { processed, suspect } = this.#pending.trial;
    this.emitState({ kind: "disconnected", cause: this.#lastError, processed, suspect });
    // A listener may have closed the transport, or called `reconnect`.
    if (!this.#options || uncheckedCast<string>(this.#state) !== "pausing") return;
    // Otherwise a message that is refused from time to time would keep all others from the broker for longer and longer.
    this.#hadSuspect ||= suspect > 0;
    this.#reconnector.schedule({ longest: this.#refused, grow: suspect === 0 });
  }

  #onConnect(sessionPresent = false): void {
    // A malformed packet after CONNACK has ended the connection before mqtt.js reports it.
    if (this.#options && this.#client.stream.destroyed) return;
    // A broker that claims to have kept a session that was not to be kept (MQTT 3.1.1 section 3.2.2.2) may have lost the subscriptions.
    const isKept = sessionPresent && this.#client.options.clean === false;
    this.#state = "online";
    this.#wasConnected = true;
    this.#connectedAt = performance.now();
    this.#lastError = undefined;
    tuneStream(this.#client);
    this.#pending.onOnline();
    this.emitState({ kind: "connected", sessionPresent: isKept });
  }

  #onPacket({
    cmd,
    returnCode = 0,
    reasonCode = returnCode,
    sessionPresent = false,
    properties = {},
  }: ReceivedPacket): void {
    if (cmd === "publish") joinWrites(this.#client);
    if (cmd === "pingresp") this.#pending.onPingResponse();
    // mqtt.js would wait with the acknowledgement of a message, and not read on.
    if (!this.#pending.accepted && !BEFORE_CONNACK.has(cmd))
      this.#onError(new Error(`the broker sent ${cmd.toUpperCase()} before CONNACK`));
    if (cmd !== "connack") return;
    this.#properties = properties;
    if (reasonCode !== 0) return;
    this.#pending.onAccepted(properties, this.#hasSession && !sessionPresent);
    this.#hasSession ||= sessionPresent;
  }

  #onDisconnectPacket({ reasonCode = 0, properties = {} }: ReceivedPacket): void {
    this.#properties = properties;
    const { reasonString = `reason ${reasonCode}` } = properties;
    const error = new Error(`the broker disconnected: ${reasonString}`);
    // Brokers also end the connection for a topic that the client may not use. If it was not that, CONNACK will tell.
    const mayBeMessage = reasonCode === NOT_AUTHORIZED && this.#pending.hasUnprocessed;
    this.#onError(Object.assign(error, { code: reasonCode }), mayBeMessage);
  }

  #onError(error: Error & { readonly code?: unknown }, mayBeMessage = false): void {
    this.#lastError = error;
    const { code } = error;
    const { serverReference } = this.#properties;
    if (serverReference !== undefined) Object.assign(error, { serverReference });
    if (typeof code === "number" && isRefusal(code) && !mayBeMessage) {
      this.#refused = true;
      if (!this.#retriesRefused(code, error)) return this.#fail(this.#lastError);
    }
    // After a malformed packet, mqtt.js reads nothing more. The other errors come with the end of the connection anyway.
    if (this.#options) this.#client.stream.destroy();
  }

  #retriesRefused(code: number, cause: Error): boolean {
    const wasConnected = this.#wasConnected;
    // mqtt.js reconnects after a DISCONNECT, and only by request after a CONNACK that refuses it.
    if (!this.#options)
      return this.#state === "online" || this.#client.options.reconnectOnConnackError === true;
    const { credentials, retryRefused } = this.#options;
    try {
      const decision: unknown = retryRefused?.({ code, cause, wasConnected });
      if (typeof decision === "boolean") return decision;
      if (decision !== undefined) {
        // Of an asynchronous function.
        Promise.resolve(decision).catch(() => undefined);
        throw new TypeError("retryRefused must return true or false");
      }
    } catch (error) {
      // Reported as the cause of the failed attempt; there is nobody to throw it to.
      if (error instanceof Error) error.cause ??= cause;
      this.#lastError = error;
    }
    return wasConnected || typeof credentials === "function";
  }

  /** The owner of the mqtt.js client has ended it. */
  #onEnd(): void {
    this.#fail(new Error("the mqtt.js client was ended"));
  }

  #onClose(): void {
    if (this.#state === "closed" || this.#state === "failed" || this.#ending) return;
    this.#lastError ??= new Error("the connection was closed");
    this.#pending.onLost(this.#lastError);
    const { stableAfterMs = 10_000 } = this.#options ?? {};
    if (this.#state === "online" && performance.now() - this.#connectedAt >= stableAfterMs)
      this.#reconnector.reset();
    this.#properties = {};
    this.#retry();
  }

  /** Stops to connect, because the broker does not accept the client. */
  #fail(cause: unknown): void {
    this.#lastError = cause;
    // A listener may have closed the transport, and mqtt.js may go on to try.
    if (this.#state === "closed" || this.#state === "failed") return;
    this.#state = "failed";
    this.#stop();
    if (this.#options) this.#ending = endClient(this.#client, true).catch(() => undefined);
    this.emitState({ kind: "failed", cause });
  }

  #stop(): void {
    this.#credentials.stop();
    this.#reconnector.stop();
    this.#pending.rejectAll(this.#lastError);
  }
}
