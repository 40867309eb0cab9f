/** The transports of the behavioral suite, with a client of the greenhouse API and the platform's transport. */
import { vi } from "vitest";
import {
  type Client,
  type ClientOptions,
  connectTo,
  memoryBroker,
  mqttTransport,
  type Transport,
} from "../../src/runtime/index.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";
import {
  mosquittoPath,
  type Over,
  type RunningBroker,
  startAedes,
  startMosquitto,
  tlsMaterial,
  urlOf,
} from "./brokers.js";
import { startProxy } from "./proxy.js";

/** A client, a platform, and a connection between them that can be lost. */
export interface World {
  connect(options?: ClientOptions): Promise<Client<Unit, string>>;
  readonly platform: Transport;
  /** Interrupts the clients' connections and drops their sessions. */
  lose(): Promise<void>;
  end(): Promise<void>;
}

/** A transport of the suite. */
export interface Setting {
  readonly name: string;
  /** Whether the test controls the clock. */
  readonly fakeClock: boolean;
  readonly missing: boolean;
  /** The largest payload of a message, in bytes. */
  readonly largest: number;
  readonly begin: () => Promise<World>;
}

const site = { site: "north" } as ClientOptions;

async function inMemory(): Promise<World> {
  vi.useFakeTimers();
  const broker = memoryBroker();
  const transports = new Set<ReturnType<typeof broker.transport>>();
  const clients: Client<Unit, string>[] = [];
  return {
    platform: broker.transport(),
    async connect(options = {}) {
      const transport = broker.transport();
      transports.add(transport);
      const client = await connectTo<Unit, string>(api, transport, { ...site, ...options });
      clients.push(client);
      return client;
    },
    async lose() {
      for (const transport of transports) transport.drop();
      await vi.advanceTimersByTimeAsync(10);
      for (const transport of transports) transport.restore();
    },
    async end() {
      await Promise.all(clients.map((client) => client.close({ force: true })));
      vi.useRealTimers();
    },
  };
}

interface Way {
  readonly start: (over: Over) => Promise<RunningBroker>;
  readonly mqtt: "3.1.1" | "5";
  readonly over?: Over;
}

const overSockets =
  ({ start, mqtt, over = "tcp" }: Way) =>
  async (): Promise<World> => {
    const broker = await start(over);
    const proxy = await startProxy(() => broker.port, { opaque: over !== "tcp" });
    const clients: Client<Unit, string>[] = [];
    // Read before each attempt, as certificates that are renewed have to be.
    const credentials = async () => (over === "tls" ? { ca: tlsMaterial().cert } : {});
    const platform = mqttTransport(urlOf(broker.port, over), { mqtt, credentials });
    return {
      platform,
      async connect(options = {}) {
        const client = await connectTo<Unit, string>(api, urlOf(proxy.port, over), {
          mqtt,
          credentials,
          backoff: { minMs: 5, maxMs: 20 },
          ...site,
          ...options,
        });
        clients.push(client);
        return client;
      },
      async lose() {
        proxy.cut();
      },
      async end() {
        await Promise.all(clients.map((client) => client.close({ force: true })));
        await platform.close({ force: true });
        await proxy.stop();
        await broker.stop();
      },
    };
  };

/** mosquitto, or the name of the skipped setting. */
function overMosquitto(mqtt: "3.1.1" | "5", over: Over, named: string): Setting {
  const skipped = ": skipped, it is not installed (apt-get install mosquitto)";
  return {
    name: `over mosquitto, ${named}${mosquittoPath === undefined ? skipped : ""}`,
    fakeClock: false,
    missing: mosquittoPath === undefined,
    // Over WebSocket, mosquitto 2.0.11 delivers no larger messages.
    largest: over === "ws" ? 100_000 : 1_000_000,
    begin: overSockets({ start: async () => startMosquitto([], over), mqtt, over }),
  };
}

/** aedes, which supports only MQTT 3.1.1. */
function overAedes(over: Over, named: string): Setting {
  const begin = overSockets({ start: startAedes, mqtt: "3.1.1", over });
  return { name: `over aedes, ${named}`, fakeClock: false, missing: false, largest: 1_000_000, begin };
}

/** All settings; `missing` marks those whose broker is not installed. */
export const settings: readonly Setting[] = [
  {
    name: "in memory, with a fake clock",
    fakeClock: true,
    missing: false,
    largest: 1_000_000,
    begin: inMemory,
  },
  overAedes("tcp", "MQTT 3.1.1"),
  overAedes("ws", "WebSocket"),
  overAedes("tls", "TLS"),
  overMosquitto("3.1.1", "tcp", "MQTT 3.1.1"),
  overMosquitto("5", "tcp", "MQTT 5"),
  overMosquitto("5", "ws", "MQTT 5, WebSocket"),
  overMosquitto("5", "tls", "MQTT 5, TLS"),
];
