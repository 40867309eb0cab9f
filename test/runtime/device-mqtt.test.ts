/** Clients over real sockets: mqtt.js against aedes. */
import { once } from "node:events";
import { inspect } from "node:util";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import { Aedes } from "aedes";
import { connect as connectMqtt, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  connectTo,
  type ConnectTarget,
  mqttTransport,
  type TransportState,
} from "../../src/runtime/index.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";

let broker: Aedes;
let server: Server;
let port = 0;
const sockets = new Set<Socket>();
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  broker = await Aedes.createBroker();
  await listen(0);
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await stop();
  await new Promise<void>((resolve) => broker.close(() => resolve()));
});

async function listen(at: number): Promise<void> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    broker.handle(socket);
  });
  server.listen(at, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
}

async function stop(): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

async function connect(target?: ConnectTarget, options: ClientOptions = {}) {
  const all = { site: "north", backoff: { minMs: 5, maxMs: 20 }, ...options } as ClientOptions;
  const client = await connectTo<Unit, string>(api, target ?? `mqtt://127.0.0.1:${port}`, all);
  cleanups.push(() => client.close({ force: true }));
  return { client, unit: client.endpoint("s3cret").climate };
}

async function connected(client: MqttClient): Promise<void> {
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
}

/** Starts a platform that responds to `read` with 21, rejects `set`, and returns pictures. */
async function platform(): Promise<MqttClient> {
  const peer = connectMqtt(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 10 });
  cleanups.push(() => peer.endAsync(true));
  peer.on("message", (topic, payload) => {
    const [, , , , resource] = topic.split("/");
    if (topic.endsWith("/ok") || topic.endsWith("/failed")) return;
    if (resource === "read") peer.publish(`${topic}/ok`, '{"value":21}');
    if (resource === "set") peer.publish(`${topic}/failed`, '{"code":403}');
    if (resource === "picture") peer.publish(`${topic}/ok`, payload, { qos: 1 });
    if (resource === "mode") peer.publish(`${topic}/ok`, '[{"id":1}]');
  });
  await connected(peer);
  await peer.subscribeAsync("gh/#", { qos: 1 });
  return peer;
}

describe("a client over mqtt.js", () => {
  test("receives the responses of its calls, at any QoS, with any bytes", async () => {
    await platform();
    const { unit } = await connect();
    expect(await unit.read()).toEqual({ value: 21 });
    expect(await unit.read({ qos: 2 })).toEqual({ value: 21 });
    await expect(unit.set({})).rejects.toMatchObject({ code: "rejected", payload: { code: 403 } });
    const picture = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
    expect(Array.from(await unit.picture(picture))).toEqual(Array.from(picture));
    await unit.log.send("roof", 21);
    const readings = await Promise.all(Array.from({ length: 50 }, () => unit.read({ qos: 1 })));
    expect(readings).toHaveLength(50);
  });

  test("sets TCP_NODELAY on every connection, also after a reconnect", async () => {
    const noDelay = vi.spyOn(Socket.prototype, "setNoDelay");
    const { client } = await connect();
    const ours = () => new Set(noDelay.mock.contexts).size;
    expect(ours()).toBe(1);
    const again = new Promise((resolve) => client.on("connected", resolve));
    for (const socket of sockets) socket.destroy();
    await again;
    expect(ours()).toBe(2);
  });

  test("reconnects after a lost connection, and continues observations and calls", async () => {
    const peer = await platform();
    // The client comes back later than the platform, which would otherwise miss its first requests.
    const { client, unit } = await connect(undefined, { backoff: { minMs: 400 } });
    const seen: unknown[] = [];
    const watching = unit.mode.observe("roof");
    const taking = (async () => {
      for await (const value of watching) seen.push(value);
    })();
    await watching.ready;
    const events: unknown[] = [];
    client.on("disconnected", ({ cause }) => events.push(["disconnected", cause]));
    const back = new Promise((resolve) => client.on("connected", resolve));
    const at = port;
    await stop();
    const reading = unit.read();
    await vi.waitFor(() => expect(events).toHaveLength(1));
    await listen(at);
    expect(await back).toEqual({ sessionPresent: false });
    if (!peer.connected) await connected(peer);
    expect(await reading).toEqual({ value: 21 });
    await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(2));
    await peer.publishAsync("gh/north/climate/s3cret/mode/roof/ok", '[{"id":2}]', { qos: 1 });
    await vi.waitFor(() => expect(seen.at(-1)).toEqual([{ id: 2 }]));
    expect(events).toEqual([
      ["disconnected", expect.objectContaining({ message: "the connection was closed" })],
    ]);
    await watching.return();
    await taking;
  });

  test("calls the credentials function before each attempt to connect", async () => {
    const seen: (string | undefined)[] = [];
    broker.authenticate = (_client, username, password, done) => {
      seen.push(`${username}:${password?.toString()}`);
      done(null, true);
    };
    let count = 0;
    const { client } = await connect(undefined, {
      credentials: async () => {
        count += 1;
        if (count === 2) throw new Error("the vault is locked");
        return { username: "me", password: `p${count}` };
      },
    });
    const again = new Promise((resolve) => client.on("connected", resolve));
    for (const socket of sockets) socket.destroy();
    await again;
    expect(seen).toEqual(["me:p1", "me:p3"]);
  });

  test("fails for good if the broker refuses the credentials, without showing them", async () => {
    broker.authenticate = (_client, _username, _password, done) =>
      done(Object.assign(new Error("no"), { returnCode: 4 as const }), false);
    const target = `mqtt://me:pa55word@127.0.0.1:${port}`;
    const error: unknown = await connect(target).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "connection-refused", cause: expect.objectContaining({ code: 4 }) });
    expect(String(error) + String((error as Error).cause)).not.toContain("pa55word");
  });

  test("refuses a target that is not a URL at once, without showing it", async () => {
    const error: unknown = await connect("//me:pa55word@nowhere").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "connection-refused" });
    expect(inspect(error)).not.toContain("pa55word");
  });

  test("rejects with a timeout if no broker listens", async () => {
    const at = port;
    await stop();
    const error: unknown = await connect(`mqtt://127.0.0.1:${at}`, { connectTimeoutMs: 150 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: "timeout",
      cause: expect.objectContaining({ code: "ECONNREFUSED" }),
    });
    await listen(at);
  });

  test("packs filters into SUBSCRIBE packets of limited size, and fails only the calls whose filter is refused", async () => {
    await platform();
    const packetSizes: number[] = [];
    broker.on("subscribe", (subscriptions) => void packetSizes.push(subscriptions.length));
    broker.authorizeSubscribe = (_client, subscription, done) =>
      done(null, subscription.topic.includes("/unit7/") ? null : subscription);
    const { client } = await connect(undefined, { mqttOptions: { subscribeBatchSize: 8 } });
    const calls = Array.from({ length: 10 }, (_, index) => client.endpoint(`unit${index}`).climate.read());
    const results = await Promise.allSettled(calls);
    expect(results.map(({ status }) => status === "fulfilled")).toEqual(
      Array.from({ length: 10 }, (_, index) => index !== 7),
    );
    expect(results[7]).toMatchObject({ reason: { code: "subscribe-refused" } });
    expect(packetSizes.toSorted((one, other) => one - other)).toEqual([4, 8, 8]);
  });

  test("fails only the call whose subscription the broker refuses", async () => {
    await platform();
    broker.authorizeSubscribe = (_client, subscription, done) =>
      done(null, subscription.topic.includes("/read/") ? null : subscription);
    const { unit } = await connect();
    const [reading, setting] = await Promise.allSettled([unit.read(), unit.set({})]);
    expect(reading).toMatchObject({ status: "rejected", reason: { code: "subscribe-refused" } });
    expect(setting).toMatchObject({ status: "rejected", reason: { code: "rejected" } });
  });

  test("uses the mqtt.js client that is passed in, and does not end it", async () => {
    await platform();
    const mine = connectMqtt(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 10 });
    cleanups.push(() => mine.endAsync(true));
    const { client, unit } = await connect(mine);
    const listeners = mine.listenerCount("message");
    expect(await unit.read()).toEqual({ value: 21 });
    await client.close();
    expect(mine.connected).toBe(true);
    expect(mine.listenerCount("message")).toBe(listeners - 1);
    const { unit: other } = await connect(mine);
    expect(await other.read()).toEqual({ value: 21 });
  });

  test("settles every request if the caller ends the mqtt.js client", async () => {
    const mine = connectMqtt(`mqtt://127.0.0.1:${port}`);
    const { unit } = await connect(mine);
    const reading = unit.read().catch((error: unknown) => error);
    await vi.waitFor(() => expect(mine.getLastMessageId()).toBeGreaterThan(0));
    await mine.endAsync(true);
    expect(await reading).toMatchObject({ code: "connection-refused" });
  });

  test("disconnects gracefully on close, and can be closed without a connection", async () => {
    const gone = once(broker, "clientDisconnect");
    const { client } = await connect();
    await client.close();
    await gone;
    const { client: other } = await connect();
    const at = port;
    await stop();
    await other.close();
    await listen(at);
  });

  test("rejects a pending publish when the transport is closed", async () => {
    broker.authorizePublish = () => undefined;
    const transport = mqttTransport(`mqtt://127.0.0.1:${port}`);
    await new Promise<void>((resolve) =>
      transport.onState((state: TransportState) => state.kind === "connected" && resolve()),
    );
    const publishing = transport.publish("a", new Uint8Array(), { qos: 1 }).catch((error: unknown) => error);
    await transport.close({ force: true });
    expect(await publishing).toMatchObject({ code: "disconnected" });
  });
});
