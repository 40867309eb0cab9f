// mqtt.js has a default export in every build; its browser build has nothing else.
import mqttjs, { type IClientOptions, type MqttClient } from "mqtt";
import { TopicsmithError } from "../errors.js";
import { MAX_TIMER_MS } from "../internal/timers.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";
import { PendingPublishes } from "./pending-publishes.js";
import { type Backoff, isPermanent, Reconnector } from "./reconnector.js";
import { TransportEvents } from "./transport-events.js";
import type { IncomingMessage, PublishOptions, QoS, Transport } from "./transport.js";

/** The subset of mqtt.js's `MqttClient` that a transport accepts as one, whichever copy of mqtt.js it is from. */
export interface MqttClientLike {
  readonly connected: boolean;
  on(...args: never[]): unknown;
  publish(...args: never[]): unknown;
  subscribe(...args: never[]): unknown;
  unsubscribe(...args: never[]): unknown;
}

/** TLS certificates or keys, in any form that Node's `tls.connect` takes, such as PEM. Browsers ignore them. */
export type TlsMaterial = string | Uint8Array | readonly (string | Uint8Array)[];

/** Credentials and TLS material used to connect to the broker. */
export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | Uint8Array | undefined;
  /** Certificates of the authorities to trust. Default: those that Node trusts. */
  readonly ca?: TlsMaterial | undefined;
  /** The client's certificate chain. */
  readonly cert?: TlsMaterial | undefined;
  /** The private key of `cert`. */
  readonly key?: TlsMaterial | undefined;
  /** The passphrase of `key`. */
  readonly passphrase?: string | undefined;
}

/** Options of a connection to a broker's URL. */
export interface MqttTransportOptions {
  /** The MQTT version. Default: the API's; for {@link mqttTransport}, 3.1.1. */
  readonly mqtt?: "3.1.1" | "5" | undefined;
  /** The MQTT client identifier. Default: a random one. */
  readonly clientId?: string | undefined;
  /** Credentials, or a function that is called before each attempt to connect. If the function throws, the attempt has failed. */
  readonly credentials?: Credentials | (() => Credentials | Promise<Credentials>) | undefined;
  /**
   * Bounds of the pause between attempts to connect, in milliseconds. The pause doubles with each attempt, and is shortened at random by up
   * to one half. Default: 500 to 30,000.
   */
  readonly backoff?: Backoff | undefined;
  /** Further options for mqtt.js, such as `keepalive`, `clean`, `will` and `wsOptions`. */
  readonly mqttOptions?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Creates a transport over mqtt.js. A URL is connected to at once, and again after each loss with growing pauses, until the transport
 * is closed or the broker refuses for good. An mqtt.js client that is passed in stays its owner's: `close` does not end it, and its
 * own options apply. Throws an Error if the target is not a URL.
 */
export function mqttTransport(
  target: string | MqttClientLike,
  options: MqttTransportOptions = {},
): Transport {
  if (typeof target !== "string") return new MqttTransport(uncheckedCast<MqttClient>(target));
  return new MqttTransport(mqttjs.connect(target, clientOptions(options)), options);
}

function clientOptions({ mqtt, clientId, mqttOptions }: MqttTransportOptions): IClientOptions {
  return {
    protocolVersion: mqtt === "5" ? 5 : 4,
    ...(clientId === undefined ? {} : { clientId }),
    ...mqttOptions,
    // The transport connects by itself, and its user subscribes again.
    manualConnect: true,
    resubscribe: false,
    // mqtt.js must never reconnect by itself. With 0 it would also drop the messages to retransmit.
    reconnectPeriod: MAX_TIMER_MS,
  };
}

/** A {@link Transport} over an mqtt.js client. */
class MqttTransport extends TransportEvents implements Transport {
  readonly #client: MqttClient;
  /** The connection options; `undefined` if the mqtt.js client belongs to the caller, who also reconnects it. */
  readonly #options: MqttTransportOptions | undefined;
  /** The credentials that the URL and `mqttOptions` hold. */
  readonly #defaultCredentials: Credentials;
  readonly #reconnector: Reconnector;
  readonly #pending: PendingPublishes;
  /** The listeners on the mqtt.js client, to be removed at the end. */
  readonly #clientListeners: (readonly ["connect", () => void])[];
  /** The filters that this transport subscribed to, to be dropped from a client that its owner goes on using. */
  readonly #subscribed = new Set<string>();
  #closed = false;
  #lastError: unknown;

  constructor(client: MqttClient, options?: MqttTransportOptions) {
    super();
    this.#client = client;
    this.#options = options;
    const { username, password, ca, cert, key, passphrase } = uncheckedCast<Credentials>(client.options);
    this.#defaultCredentials = { username, password, ca, cert, key, passphrase };
    this.#reconnector = new Reconnector(() => void this.#connect(), options?.backoff);
    this.#pending = new PendingPublishes(client);
    const listeners = {
      connect: (packet: { readonly sessionPresent?: boolean }) => this.#onConnect(packet.sessionPresent),
      message: (topic: string, payload: Uint8Array, packet: Pick<IncomingMessage, "qos" | "retain">) =>
        this.emitMessage({ topic, payload, qos: packet.qos, retain: packet.retain }),
      error: (error: Error & { readonly code?: unknown }) => this.#onError(error, error.code),
      disconnect: ({ reasonCode }: { readonly reasonCode?: number }) =>
        this.#onError(new Error(`the broker disconnected (reason ${reasonCode})`), reasonCode),
      close: () => this.#onClose(),
      end: () => this.#fail(new Error("the mqtt.js client was ended")),
    };
    this.#clientListeners = uncheckedCast(Object.entries(listeners));
    for (const [event, listener] of this.#clientListeners) client.on(event, listener);
    if (options) void this.#connect();
    else if (client.connected) this.#onConnect(false);
  }

  readonly publish = (topic: string, payload: Uint8Array, options: PublishOptions): Promise<void> =>
    new Promise((resolve, reject) => {
      if (this.#closed || !this.#client.connected)
        return reject(new TopicsmithError("disconnected", "there is no connection"));
      this.#client.publish(
        topic,
        uncheckedCast<Parameters<MqttClient["publish"]>[1] & string>(payload),
        { qos: options.qos },
        this.#pending.add(options, resolve, reject),
      );
    });

  readonly subscribe = async (filters: readonly string[], qos: QoS): Promise<readonly number[]> => {
    for (const filter of filters) this.#subscribed.add(filter);
    const granted = await Promise.all(this.#batches(filters).map((batch) => this.#subscribe(batch, qos)));
    return granted.flat();
  };

  readonly unsubscribe = async (filters: readonly string[]): Promise<void> => {
    if (!this.#client.connected) return;
    for (const filter of filters) this.#subscribed.delete(filter);
    await Promise.all(this.#batches(filters).map((batch) => this.#client.unsubscribeAsync(batch)));
  };

  readonly close = async ({ force = false }: { readonly force?: boolean } = {}): Promise<void> => {
    const client = this.#client;
    if (this.#closed) {
      // An earlier close without `force` may still wait for the broker.
      if (force && this.#options) uncheckedCast<{ destroy(): unknown } | undefined>(client.stream)?.destroy();
      return;
    }
    this.#stop();
    if (this.#options) return endClient(client, force || !client.connected);
    // Without a connection, mqtt.js sends UNSUBSCRIBE on its next one.
    for (const batch of this.#batches([...this.#subscribed])) client.unsubscribe(batch, () => undefined);
  };

  async #connect(): Promise<void> {
    try {
      const { credentials, mqttOptions } = this.#options ?? {};
      const current = typeof credentials === "function" ? await credentials() : credentials;
      if (this.#closed) return;
      // The defaults replace credentials of an earlier attempt that this one does not have.
      Object.assign(this.#client.options, this.#defaultCredentials, current, {
        wsOptions: { ...uncheckedCast<IClientOptions>(mqttOptions ?? {}).wsOptions },
      });
      this.#client.connect();
      tuneStream(this.#client);
    } catch (error) {
      this.#lastError = error;
      this.#retry();
    }
  }

  #retry(): void {
    this.emitState({ kind: "disconnected", cause: this.#lastError });
    // A listener may have closed the transport.
    if (this.#options && !this.#closed) this.#reconnector.schedule();
  }

  #onConnect(sessionPresent = false): void {
    this.#reconnector.reset();
    this.#lastError = undefined;
    tuneStream(this.#client);
    this.emitState({ kind: "connected", sessionPresent });
  }

  #onError(error: Error, reasonCode: unknown): void {
    this.#lastError = error;
    if (isPermanent(reasonCode)) this.#fail(error);
  }

  #onClose(): void {
    this.#lastError ??= new Error("the connection was closed");
    // mqtt.js retransmits the other messages by itself.
    this.#pending.rejectUnrepeatable(this.#lastError);
    this.#retry();
  }

  /** Ends the transport because no further attempt to connect can succeed. */
  #fail(cause: unknown): void {
    this.#lastError = cause;
    this.#stop();
    if (this.#options) endClient(this.#client, true).catch(() => undefined);
    this.emitState({ kind: "failed", cause });
  }

  #stop(): void {
    this.#closed = true;
    this.#reconnector.stop();
    for (const [event, listener] of this.#clientListeners) this.#client.removeListener(event, listener);
    this.#pending.rejectAll(this.#lastError);
  }

  /** Filters in packets of at most 500, because brokers limit the length of a packet, and some the number of its filters. */
  #batches(filters: readonly string[]): string[][] {
    const size = this.#client.options.subscribeBatchSize ?? 500;
    return Array.from({ length: Math.ceil(filters.length / size) }, (_, index) =>
      filters.slice(index * size, (index + 1) * size),
    );
  }

  async #subscribe(filters: readonly string[], qos: QoS): Promise<readonly number[]> {
    try {
      const subscriptions = {
        ...Object.fromEntries(filters.map((filter) => [filter, { qos }])),
        // Otherwise mqtt.js skips filters that it took for subscribed before the session was lost.
        resubscribe: true,
      };
      const grants = await this.#client.subscribeAsync(
        uncheckedCast<Record<string, { qos: QoS }>>(subscriptions),
      );
      const qosOf = new Map(grants.map((grant) => [grant.topic, grant.qos]));
      return filters.map((filter) => qosOf.get(filter) ?? qos);
    } catch (error) {
      // `subscribeAsync` rejects if any filter is refused; recover the individual return codes.
      const codes = uncheckedCast<{ readonly packet?: { readonly granted?: readonly number[] } }>(error)
        .packet?.granted;
      if (codes?.length === filters.length) return codes;
      throw error;
    }
  }
}

async function endClient(client: MqttClient, force: boolean): Promise<void> {
  // connect() was never called, so there is no stream to end.
  if (uncheckedCast<unknown>(client.stream) !== undefined) await client.endAsync(force);
}

/**
 * Switches Nagle's algorithm off, which together with delayed acknowledgements adds some 40 ms to each request at QoS 1. Browsers have no
 * such switch. Also lifts Node's limit of listeners: mqtt.js adds one for each message that waits for its stream.
 */
function tuneStream(client: MqttClient): void {
  const stream = uncheckedCast<
    { setNoDelay?: (on: boolean) => void; setMaxListeners?: (count: number) => void } | undefined
  >(client.stream);
  stream?.setNoDelay?.(true);
  stream?.setMaxListeners?.(0);
}
