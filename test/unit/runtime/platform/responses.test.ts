import { describe, expect, test, vi } from "vitest";
import { memoryBroker } from "../../../../src/runtime/transport/memory-transport.js";
import { createPlatformFor } from "../../../../src/runtime/platform.js";
import { api } from "../platform-api.js";
import { B, error, type Handler, settle, setup, toBytes } from "./platform-setup.js";

describe("platform responses", () => {
  test("R1: a trailing non-negative decimal is the request id of every resource, and the topic comes back verbatim", async () => {
    const seen: unknown[] = [];
    const json: Handler = (_, { parameters, requestId }) => void seen.push([parameters, requestId]);
    const { request } = await setup({ dcx: { json } });
    expect(await request(`${B}/dcx/T/json/0`, "1")).toEqual([[`${B}/dcx/T/json/0/status`, "", 1]]);
    expect(await request(`${B}/dcx/T/json/2147483647`, "1")).toEqual([
      [`${B}/dcx/T/json/2147483647/status`, "", 1],
    ]);
    expect(seen).toEqual([
      [{ appVersion: "demo-v1", endpointToken: "T" }, 0],
      [{ appVersion: "demo-v1", endpointToken: "T" }, 2_147_483_647],
    ]);
  });

  test.each(["-1", "1.5", "1a", "2147483648", "007"])(
    "R1: %s is not a request id, so there is no such resource",
    async (level) => {
      const { request } = await setup();
      expect(await request(`${B}/dcx/T/json/${level}`, "1")).toEqual([
        [`${B}/dcx/T/json/${level}/error`, error(404), 1],
      ]);
    },
  );

  test("R2: each request with a repeated id gets a response", async () => {
    let calls = 0;
    const { request } = await setup({ dcx: { json: () => void (calls += 1) } });
    for (let round = 0; round < 2; round += 1)
      expect(await request(`${B}/dcx/T/json/32`, "1")).toHaveLength(1);
    expect(calls).toBe(2);
  });

  test.each([0, 1, 2] as const)("R4: an answer to QoS %s has that QoS, and is not retained", async (qos) => {
    const { request, device } = await setup();
    const retained: boolean[] = [];
    device.onMessage(({ retain }) => retained.push(retain));
    expect(await request(`${B}/dcx/T/json/1`, "1", qos)).toEqual([[`${B}/dcx/T/json/1/status`, "", qos]]);
    expect(retained).toEqual([false]);
  });

  test("R4: a retained request is ignored, because it is an old one", async () => {
    const handler = vi.fn();
    const broker = memoryBroker();
    const transport = broker.transport();
    const onMessage = transport.onMessage.bind(transport);
    transport.onMessage = (listener) => onMessage((message) => listener({ ...message, retain: true }));
    await createPlatformFor(api, transport, { dcx: { json: handler } }, { unhandled: "reject" });
    await broker.transport().publish(`${B}/dcx/T/json/1`, toBytes("1"), { qos: 1 });
    await settle();
    expect(handler).not.toHaveBeenCalled();
  });

  test("R5: a request without an id gets no success response", async () => {
    const handler = vi.fn();
    const { request } = await setup({ dcx: { json: handler, plain: handler } });
    expect(await request(`${B}/dcx/T/json`, "1")).toEqual([]);
    expect(await request(`${B}/dcx/T/plain/temperature`, "21C")).toEqual([]);
    expect(handler).toHaveBeenCalledTimes(2);
  });

  test("R6: a request without an id gets a success response if the resource has `withoutRequestId`", async () => {
    const { request } = await setup({ cex: { command: () => [{ id: 1 }] } });
    expect(await request(`${B}/cex/T/command/reboot`)).toEqual([
      [`${B}/cex/T/command/reboot/status`, '[{"id":1}]', 1],
    ]);
  });

  test("R7: a request without an id gets an error response", async () => {
    const { request } = await setup();
    expect(await request(`${B}/dcx/T/json`, '{"t":')).toEqual([
      [`${B}/dcx/T/json/error`, error(400, "not JSON"), 1],
    ]);
  });

  test("R8: a response reaches the sender and every subscriber once", async () => {
    const { request, broker, device, platform } = await setup();
    const other = broker.transport();
    const topics: string[] = [];
    other.onMessage(({ topic }) => topics.push(topic));
    await other.subscribe([`${B}/dcx/T/json/+/status`, `${B}/dcx/#`], 1);
    await device.subscribe([`${B}/dcx/T/json/+/status`, `${B}/dcx/T/+/9/+`], 1);
    expect((await request(`${B}/dcx/T/json/9`, "1")).map(([topic]) => topic)).toEqual([
      `${B}/dcx/T/json/9/status`,
    ]);
    expect(topics).toEqual([`${B}/dcx/T/json/9`, `${B}/dcx/T/json/9/status`]);
    await platform.stop();
  });

  test("R9: a message on a response topic is ignored, whoever sent it", async () => {
    const handler = vi.fn();
    const { request } = await setup({ dcx: { json: handler } });
    for (const topic of [
      "dcx/T/json/1/status",
      "dcx/T/json/error",
      "dcx/T/nonsense/status",
      "none/T/x/error",
    ]) {
      expect(await request(`${B}/${topic}`, "1")).toEqual([]);
    }
    expect(handler).not.toHaveBeenCalled();
  });

  test("R14: an empty body is `undefined` if the request is optional, and malformed otherwise", async () => {
    const seen: unknown[] = [];
    const { request } = await setup({ cex: { command: (value) => (seen.push(value), []) } });
    expect(await request(`${B}/cex/T/command/reboot/1`)).toEqual([
      [`${B}/cex/T/command/reboot/1/status`, "[]", 1],
    ]);
    expect(seen).toEqual([undefined]);
    expect(await request(`${B}/dcx/T/json/1`)).toEqual([
      [`${B}/dcx/T/json/1/error`, error(400, "not JSON"), 1],
    ]);
  });

  test.each([
    ["not UTF-8", new Uint8Array([0xff]), "UTF-8"],
    ["not JSON", "{", "JSON"],
    ["nested too deep", "[".repeat(2_000) + "]".repeat(2_000), "deeper than 1000"],
    ["refused by the schema", "[]", "must be object"],
  ])(
    "R15: a body that is %s is refused in readable words, and no handler sees it",
    async (_, body, words) => {
      const handler = vi.fn(() => []);
      const { request } = await setup({ cex: { command: handler } });
      expect(await request(`${B}/cex/T/command/reboot/1`, body)).toEqual([
        [`${B}/cex/T/command/reboot/1/error`, error(400, words), 1],
      ]);
      expect(handler).not.toHaveBeenCalled();
    },
  );

  test.each(["none/T/json/1", "dcx/T/nonsense", "dcx/T/json/1/2", "cex/T/command/42", "cmx_ota/T/config"])(
    "R17: there is no %s, and whoever asks hears so",
    async (topic) => {
      const { request } = await setup();
      expect(await request(`${B}/${topic}`, "1")).toEqual([[`${B}/${topic}/error`, error(404), 1]]);
    },
  );

  test.each(["kp1", "kp1/a/b/c", "kp2/demo-v1/dcx/T/json", "other"])(
    "R17: %s is not the API's, and ignored",
    async (topic) => {
      const { request } = await setup();
      expect(await request(topic, "1")).toEqual([]);
    },
  );

  test("R20: a request that is too large gets an error response with the limit", async () => {
    const { request } = await setup({}, { maxRequestBytes: 10 });
    expect(await request(`${B}/dcx/T/json/1`, '"1234567890"')).toEqual([
      [`${B}/dcx/T/json/1/error`, error(413, "10 bytes"), 1],
    ]);
    expect(await request(`${B}/dcx/T/json/1`, '"12345678"')).toEqual([[`${B}/dcx/T/json/1/status`, "", 1]]);
  });
});
