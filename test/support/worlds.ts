/** The places that the behavioural suite runs in: a client of the made-up API, and the platform's end of it. */
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
import { mosquittoPath, type RunningBroker, startAedes, startMosquitto } from "./brokers.js";
import { startProxy } from "./proxy.js";

/** A client, a platform, and a connection between them that can be lost. */
export interface World {
  connect(options?: ClientOptions): Promise<Client<Unit, string>>;
  readonly platform: Transport;
  /** Loses the clients' connections and their sessions, for a moment. */
  lose(): Promise<void>;
  end(): Promise<void>;
}

/** A kind of world. */
export interface Setting {
  readonly name: string;
  /** Time passes only when the test says so. */
  readonly fakeClock: boolean;
  readonly missing: boolean;
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

const overSockets =
  (start: () => Promise<RunningBroker>, mqtt: "3.1.1" | "5") => async (): Promise<World> => {
    const broker = await start();
    const proxy = await startProxy(() => broker.port);
    const clients: Client<Unit, string>[] = [];
    const platform = mqttTransport(`mqtt://127.0.0.1:${broker.port}`, { mqtt });
    return {
      platform,
      async connect(options = {}) {
        const client = await connectTo<Unit, string>(api, `mqtt://127.0.0.1:${proxy.port}`, {
          mqtt,
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

/** All settings; those whose broker is not installed are marked. */
export const settings: readonly Setting[] = [
  { name: "in memory, with a fake clock", fakeClock: true, missing: false, begin: inMemory },
  {
    name: "over aedes, MQTT 3.1.1",
    fakeClock: false,
    missing: false,
    begin: overSockets(startAedes, "3.1.1"),
  },
  ...(["3.1.1", "5"] as const).map((mqtt) => ({
    name:
      mosquittoPath === undefined
        ? `over mosquitto, MQTT ${mqtt}: skipped, it is not installed (apt-get install mosquitto)`
        : `over mosquitto, MQTT ${mqtt}`,
    fakeClock: false,
    missing: mosquittoPath === undefined,
    begin: overSockets(startMosquitto, mqtt),
  })),
];
