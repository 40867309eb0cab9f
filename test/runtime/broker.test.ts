import { connect } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, test, vi } from "vitest";
import { MockBroker } from "../../src/mock/mock-broker.js";
import type { BrokerOptions } from "../../src/runtime/testing/options.js";
import type { IncomingMessage } from "../../src/runtime/transport/transport.js";
import { POLLING } from "../support/polling.js";

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function broker(options: BrokerOptions = {}): Promise<MockBroker> {
  const started = await MockBroker.start(options);
  closing.push(() => started.close());
  return started;
}

interface Device {
  readonly client: MqttClient;
  readonly inbox: (readonly [topic: string, payload: string, qos: number])[];
}

async function device(url: string, options: mqtt.IClientOptions = {}): Promise<Device> {
  const inbox: Device["inbox"] = [];
  const client = mqtt.connect(url, { reconnectPeriod: 0, ...options });
  client.on("message", (topic, payload, { qos }) => inbox.push([topic, payload.toString(), qos]));
  closing.push(() => client.endAsync(true));
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
  });
  return { client, inbox };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Starts a platform on the broker's own side. It returns the payload of every request on its topic plus `/status`. */
async function startEcho(started: MockBroker): Promise<IncomingMessage[]> {
  const requests: IncomingMessage[] = [];
  const transport = started.transport();
  transport.onMessage((message) => {
    if (message.topic.endsWith("/status")) return;
    requests.push(message);
    const options = { qos: message.qos, to: message.origin };
    void transport.publish(`${message.topic}/status`, message.payload, options);
  });
  await transport.subscribe(["q/#"], 2);
  return requests;
}

describe("a broker that delivers to subscribers only", () => {
  test("delivers a message once to each subscriber, however many filters match, and to no other device", async () => {
    const started = await broker();
    await startEcho(started);
    const [requester, silent] = [await device(started.url), await device(started.url)];
    await requester.client.subscribeAsync(["q/+/status", "q/#"], { qos: 1 });
    await requester.client.publishAsync("q/1", "hello", { qos: 1 });
    await silent.client.publishAsync("q/2", "hello", { qos: 1 });
    await vi.waitUntil(() => requester.inbox.length === 4, POLLING);
    expect(requester.inbox).toEqual(
      expect.arrayContaining([
        ["q/1", "hello", 1],
        ["q/1/status", "hello", 1],
        ["q/2", "hello", 1],
        ["q/2/status", "hello", 1],
      ]),
    );
    expect(silent.inbox).toEqual([]);
  });

  test("relays messages between devices", async () => {
    const started = await broker();
    const [sender, receiver] = [await device(started.url), await device(started.url)];
    await receiver.client.subscribeAsync("other/+");
    await sender.client.publishAsync("other/x", "hello", { qos: 1 });
    await vi.waitUntil(() => receiver.inbox.length === 1, POLLING);
    expect(receiver.inbox).toEqual([["other/x", "hello", 0]]);
  });

  test("keeps messages for a session that has no connection", async () => {
    const started = await broker();
    const session = { clientId: "keeper", clean: false };
    const first = await device(started.url, session);
    await first.client.subscribeAsync("t/+", { qos: 1 });
    await first.client.endAsync();
    const transport = started.transport();
    await transport.publish("t/1", bytes("kept"), { qos: 2 });
    await transport.publish("t/1", bytes("lost"), { qos: 0 });
    const second = await device(started.url, session);
    await vi.waitUntil(() => second.inbox.length === 1, POLLING);
    await transport.publish("t/2", bytes("live"), { qos: 1 });
    await vi.waitUntil(() => second.inbox.length === 2, POLLING);
    expect(second.inbox).toEqual([
      ["t/1", "kept", 1],
      ["t/2", "live", 1],
    ]);
  });

  test("delivers messages between connections on its own side", async () => {
    const started = await broker();
    await startEcho(started);
    const transport = started.transport();
    const topics: string[] = [];
    transport.onMessage(({ topic }) => topics.push(topic));
    expect(await transport.subscribe(["q/+/status", "a/#/b", "$share/g/q"], 1)).toEqual([1, 128, 128]);
    await transport.publish("q/1", bytes(""), { qos: 1 });
    await vi.waitUntil(() => topics.length === 1, POLLING);
    expect(topics).toEqual(["q/1/status"]);
  });
});

describe("a broker that always delivers", () => {
  test("delivers a response once to the requester, subscribed or not, and relays no requests", async () => {
    const started = await broker({ deliver: "always" });
    const requests = await startEcho(started);
    const [silent, requester, subscriber] = [
      await device(started.url),
      await device(started.url),
      await device(started.url),
    ];
    await subscriber.client.subscribeAsync("#", { qos: 2 });
    await requester.client.subscribeAsync(["q/+/status", "#"], { qos: 0 });
    await silent.client.publishAsync("q/1", "a", { qos: 1 });
    await requester.client.publishAsync("q/2", "b", { qos: 0 });
    await vi.waitUntil(() => subscriber.inbox.length === 2 && requester.inbox.length === 2, POLLING);
    expect(silent.inbox).toEqual([["q/1/status", "a", 1]]);
    expect(requester.inbox).toEqual([
      ["q/1/status", "a", 0],
      ["q/2/status", "b", 0],
    ]);
    expect(subscriber.inbox.map(([topic]) => topic)).toEqual(["q/1/status", "q/2/status"]);
    expect(requests.every(({ retain }) => !retain)).toBe(true);
  });

  test("loses no message of a burst, and keeps their order", async () => {
    const started = await broker({ deliver: "always" });
    await startEcho(started);
    const { client, inbox } = await device(started.url);
    for (let index = 0; index < 2_000; index += 1) client.publish(`q/${index}`, String(index), { qos: 1 });
    await vi.waitUntil(() => inbox.length === 2_000, POLLING);
    expect(inbox.map(([, payload]) => payload)).toEqual(
      Array.from({ length: 2_000 }, (_, index) => String(index)),
    );
  });
});

test("R4: a broker accepts and delivers every QoS, with and without a persistent session", async () => {
  const started = await broker({ deliver: "always" });
  await startEcho(started);
  for (const clean of [true, false]) {
    const { client, inbox } = await device(started.url, { clean, clientId: `qos-${clean}` });
    for (const qos of [2, 1, 0, 2] as const) {
      await client.publishAsync(`q/${qos}`, "x", { qos });
      await vi.waitUntil(() => inbox.length > 0, POLLING);
      expect(inbox.splice(0)).toEqual([[`q/${qos}/status`, "x", qos]]);
    }
  }
});

test.each([
  ["MQTT 3.1.1 without a client id", "100c 0004 4d515454 04 02 003c 0000"],
  ["MQTT 3.1", "100f 0006 4d5149736470 03 02 003c 0001 78"],
])(
  "R21, R22, R23: a broker accepts %s, packets before CONNACK, and an UNSUBSCRIBE of an unknown filter",
  async (_, connectPacket) => {
    const started = await broker({ deliver: "always" });
    await startEcho(started);
    const socket = connect({ port: started.port });
    closing.push(async () => socket.destroy());
    let received = "";
    socket.on("data", (data) => (received += data.toString("hex")));
    // PUBLISH q/1 x, with the retain flag; UNSUBSCRIBE 7 never.
    const packets = [connectPacket, "3106 0003 712f31 78", "a209 0007 0005 6e65766572"];
    socket.write(Buffer.from(packets.join("").replaceAll(" ", ""), "hex"));
    const [connack, unsuback, response] = [
      "20020000",
      "b0020007",
      `300d000a${Buffer.from("q/1/statusx").toString("hex")}`,
    ];
    await vi.waitUntil(() => received.length >= (connack + unsuback + response).length, POLLING);
    expect([connack + unsuback + response, connack + response + unsuback]).toContain(received);
  },
);

test("a broker speaks MQTT over WebSocket", async () => {
  const started = await broker({ ws: true, deliver: "always" });
  await startEcho(started);
  const { client, inbox } = await device(started.ws!);
  await client.publishAsync("q/1", "hello");
  await vi.waitUntil(() => inbox.length === 1, POLLING);
  expect(inbox).toEqual([["q/1/status", "hello", 0]]);
});

test("MockBroker.close disconnects the devices and frees the port", async () => {
  const started = await MockBroker.start();
  const { client } = await device(started.url);
  const states: string[] = [];
  started.transport().onState(({ kind }) => states.push(kind));
  await started.close();
  await vi.waitUntil(() => !client.connected, POLLING);
  expect(states).toEqual(["connected", "failed"]);
  const again = await MockBroker.start({ port: started.port });
  await again.close();
});

test("MockBroker.start rejects if the port is taken", async () => {
  const started = await broker();
  await expect(MockBroker.start({ port: started.port })).rejects.toThrow("EADDRINUSE");
});

test.each(["always", "subscribed"] as const)(
  "a broker that delivers to %s knows the subscribers of a topic, and can deliver to one of them alone",
  async (deliver) => {
    const started = await broker({ deliver });
    const [one, two, other] = [
      await device(started.url),
      await device(started.url),
      await device(started.url),
    ];
    await one.client.subscribeAsync(["q/#", "q/+"], { qos: 1 });
    await two.client.subscribeAsync("q/1", { qos: 1 });
    await other.client.subscribeAsync("r/#", { qos: 1 });
    const subscribers = started.subscribers("q/1");
    expect(subscribers).toHaveLength(2);
    await two.client.unsubscribeAsync("q/1");
    expect(started.subscribers("q/1")).toEqual([subscribers[0]]);
    const transport = started.transport();
    await two.client.subscribeAsync("q/1", { qos: 1 });
    await transport.publish("q/1", bytes("alone"), { qos: 1, to: subscribers[0], only: true });
    await transport.publish("q/1", bytes("all"), { qos: 1 });
    await vi.waitFor(() => {
      expect(one.inbox.map(([, payload]) => payload)).toEqual(["alone", "all"]);
      expect(two.inbox.map(([, payload]) => payload)).toEqual(["all"]);
    }, POLLING);
    expect(other.inbox).toEqual([]);
  },
);
