/** Hostile clients: the mock keeps serving others, and its memory stays bounded. */
import { connect as connectSocket, type Socket } from "node:net";
import mqtt, { type MqttClient } from "mqtt";
import { generate } from "mqtt-packet";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Mock, type MockEvent, startMock } from "../../src/mock/index.js";
import { randomFrom } from "../../src/mock/fault-plan.js";

const SPEC = "spec/kaa/kaa.yaml";
const B = "kp1/demo-v1";
const closing: (() => unknown)[] = [];
let mock: Mock;
const events: MockEvent[] = [];

beforeEach(async () => {
  events.length = 0;
  mock = await startMock(SPEC, { deliver: "always", onEvent: (event) => events.push(event) });
  closing.push(() => mock.close());
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function connect(): Promise<MqttClient> {
  const client = await mqtt.connectAsync(mock.url, { reconnectPeriod: 0 });
  closing.push(() => client.endAsync(true));
  return client;
}

/** Sends a request, and returns its first response. */
async function request(
  client: MqttClient,
  path: string,
  body: string | Buffer,
): Promise<readonly [string, string]> {
  const response = new Promise<readonly [string, string]>((resolve) => {
    const listen = (topic: string, payload: Buffer): void => {
      if (!topic.startsWith(`${B}/${path}/`)) return;
      client.off("message", listen);
      resolve([topic.slice(B.length + 1), payload.toString()]);
    };
    client.on("message", listen);
  });
  await client.publishAsync(`${B}/${path}`, body, { qos: 1 });
  return response;
}

async function stillServes(): Promise<void> {
  const client = await connect();
  expect(await request(client, "bcx/T/token/7", "")).toEqual([
    "bcx/T/token/7/status",
    expect.stringContaining("token"),
  ]);
  await client.endAsync(true);
}

async function socket(): Promise<Socket> {
  const opened = connectSocket({ port: mock.port });
  opened.on("error", () => undefined);
  closing.push(() => opened.destroy());
  await new Promise<void>((resolve) => opened.once("connect", () => resolve()));
  return opened;
}

describe("a mock keeps serving", () => {
  test("after a client published to $SYS", async () => {
    const victim = await mqtt.connectAsync(mock.url, { clientId: "victim", reconnectPeriod: 0 });
    closing.push(() => victim.endAsync(true));
    const client = await connect();
    client.on("error", () => undefined);
    client.publish("$SYS/other/new/clients", "victim", { qos: 0 });
    await stillServes();
    expect(victim.connected).toBe(true);
  });

  test("and startMock rejects with EADDRINUSE if the WebSocket port is taken", async () => {
    await expect(startMock(SPEC, { ws: mock.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("after random bytes on every topic", async () => {
    const client = await connect();
    const random = randomFrom(1);
    const paths = [
      "dcx/T/json",
      "dcx/T/plain/altitude",
      "epmx/T/get",
      "epmx/T/get/keys",
      "epmx/T/update",
      "epmx/T/update/keys",
      "epmx/T/delete/keys",
      "cex/T/command/reboot",
      "cex/T/result/reboot",
      "cmx/T/config/json",
      "cmx/T/applied/json",
      "cmx_ota/T/config/json",
      "cmx_ota/T/applied/json",
      "bcx/T/token",
    ];
    let responses = 0;
    client.on("message", () => (responses += 1));
    for (const [index, path] of paths.entries()) {
      for (let id = 0; id < 30; id += 1) {
        const body = Buffer.from(
          Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256)),
        );
        client.publish(`${B}/${path}/${index * 100 + id}`, body, { qos: 1 });
      }
    }
    await vi.waitFor(() => expect(responses).toBe(paths.length * 30), { timeout: 5_000 });
    await stillServes();
  });

  test.each([
    ["a mebibyte", `"${"x".repeat(1_048_574)}"`, 413, "262144"],
    [
      "JSON that is nested 100,000 levels deep",
      "[".repeat(100_000) + "]".repeat(100_000),
      400,
      "deeper than 1000",
    ],
    ["100,000 opening brackets", "[".repeat(100_000), 400, "deeper than 1000"],
    ["invalid UTF-8", Buffer.from([34, 0xc3, 0x28, 34]), 400, "UTF-8"],
  ])("after %s, which gets an error response", async (_, body, code, text) => {
    const client = await connect();
    const [topic, response] = await request(client, "dcx/T/json/1", body);
    expect(topic).toBe("dcx/T/json/1/error");
    expect(JSON.parse(response)).toEqual({ statusCode: code, reasonPhrase: expect.stringContaining(text) });
    expect(client.connected).toBe(true);
    await stillServes();
  });

  test("after 1,000 malformed packets", async () => {
    const random = randomFrom(2);
    const whole = [
      generate({
        cmd: "connect",
        clientId: "x",
        protocolVersion: 4,
        protocolId: "MQTT",
        clean: true,
        keepalive: 60,
      }),
      generate({
        cmd: "publish",
        topic: `${B}/dcx/T/json/1`,
        payload: "1",
        qos: 1,
        messageId: 7,
        dup: false,
        retain: false,
      }),
      generate({ cmd: "subscribe", messageId: 8, subscriptions: [{ topic: "kp1/#", qos: 1 }] }),
      generate({ cmd: "pubrel", messageId: 9 }),
    ];
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const bytes = Buffer.concat(random() < 0.5 ? whole : whole.slice(1));
          for (let changes = 1 + Math.floor(random() * 8); changes > 0; changes -= 1)
            bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
          const opened = await socket();
          opened.end(bytes.subarray(0, 1 + Math.floor(random() * bytes.length)));
          await new Promise((resolve) => opened.once("close", resolve).resume());
        }),
      );
    }
    await stillServes();
  });

  test("after a packet without an end, whose connection is closed", async () => {
    const opened = await socket();
    opened.write(
      generate({
        cmd: "connect",
        clientId: "big",
        protocolVersion: 4,
        protocolId: "MQTT",
        clean: true,
        keepalive: 0,
      }),
    );
    // PUBLISH, 268,435,455 bytes long (MQTT 3.1.1 section 2.2.3).
    opened.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
    const closed = new Promise((resolve) => opened.once("close", resolve));
    const chunk = Buffer.alloc(1024 * 1024);
    let written = 0;
    const write = (): void => {
      while (!opened.destroyed && written < 64 && opened.write(chunk)) written += 1;
    };
    opened.on("drain", write);
    write();
    await closed;
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: "disconnected",
        client: "big",
        reason: expect.stringContaining("a packet of more than 16777216 bytes"),
      }),
    );
    await stillServes();
  });

  test("after a CONNECT without an end", async () => {
    const opened = await socket();
    const closed = new Promise((resolve) => opened.once("close", resolve));
    // CONNECT, 268,435,455 bytes long, of an unknown protocol version.
    opened.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    for (let sent = 0; sent < 4 && !opened.destroyed; sent += 1) opened.write(Buffer.alloc(1024 * 1024));
    await closed;
    expect(events).toContainEqual({
      kind: "refused",
      client: "",
      reason: "a packet of more than 524288 bytes",
    });
    await stillServes();
  });

  test("with a persistent session that does not reconnect, and bounds the messages stored for it", async () => {
    await mock.close();
    mock = await startMock(SPEC, { onEvent: (event) => events.push(event) });
    closing.push(() => mock.close());
    const session = await mqtt.connectAsync(mock.url, { clientId: "away", clean: false, reconnectPeriod: 0 });
    await session.subscribeAsync("kp1/#", { qos: 1 });
    await session.endAsync();
    const large = mock.transport();
    for (let sent = 0; sent < 20; sent += 1)
      await large.publish(`${B}/dcx/T/json/status`, new Uint8Array(1024 * 1024), { qos: 1 });
    const refusals = events.filter((event) => event.kind === "dropped" && event.client === "away");
    expect(refusals).toEqual([
      { kind: "dropped", client: "away", reason: expect.stringContaining("wait for its session") },
    ]);
    const back = mqtt.connect(mock.url, { clientId: "away", clean: false, reconnectPeriod: 0 });
    closing.push(() => back.endAsync(true));
    let kept = 0;
    back.on("message", () => (kept += 1));
    await vi.waitFor(() => expect(kept).toBe(15), 10_000);
  });

  test("with 1,000 clients that connect at once", async () => {
    const clients = Array.from({ length: 1_000 }, (_, index) =>
      mqtt.connect(mock.url, { reconnectPeriod: 0, clientId: `device-${index}` }),
    );
    try {
      const responses = clients.map(
        (client, index) =>
          new Promise<string>((resolve, reject) => {
            client.on("error", reject);
            client.on(
              "connect",
              () => void client.publish(`${B}/epmx/T${index}/get/${index}`, "", { qos: 0 }),
            );
            client.on("message", (topic) => resolve(topic));
          }),
      );
      expect(await Promise.all(responses)).toEqual(
        clients.map((_, index) => `${B}/epmx/T${index}/get/${index}/status`),
      );
    } finally {
      for (const client of clients) client.end(true);
    }
    await stillServes();
  });

  test("with a client that does not read, and disconnects it before it occupies too much memory", async () => {
    const opened = await socket();
    opened.pause();
    opened.write(
      generate({
        cmd: "connect",
        clientId: "slow",
        protocolVersion: 4,
        protocolId: "MQTT",
        clean: true,
        keepalive: 0,
      }),
    );
    opened.write(generate({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "kp1/#", qos: 0 }] }));
    await vi.waitFor(() =>
      expect(events).toContainEqual(expect.objectContaining({ kind: "connected", client: "slow" })),
    );
    const { cmx } = mock.platform?.endpoint({ appVersion: "demo-v1", endpointToken: "T" }) ?? {};
    const config = { configId: "c", config: "x".repeat(200_000) };
    const gone = (): boolean =>
      events.some((event) => event.kind === "disconnected" && event.client === "slow");
    let count = 0;
    for (; count < 1_000 && !gone(); count += 1) {
      await cmx?.["config"]?.push(config, { qos: 0 });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: "disconnected",
        client: "slow",
        reason: expect.stringContaining("reads too slowly"),
      }),
    );
    // 16 MiB in the broker, and what the operating system buffers.
    expect(count * config.config.length).toBeLessThan(150_000_000);
    await stillServes();
  });

  test.each([
    ["ill-formed UTF-8 in a topic", Buffer.from([0x6b, 0xc3, 0x28])],
    ["a surrogate in a topic", Buffer.from([0x6b, 0xed, 0xa0, 0x80])],
    ["NUL in a topic", Buffer.from([0x6b, 0x00])],
  ])("after %s, which closes the connection", async (_, topic) => {
    const opened = await socket();
    opened.write(
      generate({
        cmd: "connect",
        clientId: "bad",
        protocolVersion: 4,
        protocolId: "MQTT",
        clean: true,
        keepalive: 0,
      }),
    );
    await vi.waitFor(() => expect(events.map(({ kind }) => kind)).toContain("connected"));
    opened.resume();
    const closed = new Promise((resolve) => opened.once("close", resolve));
    opened.write(Buffer.concat([Buffer.from([0x30, topic.length + 2, 0, topic.length]), topic]));
    await closed;
    await vi.waitFor(() =>
      expect(events).toContainEqual(
        expect.objectContaining({
          kind: "disconnected",
          client: "bad",
          reason: expect.stringContaining("section 1.5.3"),
        }),
      ),
    );
    expect(events.filter(({ kind }) => kind === "received")).toEqual([]);
    await stillServes();
  });

  test("after NUL in a client id, which closes the connection", async () => {
    const opened = await socket();
    const closed = new Promise((resolve) => opened.once("close", resolve));
    opened.write(Buffer.from([0x10, 14, 0, 4, ...Buffer.from("MQTT"), 4, 2, 0, 0, 0, 2, 0x61, 0x00]));
    await closed;
    expect(events).toEqual([
      { kind: "refused", client: "", reason: "a string with NUL (MQTT 3.1.1 section 1.5.3)" },
    ]);
    await stillServes();
  });

  test("and accepts U+FFFD that a client has sent", async () => {
    const client = await connect();
    await client.publishAsync(`${B}/dcx/T/json/\uFFFD`, "1", { qos: 1 });
    await vi.waitFor(() => expect(events.map(({ kind }) => kind)).toContain("received"));
    expect(client.connected).toBe(true);
  });

  test("with unfinished packets of many connections, and bounds them together", async () => {
    const sockets = await Promise.all(Array.from({ length: 12 }, async () => socket()));
    let closed = 0;
    for (const [index, opened] of sockets.entries()) {
      opened.once("close", () => (closed += 1));
      opened.write(
        generate({
          cmd: "connect",
          clientId: `part-${index}`,
          protocolVersion: 4,
          protocolId: "MQTT",
          clean: true,
          keepalive: 0,
        }),
      );
      // PUBLISH, 16,000,000 bytes long, of which the last is missing.
      opened.write(Buffer.from([0x30, 0x80, 0xc8, 0xd0, 0x07]));
      opened.write(Buffer.alloc(15_999_999));
    }
    // 128 MiB are eight of them.
    await vi.waitFor(() => expect(closed).toBeGreaterThanOrEqual(4), 20_000);
    expect(closed).toBeLessThan(12);
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: "disconnected",
        reason: expect.stringContaining("of all connections"),
      }),
    );
    await stillServes();
  });

  test("with retained messages, and bounds them together", async () => {
    const client = await connect();
    const payload = Buffer.alloc(1024 * 1024);
    for (let index = 0; index < 70; index += 1)
      await client.publishAsync(`other/${index}`, payload, { qos: 1, retain: true });
    expect(events.filter(({ kind }) => kind === "dropped")).toHaveLength(7);
    // Deleting one makes room for another.
    await client.publishAsync("other/0", "", { qos: 1, retain: true });
    await client.publishAsync("other/70", payload, { qos: 1, retain: true });
    expect(events.filter(({ kind }) => kind === "dropped")).toHaveLength(7);
    await stillServes();
  });
});
