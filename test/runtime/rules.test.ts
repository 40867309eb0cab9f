/**
 * The rules of 1/KP and its extensions for platforms, tested with a plain MQTT client: on several brokers,
 * and on the mock's broker the rules that only a platform with a broker inside can follow.
 */
import { connect as connectSocket } from "node:net";
import { createPlatform, type KaaHandlers, type KaaPlatform, Rejection } from "kaa-device-client/platform";
import { mqttTransport, type Transport } from "kaa-device-client";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Mock, startMock } from "../../src/mock/index.js";
import { mosquittoPath, startAedes, startMosquitto } from "../support/brokers.js";
import { POLLING } from "../support/polling.js";

const SPEC = "spec/kaa/kaa.yaml";
const B = "kp1/demo-v1";
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A response or a push, without the beginning of its topic; an empty body is undefined. */
type Heard = readonly [topic: string, body?: unknown];

interface Device {
  readonly client: MqttClient;
  /** Publishes. */
  readonly publish: (
    path: string,
    body?: unknown,
    options?: { qos?: 0 | 1 | 2; retain?: boolean },
  ) => Promise<void>;
  /** Returns all messages so far, once the response to a last request has arrived. */
  readonly received: () => Promise<readonly Heard[]>;
  readonly qosOf: Map<string, number>;
}

/** A plain MQTT client. With `subscribes` it subscribes to the topics of its endpoint. */
async function device(url: string, subscribes: boolean, options: IClientOptions = {}): Promise<Device> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, protocolVersion: 4, ...options });
  closing.push(() => client.endAsync(true));
  const inbox: Heard[] = [];
  const qosOf = new Map<string, number>();
  let rounds = 0;
  client.on("message", (topic, payload, { qos, retain }) => {
    if (!/\/(?:status|error)$/.test(topic)) return;
    const path = topic.slice(B.length + 1);
    inbox.push(payload.length > 0 ? [path, JSON.parse(payload.toString())] : [path]);
    qosOf.set(path, qos);
    if (retain) inbox.push([path, "retained"]);
  });
  if (subscribes) await client.subscribeAsync("kp1/#", { qos: 2 });
  const publish: Device["publish"] = async (path, body, { qos = 1, retain = false } = {}) => {
    const bytes =
      Buffer.isBuffer(body) || typeof body === "string"
        ? body
        : body === undefined
          ? ""
          : JSON.stringify(body);
    await client.publishAsync(`${B}/${path}`, bytes, { qos, retain });
  };
  return {
    client,
    publish,
    qosOf,
    async received() {
      rounds += 1;
      const marker = `epmx/marker/get/${1_000 + rounds}/status`;
      await publish(marker.slice(0, -"/status".length));
      await vi.waitUntil(() => inbox.some(([topic]) => topic === marker), POLLING);
      return inbox.splice(0).filter(([topic]) => topic !== marker);
    },
  };
}

/** The state of the platform of these tests. */
interface State {
  readonly samples: unknown[];
  metadata: Record<string, unknown>;
  config: string;
}

function handlersFor(state: State): KaaHandlers {
  const offered = () => ({ configId: state.config, config: {}, statusCode: 200, reasonPhrase: "OK" });
  return {
    dcx: {
      json: (value) => void state.samples.push(value),
      plain: (text) => {
        if (!/^[0-9]/.test(text)) throw new Rejection({ statusCode: 400, reasonPhrase: "No number" });
        state.samples.push(text);
      },
    },
    epmx: {
      getKeys: () => Object.keys(state.metadata),
      get: () => state.metadata,
      update: (values) => void (state.metadata = values),
      updateKeys: (values) => void Object.assign(state.metadata, values),
      deleteKeys: (keys) => {
        for (const key of keys) delete state.metadata[key];
      },
    },
    cex: { command: () => [], result: () => undefined },
    cmx: { config: offered, applied: () => undefined },
    cmxOta: { config: offered, applied: () => undefined },
    bcx: { token: () => ({ token: "2222" }) },
  };
}

const places = [
  { name: "on the mock's broker, unsubscribed", mqttVersion: 4, start: undefined },
  { name: "on aedes", mqttVersion: 4, start: () => startAedes() },
  { name: "on mosquitto, MQTT 3.1.1", mqttVersion: 4, start: () => startMosquitto() },
  { name: "on mosquitto, MQTT 5", mqttVersion: 5, start: () => startMosquitto() },
] as const;

describe.each(places)("$name", ({ name, mqttVersion, start }) => {
  let platform: KaaPlatform;
  let state: State;
  let url: string;
  const missing = name.includes("mosquitto") && mosquittoPath === undefined;

  beforeEach(async ({ skip }) => {
    if (missing) skip("mosquitto is not installed (apt-get install mosquitto)");
    let transport: Transport;
    if (start) {
      const broker = await start();
      closing.push(() => broker.stop());
      url = `mqtt://127.0.0.1:${broker.port}`;
      transport = mqttTransport(url, { mqtt: mqttVersion === 5 ? "5" : "3.1.1" });
      closing.push(() => transport.close({ force: true }));
    } else {
      const mock = await startMock(SPEC, { handlers: false, deliver: "always" });
      closing.push(() => mock.close());
      url = mock.url;
      transport = mock.transport();
    }
    state = { samples: [], metadata: { name: "Boiler" }, config: "c1" };
    platform = await createPlatform(transport, handlersFor(state));
    closing.push(() => platform.stop({ force: true }));
  });

  const open = (): Promise<Device> => device(url, start !== undefined, { protocolVersion: mqttVersion });

  test("R1: a decimal number as the last level is the request id, for every extension, and is in the response topic", async () => {
    const { publish, received } = await open();
    for (const path of [
      "dcx/T/json/0",
      "epmx/T/get/keys/7",
      "cex/T/command/reboot/2147483647",
      "bcx/T/token/99",
    ])
      await publish(path, path.startsWith("dcx") ? 1 : undefined);
    expect(await received()).toEqual([
      ["dcx/T/json/0/status"],
      ["epmx/T/get/keys/7/status", ["name"]],
      ["cex/T/command/reboot/2147483647/status", []],
      ["bcx/T/token/99/status", { token: "2222" }],
    ]);
  });

  test.each(["-1", "1.5", "1a", "2147483648", "007"])(
    "R1: %s is not a request id but a level of the path",
    async (word) => {
      const { publish, received } = await open();
      await publish(`epmx/T/get/${word}`);
      expect(await received()).toEqual([
        [`epmx/T/get/${word}/error`, { statusCode: 404, reasonPhrase: expect.any(String) }],
      ]);
    },
  );

  test("R2: a repeated request id gets a response each time", async () => {
    const { publish, received } = await open();
    for (let time = 0; time < 3; time += 1) await publish("dcx/T/json/32", time);
    expect(await received()).toEqual([
      ["dcx/T/json/32/status"],
      ["dcx/T/json/32/status"],
      ["dcx/T/json/32/status"],
    ]);
    expect(state.samples).toEqual([0, 1, 2]);
  });

  test("R4: a response has the QoS of its request and is not retained; a retained request is served once", async () => {
    const { publish, received, qosOf } = await open();
    for (const qos of [0, 1, 2] as const) await publish(`dcx/T/json/${qos}`, 1, { qos });
    await publish("dcx/T/json/3", 1, { retain: true });
    // QoS 2 takes longer than the later request.
    const topics: string[] = [];
    while (topics.length < 4) topics.push(...(await received()).map(([topic]) => topic));
    expect(topics.toSorted()).toEqual([0, 1, 2, 3].map((id) => `dcx/T/json/${id}/status`));
    expect([0, 1, 2].map((id) => qosOf.get(`dcx/T/json/${id}/status`))).toEqual([0, 1, 2]);
    expect(state.samples).toHaveLength(4);
  });

  test("R5: a request without an id and without response data gets no success", async () => {
    const { publish, received } = await open();
    await publish("dcx/T/json", { t: 1 });
    await publish("dcx/T/plain/altitude", "2061m");
    await publish("epmx/T/update", { a: 1 });
    await publish("epmx/T/update/keys", { b: 2 });
    await publish("epmx/T/delete/keys", ["a"]);
    await publish("cmx/T/applied/json", { configId: "c1" });
    await publish("cmx_ota/T/applied/json", { configId: "c1" });
    await publish("cex/T/result/reboot", [{ id: 1, statusCode: 200 }]);
    expect(await received()).toEqual([]);
    expect(state).toMatchObject({ samples: [{ t: 1 }, "2061m"], metadata: { b: 2 } });
  });

  test("R6: requests for tokens, configurations and commands without an id get a response, those for metadata do not", async () => {
    const { publish, received } = await open();
    const config = { configId: "c1", config: {}, statusCode: 200, reasonPhrase: "OK" };
    for (const path of ["bcx/T/token", "cmx/T/config/json", "cmx_ota/T/config/json", "cex/T/command/reboot"])
      await publish(path);
    for (const path of ["epmx/T/get", "epmx/T/get/keys"]) await publish(path);
    expect(await received()).toEqual([
      ["bcx/T/token/status", { token: "2222" }],
      ["cmx/T/config/json/status", config],
      ["cmx_ota/T/config/json/status", config],
      ["cex/T/command/reboot/status", []],
    ]);
  });

  test("R7: a failed request without an id gets an error", async () => {
    const { publish, received } = await open();
    await publish("dcx/T/json", "{");
    await publish("dcx/T/plain/altitude", "high");
    await publish("cex/T/result/reboot", { id: 1 });
    const refused = { statusCode: 400, reasonPhrase: expect.any(String) };
    expect(await received()).toEqual([
      ["dcx/T/json/error", refused],
      ["dcx/T/plain/altitude/error", refused],
      ["cex/T/result/reboot/error", refused],
    ]);
  });

  test("R11: observe: false and observe: true turn pushes off and on, for each topic separately", async () => {
    const { publish, received } = await open();
    const { cex, cmx } = platform.endpoint({ appVersion: "demo-v1", endpointToken: "T" });
    const push = async (): Promise<readonly string[]> => {
      await cex.command.push("reboot", [{ id: 1 }]);
      await cex.command.push("blink", [{ id: 1 }]);
      await cmx.config.push({ configId: "c2" });
      await cmx.config.push({ configId: "c2" }, { configName: "wifi" });
      return (await received()).map(([topic]) => topic);
    };
    const reboot = "cex/T/command/reboot/status";
    const others = [
      "cex/T/command/blink/status",
      "cmx/T/config/json/status",
      "cmx/T/config/json/wifi/status",
    ];
    /** Sends a request, and waits until the platform has received it. */
    const request = async (path: string, body: unknown): Promise<void> => {
      await publish(path, body);
      await received();
    };
    await request("dcx/T/json", 1);
    expect(await push()).toEqual([reboot, ...others]);
    await request("cex/T/command/reboot/1", { observe: false });
    expect(await push()).toEqual(others);
    await request("cex/T/command/reboot/2", {});
    expect(await push()).toEqual(others);
    await request("cex/T/command/reboot", { observe: true });
    expect(await push()).toEqual([reboot, ...others]);
    await request("cmx/T/config/json/wifi/3", { observe: false });
    expect(await push()).toEqual([reboot, ...others.slice(0, 2)]);
  });

  test("R12: a request gets the present state at once, and later changes are pushed without an id", async () => {
    const { publish, received } = await open();
    await publish("cmx/T/config/json/7", { observe: true });
    expect(await received()).toMatchObject([["cmx/T/config/json/7/status", { configId: "c1" }]]);
    state.config = "c2";
    const { cmx } = platform.endpoint({ appVersion: "demo-v1", endpointToken: "T" });
    await cmx.config.push({ configId: "c2" });
    expect(await received()).toEqual([["cmx/T/config/json/status", { configId: "c2" }]]);
  });

  test("R14: an empty body is accepted where the request is optional, and rejected elsewhere", async () => {
    const { publish, received } = await open();
    const requesting = [
      "epmx/T/get/1",
      "epmx/T/get/keys/2",
      "bcx/T/token/3",
      "cmx/T/config/json/4",
      "cex/T/command/x/5",
    ];
    for (const path of requesting) await publish(path);
    expect((await received()).map(([topic]) => topic)).toEqual(requesting.map((path) => `${path}/status`));
    const saying = [
      "dcx/T/json/1",
      "epmx/T/update/2",
      "epmx/T/update/keys/3",
      "epmx/T/delete/keys/4",
      "cex/T/result/x/5",
      "cmx/T/applied/json/6",
    ];
    for (const path of saying) await publish(path);
    expect(await received()).toEqual(
      saying.map((path) => [`${path}/error`, { statusCode: 400, reasonPhrase: expect.any(String) }]),
    );
    expect(state.metadata).toEqual({ name: "Boiler" });
  });

  test("R15: a request that is not UTF-8, not JSON or invalid is rejected with 400, and has no effect", async () => {
    const { publish, received } = await open();
    await publish("epmx/T/update/1", Buffer.from([34, 255, 34]));
    await publish("epmx/T/update/2", '{"a":');
    await publish("epmx/T/update/3", [{ a: 1 }]);
    await publish("epmx/T/update/keys/4", { a: 1, "no key": 2 });
    await publish("epmx/T/delete/keys/5", ["name", 7]);
    const responses = await received();
    expect(responses.map(([topic]) => topic)).toEqual([
      "epmx/T/update/1/error",
      "epmx/T/update/2/error",
      "epmx/T/update/3/error",
      "epmx/T/update/keys/4/error",
      "epmx/T/delete/keys/5/error",
    ]);
    const reasons = responses.map(([, body]) => Reflect.get(Object(body), "reasonPhrase") as string);
    expect(reasons).toEqual([
      "The request is not UTF-8",
      "The request is not JSON",
      expect.stringContaining("must be object"),
      expect.stringContaining("no key"),
      expect.stringContaining("/1 must be string"),
    ]);
    expect(state.metadata).toEqual({ name: "Boiler" });
  });

  test("R24: a success without data has an empty body", async () => {
    const { publish, received } = await open();
    await publish("dcx/T/json/1", 1);
    await publish("dcx/T/plain/altitude/2", "7m");
    await publish("epmx/T/update/3", { a: 1 });
    await publish("cex/T/result/reboot/4", [{ id: 1, statusCode: 200 }]);
    await publish("cmx/T/applied/json/5", { configId: "c1" });
    expect((await received()).map(([, body]) => body)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("on the mock's broker", () => {
  let mock: Mock;
  beforeEach(async () => {
    mock = await startMock(SPEC, { deliver: "always" });
    closing.push(() => mock.close());
  });
  const endpoint = { appVersion: "demo-v1", endpointToken: "T" };

  test("R8: a response goes to the requester, subscribed or not, and to every other subscriber, one copy each", async () => {
    const requester = await device(mock.url, false);
    const watcher = await device(mock.url, false);
    await watcher.client.subscribeAsync(["kp1/#", `${B}/dcx/T/json/+/status`, `${B}/dcx/T/#`], { qos: 1 });
    const both = await device(mock.url, false);
    await both.client.subscribeAsync(["kp1/#", `${B}/dcx/T/json/+/status`], { qos: 1 });
    await requester.publish("dcx/T/json/1", 1);
    await both.publish("dcx/T/json/2", 1);
    expect((await requester.received()).filter(([topic]) => topic.startsWith("dcx"))).toEqual([
      ["dcx/T/json/1/status"],
    ]);
    for (const each of [watcher, both]) {
      expect((await each.received()).filter(([topic]) => topic.startsWith("dcx"))).toEqual([
        ["dcx/T/json/1/status"],
        ["dcx/T/json/2/status"],
      ]);
    }
  });

  test("R9: messages of devices are never relayed, and their responses are dropped", async () => {
    const watcher = await mqtt.connectAsync(mock.url);
    closing.push(() => watcher.endAsync(true));
    await watcher.subscribeAsync("#", { qos: 1 });
    const topics: string[] = [];
    watcher.on("message", (topic) => topics.push(topic));
    const { publish, received } = await device(mock.url, false);
    await publish("dcx/T/json", 1);
    await publish("dcx/T/json/1/status", "");
    await publish("dcx/T/json/error", { statusCode: 400, reasonPhrase: "x" });
    expect(await received()).toEqual([]);
    expect(topics.filter((topic) => !topic.includes("/marker/"))).toEqual([]);
  });

  test("R10: a push goes to the connection that the endpoint used last, and a connection may serve many endpoints", async () => {
    const [first, second] = [await device(mock.url, false), await device(mock.url, false)];
    const push = async (endpointToken: string): Promise<void> => {
      const { cex } = mock.platform?.endpoint({ ...endpoint, endpointToken }) ?? {};
      await cex?.["command"]?.push("reboot", [{ id: 1 }]);
    };
    await first.publish("dcx/T/json", 1);
    await first.publish("dcx/U/json", 1);
    await first.received();
    await push("T");
    await push("U");
    expect((await first.received()).map(([topic]) => topic)).toEqual([
      "cex/T/command/reboot/status",
      "cex/U/command/reboot/status",
    ]);
    await second.publish("dcx/T/json", 1);
    await second.received();
    await push("T");
    await push("U");
    expect((await second.received()).map(([topic]) => topic)).toEqual(["cex/T/command/reboot/status"]);
    expect((await first.received()).map(([topic]) => topic)).toEqual(["cex/U/command/reboot/status"]);
  });

  test("R17: an unknown extension or resource is rejected with 404, and other topics are ignored, without closing the connection", async () => {
    const { client, publish, received } = await device(mock.url, false);
    for (const topic of ["hello", "kp2/demo-v1/dcx/T/json/1", "kp1/demo-v1/dcx/T"])
      await client.publishAsync(topic, "1");
    await publish("xyz/T/json/1", 1);
    await publish("dcx/T/xml/2", 1);
    const unknown = { statusCode: 404, reasonPhrase: expect.any(String) };
    expect(await received()).toEqual([
      ["xyz/T/json/1/error", unknown],
      ["dcx/T/xml/2/error", unknown],
    ]);
    expect(client.connected).toBe(true);
  });

  test("R20: a request that is too large is rejected with 413, without closing the connection", async () => {
    const { client, publish, received } = await device(mock.url, false);
    await publish("dcx/T/json/1", `"${"x".repeat(262_142)}"`);
    await publish("dcx/T/json/2", `"${"x".repeat(262_143)}"`);
    await publish("dcx/T/json/3", `"${"x".repeat(1_048_576)}"`);
    const tooLarge = { statusCode: 413, reasonPhrase: expect.stringContaining("262144") };
    expect(await received()).toEqual([
      ["dcx/T/json/1/status"],
      ["dcx/T/json/2/error", tooLarge],
      ["dcx/T/json/3/error", tooLarge],
    ]);
    expect(client.connected).toBe(true);
  });

  test("R21: clients of MQTT 3.1 and 3.1.1 connect without credentials or client id, and a later one takes over its client id", async () => {
    const old = await device(mock.url, false, { protocolId: "MQIsdp", protocolVersion: 3, clientId: "old" });
    await old.publish("dcx/T/json/1", 1);
    expect(await old.received()).toEqual([["dcx/T/json/1/status"]]);
    const nameless = await device(mock.url, false, { clientId: "", clean: true });
    await nameless.publish("dcx/T/json/2", 1);
    expect(await nameless.received()).toEqual([["dcx/T/json/2/status"]]);
    const first = await device(mock.url, false, { clientId: "counter" });
    const closed = new Promise<void>((resolve) => first.client.once("close", () => resolve()));
    const second = await device(mock.url, false, { clientId: "counter" });
    await closed;
    await second.publish("dcx/T/json/3", 1);
    expect(await second.received()).toEqual([["dcx/T/json/3/status"]]);
  });

  /** Writes bytes to the broker, and returns the first `count` bytes of its response. */
  async function raw(hex: string, count: number): Promise<string> {
    const socket = connectSocket({ port: mock.port });
    closing.push(async () => socket.destroy());
    let back = Buffer.alloc(0);
    socket.on("data", (data) => (back = Buffer.concat([back, data])));
    socket.write(Buffer.from(hex.replaceAll(" ", ""), "hex"));
    await vi.waitUntil(() => back.length >= count, POLLING);
    return back.toString("latin1");
  }
  const connectPacket = "100c 0004 4d515454 04 02 003c 0000";

  test("R22: requests that are sent before CONNACK are served after it", async () => {
    const topic = Buffer.from(`${B}/bcx/T/token`);
    const publish = `30${(topic.length + 2).toString(16).padStart(2, "0")} 00${topic.length.toString(16).padStart(2, "0")} ${topic.toString("hex")}`;
    const filter = Buffer.from("kp1/x");
    const subscribe = `82${(filter.length + 5).toString(16).padStart(2, "0")} 0007 0005 ${filter.toString("hex")} 01`;
    const back = await raw(connectPacket + subscribe + publish, 4 + 5 + 40);
    expect(back.slice(0, 4)).toBe("\x20\x02\x00\x00");
    expect(back).toContain("\x90\x03\x00\x07\x01");
    expect(back).toContain(`${B}/bcx/T/token/status{"token":`);
  });

  test("R23: an UNSUBSCRIBE of an unknown filter is acknowledged", async () => {
    expect(await raw(`${connectPacket} a209 0007 0005 6e65766572`, 8)).toBe(
      "\x20\x02\x00\x00\xb0\x02\x00\x07",
    );
  });
});
