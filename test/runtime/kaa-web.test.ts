/** Web pages of other origins, devices that use HTTP, versions, numbers, and small packets. */
import { request } from "node:http";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { applicationOf } from "../../examples/kaa-platform/endpoints.js";
import { inexactNumber } from "../../examples/kaa-platform/numbers.js";
import { type KaaOptions, type RunningKaa, startKaa } from "../../examples/kaa-platform/platform.js";
import { rawClient, type RawClient } from "../support/raw-mqtt.js";

const T = { appVersion: "app-v1", endpointToken: "T" };
const B = "kp1/app-v1";
const JSON_TYPE = { "content-type": "application/json" };
const closing: (() => unknown)[] = [];
let kaa: RunningKaa;
let errors: unknown[];

async function start(options: KaaOptions = {}): Promise<void> {
  errors = [];
  kaa = await startKaa({ onError: (error) => errors.push(error), ...options });
  closing.push(() => kaa.close());
}

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  expect(errors).toEqual([]);
});

interface HttpResponse {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** `fetch` does not let programs set `Host` and `Origin`. */
async function send(
  method: string,
  path: string,
  { headers = {}, body = "" }: { readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    request(kaa.httpUrl + path, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: text === "" ? undefined : JSON.parse(text),
        }),
      );
    })
      .once("error", reject)
      .end(body);
  });
}

const refused = (statusCode: number): unknown => ({ statusCode, reasonPhrase: expect.stringMatching(/./) });
const commands = "/endpoints/T/commands/reboot?app=app-v1";

async function device(): Promise<RawClient> {
  const client = await rawClient(Number(new URL(kaa.url).port));
  closing.push(() => client.close());
  return client;
}

describe("a web page", () => {
  test.each([
    ["of another site", { origin: "https://evil.example" }],
    ["in a sandbox", { origin: "null" }],
    ["of a browser extension", { origin: "chrome-extension://abc" }],
    ["whose name looks like this machine's", { origin: "http://localhost.evil.example" }],
    [
      "whose name was rebound to this machine",
      { host: "evil.example:1884", origin: "http://evil.example:1884" },
    ],
    ["whose name was rebound, with a request that has no origin", { host: "evil.example:1884" }],
  ])("%s can neither command devices nor read their state", async (_, headers: Record<string, string>) => {
    await start();
    const body = '{"delay":5}';
    for (const type of ["text/plain", "application/json"])
      expect(
        await send("POST", commands, { headers: { ...headers, "content-type": type }, body }),
      ).toMatchObject({
        status: 403,
        body: refused(403),
      });
    expect((await send("POST", commands, { headers })).status).toBe(403);
    expect((await send("GET", "/endpoints/T", { headers })).status).toBe(403);
    expect(
      (await send("OPTIONS", commands, { headers })).headers["access-control-allow-origin"],
    ).toBeUndefined();
    const sent = await send("POST", "/kpc/kp1/app-v1/dcx/T/json", { headers, body: "1" });
    expect(sent.status).toBe(403);
    expect(kaa.endpoints.all()).toEqual([]);
  });

  test.each([
    ["http://localhost:5173", {}],
    ["http://127.0.0.1:8080", {}],
    ["http://[::1]:8080", {}],
    ["https://console.example.com", { allowOrigins: ["https://console.example.com"] }],
  ])("of the origin %s can use the routes, after a preflight", async (origin, options: KaaOptions) => {
    await start(options);
    const preflight = await send("OPTIONS", commands, {
      headers: { origin, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-headers": expect.stringContaining("content-type"),
    });
    const response = await send("POST", commands, { headers: { ...JSON_TYPE, origin }, body: "{}" });
    expect(response.status).toBe(201);
    expect(response.headers["access-control-allow-origin"]).toBe(origin);
  });

  test("cannot send a body without asking: it needs the type application/json", async () => {
    await start();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]) {
      const headers = type === "" ? {} : { "content-type": type };
      expect((await send("POST", commands, { headers, body: "{}" })).status).toBe(415);
    }
    for (const type of ["application/json", "application/json; charset=utf-8", "Application/JSON"])
      expect((await send("POST", commands, { headers: { "content-type": type }, body: "{}" })).status).toBe(
        201,
      );
  });

  test("finds the platform under the names of this machine, and under allowed ones", async () => {
    await start({ allowOrigins: ["http://kaa.example:1884"] });
    const port = new URL(kaa.httpUrl).port;
    for (const host of [
      `localhost:${port}`,
      "127.0.0.1",
      `[::1]:${port}`,
      "kaa.localhost",
      "kaa.example:1884",
    ])
      expect((await send("POST", commands, { headers: { ...JSON_TYPE, host }, body: "1" })).status).toBe(201);
  });

  test.each([
    ["https://evil.example", {}, false],
    ["null", {}, false],
    ["http://localhost:5173", {}, true],
    ["https://console.example.com", { allowOrigins: ["https://console.example.com"] }, true],
    [undefined, {}, true],
  ])(
    "of the origin %s, over WebSocket with %o: connects: %s",
    async (origin, options: KaaOptions, connects) => {
      const lines: string[] = [];
      await start({ ws: true, print: (line) => lines.push(line), ...options });
      const socket = new WebSocket(`${kaa.ws}/ws`, "mqtt", origin === undefined ? {} : { origin });
      const opened = await new Promise<boolean>((resolve) => {
        socket.once("open", () => resolve(true));
        socket.once("error", () => resolve(false));
      });
      socket.terminate();
      expect(opened).toBe(connects);
      if (!connects) expect(lines.join("\n")).toContain(`The origin ${origin} is not allowed`);
    },
  );

  test("with a rebound name cannot connect over WebSocket", async () => {
    await start({ ws: true });
    const socket = new WebSocket(`${kaa.ws}/ws`, "mqtt", { headers: { host: "evil.example" } });
    const status = await new Promise((resolve) => {
      socket.once("unexpected-response", (_, response) => resolve(response.statusCode));
      socket.once("open", () => resolve("open"));
    });
    expect(status).toBe(403);
    socket.on("error", () => undefined);
    socket.terminate();
    // Programs send no Origin.
    const client = await mqtt.connectAsync(`${kaa.ws}/ws`, { reconnectPeriod: 0 });
    await client.endAsync();
  });
});

describe("a device that uses HTTP", () => {
  test.each(["/kpc/kp1", "/kp1"])(
    "sends its requests to %s, and gets the responses of MQTT",
    async (root) => {
      const lines: string[] = [];
      const print = (line: string): void => void lines.push(line);
      await start({ appVersion: "app-v1", tokens: ["T"], metadata: { readOnly: ["serial"] }, print });
      const post = async (path: string, body = ""): Promise<readonly [unknown, unknown]> => {
        const { status, body: received } = await send("POST", `${root}/app-v1/${path}`, { body });
        return [status, received];
      };
      expect(await post("dcx/T/json", '[{"t":1},{"t":2}]')).toEqual([200, undefined]);
      expect(lines).toContain("http kp1/app-v1/dcx/***/json  200");
      expect(await post("dcx/T/plain/altitude", "20m")).toEqual([200, undefined]);
      expect(await post("epmx/T/update/keys", '{"name":"a"}')).toEqual([200, undefined]);
      expect(await post("epmx/T/get/keys")).toEqual([200, ["name"]]);
      expect(await post("epmx/T/get", "{}")).toEqual([200, { name: "a" }]);
      expect(await post("epmx/T/get/7", "{}")).toEqual([200, { name: "a" }]);
      await kaa.commands.send(T, "reboot", { payload: { delay: 5 } });
      expect(await post("cex/T/command/reboot", "{}")).toEqual([200, [{ id: 1, payload: { delay: 5 } }]]);
      expect(await post("cex/T/result/reboot", '[{"id":1,"statusCode":200}]')).toEqual([200, undefined]);
      const configId = await kaa.configuration.assign(T, { k: 1 });
      expect(await post("cmx/T/config/json", "{}")).toMatchObject([200, { configId, config: { k: 1 } }]);
      expect(await post("cmx/T/applied/json", JSON.stringify({ configId }))).toEqual([200, undefined]);
      expect(await post("bcx/T/token")).toEqual([200, { token: expect.any(String) }]);
      expect(kaa.commands.of(T)[0]?.result).toEqual({ id: 1, statusCode: 200 });
      expect(kaa.configuration.reportOf(T)).toEqual({ configId, statusCode: 200 });
      expect((await kaa.samples.of(T)).map(({ value }) => value)).toEqual([
        { t: 1 },
        { t: 2 },
        { "altitude-value": 20, "altitude-unit": "m" },
      ]);
      for (const [path, body, status] of [
        ["dcx/T/json", "{", 400],
        ["dcx/U/json", "1", 401],
        ["dcx/T/nothing", "1", 404],
        ["dcx/T", "1", 404],
        ["nothing/T/json", "1", 404],
        ["epmx/T/update", '{"serial":1}', 403],
        ["dcx/T/json%23", "1", 400],
        ["dcx/T/json", `"${"x".repeat(300_000)}"`, 413],
      ] as const)
        expect([path, await post(path, body)]).toEqual([path, [status, refused(status)]]);
      expect((await send("GET", `${root}/app-v1/dcx/T/json`)).status).toBe(405);
    },
  );

  test("has a request at the same time as many others, each with its own response", async () => {
    await start();
    await kaa.metadata.set(T, { name: "T" });
    const names = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const token = `D${index}`;
        await kaa.metadata.set({ ...T, endpointToken: token }, { name: token });
        const { body } = await send("POST", `/kpc/kp1/app-v1/epmx/${token}/get`, { body: "{}" });
        return (body as { name: string }).name;
      }),
    );
    expect(names).toEqual(Array.from({ length: 50 }, (_, index) => `D${index}`));
  });

  test("is not connected, and takes no pushes from a device that is", async () => {
    await start();
    const client = await device();
    client.publish(`${B}/dcx/T/json/1`, 1);
    await client.receive(1);
    await send("POST", "/kpc/kp1/app-v1/cmx/T/config/json", { body: '{"observe":false}' });
    await kaa.configuration.assign(T, { k: 1 });
    expect((await client.receive(1)).map(([topic]) => topic)).toEqual([`${B}/cmx/T/config/json/status`]);
  });
});

describe("application versions", () => {
  test.each([
    "kettle",
    "kettle-1",
    "kettle-v1",
    "kettle-version1",
    "kettle-dev1",
    "kettle-v1.0",
    "kettle-v1_2",
    "kettle-V10.2.3",
  ])("%s is a version of kettle", (version) => expect(applicationOf(version)).toBe("kettle"));

  test.each(["kettle-pro", "kettle-pro-v1", "kettle-v", "kettle1", "my-kettle"])(
    "%s is a version of another application",
    (version) => expect(applicationOf(version)).not.toBe("kettle"),
  );

  test("a name that is only a version is an application", () => {
    expect(applicationOf("-1")).toBe("-1");
    expect(applicationOf("v1")).toBe("v1");
  });

  test("an endpoint keeps its state under versions of all these names", async () => {
    await start({ appVersion: "app-v1", tokens: ["T"] });
    const client = await device();
    for (const version of ["-1", "-version2", "-dev1", "-v1.0"]) {
      client.publish(`kp1/app${version}/dcx/T/json/7`, JSON.stringify(version));
      await vi.waitFor(async () => expect((await kaa.samples.of(T)).at(-1)?.value).toBe(version));
    }
    expect(await kaa.samples.of(T)).toHaveLength(4);
  });

  test("several applications can be served, and no others", async () => {
    await start({ appVersion: ["app-v1", "other-v1"], tokens: ["T"] });
    for (const [app, status] of [
      ["app-v2", 200],
      ["other-v1", 200],
      ["third-v1", 404],
    ] as const)
      expect((await send("POST", `/kpc/kp1/${app}/dcx/T/json`, { body: "1" })).status).toBe(status);
    const responses = [
      await send("GET", "/endpoints/T"),
      await send("GET", "/endpoints/T?app=other-v9"),
      await send("POST", "/endpoints/T/commands/x"),
    ];
    expect(responses.map(({ status }) => status)).toEqual([409, 200, 409]);
  });
});

describe("numbers", () => {
  test.each([
    ["1e400", "1e400"],
    ['{"a":[-1E+999]}', "-1E+999"],
    ["1e-400", "1e-400"],
    ["9007199254740993", "9007199254740993"],
    ["[-9007199254740992]", "-9007199254740992"],
    ["12345678901234567890", "12345678901234567890"],
    ["9007199254740993.0", "9007199254740993.0"],
    ["9007199254740991", undefined],
    ["0.12345678901234567890", undefined],
    ["1.7976931348623157e308", undefined],
    ["1e20", undefined],
    ["0e500", undefined],
    ['{"9007199254740993":"1e400 \\" 9007199254740993"}', undefined],
  ])("in %s: %s cannot be kept", (text, inexact) => expect(inexactNumber(text)).toBe(inexact));

  const inexact = ["1e400", "-1e400", "9007199254740993", '{"a":[1e999]}'];

  test.each(inexact)("%s over HTTP is rejected with 400 and breaks nothing", async (body) => {
    await start();
    for (const [method, path] of [
      ["POST", commands],
      ["PUT", "/endpoints/T/configuration?app=app-v1"],
      ["POST", "/kpc/kp1/app-v1/dcx/T/json"],
    ] as const)
      expect((await send(method, path, { headers: JSON_TYPE, body })).status).toBe(400);
    await send("POST", commands, { headers: JSON_TYPE, body: "1" });
    const client = await device();
    client.publish(`${B}/bcx/T/token`);
    const received: string[] = [];
    await vi.waitFor(async () => {
      received.push(...(await client.receive(1)).map(([topic, text]) => `${topic} ${text}`));
      expect(received).toContain(`${B}/cex/T/command/reboot/status [{"id":1,"payload":1}]`);
    });
  });

  test.each(inexact)("%s over MQTT is rejected with 400 and breaks nothing", async (body) => {
    await start();
    const client = await device();
    for (const [path, text] of [
      ["dcx/T/json/1", body],
      ["epmx/T/update/keys/1", `{"a":${body}}`],
      ["epmx/T/update/1", `{"a":${body}}`],
      ["cex/T/result/x/1", `[{"id":1,"statusCode":200,"payload":${body}}]`],
    ] as const) {
      client.publish(`${B}/${path}`, text);
      const [[topic, response] = ["", ""]] = await client.receive(1);
      expect([topic, JSON.parse(response)]).toEqual([`${B}/${path}/error`, refused(400)]);
    }
    client.publish(`${B}/epmx/T/get/2`);
    expect(await client.receive(1)).toEqual([[`${B}/epmx/T/get/2/status`, "{}"]]);
    expect(await kaa.samples.of(T)).toEqual([]);
  });

  test.each([
    "0x10",
    "0b11",
    "0o17",
    "1_000",
    "1,5",
    "1e400",
    "9007199254740993",
    "1/2",
    "1:30",
    "NaN",
    "Infinity",
    "",
  ])("the plain value %j is rejected with 400", async (value) => {
    await start();
    const client = await device();
    client.publish(`${B}/dcx/T/plain/x/1`, value);
    const [[topic, response] = ["", ""]] = await client.receive(1);
    expect([topic, JSON.parse(response)]).toEqual([`${B}/dcx/T/plain/x/1/error`, refused(400)]);
    expect(await kaa.samples.of(T)).toEqual([]);
  });

  test.each([
    ["0bar", 0, "bar"],
    ["-21.5°C", -21.5, "°C"],
    ["5m3", 5, "m3"],
    ["1.5e-3mol/l", 0.0015, "mol/l"],
    ["9.99€", 9.99, "€"],
  ])("the plain value %s has a unit", async (value, number, unit) => {
    await start();
    const client = await device();
    client.publish(`${B}/dcx/T/plain/x/1`, value);
    await client.receive(1);
    expect((await kaa.samples.of(T))[0]?.value).toEqual({ "x-value": number, "x-unit": unit });
  });

  test("that JSON does not have are refused by the methods of the platform too", async () => {
    await start();
    await expect(kaa.commands.send(T, "x", { payload: { a: [Infinity] } })).rejects.toThrow(TypeError);
    await expect(kaa.configuration.assign(T, Number.NaN)).rejects.toThrow(TypeError);
    await expect(kaa.software.release("1", { link: "x", size: Infinity })).rejects.toThrow(TypeError);
    expect(kaa.commands.of(T)).toEqual([]);
  });
});

describe("kept commands", () => {
  async function pushes(
    options: KaaOptions,
    payloads: readonly unknown[],
  ): Promise<readonly (readonly [number, number[]])[]> {
    await start(options);
    for (const payload of payloads) await kaa.commands.send(T, "reboot", { payload });
    const client = await device();
    client.publish(`${B}/bcx/T/token`);
    await vi.waitFor(() => {
      const last = client.packets.at(-1);
      expect(last?.cmd === "publish" && last.payload.toString()).toContain(`"id":${payloads.length},`);
    });
    return client.packets.flatMap((packet) =>
      packet.cmd === "publish" && packet.topic.endsWith("reboot/status")
        ? [
            [
              packet.length ?? 0,
              (JSON.parse(packet.payload.toString()) as { id: number }[]).map(({ id }) => id),
            ] as const,
          ]
        : [],
    );
  }

  test("are pushed in packets of at most 256 bytes, in order, each once", async () => {
    const payloads = Array.from({ length: 40 }, (_, index) => ({ text: "ü".repeat(index % 30) }));
    const packets = await pushes({}, payloads);
    expect(packets.length).toBeGreaterThan(5);
    // `length` leaves out the fixed header, of 3 bytes.
    for (const [length] of packets) expect(length + 3).toBeLessThanOrEqual(256);
    expect(packets.flatMap(([, ids]) => ids)).toEqual(payloads.map((_, index) => index + 1));
  });

  test("of which one is longer than the packet are pushed with that one alone", async () => {
    const packets = await pushes({}, [{ a: 1 }, { text: "x".repeat(500) }, { a: 1 }]);
    expect(packets.map(([, ids]) => ids)).toEqual([[1], [2], [3]]);
  });

  test("are pushed in one packet if the budget allows", async () => {
    const packets = await pushes(
      { maxPushBytes: 65_536 },
      Array.from({ length: 40 }, (_, index) => index),
    );
    expect(packets.map(([, ids]) => ids.length)).toEqual([40]);
  });
});

describe("an acknowledged report", () => {
  test("outlives the assignment of another configuration, and of the same one", async () => {
    await start();
    const client = await device();
    const first = await kaa.configuration.assign(T, { k: 1 });
    client.publish(`${B}/cmx/T/applied/json/1`, { configId: first });
    await vi.waitFor(async () => expect(kaa.configuration.reportOf(T)).toBeDefined());
    const report = { configId: first, statusCode: 200 };
    await kaa.configuration.assign(T, { k: 1 });
    expect(kaa.configuration.of(T)).toEqual([{ configId: first, config: { k: 1 }, report }]);
    const second = await kaa.configuration.assign(T, { k: 2 });
    expect(kaa.configuration.of(T)).toEqual([{ configId: second, config: { k: 2 }, otherReport: report }]);
    const third = await kaa.configuration.assign(T, { k: 3 });
    expect(kaa.configuration.of(T)).toEqual([{ configId: third, config: { k: 3 }, otherReport: report }]);
    // Another configuration under the same id was not applied.
    await kaa.configuration.assign(T, { k: 4 }, { configId: first });
    expect(kaa.configuration.of(T)).toEqual([{ configId: first, config: { k: 4 }, otherReport: report }]);
  });
});

test("the data folder and what is in it belong to the user alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kaa-modes-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const umask = process.umask(0);
  try {
    await start({ data });
    await kaa.metadata.set(T, { a: 1 });
    const client = await device();
    client.publish(`${B}/bcx/T/token/1`);
    const [[, body] = ["", ""]] = await client.receive(1);
    const { token } = JSON.parse(body) as { token: string };
    const uploaded = await send("POST", "/bcx/api/v1/binary-data", {
      headers: { "x-auth-token": token },
      body: "x",
    });
    expect(uploaded.status).toBe(201);
    for (const path of ["", "state", "blobs", "blobs/complete", "blobs/incoming"])
      expect([path, ((await stat(join(data, path))).mode & 0o777).toString(8)]).toEqual([path, "700"]);
    const [{ id } = { id: "" }] = await kaa.blobs.of(T);
    expect(((await stat(join(data, "blobs/complete", id))).mode & 0o777).toString(8)).toBe("600");
  } finally {
    process.umask(umask);
  }
});
