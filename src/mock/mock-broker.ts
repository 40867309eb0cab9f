import { setImmediate as immediately } from "node:timers/promises";
import type { BrokerOptions } from "../runtime/testing/options.js";
import type { IncomingMessage, Transport } from "../runtime/transport/transport.js";
import { AedesAdapter } from "./aedes-adapter.js";
import { type AedesInternals, createAedes } from "./aedes-broker.js";
import { Delivery } from "./delivery.js";
import type { BrokerEvent, BrokerMessage } from "../runtime/testing/events.js";
import { originRefusal } from "./web-origins.js";
import { endConnections, type Listener, listenOnTcp, listenOnWebSocket } from "./listeners.js";

/** Interceptors of subscriptions and messages. */
export interface BrokerHooks {
  /** The reason to refuse a topic filter; undefined to grant it. */
  refuses?(filter: string): string | undefined;
  /** Whether a message of a device reaches the connections inside this process. */
  incoming?(message: IncomingMessage): boolean;
  /** Whether a message from inside this process is delivered. */
  outgoing?(message: IncomingMessage, to: unknown): boolean;
}

/** An MQTT 3.1.1 broker inside this process. */
export class MockBroker {
  readonly #aedes: AedesInternals;
  readonly #adapter: AedesAdapter;
  readonly #delivery: Delivery;
  readonly #hooks: BrokerHooks;
  readonly #host: string;
  readonly #onEvent: (event: BrokerEvent) => void;
  #tcp: Listener | undefined;
  #webSocket: Listener | undefined;

  private constructor(aedes: AedesInternals, options: BrokerOptions, hooks: BrokerHooks) {
    const { onEvent = () => {}, deliver = "subscribed", host = "127.0.0.1" } = options;
    const subscribersOnly = deliver === "subscribed";
    const adapter = new AedesAdapter(aedes, {
      relays: subscribersOnly,
      refuses: (filter) => hooks.refuses?.(filter),
      onEvent,
    });
    this.#aedes = aedes;
    this.#adapter = adapter;
    this.#delivery = new Delivery({ aedes, adapter, subscribersOnly, onEvent });
    this.#hooks = hooks;
    this.#host = host;
    this.#onEvent = onEvent;
  }

  /**
   * Starts a broker.
   *
   * @throws Error with code EADDRINUSE if a port is taken.
   */
  static async start(options: BrokerOptions = {}, hooks: BrokerHooks = {}): Promise<MockBroker> {
    const broker = new MockBroker(await createAedes(), options, hooks);
    await broker.#adapter.onMessage((message) => {
      if (hooks.incoming?.(message) !== false) broker.#delivery.deliverLocally(message);
    });
    try {
      await broker.#listen(options);
    } catch (error) {
      await broker.#end();
      throw error;
    }
    return broker;
  }

  /** `mqtt://127.0.0.1:1883` */
  get url(): string {
    return this.#urlOf("mqtt", this.port);
  }

  /** `ws://127.0.0.1:8083`; undefined without `ws`. */
  get ws(): string | undefined {
    return this.#webSocket && this.#urlOf("ws", this.#webSocket.port);
  }

  /** The TCP port. */
  get port(): number {
    return this.#tcp?.port ?? 0;
  }

  /** Opens a connection inside this process. Messages that it receives have an `origin`, to respond to. */
  transport(): Transport {
    return this.#delivery.connect(async (message, { to, only }) => {
      if (this.#hooks.outgoing?.(message, to) !== false) await this.#delivery.deliver(message, to, only);
    });
  }

  /** Delivers a message as if it came from inside this process, without calling the hooks. */
  async deliver(message: BrokerMessage, to?: unknown): Promise<void> {
    await this.#delivery.deliver({ ...message, retain: false }, to);
  }

  /** Returns the connections of devices whose subscriptions match a topic, as the `origin` of their messages. */
  subscribers(topic: string): readonly unknown[] {
    return this.#delivery.subscribers(topic);
  }

  /**
   * Stops accepting messages from devices. Later ones are not acknowledged, so that their senders keep them. Resolves when
   * the accepted ones have reached the connections inside this process.
   */
  async drain(): Promise<void> {
    this.#adapter.drain();
    // An accepted message takes one turn through aedes, and one to the connections inside this process.
    for (let turn = 0; turn < 3; turn += 1) await immediately();
  }

  /** Destroys the connection of an origin, or all connections, without a DISCONNECT. */
  disconnect(origin?: unknown): void {
    for (const client of Object.values(this.#aedes.clients)) {
      if (origin === undefined || origin === client) client.conn.destroy();
    }
  }

  /** Writes the messages that wait, and ends all connections. Destroys those that do not end within a second. */
  async close(): Promise<void> {
    this.#delivery.closeLocal(new Error("the broker was closed"));
    await this.#end();
  }

  async #listen({ port = 0, ws = false, allowOrigins = [] }: BrokerOptions): Promise<void> {
    const limitPackets = this.#adapter.limitPackets.bind(this.#adapter);
    this.#tcp = await listenOnTcp(this.#aedes, { host: this.#host, port }, limitPackets);
    if (ws === false) return;
    const address = { host: this.#host, port: ws === true ? 0 : ws };
    this.#webSocket = await listenOnWebSocket(this.#aedes, address, {
      onConnection: limitPackets,
      refusal: (request) => {
        const reason = originRefusal(request, { allowed: allowOrigins, host: this.#host });
        if (reason !== undefined) this.#onEvent({ kind: "refused", client: "", reason });
        return reason;
      },
    });
  }

  async #end(): Promise<void> {
    const connections = Object.values(this.#aedes.clients).map(({ conn }) => conn);
    await endConnections(connections, this.#delivery.written());
    await new Promise<void>((resolve) => {
      this.#aedes.close(resolve);
    });
    await Promise.all([this.#tcp?.close(), this.#webSocket?.close()]);
  }

  #urlOf(scheme: string, port: number): string {
    // An IPv6 address is in brackets (RFC 3986 section 3.2.2).
    const name = this.#host.includes(":") ? `[${this.#host}]` : this.#host;
    return `${scheme}://${name}:${port}`;
  }
}
