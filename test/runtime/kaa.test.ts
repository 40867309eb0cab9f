import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type RunningKaa, startKaa } from "../../examples/kaa-platform/platform.js";
import { POLLING } from "../support/polling.js";

const endpoint = { appVersion: "app-v1", endpointToken: "T" };
type Heard = readonly [topic: string, body: unknown];

let kaa: RunningKaa;
let device: Device;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  kaa = await startKaa({ metadata: { readOnly: ["serial"], hidden: ["owner"] } });
  closing.push(() => kaa.close());
  device = await connect();
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A device without subscriptions, as many are. */
interface Device {
  readonly client: MqttClient;
  /** Publishes, and returns the next `count` messages. With 0, the messages before the response to a later request. */
  readonly publish: (path: string, body?: unknown, count?: number) => Promise<Heard[]>;
  readonly receive: (count: number) => Promise<Heard[]>;
}

async function connect(version = "app-v1"): Promise<Device> {
  const client = await mqtt.connectAsync(kaa.url, { reconnectPeriod: 0 });
  closing.push(() => client.endAsync(true));
  const inbox: Heard[] = [];
  client.on("message", (topic, payload) => {
    inbox.push([
      topic.replace(`kp1/${version}/`, ""),
      payload.length > 0 ? JSON.parse(payload.toString()) : undefined,
    ]);
  });
  const receive = async (count: number): Promise<Heard[]> => {
    await vi.waitUntil(() => inbox.length >= count, POLLING);
    return inbox.splice(0);
  };
  const publish = async (path: string, body?: unknown, count = 1): Promise<Heard[]> => {
    const payload = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    await client.publishAsync(`kp1/${version}/${path}`, payload, { qos: 1 });
    if (count > 0) return receive(count);
    // The response to a later request proves that no other message is on its way.
    await client.publishAsync(`kp1/${version}/epmx/T/get/keys/99`, "", { qos: 1 });
    return (await receive(1)).filter(([topic]) => !topic.startsWith("epmx/T/get/keys/99"));
  };
  return { client, publish, receive };
}

const samples = async (): Promise<unknown> => (await kaa.samples.of(endpoint)).map(({ value }) => value);
const refused = (statusCode: number): unknown => ({ statusCode, reasonPhrase: expect.any(String) });

describe("telemetry", () => {
  test("D1: an array is a batch of samples, and any other value is one sample", async () => {
    expect(await device.publish("dcx/T/json/1", { t: 1 })).toEqual([["dcx/T/json/1/status", undefined]]);
    await device.publish("dcx/T/json/2", [{ t: 2 }, true]);
    await device.publish("dcx/T/json/3", [[3]]);
    expect(await samples()).toEqual([{ t: 1 }, { t: 2 }, true, [3]]);
  });

  test.each([
    ["200", { "x-value": 200, "x-unit": "number" }],
    ["47%", { "x-value": 47, "x-unit": "%" }],
    ["-21.5C", { "x-value": -21.5, "x-unit": "C" }],
  ])("D21: the plain value %s is a number with a unit", async (text, sample) => {
    expect(await device.publish("dcx/T/plain/x/7", text)).toEqual([["dcx/T/plain/x/7/status", undefined]]);
    expect(await samples()).toEqual([sample]);
  });

  test("R5, R7: a sample without a request id gets a response only if it is invalid", async () => {
    expect(await device.publish("dcx/T/json", { t: 1 }, 0)).toEqual([]);
    expect(await device.publish("dcx/T/plain/x", "warm")).toEqual([["dcx/T/plain/x/error", refused(400)]]);
  });
});

describe("metadata", () => {
  beforeEach(async () => {
    await kaa.metadata.set(endpoint, { name: "a", serial: 7, owner: "me" });
  });

  test("D19: a full update deletes what is absent, a partial one merges at the first level", async () => {
    await device.publish("epmx/T/update/1", { place: { floor: 1 }, model: 1 });
    await device.publish("epmx/T/update/keys/2", { place: { room: 2 }, on: null });
    expect(await device.publish("epmx/T/get/3", {})).toEqual([
      ["epmx/T/get/3/status", { serial: 7, place: { room: 2 }, model: 1, on: null }],
    ]);
  });

  test("R6: get gets no response without a request id, and one with the request id 0", async () => {
    expect(await device.publish("epmx/T/get", {}, 0)).toEqual([]);
    expect(await device.publish("epmx/T/get/0", {})).toEqual([
      ["epmx/T/get/0/status", { name: "a", serial: 7 }],
    ]);
  });

  test("R14: an empty body requests all metadata, and is invalid for an update", async () => {
    expect(await device.publish("epmx/T/get/1")).toEqual([["epmx/T/get/1/status", { name: "a", serial: 7 }]]);
    expect(await device.publish("epmx/T/update/2")).toEqual([["epmx/T/update/2/error", refused(400)]]);
  });

  test.each([
    ["update", { name: "b", serial: 8 }],
    ["update/keys", { name: "b", owner: "you" }],
    ["delete/keys", ["name", "serial"]],
    ["get", { keys: ["name", "owner"] }],
  ])("R15, R16: %s is rejected as a whole if it names a restricted key", async (path, body) => {
    expect(await device.publish(`epmx/T/${path}/1`, body)).toEqual([
      [`epmx/T/${path}/1/error`, refused(403)],
    ]);
    expect(Object.fromEntries(kaa.metadata.of(endpoint))).toEqual({ name: "a", serial: 7, owner: "me" });
  });

  test("R16: hidden keys are not listed, and unknown keys are ignored", async () => {
    expect(await device.publish("epmx/T/get/keys/1")).toEqual([
      ["epmx/T/get/keys/1/status", ["name", "serial"]],
    ]);
    expect(await device.publish("epmx/T/get/2", { keys: ["name", "none"] })).toEqual([
      ["epmx/T/get/2/status", { name: "a" }],
    ]);
    expect(await device.publish("epmx/T/delete/keys/3", ["none"])).toEqual([
      ["epmx/T/delete/keys/3/status", undefined],
    ]);
  });

  test("R15: an array instead of an object is rejected", async () => {
    expect(await device.publish("epmx/T/update/keys", [{ name: "b" }])).toEqual([
      ["epmx/T/update/keys/error", refused(400)],
    ]);
  });
});

describe("commands", () => {
  test("R8, R12: commands are pushed without a request id to a connected endpoint without a subscription", async () => {
    await device.publish("dcx/T/json/1", 1);
    await kaa.commands.send(endpoint, "reboot", { payload: { delay: 5 } });
    expect(await device.receive(1)).toEqual([
      ["cex/T/command/reboot/status", [{ id: 1, payload: { delay: 5 } }]],
    ]);
  });

  test("R13: commands are sent again until they have a result, which may be repeated", async () => {
    const [one] = [await kaa.commands.send(endpoint, "zero"), await kaa.commands.send(endpoint, "zero")];
    expect(await device.publish("cex/T/command/zero/9", {}, 2)).toEqual(
      expect.arrayContaining([
        ["cex/T/command/zero/9/status", [{ id: 1 }, { id: 2 }]],
        ["cex/T/command/zero/status", [{ id: 1 }, { id: 2 }]],
      ]),
    );
    expect(await device.publish("cex/T/result/zero", [{ id: 1, statusCode: 500 }], 0)).toEqual([]);
    expect(await kaa.commands.result(endpoint, one)).toEqual({ id: 1, statusCode: 500 });
    expect(await device.publish("cex/T/command/zero")).toEqual([["cex/T/command/zero/status", [{ id: 2 }]]]);
    expect(await device.publish("cex/T/result/zero/2", [{ id: 1, statusCode: 200 }])).toEqual([
      ["cex/T/result/zero/2/status", undefined],
    ]);
  });

  test("R13: a result for an unknown command is an error, and the other results of its message are accepted", async () => {
    const given = await kaa.commands.send(endpoint, "zero");
    await device.publish("dcx/T/json/1", 1, 2);
    const results = [7, 1].map((id) => ({ id, statusCode: 200 }));
    expect(await device.publish("cex/T/result/zero/2", results)).toEqual([
      ["cex/T/result/zero/2/error", refused(404)],
    ]);
    expect(await kaa.commands.result(endpoint, given)).toEqual({ id: 1, statusCode: 200 });
  });

  test("commands without a time to live are pushed once and not stored", async () => {
    await device.publish("dcx/T/json/1", 1);
    await kaa.commands.send(endpoint, "zero", { ttlMs: 0 });
    expect(await device.receive(1)).toEqual([["cex/T/command/zero/status", [{ id: 1 }]]]);
    const short = await kaa.commands.send(endpoint, "zero", { ttlMs: 1 });
    expect(await kaa.commands.result(endpoint, short)).toBeUndefined();
    await device.receive(1);
    expect(await device.publish("cex/T/command/zero/2", {})).toEqual([["cex/T/command/zero/2/status", []]]);
  });

  test("R11: `observe: false` stops the pushes of one type, and a reconnect starts them again", async () => {
    await device.publish("cex/T/command/zero", { observe: false });
    await kaa.commands.send(endpoint, "zero");
    expect(await device.publish("dcx/T/json", 1, 0)).toEqual([]);
    const again = await connect();
    expect(await again.publish("dcx/T/json", 1)).toEqual([["cex/T/command/zero/status", [{ id: 1 }]]]);
  });

  test("D8, D23: a single result without a list is accepted, and so are null properties", async () => {
    const given = await kaa.commands.send(endpoint, "zero");
    await device.publish("cex/T/result/zero/1", { id: 1, statusCode: 200, reasonPhrase: null });
    expect(await kaa.commands.result(endpoint, given)).toEqual({ id: 1, statusCode: 200 });
  });
});

describe("configuration", () => {
  const payload = (configId: string, config: unknown): unknown => ({
    configId,
    config,
    statusCode: 200,
    reasonPhrase: "OK",
  });

  test("D3, R14: a response with a configuration has a status code, with and without a request id, and null if none is assigned", async () => {
    expect(await device.publish("cmx/T/config/json/2", {})).toEqual([
      ["cmx/T/config/json/2/status", { configId: "", config: null }],
    ]);
    const id = await kaa.configuration.assign(endpoint, { k: 1 });
    await device.receive(1);
    expect(await device.publish("cmx/T/config/json")).toEqual([
      ["cmx/T/config/json/status", payload(id, { k: 1 })],
    ]);
  });

  test("D4: a request with the present configId gets an empty object", async () => {
    const id = await kaa.configuration.assign(endpoint, { k: 1 });
    await device.publish("cmx/T/applied/json/1", { configId: id });
    expect(await device.publish("cmx/T/config/json/3", { configId: id })).toEqual([
      ["cmx/T/config/json/3/status", {}],
    ]);
  });

  test("R10: a configuration is pushed on every connection until the device reports that it is applied", async () => {
    const id = await kaa.configuration.assign(endpoint, { k: 1 });
    const push: Heard = ["cmx/T/config/json/status", payload(id, { k: 1 })];
    expect(await device.publish("dcx/T/json", 1)).toEqual([push]);
    const second = await connect();
    expect(await second.publish("cmx/T/applied/json", { configId: id, statusCode: 304 })).toEqual([push]);
    expect(kaa.configuration.reportOf(endpoint)).toEqual({ configId: id, statusCode: 304 });
    const third = await connect();
    expect(await third.publish("cmx/T/applied/json", { configId: id, reasonPhrase: null }, 0)).toEqual([]);
    const fourth = await connect();
    expect(await fourth.publish("dcx/T/json", 1, 0)).toEqual([]);
  });

  test("R19: a configuration is pushed again when the endpoint changes its application version", async () => {
    const id = await kaa.configuration.assign(endpoint, { k: 1 });
    await device.publish("dcx/T/json", 1);
    await device.client.publishAsync("kp1/app-v2/dcx/T/json", "1", { qos: 1 });
    expect(await device.receive(1)).toEqual([["kp1/app-v2/cmx/T/config/json/status", payload(id, { k: 1 })]]);
  });

  test("configurations of different names have separate contents and reports", async () => {
    const id = await kaa.configuration.assign(endpoint, { ssid: "x" }, { name: "wifi" });
    expect(await device.publish("dcx/T/json", 1)).toEqual([
      ["cmx/T/config/json/wifi/status", payload(id, { ssid: "x" })],
    ]);
    expect(await device.publish("cmx/T/applied/json/wifi/1", { configId: id })).toEqual([
      ["cmx/T/applied/json/wifi/1/status", undefined],
    ]);
    expect([
      kaa.configuration.reportOf(endpoint, "wifi")?.statusCode,
      kaa.configuration.reportOf(endpoint),
    ]).toEqual([200, undefined]);
  });
});

describe("software", () => {
  const specification = { link: "http://x/1.0.1" };
  const offer = { configId: "1.0.1", config: specification, statusCode: 200, reasonPhrase: "OK" };

  test("T2: a request for software with the request id 0 and an empty version gets a response, even without a release", async () => {
    expect(await device.publish("cmx_ota/T/config/json/0", { configId: "" })).toEqual([
      ["cmx_ota/T/config/json/0/status", {}],
    ]);
    await kaa.software.release("1.0.1", specification);
    expect(await device.receive(1)).toEqual([["cmx_ota/T/config/json/status", offer]]);
    expect(await device.publish("cmx_ota/T/config/json/0", { configId: "" })).toEqual([
      ["cmx_ota/T/config/json/0/status", offer],
    ]);
  });

  test("P6, P7: any software version may be reported, and a reported version is not pushed", async () => {
    await kaa.software.release("1.0.1", specification);
    // The endpoint has reported a version other than the released one.
    const push: Heard = ["cmx_ota/T/config/json/status", offer];
    expect(await device.publish("cmx_ota/T/applied/json", { configId: "unheard of" })).toEqual([push]);
    expect(await device.publish("cmx_ota/T/config/json/1")).toEqual([
      ["cmx_ota/T/config/json/1/status", offer],
    ]);
    await device.publish("cmx_ota/T/applied/json/2", { configId: "1.0.1" });
    expect(await device.publish("cmx_ota/T/config/json/3", {})).toEqual([
      ["cmx_ota/T/config/json/3/status", {}],
    ]);
  });
});

test("R6: a request for an upload token without a request id gets a token of the endpoint", async () => {
  const [[topic, body] = []] = await device.publish("bcx/T/token");
  expect(topic).toBe("bcx/T/token/status");
  expect(body).toEqual({ token: expect.any(String) });
  expect(kaa.tokens.ownerOf(Object.values(body ?? {}).join(""))).toMatchObject(endpoint);
  expect(kaa.tokens.ownerOf("made up")).toBeUndefined();
});

test("R8, R9: another connection that subscribed receives the response, and not the request", async () => {
  const watcher = await connect();
  await watcher.client.subscribeAsync("kp1/#", { qos: 1 });
  await device.publish("dcx/T/json/42", 1);
  expect(await watcher.receive(1)).toEqual([["dcx/T/json/42/status", undefined]]);
});
