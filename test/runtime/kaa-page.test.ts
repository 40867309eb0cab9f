/** All examples of Kaa's documentation of its MQTT device API, run with Debian's mosquitto clients. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type KaaProgram, startKaaProgram } from "../support/kaa-program.js";
import { hasMosquittoClients, mosquitto } from "../support/mosquitto-clients.js";

const B = "kp1/demo-v1";
const TOKEN = "JTjdbENzHh";
const absent = hasMosquittoClients ? "" : " (skipped: apt-get install mosquitto-clients)";

let kaa: KaaProgram;

interface Example {
  /** The topic after the application version, without the endpoint token. */
  readonly path: string;
  /** Absent: an empty body. The documentation omits `-n`, without which the clients send no message. */
  readonly payload?: unknown;
  /** Absent: an empty body. */
  readonly response?: unknown;
  /** Prepares the state of the endpoint. */
  readonly before?: (path: string) => Promise<unknown>;
  /** The expected state of the endpoint afterwards. */
  readonly leaves?: (path: string) => Readonly<Record<string, unknown>>;
}

const sample = { temperature: 21, humidity: 73 };
const location = { lat: 34.1340258, lon: -118.3238652 };
const batch = [
  { ts: "2019-04-26T15:41:07+0000", ...sample, location },
  { ts: "2019-04-26T16:41:07+0000", temperature: 21.5, humidity: 67, location },
];
const device = { name: "Device name", location: "here", deviceModel: "example model" };
const result = { id: 1, statusCode: 200, reasonPhrase: "Ok", payload: { engine_on: true } };
const config = { key: "value", array: ["value2"] };
const configId = "97016dbe8bb4adff8f754ecbf24612f2";
const specification = { link: "http://localhost/0.0.2.bin" };
const ok = { statusCode: 200, reasonPhrase: "OK" };

const has =
  (metadata: object): (() => Promise<unknown>) =>
  () =>
    pub("epmx/update", metadata).then(() => see((seen) => expect(seen["metadata"]).toEqual(metadata)));
/** Not stored, so that it is not pushed to the client that sends the result. */
const commandOnce = (path: string): Promise<unknown> =>
  call("POST", `commands/${typeOf(path)}?ttlMs=0`, { delay: 5 });
const command = (path: string): Promise<unknown> => call("POST", `commands/${typeOf(path)}`, { delay: 5 });
const configuration = (): Promise<unknown> => call("PUT", `configuration?configId=${configId}`, config);
/** A configuration that the endpoint has reported as applied. */
const applied = async (): Promise<unknown> => {
  await configuration();
  await pub("cmx/applied/json", { configId, statusCode: 202 });
  return see((seen) => expect(seen.configuration).toMatchObject([{ report: { statusCode: 202 } }]));
};
/** Software for an endpoint that has reported another version. */
const software = async (): Promise<unknown> => {
  await pub("cmx_ota/applied/json", { configId: "0.0.1" });
  await see((seen) => expect(seen.software).toMatchObject({ report: { configId: "0.0.1" } }));
  return call("PUT", "configuration?extension=cmx_ota&configId=0.0.2", specification);
};
const installed = async (): Promise<unknown> => {
  await software();
  await pub("cmx_ota/applied/json", { configId: "0.0.2", statusCode: 202 });
  return see((seen) => expect(seen.software).toMatchObject({ report: { statusCode: 202 } }));
};

/** In the order of the documentation. Each command has a new type, so that its ids begin at 1. */
const examples: readonly Example[] = [
  { path: "dcx/json/1", payload: sample, leaves: () => ({ samples: [{ value: sample }] }) },
  {
    path: "dcx/json/2",
    payload: { ...sample, location },
    leaves: () => ({ samples: [{ value: { ...sample, location } }] }),
  },
  { path: "dcx/json/3", payload: batch, leaves: () => ({ samples: [{ value: batch[1] }] }) },
  {
    path: "dcx/plain/temperature/1",
    payload: 200,
    leaves: () => ({ samples: [{ value: { "temperature-value": 200, "temperature-unit": "number" } }] }),
  },
  { path: "epmx/get/keys/1", before: has(device), response: ["name", "location", "deviceModel"] },
  { path: "epmx/get/1", before: has(device), response: device },
  {
    path: "epmx/update/1",
    before: has(device),
    payload: { deviceModel: "example model", name: "Sensor 1" },
    leaves: () => ({ metadata: { deviceModel: "example model", name: "Sensor 1" } }),
  },
  {
    path: "epmx/update/keys/1",
    before: has(device),
    payload: { deviceModel: "new model" },
    leaves: () => ({ metadata: { ...device, deviceModel: "new model" } }),
  },
  {
    path: "epmx/delete/keys/1",
    before: has(device),
    payload: ["location", "areaId"],
    leaves: () => ({ metadata: { name: "Device name", deviceModel: "example model" } }),
  },
  {
    path: "cex/command/<command_type>/1",
    before: command,
    payload: { observe: true },
    response: [{ id: 1, payload: { delay: 5 } }],
  },
  {
    path: "cex/result/<command_type>/1",
    before: commandOnce,
    payload: [result],
    leaves: (path) => ({
      commands: expect.arrayContaining([expect.objectContaining({ type: typeOf(path), id: 1, result })]),
    }),
  },
  {
    path: "cmx/config/json/1",
    before: applied,
    payload: { observe: false },
    response: { configId, config, ...ok },
  },
  {
    path: "cmx/config/json/2",
    before: applied,
    payload: {},
    response: { configId, config, ...ok },
  },
  {
    path: "cmx/applied/json/1",
    before: applied,
    payload: { configId },
    leaves: () => ({ configuration: [{ configId, report: { configId, statusCode: 200 } }] }),
  },
  {
    // The documentation uses mosquitto_sub, which has no -m.
    path: "cmx_ota/config/json/1",
    before: software,
    payload: { observe: true },
    response: { configId: "0.0.2", config: specification, ...ok },
  },
  {
    path: "cmx_ota/applied/json/1",
    before: installed,
    payload: { configId: "0.0.2" },
    leaves: () => ({ software: { version: "0.0.2", report: { configId: "0.0.2", statusCode: 200 } } }),
  },
  { path: "bcx/token/1", response: { token: expect.stringMatching(/./) } },
];

/** Invalid requests: at least one of each extension, and one of each resource that can reject a payload. */
const failures: readonly (readonly [path: string, payload: unknown, statusCode: number])[] = [
  ["dcx/json/1", '{"temperature": 21,', 400],
  ["dcx/json", '{"temperature": 21,', 400],
  ["dcx/plain/temperature/1", "warm", 400],
  ["epmx/get/1", { keys: "name" }, 400],
  ["epmx/update/1", [], 400],
  ["epmx/update/1", undefined, 400],
  ["epmx/update/keys/1", { "device model": 1 }, 400],
  ["epmx/delete/keys/1", { location: 1 }, 400],
  ["cex/command/reboot/1", { observe: 1 }, 400],
  ["cex/result/reboot/1", [{ id: 1 }], 400],
  ["cex/result/reboot/1", [{ id: 4711, statusCode: 200 }], 404],
  ["cmx/config/json/1", { observe: "no" }, 400],
  ["cmx/applied/json/1", {}, 400],
  ["cmx_ota/config/json/1", { observe: "no" }, 400],
  ["cmx_ota/applied/json/1", { configId: 2 }, 400],
];

let types = 0;
function typed(path: string): string {
  return path.replace("<command_type>", () => `start_engine-${(types += 1)}`);
}

function typeOf(path: string): string {
  return path.split("/")[2] ?? "";
}

function topicOf(path: string, token = TOKEN): string {
  return `${B}/${path.replace("/", `/${token}/`)}`;
}

function toSend(payload: unknown): readonly string[] {
  if (payload === undefined) return ["-n"];
  return ["-m", typeof payload === "string" ? payload : JSON.stringify(payload)];
}

/** mosquitto_pub ends by itself, and has no option `-W`. */
function pub(path: string, payload?: unknown, qos = 1, token = TOKEN): Promise<string> {
  return mosquitto("pub", kaa.port, "-t", topicOf(path, token), "-q", String(qos), ...toSend(payload));
}

const format = ["-F", "%t %q %p", "-W", "5"];

async function rr(path: string, payload: unknown, qos: number, suffix = "status"): Promise<string> {
  const topics = ["-t", topicOf(path), "-e", `${topicOf(path)}/${suffix}`, "-q", String(qos)];
  return (await mosquitto("rr", kaa.port, ...topics, ...toSend(payload), ...format)).trimEnd();
}

/** Ignores pushes, which a subscription triggers too. */
const pushes = ["cex/command/+/status", "cmx/config/json/status", "cmx_ota/config/json/status"];

/** Returns the messages that mosquitto_sub receives while `publish` is called repeatedly. */
async function sub(
  filter: string,
  publish: () => Promise<unknown>,
  {
    count = 1,
    excludedPaths = pushes,
  }: { readonly count?: number; readonly excludedPaths?: readonly string[] } = {},
): Promise<readonly string[]> {
  const excluded = excludedPaths.flatMap((path) => ["-T", topicOf(path)]);
  const receiving = mosquitto(
    "sub",
    kaa.port,
    "-t",
    filter,
    ...excluded,
    "-q",
    "2",
    "-C",
    String(count),
    ...format,
  );
  for (let received = false; !received;) {
    await publish();
    // A request that arrives before the subscription has to be sent again.
    received = await Promise.race([
      receiving.then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 50)),
    ]);
  }
  return (await receiving)
    .trimEnd()
    .split("\n")
    .map((line) => line.trimEnd());
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const init =
    body === undefined
      ? { method }
      : { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(`${kaa.httpUrl}/endpoints/${TOKEN}/${path}`.replace(/\/$/, ""), init);
  expect(response.ok, `${method} ${path}`).toBe(true);
  return response.status === 204 ? undefined : response.json();
}

interface EndpointState extends Readonly<Record<string, unknown>> {
  readonly commands: readonly {
    readonly type: string;
    readonly id: number;
    readonly expiresAt: number;
    readonly result?: unknown;
  }[];
  readonly configuration: readonly { readonly configId: string; readonly report?: unknown }[];
  readonly software: { readonly version?: string; readonly report?: { readonly configId: string } };
  readonly samples: readonly { readonly value: unknown }[];
}

async function look(): Promise<EndpointState> {
  const response = await fetch(`${kaa.httpUrl}/endpoints/${TOKEN}?samples=1`);
  return (await response.json()) as EndpointState;
}

/** Waits until the state of the endpoint is as expected. */
function see(check: (seen: EndpointState) => void): Promise<void> {
  return vi.waitFor(async () => check(await look()), { timeout: 5_000, interval: 10 });
}

/** Sends reports for everything that would be pushed to the next connection. */
async function outstanding(): Promise<readonly (readonly [path: string, payload: unknown])[]> {
  const { commands, configuration: assigned, software: offered } = await look();
  const version = offered.report?.configId === offered.version ? undefined : offered.version;
  return [
    ...commands
      .filter((each) => each.result === undefined && each.expiresAt > 0)
      .map(({ type, id }) => [`cex/result/${type}`, [{ id, statusCode: 200 }]] as const),
    ...assigned
      .filter(({ report }) => report === undefined)
      .map((each) => ["cmx/applied/json", { configId: each.configId }] as const),
    ...(version === undefined ? [] : [["cmx_ota/applied/json", { configId: version }] as const]),
  ];
}

/** Leaves nothing to be pushed, because mosquitto_rr takes the first message for the response. */
async function settle(): Promise<void> {
  for (let open = await outstanding(); open.length > 0; open = await outstanding())
    for (const [path, payload] of open) await pub(path, payload);
}

function expectMessage(line: string, topic: string, qos: number, body: unknown): void {
  const [, received, level, text = ""] = /^(\S+) (\d) ?(.*)$/.exec(line) ?? [];
  expect([received, Number(level)]).toEqual([topic, qos]);
  if (body === undefined) expect(text).toBe("");
  else expect(JSON.parse(text)).toEqual(body);
}

const refused = (statusCode: number): unknown => ({ statusCode, reasonPhrase: expect.stringMatching(/./) });

describe.skipIf(!hasMosquittoClients)(`the page's commands${absent}`, () => {
  beforeAll(async () => {
    kaa = await startKaaProgram("--app", "demo-v1", "--token", TOKEN);
  });
  afterEach(settle);
  afterAll(async () => {
    const code = await kaa.stop();
    expect([code, kaa.stderr()]).toEqual([0, ""]);
  });

  describe.each([0, 1])("with QoS %i", (qos) => {
    test.each(examples)("mosquitto_rr receives the response to $path", async (example) => {
      const path = typed(example.path);
      await example.before?.(path);
      const line = await rr(path, example.payload, qos);
      // A push of the same payload may arrive first, with another topic and QoS.
      const push = /^\S+\/(?:command\/[^/]+|config\/json)\/status \d/;
      const asAnswer = line.replace(push, `${topicOf(path)}/status ${qos}`);
      expectMessage(asAnswer, `${topicOf(path)}/status`, qos, example.response);
      await see((seen) => expect(seen).toMatchObject(example.leaves?.(path) ?? {}));
    });

    test.each(examples)(
      "mosquitto_sub receives the response to a mosquitto_pub to $path",
      async (example) => {
        const path = typed(example.path);
        await example.before?.(path);
        const [line = ""] = await sub(`${topicOf(path)}/status`, () => pub(path, example.payload, qos));
        expectMessage(line, `${topicOf(path)}/status`, qos, example.response);
        await see((seen) => expect(seen).toMatchObject(example.leaves?.(path) ?? {}));
      },
    );

    test.each(failures)("mosquitto_sub receives the error of %s for %j", async (path, payload, code) => {
      const [line = ""] = await sub(`${topicOf(path)}/error`, () => pub(path, payload, qos));
      expectMessage(line, `${topicOf(path)}/error`, qos, refused(code));
    });
  });

  test("a request id may be any number", async () => {
    for (const id of [0, 42, 99, 234_531])
      expectMessage(
        await rr(`dcx/json/${id}`, sample, 0),
        `${topicOf(`dcx/json/${id}`)}/status`,
        0,
        undefined,
      );
  });

  test("samples without a request id get no response", async () => {
    await pub("dcx/plain/temperature", "200C", 0);
    const value = { "temperature-value": 200, "temperature-unit": "C" };
    await see(({ samples }) => expect(samples).toMatchObject([{ value }]));
    // The first received message is the response to the later request.
    const topic = topicOf("dcx/json");
    const [line = ""] = await sub(`${topic}/#`, async () => {
      await pub("dcx/json", { t: 1 });
      await pub("dcx/json/1", { t: 2 });
    });
    expectMessage(line, `${topic}/1/status`, 1, undefined);
  });

  test.each<Example>([
    {
      path: "cex/command/<command_type>",
      before: command,
      payload: {},
      response: [{ id: 1, payload: { delay: 5 } }],
    },
    { path: "bcx/token", response: { token: expect.any(String) } },
  ])("$path without a request id gets a response with data", async (example) => {
    const path = typed(example.path);
    await example.before?.(path);
    const line = await rr(path, example.payload, 1);
    expectMessage(line, `${topicOf(path)}/status`, 1, example.response);
  });

  test.each([
    ["dcx/json", sample, '{"temperature": 21,'],
    ["epmx/update/keys", { deviceModel: "new model" }, []],
  ])("a subscription to %s/# receives successes and errors, and no requests", async (path, good, bad) => {
    const received = await sub(
      `${topicOf(path)}/#`,
      async () => {
        await pub(`${path}/1`, good);
        await pub(`${path}/2`, bad);
      },
      { count: 2 },
    );
    expect(new Set(received.map((line) => line.split(" ")[0]))).toEqual(
      new Set([`${topicOf(path)}/1/status`, `${topicOf(path)}/2/error`]),
    );
  });

  test("mosquitto_rr can wait for an error", async () => {
    const line = await rr("epmx/update/1", [], 0, "error");
    expectMessage(line, `${topicOf("epmx/update/1")}/error`, 0, refused(400));
  });

  test("mosquitto_sub receives pushed commands, configurations and software", async () => {
    const type = typed("<command_type>");
    for (const [path, act, body] of [
      [`cex/command/${type}`, () => command(`cex/command/${type}`), undefined],
      ["cmx/config/json", configuration, { configId, config, ...ok }],
      ["cmx_ota/config/json", software, { configId: "0.0.2", config: specification, ...ok }],
    ] as const) {
      const [line = ""] = await sub(`${topicOf(path)}/status`, act, { excludedPaths: [] });
      const [topic = "", , text = ""] = line.split(/ (\d) /);
      expect(topic).toBe(`${topicOf(path)}/status`);
      if (body === undefined) expect(JSON.parse(text)).toContainEqual({ id: 1, payload: { delay: 5 } });
      else expect(JSON.parse(text)).toEqual(body);
      await settle();
    }
  });

  test.each(examples)("an unknown endpoint token is rejected for $path", async (example) => {
    const path = typed(example.path);
    const topic = topicOf(path, "unknown");
    const [line = ""] = await sub(`${topic}/error`, () => pub(path, example.payload, 1, "unknown"));
    expectMessage(line, `${topic}/error`, 1, refused(401));
  });

  test("an unknown application is rejected", async () => {
    const topic = `kp1/other-v1/bcx/${TOKEN}/token/1`;
    const [line = ""] = await sub(`${topic}/error`, () => mosquitto("pub", kaa.port, "-t", topic, "-n"));
    expectMessage(line, `${topic}/error`, 0, refused(404));
  });

  test("all requests of a suspended endpoint are rejected", async () => {
    await call("PUT", "", { state: "suspended" });
    try {
      for (const [path, payload] of [
        ["dcx/json/1", sample],
        ["epmx/get/1", undefined],
        ["cex/command/reboot/1", {}],
        ["cmx/config/json/1", {}],
        ["cmx_ota/config/json/1", {}],
        ["bcx/token/1", undefined],
      ] as const) {
        const line = await rr(path, payload, 1, "error");
        expectMessage(line, `${topicOf(path)}/error`, 1, refused(403));
      }
    } finally {
      await call("PUT", "", { state: "active" });
    }
  });
});
