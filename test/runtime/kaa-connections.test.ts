/** Connections of endpoints, and the pushes over them. */
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type KaaOptions, type RunningKaa, startKaa } from "../../examples/kaa-platform/platform.js";
import { Store } from "../../examples/kaa-platform/store.js";

const T = { appVersion: "app-v1", endpointToken: "T" };
const B = "kp1/app-v1";
const command = (id: number): string => `${B}/cex/T/command/x/status [{"id":${id}}]`;
const closing: (() => unknown)[] = [];
let kaa: RunningKaa;

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(options: KaaOptions = {}): Promise<void> {
  kaa = await startKaa(options);
  closing.push(() => kaa.close());
}

interface Device {
  readonly client: MqttClient;
  /** The received messages, topic and body. */
  readonly received: string[];
  /** Sends a request with an id, and waits for its response. */
  readonly request: (path: string, body?: string) => Promise<void>;
}

async function connect(options: IClientOptions = {}): Promise<Device> {
  const client = mqtt.connect(kaa.url, { reconnectPeriod: 0, ...options });
  closing.push(() => client.endAsync(true));
  const received: string[] = [];
  client.on("message", (topic, payload) => received.push(`${topic} ${payload.toString()}`.trim()));
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  const request = async (path: string, body = ""): Promise<void> => {
    await client.publishAsync(`${B}/${path}`, body, { qos: 1 });
    await vi.waitFor(() => expect(received.some((each) => each.startsWith(`${B}/${path}/`))).toBe(true));
    const index = received.findIndex((each) => each.startsWith(`${B}/${path}/`));
    received.splice(index, 1);
  };
  return { client, received, request };
}

/** Sends two requests, because pushes to a new connection follow its first response. */
async function settle({ request }: Device): Promise<void> {
  for (const id of [1001, 1002]) await request(`epmx/T/get/keys/${id}`);
}

describe("pushes", () => {
  test("go to a subscriber after the connection that the endpoint used has closed", async () => {
    await start();
    const listening = await connect();
    await listening.client.subscribeAsync(`${B}/cex/T/command/x/+`);
    const speaking = await connect();
    await speaking.request("dcx/T/json/1", "1");
    await speaking.client.endAsync();
    await vi.waitFor(() => expect(kaa.endpoints.get(T)?.state).toBe("active"));
    await kaa.commands.send(T, "x");
    await vi.waitFor(() => expect(listening.received).toContain(command(1)));
  });

  test("go to a subscriber with wildcards while the endpoint is not connected", async () => {
    await start();
    const speaking = await connect();
    await speaking.request("dcx/T/json/1", "1");
    const watching = await connect();
    await watching.client.subscribeAsync("kp1/+/cex/+/#");
    await speaking.client.endAsync();
    await kaa.commands.send(T, "x");
    await vi.waitFor(() => expect(watching.received).toEqual([command(1)]));
    // A push to a subscriber does not count as a push to the endpoint.
    const back = await connect();
    await back.request("dcx/T/json/1", "1");
    await vi.waitFor(() => expect(back.received).toContain(command(1)));
  });

  test("are sent once for each of two alternating connections, and stay off on the one that turned them off", async () => {
    await start();
    await kaa.configuration.assign(T, { k: 1 });
    await kaa.commands.send(T, "x");
    const [one, other] = [await connect(), await connect()];
    for (let turn = 0; turn < 3; turn += 1) for (const device of [one, other]) await settle(device);
    for (const { received } of [one, other]) {
      expect(received).toHaveLength(2);
      expect(received.splice(0)).toContain(command(1));
    }
    await one.request("cex/T/command/x/7", '{"observe":false}');
    await settle(other);
    await settle(one);
    await kaa.commands.send(T, "x");
    await settle(one);
    expect([one.received, other.received]).toEqual([[], []]);
  });

  test("reach a resumed session, stored by the broker or pushed when it connects", async () => {
    await start();
    const session = { clientId: "device", clean: false };
    const before = await connect(session);
    await before.client.subscribeAsync(`${B}/cex/T/command/x/+`, { qos: 1 });
    await before.request("dcx/T/json/1", "1");
    await before.client.endAsync();
    await kaa.commands.send(T, "x");
    const after = await connect(session);
    await settle(after);
    expect(new Set(after.received)).toEqual(new Set([command(1)]));
    expect(after.received.length).toBeLessThanOrEqual(2);
  });

  test("reach an endpoint that subscribes after it published, with delivery to subscribers only", async () => {
    await start({ deliver: "subscribed" });
    await kaa.commands.send(T, "x");
    const device = await connect();
    await device.client.publishAsync(`${B}/dcx/T/json`, "1", { qos: 1 });
    await vi.waitFor(() => expect(kaa.endpoints.get(T)?.state).toBe("active"));
    await device.client.subscribeAsync(`${B}/cex/T/command/x/+`);
    await vi.waitFor(() => expect(device.received).toEqual([command(1)]));
  });
});

test("revoking a token closes every connection that has used it", async () => {
  await start();
  const devices = [await connect(), await connect()];
  for (const { request } of devices) await request("dcx/T/json/1", "1");
  const closed = devices.map(
    ({ client }) => new Promise<void>((resolve) => client.once("close", () => resolve())),
  );
  await kaa.setState(T, "revoked");
  await Promise.all(closed);
});

test("R4: a will is not served as a request", async () => {
  await start();
  const device = await connect({
    will: { topic: `${B}/dcx/T/json`, payload: Buffer.from('"will"'), qos: 1 },
  });
  await device.request("dcx/T/json/1", "1");
  device.client.stream.destroy();
  const other = await connect();
  await settle(other);
  expect((await kaa.samples.of(T)).map(({ value }) => value)).toEqual([1]);
});

test("a report on another configuration than the assigned one is stored separately", async () => {
  await start();
  const id = await kaa.configuration.assign(T, { k: 1 });
  const device = await connect();
  await device.request("cmx/T/applied/json/1", '{"configId":"old","statusCode":500}');
  expect(kaa.configuration.of(T)).toEqual([
    { configId: id, config: { k: 1 }, otherReport: { configId: "old", statusCode: 500 } },
  ]);
});

test("D21: a plain value may end with a newline, and must be a finite number", async () => {
  await start();
  const device = await connect();
  await device.request("dcx/T/plain/x/1", "20m\n");
  await device.client.publishAsync(`${B}/dcx/T/plain/x/2`, "1e999");
  await vi.waitFor(() => expect(device.received.join(" ")).toContain("plain/x/2/error"));
  expect((await kaa.samples.of(T)).map(({ value }) => value)).toEqual([{ "x-value": 20, "x-unit": "m" }]);
});

test("a store whose disk fails rejects all later writes, and reports the failure once", async () => {
  const failures: unknown[] = [];
  const store = await Store.open(undefined, (error) => failures.push(error));
  await store.write({ key: ["a"], value: 1 });
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  // An invalid value does not affect other writers.
  const [bad, good] = await Promise.allSettled([
    store.write({ key: ["b"], value: circle }),
    store.write({ key: ["c", "1"], value: 1 }),
  ]);
  expect([bad.status, good.status]).toEqual(["rejected", "fulfilled"]);
  await store.close();
  await expect(store.write({ key: ["d"], value: 1 })).rejects.toThrow();
  await expect(store.write({ key: ["e"], value: 1 })).rejects.toThrow();
  await expect(store.settled()).rejects.toThrow();
  expect(failures).toHaveLength(1);
});
