/** Clients over an mqtt.js client of the caller: it is left as it was, and its own retransmission and resubscription break no promise. */
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
/** The topics of the requests that the platform received. */
let requests: string[];
/** Whether the platform responds. */
let responds: boolean;
/** The filters that the broker has for the device's connection. */
let subscribedFilters: Set<string>;

beforeEach(async () => {
  [requests, responds, subscribedFilters] = [[], true, new Set()];
  broker = await startAedes();
  closing.push(() => broker.stop());
  proxy = await startProxy(() => broker.port);
  closing.push(() => proxy.stop());
  watchBroker();
  platform = mqttTransport(`mqtt://127.0.0.1:${broker.port}`, { backoff: { minMs: 5, maxMs: 10 } });
  closing.push(() => platform.close({ force: true }));
  platform.onMessage(({ topic }) => {
    if (/\/(?:ok|failed)$/.test(topic)) return;
    requests.push(topic);
    const body = topic.includes("/read/") ? '{"value":1}' : "{}";
    if (responds)
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
    if (id === "mine") for (const { topic } of subscriptions) subscribedFilters.add(topic);
  });
  aedes.on("unsubscribe", (filters, { id }) => {
    if (id === "mine") for (const filter of filters) subscribedFilters.delete(filter);
  });
  aedes.on("clientDisconnect", ({ id }) => {
    if (id === "mine") subscribedFilters.clear();
  });
}

/** Resolves when the platform has subscribed on its next connection. */
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

/** Cuts the connection at the first packet of this kind from the broker. */
function cutAt(kind: string, then: () => void = () => undefined): void {
  proxy.onPacket = (packet) => {
    if (packet.from !== "broker" || packet.kind !== kind) return "pass";
    proxy.onPacket = () => "pass";
    then();
    return "cut";
  };
}

/** By its PUBACK, the broker has processed every packet that mqtt.js sent on its connection before. */
async function roundTrip(mine: MqttClient): Promise<void> {
  await mine.publishAsync("round-trip", "", { qos: 1 });
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "did not fail",
    (error: unknown) => error,
  );

describe("a client over the caller's mqtt.js client", () => {
  test("refuses a message that costs three connections, and leaves the client's own messages alone", async () => {
    responds = false;
    const mine = mqttClient();
    const client = await connect(mine);
    proxy.onPacket = (packet) =>
      packet.from === "client" && packet.kind === "publish" && packet.holds("poison") ? "cut" : "pass";
    const theirs = mine.publishAsync("theirs", "x", { qos: 1 });
    const error = await failure(client.endpoint("s3cret").climate.log.send("roof", "poison"));
    expect(error).toMatchObject({ code: "publish-refused" });
    await theirs;
    await client.endpoint("s3cret").climate.log.send("roof", "fine");
  });

  test("does not let mqtt.js retransmit a request that must not be repeated", async () => {
    responds = false;
    const client = await connect(mqttClient());
    cutAt("puback");
    expect(await failure(client.endpoint("s3cret").climate.set({}, { timeoutMs: 500 }))).toMatchObject({
      code: "timeout",
    });
    expect(requests).toHaveLength(1);
  });

  test("does not repeat a request after a reconnect before its subscriptions are acknowledged", async () => {
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
    ["that times out", { closeTimeoutMs: 50 }, {}],
  ])(
    "leaves no subscription behind after a close %s, nor on the next connection",
    async (_, options, how) => {
      responds = false;
      const mine = mqttClient();
      const client = await connect(mine, options);
      const call = failure(client.endpoint("s3cret").climate.read());
      await vi.waitFor(() => expect(requests).toHaveLength(1));
      expect(subscribedFilters.size).toBe(2);
      await client.close(how);
      await call;
      await vi.waitFor(() => expect(subscribedFilters.size).toBe(0));
      const again = new Promise<void>((resolve) => mine.once("connect", () => resolve()));
      proxy.cut();
      await again;
      await roundTrip(mine);
      expect([...subscribedFilters]).toEqual([]);
    },
  );

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

  test("leaves no subscription behind after a close while offline", async () => {
    const mine = mqttClient();
    const client = await connect(mine);
    await client.endpoint("s3cret").climate.read();
    await offline(mine);
    await client.close();
    await online(mine);
    expect([...subscribedFilters]).toEqual([]);
  });

  test("does not restore a subscription that was dropped while offline", async () => {
    const mine = mqttClient();
    const client = await connect(mine, { subscriptionKeepMs: 20 });
    await client.endpoint("s3cret").climate.read();
    await offline(mine);
    await vi.waitFor(() => expect(client.stats().subscriptions).toBe(0));
    await online(mine);
    expect([...subscribedFilters]).toEqual([]);
  });

  test("does not restore a narrow filter beside the wider one that replaced it while offline", async () => {
    const mine = mqttClient();
    const client = await connect(mine);
    const { plan } = client.endpoint("s3cret").climate;
    const watching = plan.observe({ variant: "x" });
    await watching.ready;
    await offline(mine);
    const asking = plan({}, { timeoutMs: 5_000 });
    await online(mine);
    await asking;
    expect([...subscribedFilters]).not.toContain(`${base}/plan/x/ok`);
    await watching.return();
  });
});

describe("two clients over one mqtt.js client", () => {
  test("the close of one leaves the subscriptions that the other uses", async () => {
    const mine = mqttClient();
    const [first, second] = [await connect(mine), await connect(mine)];
    await Promise.all([first, second].map(async (client) => client.endpoint("s3cret").climate.read()));
    await first.endpoint("other").climate.read();
    expect(subscribedFilters.size).toBe(4);
    await first.close();
    await roundTrip(mine);
    expect([...subscribedFilters].toSorted()).toEqual([`${base}/read/+/failed`, `${base}/read/+/ok`]);
    expect(await second.endpoint("s3cret").climate.read()).toEqual({ value: 1 });
    await second.close();
    await roundTrip(mine);
    expect([...subscribedFilters]).toEqual([]);
  });

  test("a message of one that costs three connections does not cost the other a message", async () => {
    const mine = mqttClient();
    const [first, second] = [await connect(mine), await connect(mine)];
    proxy.onPacket = (packet) =>
      packet.from === "client" && packet.kind === "publish" && packet.holds("poison") ? "cut" : "pass";
    const log = (client: Client<Unit, string>, text: string) =>
      client.endpoint("s3cret").climate.log.send("roof", text);
    const sent = Array.from({ length: 10 }, (_, index) => log(second, `fine ${index}`));
    expect(await failure(log(first, "poison"))).toMatchObject({ code: "publish-refused" });
    await Promise.all(sent);
  });

  test("a subscription that one has not used for a while stays while the other uses it", async () => {
    const mine = mqttClient();
    const first = await connect(mine, { subscriptionKeepMs: 20 });
    const second = await connect(mine);
    await Promise.all([first, second].map(async (client) => client.endpoint("s3cret").climate.read()));
    await vi.waitFor(() => expect(first.stats().subscriptions).toBe(0));
    await roundTrip(mine);
    expect(await second.endpoint("s3cret").climate.read({ timeoutMs: 1_000 })).toEqual({ value: 1 });
  });
});

describe("a client over an mqtt.js client that is refused or ended", () => {
  test("fails at once if it was ended before", async () => {
    const mine = mqttClient();
    await mine.endAsync(true);
    const error = await failure(connect(mine));
    expect(error).toMatchObject({
      code: "connection-refused",
      cause: { message: "the mqtt.js client was ended" },
    });
  });

  test("stays failed when reconnect() is called, because its owner has to do that", async () => {
    const mine = mqttClient();
    const client = await connect(mine);
    await mine.endAsync(true);
    expect(client.state).toBe("failed");
    client.reconnect();
    expect(client.state).toBe("failed");
    const connected = new Promise((resolve) => client.on("connected", resolve));
    mine.reconnect();
    await connected;
    expect(await client.endpoint("s3cret").climate.read()).toEqual({ value: 1 });
  });

  test("goes on with mqtt.js if that goes on after a refusal", async () => {
    const mine = connectMqtt(`mqtt://127.0.0.1:${proxy.port}`, {
      reconnectPeriod: 20,
      reconnectOnConnackError: true,
      clientId: "mine",
    });
    closing.push(() => mine.endAsync(true));
    const client = await connect(mine);
    const states: string[] = [];
    for (const name of ["failed", "connected"] as const) client.on(name, () => states.push(name));
    let refusals = 3;
    broker.aedes().preConnect = (_client, _packet, done) =>
      (refusals -= 1) >= 0
        ? done(Object.assign(new Error("down"), { returnCode: 5 }), false)
        : done(null, true);
    proxy.cut();
    await vi.waitFor(() => expect(states).toEqual(["connected"]));
  });
});

describe("a client over its own connection", () => {
  test("does not repeat a request that must not be repeated if the broker lost the session", async () => {
    responds = false;
    const options = { clientId: "mine", mqttOptions: { clean: false } };
    const client = await connect(`mqtt://127.0.0.1:${proxy.port}`, options);
    cutAt("puback", () => (proxy.closed = true));
    const call = failure(client.endpoint("s3cret").climate.set({}, { timeoutMs: 1_500 }));
    await vi.waitFor(() => expect(proxy.closed).toBe(true));
    expect(requests).toHaveLength(1);
    await broker.stop();
    await broker.start({ forget: true });
    await listen();
    proxy.closed = false;
    expect(await call).toMatchObject({ code: "timeout" });
    expect(requests).toHaveLength(1);
  });

  /** Starts a server that closes each connection after its first bytes. */
  async function listener(onBytes: (bytes: Buffer) => void): Promise<string> {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        onBytes(bytes);
        socket.destroy();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closing.push(() => server.close());
    return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("speaks the API's version of MQTT if the option is absent or undefined", async () => {
    const five = { ...api, protocol: defineProtocol({ ...protocol, mqtt: "5" }) };
    const versions: (number | undefined)[] = [];
    const url = await listener((bytes) => versions.push(bytes[8]));
    for (const extra of [{}, { mqtt: undefined }]) {
      const options: object = { site: "north", connectTimeoutMs: 100, ...extra };
      await failure(connectTo(five, url, options));
    }
    expect(new Set(versions)).toEqual(new Set([5]));
  });

  test("does not send the credentials of an earlier attempt", async () => {
    const sent: string[] = [];
    const url = await listener((bytes) => sent.push(bytes.toString("latin1")));
    const given = [{ username: "me", password: "oldpass" }];
    const options: object = {
      site: "north",
      connectTimeoutMs: 300,
      backoff: { minMs: 5, maxMs: 10 },
      credentials: () => given.pop() ?? {},
    };
    await failure(connectTo(api, url, options as ClientOptions));
    expect(sent.length).toBeGreaterThan(1);
    expect(sent[0]).toContain("oldpass");
    expect(sent.slice(1).join("")).not.toContain("oldpass");
  });
});
