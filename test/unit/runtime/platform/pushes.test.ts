import { describe, expect, test } from "vitest";
import { memoryBroker } from "../../../../src/runtime/transport/memory-transport.js";
import { createPlatformFor } from "../../../../src/runtime/platform.js";
import { api } from "../platform-api.js";
import { B, type Handler, settle, setup, silent, toBytes } from "./platform-setup.js";

describe("platform pushes", () => {
  const endpoint = { appVersion: "demo-v1", endpointToken: "T" };

  test("R8, R12: go out without an id, over the connection the endpoint used last", async () => {
    const { platform, request, inbox } = await setup();
    const { cex } = platform.endpoint(endpoint);
    await cex?.["command"]?.push("reboot", [{ id: 0 }]);
    await settle();
    expect(inbox).toEqual([]);
    await request(`${B}/dcx/T/json`, "1");
    await cex?.["command"]?.push("reboot", [{ id: 1 }], { qos: 0 });
    await settle();
    expect(inbox).toEqual([[`${B}/cex/T/command/reboot/status`, '[{"id":1}]', 0]]);
  });

  test("with an illegal QoS are refused before they are sent", async () => {
    const { platform, inbox } = await setup();
    const push = platform.endpoint(endpoint)["cex"]?.["command"]?.push("reboot", [], { qos: -1 as 0 });
    await expect(push).rejects.toMatchObject({
      code: "invalid-option",
      message: "qos must be 0 or 1 or 2, not -1",
    });
    expect(inbox).toEqual([]);
  });

  test("R10: go to the connection `to`, and are on there even if they are off on another connection", async () => {
    const { platform, request, inbox, broker, transport } = await setup();
    await request(`${B}/cex/T/command/reboot`, '{"observe":false}');
    const moved = broker.transport();
    const heard: string[] = [];
    moved.onMessage(({ topic }) => heard.push(topic));
    const origins: unknown[] = [];
    transport.onMessage(({ origin }) => origins.push(origin));
    await moved.publish(`${B}/dcx/other/json`, toBytes("1"), { qos: 1 });
    await settle();
    await platform.endpoint(endpoint)["cex"]?.["command"]?.push("reboot", [], { to: origins[0] });
    await settle();
    expect([inbox, heard]).toEqual([[], [`${B}/cex/T/command/reboot/status`]]);
  });

  test("go to the connection `to` alone with `only`, and to subscribers too without it", async () => {
    const { platform, request, inbox, broker, transport } = await setup();
    const origins: unknown[] = [];
    transport.onMessage(({ origin }) => origins.push(origin));
    await request(`${B}/dcx/T/json`, "1");
    const watching = broker.transport();
    const heard: string[] = [];
    watching.onMessage(({ payload }) => heard.push(new TextDecoder().decode(payload)));
    await watching.subscribe([`${B}/cex/T/command/+/status`], 1);
    const command = platform.endpoint(endpoint)["cex"]?.["command"];
    await command?.push("reboot", [{ id: 1 }], { to: origins[0], only: true });
    await command?.push("reboot", [{ id: 2 }], { to: origins[0] });
    await settle();
    expect(inbox.map(([, body]) => body)).toEqual(['[{"id":1}]', '[{"id":2}]']);
    expect(heard).toEqual(['[{"id":2}]']);
  });

  test("R10: do not go to a connection whose requests for the endpoint were refused", async () => {
    const { platform, inbox, broker, request } = await setup(
      {},
      {
        authorize: ({ requestId }) => {
          if (requestId === 13) throw new Error("not that one");
        },
      },
    );
    await request(`${B}/dcx/T/json`, "1");
    const intruder = broker.transport();
    const heard: string[] = [];
    intruder.onMessage(({ topic }) => heard.push(topic));
    await intruder.publish(`${B}/dcx/T/json/13`, toBytes("1"), { qos: 1 });
    await settle();
    await platform.endpoint(endpoint)["cex"]?.["command"]?.push("reboot", []);
    await settle();
    expect(inbox.map(([topic]) => topic)).toEqual([`${B}/cex/T/command/reboot/status`]);
    expect(heard).toEqual([`${B}/dcx/T/json/13/error`]);
  });

  test("R11: are on at first, can be switched off and on by the endpoint, and are on again after a reconnect", async () => {
    const { platform, request, inbox, broker } = await setup();
    const push = async (type: string): Promise<number> => {
      await platform.endpoint(endpoint)["cex"]?.["command"]?.push(type, []);
      await settle();
      return inbox.splice(0).length;
    };
    await request(`${B}/cex/T/command/reboot/1`, "{}");
    expect(await push("reboot")).toBe(1);
    await request(`${B}/cex/T/command/reboot/1`, '{"observe":false}');
    expect([await push("reboot"), await push("zero")]).toEqual([0, 1]);
    await request(`${B}/cex/T/command/reboot/1`, "{}");
    expect(await push("reboot")).toBe(0);
    await request(`${B}/cex/T/command/reboot`, '{"observe":true}');
    expect(await push("reboot")).toBe(1);
    await request(`${B}/cex/T/command/reboot`, '{"observe":false}');
    const moved = broker.transport();
    moved.onMessage(({ topic, payload, qos }) => inbox.push([topic, new TextDecoder().decode(payload), qos]));
    await moved.publish(`${B}/dcx/T/json`, toBytes("1"), { qos: 1 });
    await settle();
    expect(await push("reboot")).toBe(1);
  });

  test("reach the subscribers of an ordinary broker, whose transport reports no connections", async () => {
    const broker = memoryBroker();
    const [transport, device] = [broker.transport(), broker.transport()];
    const topics: string[] = [];
    device.onMessage(({ topic }) => topics.push(topic));
    await device.subscribe([`${B}/cex/T/command/+/status`], 1);
    const platform = await createPlatformFor(api, transport, silent);
    const { cex } = platform.endpoint(endpoint);
    await cex?.["command"]?.push("reboot", []);
    await device.publish(`${B}/cex/T/command/reboot`, toBytes('{"observe":false}'), { qos: 1 });
    await settle();
    await cex?.["command"]?.push("reboot", []);
    await settle();
    expect(topics).toEqual([`${B}/cex/T/command/reboot/status`, `${B}/cex/T/command/reboot/status`]);
  });

  test("take optional levels as options, and can be sent by the handler of a request", async () => {
    const name = "wifi";
    const config: Handler = async (_, context) => {
      await context.endpoint["cmxOta"]?.["config"]?.push({ name }, { configName: name });
      return { name: "none" };
    };
    const { request } = await setup({ cmxOta: { config } });
    expect(await request(`${B}/cmx_ota/T/config/json/3`, "{}")).toEqual([
      [`${B}/cmx_ota/T/config/json/wifi/status`, '{"name":"wifi"}', 0],
      [`${B}/cmx_ota/T/config/json/3/status`, '{"name":"none"}', 1],
    ]);
  });

  test("are refused if the payload is invalid, or a parameter is illegal or missing", async () => {
    const { platform } = await setup();
    const command = platform.endpoint(endpoint)["cex"]?.["command"];
    await expect(command?.push("reboot", { id: 1 })).rejects.toMatchObject({ code: "invalid-response" });
    await expect(command?.push("a/b", [])).rejects.toMatchObject({ code: "invalid-topic" });
    await expect(command?.push()).rejects.toMatchObject({ code: "invalid-topic" });
    expect(() => platform.endpoint({ appVersion: "demo-v1" })).toThrow("endpointToken is missing");
    expect(Object.keys(platform.endpoint(endpoint)["cmxOta"] ?? {})).toEqual(["config"]);
  });
});
