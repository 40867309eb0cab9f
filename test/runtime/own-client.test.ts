/** An mqtt.js client that is somebody's own stays as it was, and what mqtt.js does by itself does not spoil what is promised. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { connect as connectMqtt, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type Client,
  type ClientOptions,
  connectTo,
  type ConnectTarget,
  defineProtocol,
  mqttTransport,
  type Transport,
} from "../../src/runtime/index.js";
import { startAedes } from "../support/brokers.js";
import { type Proxy, startProxy } from "../support/proxy.js";
import { api, protocol, type Unit } from "../unit/runtime/greenhouse-api.js";

const base = "gh/north/climate/s3cret";
const closing: (() => unknown)[] = [];
let broker: Awaited<ReturnType<typeof startAedes>>;
let proxy: Proxy;
let platform: Transport;
/** Request topics that the platform heard. */
let heard: string[];
let answers: boolean;
/** What the device's connection is subscribed to, as the broker has it. */
let there: Set<string>;

beforeEach(async () => {
  [heard, answers, there] = [[], true, new Set()];
  broker = await startAedes();
  closing.push(() => broker.stop());
  proxy = await startProxy(() => broker.port);
  closing.push(() => proxy.stop());
  watchBroker();
  platform = mqttTransport(`mqtt://127.0.0.1:${broker.port}`, { backoff: { minMs: 5, maxMs: 10 } });
  closing.push(() => platform.close({ force: true }));
  platform.onMessage(({ topic }) => {
    if (/\/(?:ok|failed)$/.test(topic)) return;
    heard.push(topic);
    const body = topic.includes("/read/") ? '{"value":1}' : "{}";
    if (answers)
      platform.publish(`${topic}/ok`, new TextEncoder().encode(body), { qos: 0 }).catch(() => undefined);
  });
  await listen();
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function watchBroker(): void {
  const aedes = broker.aedes();
  aedes.on("subscribe", (subscriptions, { id }) => {
    if (id === "mine") for (const { topic } of subscriptions) there.add(topic);
  });
  aedes.on("unsubscribe", (filters, { id }) => {
    if (id === "mine") for (const filter of filters) there.delete(filter);
  });
  aedes.on("clientDisconnect", ({ id }) => {
    if (id === "mine") there.clear();
  });
}

/** Settles when the platform is subscribed on its next connection. */
async function listen(): Promise<void> {
  await new Promise<void>((resolve) => {
    const off = platform.onState(({ kind }) => {
      if (kind !== "connected") return;
      queueMicrotask(() => off());
      void platform.subscribe(["gh/#"], 1).then(() => resolve());
    });
  });
}

function mqttClient(): MqttClient {
  const client = connectMqtt(`mqtt://127.0.0.1:${proxy.port}`, { reconnectPeriod: 20, clientId: "mine" });
  closing.push(() => client.endAsync(true));
  return client;
}

async function connect(target: ConnectTarget, options: object = {}): Promise<Client<Unit, string>> {
  const client = await connectTo<Unit, string>(api, target, {
    site: "north",
    backoff: { minMs: 5, maxMs: 10 },
    ...options,
  } as ClientOptions);
  closing.push(() => client.close({ force: true }));
  return client;
}

/** Cuts the connection at the first such packet of the broker's. */
function cutAt(kind: string, then: () => void = () => undefined): void {
  proxy.onPacket = (packet) => {
    if (packet.from !== "broker" || packet.kind !== kind) return "pass";
    proxy.onPacket = () => "pass";
    then();
    return "cut";
  };
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "did not fail",
    (error: unknown) => error,
  );

describe("an mqtt.js client that is somebody's own", () => {
  test("does not send again by itself what may not be repeated", async () => {
    answers = false;
    const client = await connect(mqttClient());
    cutAt("puback");
    expect(await failure(client.endpoint("s3cret").climate.set({}, { timeoutMs: 500 }))).toMatchObject({
      code: "timeout",
    });
    expect(heard).toHaveLength(1);
  });

  test("does not send again by itself before its subscriptions are back", async () => {
    const client = await connect(mqttClient());
    const order: string[] = [];
    let cut = false;
    proxy.onPacket = ({ from, kind }) => {
      if (cut && (kind === "suback" || (kind === "publish" && from === "client"))) order.push(kind);
      if (cut || from !== "broker" || kind !== "puback") return "pass";
      cut = true;
      return "cut";
    };
    expect(await client.endpoint("s3cret").climate.read({ qos: 1 })).toEqual({ value: 1 });
    expect(order[0]).toBe("suback");
    expect(order.filter((kind) => kind === "publish")).toHaveLength(1);
  });

  test.each([
    ["forced", {}, { force: true }],
    ["that runs out of time", { closeTimeoutMs: 50 }, {}],
  ])(
    "has none of our subscriptions after a close %s, nor after its next connection",
    async (_, options, how) => {
      answers = false;
      const mine = mqttClient();
      const client = await connect(mine, options);
      const call = failure(client.endpoint("s3cret").climate.read());
      await vi.waitFor(() => expect(heard).toHaveLength(1));
      expect(there.size).toBe(2);
      await client.close(how);
      await call;
      await vi.waitFor(() => expect(there.size).toBe(0));
      const again = new Promise<void>((resolve) => mine.once("connect", () => resolve()));
      proxy.cut();
      await again;
      await roundTrip(mine);
      expect([...there]).toEqual([]);
    },
  );

  /** By its PUBACK, the broker has processed every packet that mqtt.js sent on its connection before. */
  async function roundTrip(mine: MqttClient): Promise<void> {
    await mine.publishAsync("round-trip", "", { qos: 1 });
  }
  async function offline(mine: MqttClient): Promise<void> {
    proxy.closed = true;
    proxy.cut();
    await vi.waitFor(() => expect(mine.connected).toBe(false));
  }
  async function online(mine: MqttClient): Promise<void> {
    proxy.closed = false;
    await vi.waitFor(() => expect(mine.connected).toBe(true), { timeout: 5_000 });
    await roundTrip(mine);
  }

  test("has none of them either if it was offline when we closed", async () => {
    const mine = mqttClient();
    const client = await connect(mine);
    await client.endpoint("s3cret").climate.read();
    await offline(mine);
    await client.close();
    await online(mine);
    expect([...there]).toEqual([]);
  });

  test("does not bring back what was given up while it was offline", async () => {
    const mine = mqttClient();
    const client = await connect(mine, { subscriptionKeepMs: 20 });
    await client.endpoint("s3cret").climate.read();
    await offline(mine);
    await vi.waitFor(() => expect(client.stats().subscriptions).toBe(0));
    await online(mine);
    expect([...there]).toEqual([]);
  });

  test("does not bring back a narrow filter beside the wide one that took its place meanwhile", async () => {
    const mine = mqttClient();
    const client = await connect(mine);
    const { plan } = client.endpoint("s3cret").climate;
    const watching = plan.observe({ variant: "x" });
    await watching.ready;
    await offline(mine);
    const asking = plan({}, { timeoutMs: 5_000 });
    await online(mine);
    await asking;
    expect([...there]).not.toContain(`${base}/plan/x/ok`);
    await watching.return();
  });
});

describe("a connection of ours", () => {
  test("whose session the broker forgot does not repeat what may not be repeated", async () => {
    answers = false;
    const options = { clientId: "mine", mqttOptions: { clean: false } };
    const client = await connect(`mqtt://127.0.0.1:${proxy.port}`, options);
    cutAt("puback", () => (proxy.closed = true));
    const call = failure(client.endpoint("s3cret").climate.set({}, { timeoutMs: 1_500 }));
    await vi.waitFor(() => expect(proxy.closed).toBe(true));
    expect(heard).toHaveLength(1);
    await broker.stop();
    await broker.start({ forget: true });
    await listen();
    proxy.closed = false;
    expect(await call).toMatchObject({ code: "timeout" });
    expect(heard).toHaveLength(1);
  });

  /** A server that only listens to what is said first. */
  async function listener(heardBytes: (bytes: Buffer) => void): Promise<string> {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        heardBytes(bytes);
        socket.destroy();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(() => server.close());
    return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("speaks the API's version of MQTT where none is asked for, however that is said", async () => {
    const five = { ...api, protocol: defineProtocol({ ...protocol, mqtt: "5" }) };
    const versions: (number | undefined)[] = [];
    const url = await listener((bytes) => versions.push(bytes[8]));
    for (const extra of [{}, { mqtt: undefined }]) {
      const options: object = { site: "north", connectTimeoutMs: 100, ...extra };
      await failure(connectTo(five, url, options));
    }
    expect(new Set(versions)).toEqual(new Set([5]));
  });

  test("shows no credentials of an earlier attempt", async () => {
    const said: string[] = [];
    const url = await listener((bytes) => said.push(bytes.toString("latin1")));
    const given = [{ username: "me", password: "oldpass" }];
    const options: object = {
      site: "north",
      connectTimeoutMs: 300,
      backoff: { minMs: 5, maxMs: 10 },
      credentials: () => given.pop() ?? {},
    };
    await failure(connectTo(api, url, options as ClientOptions));
    expect(said.length).toBeGreaterThan(1);
    expect(said[0]).toContain("oldpass");
    expect(said.slice(1).join("")).not.toContain("oldpass");
  });
});
