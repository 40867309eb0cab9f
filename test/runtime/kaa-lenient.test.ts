/** The Kaa client with a platform that has grown since the spec was written. */
import {
  connect,
  memoryBroker,
  validateCexCommandResponse,
  validateKaaErrorPayload,
} from "kaa-device-client";
import { createPlatform } from "kaa-device-client/platform";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const B = "kp1/app-v1";
const closing: (() => unknown)[] = [];
let broker: ReturnType<typeof memoryBroker>;
let device: Awaited<ReturnType<typeof connect>>;
let responses: Record<string, string>;
let published: string[];

beforeEach(async () => {
  broker = memoryBroker();
  responses = {};
  published = [];
  const platform = broker.transport();
  platform.onMessage(({ topic, payload }) => {
    if (/\/(?:status|error)$/u.test(topic)) return;
    const path = topic.slice(B.length + 1).replace(/\/[0-9]+$/u, "");
    published.push(`${path} ${new TextDecoder().decode(payload)}`);
    const [kind, body] = Object.entries(responses).find(([key]) => key.startsWith(path)) ?? [];
    if (kind === undefined) return;
    const suffix = kind.endsWith("!") ? "error" : "status";
    void platform.publish(`${topic}/${suffix}`, new TextEncoder().encode(body), { qos: 1 });
  });
  await platform.subscribe(["kp1/#"], 1);
  device = await connect(broker.transport(), { appVersion: "app-v1" });
  closing.push(() => device.close({ force: true }));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

test("a command with a new property does not make a device drop the list", async () => {
  const commands = [
    { id: 1, payload: 1 },
    { id: 2, priority: "high" },
  ];
  responses = { "cex/T/command/reboot": JSON.stringify(commands) };
  expect(await device.endpoint("T").cex.command("reboot")).toEqual(commands);
  expect(validateCexCommandResponse(commands)).toBe(true);
  expect(validateCexCommandResponse([{ id: "1" }])).toBe(false);
});

test("an upload token and an error may have new properties, and an error no reason", async () => {
  responses = {
    "bcx/T/token": '{"token":"x","validUntil":1}',
    "epmx/T/get!": '{"statusCode":403}',
    "epmx/T/update/keys!": '{"statusCode":403,"reasonPhrase":"no","details":[]}',
  };
  const endpoint = device.endpoint("T");
  expect(await endpoint.bcx.token()).toEqual({ token: "x", validUntil: 1 });
  await expect(endpoint.epmx.get()).rejects.toMatchObject({ code: "rejected", payload: { statusCode: 403 } });
  await expect(endpoint.epmx.updateKeys({ a: 1 })).rejects.toMatchObject({
    payload: { statusCode: 403, reasonPhrase: "no", details: [] },
  });
  expect(validateKaaErrorPayload({ statusCode: 403, later: 1 })).toBe(true);
});

test("a metadata key that an endpoint cannot send does not make the others unreadable", async () => {
  responses = { "epmx/T/get": '{"name":"a","wi-fi":1}' };
  expect(await device.endpoint("T").epmx.get()).toEqual({ name: "a", "wi-fi": 1 });
  responses = { "epmx/T/get/keys": '["name","wi-fi"]' };
  expect(await device.endpoint("T").epmx.getKeys()).toEqual(["name", "wi-fi"]);
  await expect(device.endpoint("T").epmx.updateKeys({ "wi-fi": 1 })).rejects.toMatchObject({
    code: "invalid-request",
  });
  await expect(device.endpoint("T").epmx.get({ keys: ["wi-fi"] })).rejects.toMatchObject({
    code: "invalid-request",
  });
});

test.each([
  '{"configId":"","config":null}',
  '{"configId":"","config":null,"statusCode":200,"reasonPhrase":"OK"}',
  "{}",
  "",
  "null",
  '{"statusCode":304,"configId":"x"}',
])("no configuration, %s, calls no handler and is not reported", async (body) => {
  responses = { "cmx/T/config/json": body, "cmx_ota/T/config/json": body };
  const endpoint = device.endpoint("T");
  expect(await endpoint.cmx.config()).toBeUndefined();
  expect(await endpoint.cmxOta.config()).toBeUndefined();
  const run = vi.fn<() => object>(() => ({}));
  const registration = await endpoint.cmx.config.handle(run);
  await registration.stop();
  expect(run).not.toHaveBeenCalled();
  expect(published.filter((line) => line.includes("applied"))).toEqual([]);
});

test("a configuration that is null, but has an id, is handled", async () => {
  responses = { "cmx/T/config/json": '{"configId":"a","config":null}' };
  expect(await device.endpoint("T").cmx.config()).toEqual({ configId: "a", config: null });
});

test("the platform side still checks what it sends", async () => {
  const platform = await createPlatform(broker.transport(), {} as never, { unhandled: "reject" } as never);
  const endpoint = platform.endpoint({ appVersion: "app-v1", endpointToken: "T" });
  await expect(endpoint.cex.command.push("x", [{ id: "1" } as never])).rejects.toMatchObject({
    code: "invalid-response",
  });
  await expect(endpoint.cmx.config.push({ configId: 1 } as never)).rejects.toMatchObject({
    code: "invalid-response",
  });
  await platform.stop();
});
