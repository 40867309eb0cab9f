// mqtt.js has a default export in every build; its browser build has nothing else.
import mqttjs, { type IClientOptions, type MqttClient } from "mqtt";
import { LinkedList, type ListNode } from "../internal/linked-list.js";
import { TopicsmithError } from "../errors.js";
import { MAX_TIMER_MS } from "../internal/timers.js";
import type { IncomingMessage, QoS, Transport, TransportState } from "./transport.js";
import { uncheckedCast } from "../internal/unchecked-cast.js";

/** As much of an mqtt.js client as tells that something is one. */
export interface MqttClientLike {
  readonly connected: boolean;
  on(...args: never[]): unknown;
  publish(...args: never[]): unknown;
  subscribe(...args: never[]): unknown;
  unsubscribe(...args: never[]): unknown;
}

/** Key material in any form that the platform's TLS takes, PEM for one. */
export type TlsMaterial = string | Uint8Array | readonly (string | Uint8Array)[];

/** Who the client is to the broker. */
export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | Uint8Array | undefined;
  readonly ca?: TlsMaterial | undefined;
  readonly cert?: TlsMaterial | undefined;
  readonly key?: TlsMaterial | undefined;
  readonly passphrase?: string | undefined;
}

/** How to connect to a URL. */
export interface MqttTransportOptions {
  /** MQTT version. Default: the API's. */
  readonly mqtt?: "3.1.1" | "5" | undefined;
  /** Default: a random one. */
  readonly clientId?: string | undefined;
  /** A function is asked before each attempt to connect; if it throws, that attempt has failed. */
  readonly credentials?: Credentials | (() => Credentials | Promise<Credentials>) | undefined;
  /** Bounds of the pause between attempts, which doubles each time and is a random part of itself. Default: 500 to 30,000. */
  readonly backoff?: { readonly minMs?: number | undefined; readonly maxMs?: number | undefined } | undefined;
  /** Anything else that mqtt.js takes: keepalive, clean, will, wsOptions. */
  readonly mqttOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** One that mqtt.js has not done with. */
interface Message {
  readonly qos: number;
  readonly once: boolean;
  readonly reject: (error: unknown) => void;
  readonly callback: (error?: unknown) => void;
  place?: ListNode<Message>;
}

/** Refusals that no further attempt would change: MQTT 3.1.1 section 3.2.2.3, MQTT 5.0 section 3.2.2.2. */
const permanent = new Set<unknown>([
  // Protocol version, client id, user name or password, not authorised.
  1, 2, 4, 5,
  // The same in MQTT 5; banned; bad authentication method.
  132, 133, 134, 135, 138, 140,
  // Another client took the session over; both would take it back from one another for ever.
  142,
]);

/**
 * Speaks MQTT through mqtt.js. A client that is passed in stays its owner's: `close` only leaves it alone.
 * The connection to a URL is kept up, with growing pauses between attempts, until it is closed or refused for good.
 */
export function mqttTransport(
  target: string | MqttClientLike,
  options: MqttTransportOptions = {},
): Transport {
  if (typeof target !== "string") return adapt(uncheckedCast<MqttClient>(target));
  return adapt(mqttjs.connect(target, clientOptions(options)), options);
}

function clientOptions({ mqtt, clientId, mqttOptions }: MqttTransportOptions): IClientOptions {
  return {
    protocolVersion: mqtt === "5" ? 5 : 4,
    ...(clientId === undefined ? {} : { clientId }),
    ...mqttOptions,
    // Connecting, and subscribing again, are done here and above.
    manualConnect: true,
    resubscribe: false,
    // Never by itself; and zero would lose what is to be sent again.
    reconnectPeriod: MAX_TIMER_MS,
  };
}

/** `own`: how to connect; absent for a client that is somebody else's. */
function adapt(client: MqttClient, own?: MqttTransportOptions): Transport {
  const messageListeners = new Set<(message: IncomingMessage) => void>();
  const stateListeners = new Set<(state: TransportState) => void>();
  const underway = new LinkedList<Message>();
  const { username, password, ca, cert, key, passphrase } = uncheckedCast<Credentials>(client.options);
  const plain = { username, password, ca, cert, key, passphrase };
  /** What was subscribed to here, for a client that goes on without us. */
  const subscribed = new Set<string>();
  let state: TransportState | undefined;
  let over = false;
  let trouble: unknown;
  let attempts = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const enter = (next: TransportState): void => {
    state = next;
    for (const listener of stateListeners) listener(next);
  };

  const dropUnderway = (dropped: (message: Message) => boolean): void => {
    const lost = underway.values().filter(dropped);
    if (lost.length === 0) return;
    for (const message of lost) {
      underway.remove(message.place);
      message.reject(new TopicsmithError("disconnected", "the connection was lost", { cause: trouble }));
    }
    const callbacks = new Set<unknown>(lost.map(({ callback }) => callback));
    for (const [id, { cb }] of Object.entries(client.outgoing))
      if (callbacks.has(cb)) client.removeOutgoingMessage(Number(id));
  };

  const attempt = async (): Promise<void> => {
    try {
      const credentials = typeof own?.credentials === "function" ? await own.credentials() : own?.credentials;
      if (over) return;
      // What an earlier attempt had and this one has not is what the URL and `mqttOptions` say.
      Object.assign(client.options, plain, credentials, {
        wsOptions: { ...uncheckedCast<IClientOptions>(own?.mqttOptions ?? {}).wsOptions },
      });
      client.connect();
      tune(client);
    } catch (error) {
      trouble = error;
      retry();
    }
  };

  const retry = (): void => {
    enter({ kind: "disconnected", cause: trouble });
    if (!own || over) return;
    const { minMs = 500, maxMs = 30_000 } = own.backoff ?? {};
    const pause = Math.min(maxMs, minMs * 2 ** attempts);
    attempts += 1;
    clearTimeout(timer);
    timer = setTimeout(() => void attempt(), pause / 2 + (Math.random() * pause) / 2);
  };

  const finish = (): void => {
    over = true;
    clearTimeout(timer);
    for (const [event, listener] of events) client.removeListener(event, listener);
    dropUnderway(() => true);
  };

  const giveUp = (cause: unknown): void => {
    trouble = cause;
    finish();
    if (own) end(client, true).catch(() => undefined);
    enter({ kind: "failed", cause });
  };

  /** Brokers limit how long a packet may be, and some how many filters it may hold. */
  const batches = (filters: readonly string[]): string[][] => {
    const size = client.options.subscribeBatchSize ?? 500;
    return Array.from({ length: Math.ceil(filters.length / size) }, (_, index) =>
      filters.slice(index * size, (index + 1) * size),
    );
  };

  const subscribe = async (filters: readonly string[], qos: QoS): Promise<readonly number[]> => {
    try {
      // Told to subscribe again, mqtt.js does not leave out what it believes to have after a lost session.
      const wanted = {
        ...Object.fromEntries(filters.map((filter) => [filter, { qos }])),
        resubscribe: true,
      };
      const granted = await client.subscribeAsync(uncheckedCast<Record<string, { qos: QoS }>>(wanted));
      const answers = new Map(granted.map((answer) => [answer.topic, answer.qos]));
      return filters.map((filter) => answers.get(filter) ?? qos);
    } catch (error) {
      // One refused filter makes an error of all.
      const codes = uncheckedCast<{ readonly packet?: { readonly granted?: readonly number[] } }>(error)
        .packet?.granted;
      if (codes?.length === filters.length) return codes;
      throw error;
    }
  };

  const listeners = {
    connect(packet: { readonly sessionPresent?: boolean }) {
      attempts = 0;
      trouble = undefined;
      tune(client);
      enter({ kind: "connected", sessionPresent: packet.sessionPresent === true });
    },
    message(topic: string, payload: Uint8Array, packet: Pick<IncomingMessage, "qos" | "retain">) {
      const message = { topic, payload, qos: packet.qos, retain: packet.retain };
      for (const listener of messageListeners) listener(message);
    },
    error(error: Error & { readonly code?: unknown }) {
      trouble = error;
      if (permanent.has(error.code)) giveUp(error);
    },
    disconnect({ reasonCode }: { readonly reasonCode?: number }) {
      trouble = new Error(`the broker disconnected (reason ${reasonCode})`);
      if (permanent.has(reasonCode)) giveUp(trouble);
    },
    close() {
      trouble ??= new Error("the connection was closed");
      // mqtt.js sends the others again by itself.
      dropUnderway(({ qos, once }) => qos === 0 || once);
      retry();
    },
    end() {
      giveUp(new Error("the mqtt.js client was ended"));
    },
  };
  const events = Object.entries(listeners).map(
    ([event, listener]) => [uncheckedCast<"connect">(event), uncheckedCast<() => void>(listener)] as const,
  );
  for (const [event, listener] of events) client.on(event, listener);

  if (own) void attempt();
  else if (client.connected) listeners.connect({});

  return {
    publish: (topic, payload, { qos, noRetransmit: once = false }) =>
      new Promise((resolve, reject) => {
        if (over || !client.connected)
          return reject(new TopicsmithError("disconnected", "there is no connection"));
        const callback = (error?: unknown): void => {
          underway.remove(message.place);
          if (error) reject(error);
          else resolve();
        };
        const message: Message = { qos, once, reject, callback };
        message.place = underway.add(message);
        client.publish(
          topic,
          uncheckedCast<Parameters<MqttClient["publish"]>[1] & string>(payload),
          { qos },
          callback,
        );
      }),
    async subscribe(filters, qos) {
      for (const filter of filters) subscribed.add(filter);
      const granted = await Promise.all(batches(filters).map(async (batch) => subscribe(batch, qos)));
      return granted.flat();
    },
    async unsubscribe(filters) {
      if (!client.connected) return;
      for (const filter of filters) subscribed.delete(filter);
      await Promise.all(batches(filters).map(async (batch) => client.unsubscribeAsync(batch)));
    },
    onMessage(listener) {
      messageListeners.add(listener);
      return () => void messageListeners.delete(listener);
    },
    onState(listener) {
      stateListeners.add(listener);
      if (state) listener(state);
      return () => void stateListeners.delete(listener);
    },
    async close({ force = false } = {}) {
      if (over) {
        if (force && own) uncheckedCast<{ destroy(): unknown } | undefined>(client.stream)?.destroy();
        return;
      }
      finish();
      if (own) return end(client, force || !client.connected);
      // Without a connection, mqtt.js sends it when there is one again.
      for (const batch of batches([...subscribed])) client.unsubscribe(batch, () => undefined);
    },
  };
}

async function end(client: MqttClient, force: boolean): Promise<void> {
  // Without a first attempt there is nothing to end.
  if (uncheckedCast<unknown>(client.stream) !== undefined) await client.endAsync(force);
}

/**
 * Otherwise Nagle's algorithm and delayed acknowledgements add some 40 ms to each request at QoS 1. Browsers have no such switch.
 * mqtt.js waits for its stream with a listener for each message, which is a great many and no leak.
 */
function tune(client: MqttClient): void {
  const stream = uncheckedCast<
    { setNoDelay?: (on: boolean) => void; setMaxListeners?: (count: number) => void } | undefined
  >(client.stream);
  stream?.setNoDelay?.(true);
  stream?.setMaxListeners?.(0);
}
