import mqtt, { type MqttClient } from "mqtt";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Mock, type MockOptions, Rejection, startMock } from "../../src/mock/index.js";
import { POLLING } from "../support/polling.js";

const SPEC = "spec/kaa/kaa.yaml";
const B = "kp1/demo-v1";
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Device {
  readonly client: MqttClient;
  /** Publishes a request, and returns the messages received until then, at least one. */
  readonly request: (topic: string, payload: string) => Promise<(readonly [topic: string, body: unknown])[]>;
}

async function start(options: MockOptions = {}): Promise<Mock> {
  const mock = await startMock(SPEC, options);
  closing.push(() => mock.close());
  return mock;
}

async function connect(url: string): Promise<Device> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  closing.push(() => client.endAsync(true));
  const inbox: (readonly [string, unknown])[] = [];
  client.on("message", (topic, payload) => {
    inbox.push([topic, payload.length > 0 ? JSON.parse(payload.toString()) : undefined]);
  });
  return {
    client,
    async request(topic, payload) {
      await client.publishAsync(topic, payload, { qos: 1 });
      await vi.waitUntil(() => inbox.length > 0, POLLING);
      return inbox.splice(0);
    },
  };
}

describe("a mock of the Kaa spec", () => {
  test("responds to all 14 resources with the spec's examples, or with an empty body", async () => {
    const { request } = await connect((await start({ deliver: "always" })).url);
    const requests: [path: string, body: string, response: unknown][] = [
      ["dcx/T/json/1", '{"temperature":21}', undefined],
      ["dcx/T/plain/temperature/2", "21C", undefined],
      ["epmx/T/get/keys/3", "", ["name", "location", "deviceModel"]],
      ["epmx/T/get/4", "{}", { name: "Boiler room sensor", deviceModel: "TH-2" }],
      ["epmx/T/update/5", '{"name":"x"}', undefined],
      ["epmx/T/update/keys/6", '{"name":"x"}', undefined],
      ["epmx/T/delete/keys/7", '["name"]', undefined],
      ["cex/T/command/reboot/8", "", [{ id: 1, payload: { delay: 5 } }, { id: 2 }]],
      ["cex/T/result/reboot/9", '[{"id":1,"statusCode":200}]', undefined],
      [
        "cmx/T/config/json/10",
        "{}",
        expect.objectContaining({ configId: "97016dbe8bb4adff8f754ecbf24612f2" }),
      ],
      ["cmx/T/config/json/wifi/11", "", expect.objectContaining({ statusCode: 200 })],
      ["cmx/T/applied/json/12", '{"configId":"1"}', undefined],
      ["cmx_ota/T/config/json/13", "{}", expect.objectContaining({ configId: "0.0.2" })],
      ["cmx_ota/T/applied/json/14", '{"configId":"0.0.2"}', undefined],
      ["bcx/T/token", "", { token: "upload-token-2222" }],
    ];
    for (const [path, body, response] of requests) {
      expect(await request(`${B}/${path}`, body)).toEqual([[`${B}/${path}/status`, response]]);
    }
  });

  test("rejects invalid requests with a reason, and requests of unknown resources", async () => {
    const { request } = await connect((await start({ deliver: "always" })).url);
    expect(await request(`${B}/epmx/T/delete/keys/1`, "[]")).toEqual([
      [
        `${B}/epmx/T/delete/keys/1/error`,
        { statusCode: 400, reasonPhrase: expect.stringContaining("fewer than 1") },
      ],
    ]);
    expect(await request(`${B}/epmx/T/nothing/1`, "")).toEqual([
      [`${B}/epmx/T/nothing/1/error`, expect.objectContaining({ statusCode: 404 })],
    ]);
  });

  test("delivers responses to subscribers only by default", async () => {
    const mock = await start();
    const { client, request } = await connect(mock.url);
    await client.publishAsync(`${B}/dcx/T/json/1`, "1", { qos: 1 });
    await client.subscribeAsync(`${B}/dcx/T/json/+/status`, { qos: 1 });
    expect(await request(`${B}/dcx/T/json/2`, "1")).toEqual([[`${B}/dcx/T/json/2/status`, undefined]]);
    expect(mock.requests).toHaveLength(2);
  });

  test("responds with handlers where given, and with examples otherwise", async () => {
    const handlers = {
      bcx: { token: () => Promise.reject(new Rejection({ statusCode: 403, reasonPhrase: "no" })) },
    };
    const { request } = await connect((await start({ deliver: "always", handlers })).url);
    expect(await request(`${B}/bcx/T/token/1`, "")).toEqual([
      [`${B}/bcx/T/token/1/error`, { statusCode: 403, reasonPhrase: "no" }],
    ]);
    expect(await request(`${B}/cex/T/command/reboot/1`, "")).toHaveLength(1);
    const wrong = { cmx_ota: { config: () => undefined } };
    await expect(startMock(SPEC, { handlers: wrong })).rejects.toThrow(
      "unknown extension: cmx_ota; did you mean cmxOta?",
    );
  });

  test("refuses an unknown option, with the one that it resembles", async () => {
    const misspelt = { handler: {} } as MockOptions;
    await expect(startMock(SPEC, misspelt)).rejects.toThrow(
      new TypeError("unknown option of startMock: handler; did you mean handlers?"),
    );
  });

  test.each<[object, string]>([
    [{ port: Number.NaN }, "startMock: port must be a whole number from 0 to 65535, not NaN"],
    [{ port: "1883" }, 'startMock: port must be a whole number from 0 to 65535, not "1883"'],
    [{ host: "" }, 'startMock: host must be the address to bind, such as 127.0.0.1, not ""'],
    [{ ws: "yes" }, 'startMock: ws must be true, false or a whole number from 0 to 65535, not "yes"'],
    [{ deliver: "allways" }, 'startMock: deliver must be "subscribed" or "always", not "allways"'],
    [{ logFormat: "text" }, 'startMock: logFormat must be "pretty" or "json", not "text"'],
    [{ handlers: true }, "startMock: handlers must be an object of handlers, or false, not true"],
    [{ allowOrigins: "https://a.example" }, "startMock: allowOrigins must be a list of texts"],
    [{ faults: { kind: "drop" } }, "startMock: faults must be a list of faults, not [object Object]"],
    [{ faults: [null] }, "invalid fault: a fault must be an object, not null"],
    [{ onEvent: "log" }, 'startMock: onEvent must be a function, not "log"'],
  ])("refuses the option %o, whose effect would be none or another", async (options, message) => {
    await expect(startMock(SPEC, options)).rejects.toThrow(message);
  });

  test("pushes messages through its platform", async () => {
    const mock = await start({ deliver: "always" });
    const { request } = await connect(mock.url);
    await request(`${B}/dcx/T/json/1`, "1");
    const endpoint = mock.platform?.endpoint({ appVersion: "demo-v1", endpointToken: "T" });
    const pushed = request(`${B}/dcx/T/json`, "1");
    await endpoint?.["cex"]?.["command"]?.push("reboot", [{ id: 7 }]);
    expect(await pushed).toEqual([[`${B}/cex/T/command/reboot/status`, [{ id: 7 }]]]);
  });

  test("logs requests with masked secrets, and no other messages", async () => {
    const mock = await start();
    const { client } = await connect(mock.url);
    await client.publishAsync(`${B}/dcx/secretToken/json/1/status`, "", { qos: 1 });
    await client.publishAsync(`${B}/dcx/secretToken/json/1`, '{"t":1}', { qos: 1 });
    await client.publishAsync(`${B}/dcx/secretToken/plain/t`, "5m", { qos: 0 });
    await client.publishAsync(`${B}/cex/secretToken/command/reboot/1`, "{", { qos: 1 });
    expect(mock.requests).toEqual([
      {
        extension: "dcx",
        resource: "json",
        parameters: { appVersion: "demo-v1", endpointToken: "***" },
        requestId: 1,
        topic: `${B}/dcx/***/json/1`,
        qos: 1,
        payload: { t: 1 },
      },
      expect.objectContaining({ resource: "plain", payload: "5m", qos: 0 }),
      expect.objectContaining({ resource: "command", payload: undefined }),
    ]);
    expect(JSON.stringify(mock.requests)).not.toContain("secretToken");
  });

  test("is a broker without a platform with `handlers: false`", async () => {
    const mock = await start({ handlers: false, deliver: "always" });
    const { request } = await connect(mock.url);
    expect(mock.platform).toBeUndefined();
    const transport = mock.transport();
    transport.onMessage(({ topic, origin }) => {
      if (!topic.endsWith("/x"))
        void transport.publish(`${topic}/x`, new Uint8Array(), { qos: 1, to: origin });
    });
    await transport.subscribe(["kp1/#"], 1);
    expect(await request(`${B}/dcx/T/json/1`, "1")).toEqual([[`${B}/dcx/T/json/1/x`, undefined]]);
    expect(mock.requests).toHaveLength(1);
  });
});

test("startMock throws the diagnostics of a spec with errors", async () => {
  await expect(startMock("spec/kaa/none.yaml")).rejects.toThrow("none.yaml");
});
