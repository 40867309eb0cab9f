import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type KaaOptions, type RunningKaa, startKaa } from "../../examples/kaa-platform/platform.js";

const MiB = 1024 * 1024;
const endpoint = { appVersion: "app-v1", endpointToken: "T" };

let kaa: RunningKaa;
let data: string;
let mishaps: unknown[];
const closing: (() => Promise<unknown>)[] = [];

async function start(options: KaaOptions = {}): Promise<void> {
  mishaps = [];
  kaa = await startKaa({ onError: (error) => mishaps.push(error), ...options });
  closing.push(() => kaa.close());
}

/** Starts a platform with a data folder that tests can read. */
async function startOnDisk(options: KaaOptions = {}): Promise<void> {
  data = await mkdtemp(join(tmpdir(), "kaa-http-"));
  closing.push(() => rm(data, { recursive: true, force: true }));
  await start({ data, ...options });
}

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  // Errors of clients are not reported as errors of the platform.
  expect(mishaps).toEqual([]);
});

/** A device without subscriptions. */
interface Device {
  /** Sends a request with an id, and returns the body of its response. */
  readonly call: (path: string, body?: unknown) => Promise<unknown>;
  readonly tell: (path: string, body: unknown) => Promise<unknown>;
  /** Waits for a message on a topic. */
  readonly receive: (path: string) => Promise<unknown>;
  /** The topics of messages that were received and not waited for. */
  readonly remaining: () => readonly string[];
  readonly closed: Promise<unknown>;
}

async function connect({ appVersion, endpointToken } = endpoint): Promise<Device> {
  const client = await mqtt.connectAsync(kaa.url, { reconnectPeriod: 0 });
  closing.push(() => client.endAsync(true));
  const closed = new Promise((resolve) => client.once("close", () => resolve(true)));
  const inbox: [topic: string, body: unknown][] = [];
  client.on("message", (topic, payload) => {
    inbox.push([topic, payload.length > 0 ? JSON.parse(payload.toString()) : undefined]);
  });
  const topicOf = (path: string): string => `kp1/${appVersion}/${path.replace("/", `/${endpointToken}/`)}`;
  const receive = (path: string): Promise<unknown> =>
    vi.waitFor(
      () => {
        const found = inbox.findIndex(([topic]) => topic === topicOf(path));
        expect(found, `nothing on ${path} yet`).not.toBe(-1);
        return inbox.splice(found, 1)[0]?.[1];
      },
      { timeout: 5_000, interval: 2 },
    );
  const tell = (path: string, body: unknown): Promise<unknown> =>
    client.publishAsync(topicOf(path), body === undefined ? "" : JSON.stringify(body), { qos: 1 });
  const callDevice = async (path: string, body?: unknown): Promise<unknown> => {
    await tell(`${path}/7`, body);
    return receive(`${path}/7/status`);
  };
  return { call: callDevice, tell, receive, remaining: () => inbox.map(([topic]) => topic), closed };
}

async function uploadToken(device: Device): Promise<string> {
  return ((await device.call("bcx/token")) as { token: string }).token;
}

const JSON_TYPE = { "content-type": "application/json" };

interface HttpResponse {
  readonly status: number;
  /** Undefined for an empty body. */
  readonly body: unknown;
  readonly headers: Headers;
}

async function call(method: string, path: string, body?: unknown): Promise<HttpResponse> {
  return send(method, path, body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_TYPE });
}

async function send(method: string, path: string, init: RequestInit = {}): Promise<HttpResponse> {
  const response = await fetch(kaa.httpUrl + path, { method, ...init });
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? undefined : JSON.parse(text),
    headers: response.headers,
  };
}

function upload(token: string, body: RequestInit["body"], path = "binary-data"): Promise<HttpResponse> {
  return send("POST", `/bcx/api/v1/${path}`, {
    headers: { "x-auth-token": token },
    body: body ?? null,
    // fetch requires it for a body that is a stream.
    duplex: "half",
  });
}

async function read(location: string | null): Promise<Buffer> {
  const response = await fetch(kaa.httpUrl + (location ?? "/nowhere"));
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** A body of unknown length. */
function stream(pieces: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

function* repeated(piece: Uint8Array, count: number): Generator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield piece;
}

const incoming = (): Promise<string[]> => readdir(join(data, "blobs", "incoming"));
const complete = (): Promise<string[]> => readdir(join(data, "blobs", "complete"));

function expectError(httpResponse: HttpResponse, statusCode: number): void {
  expect(httpResponse.status).toBe(statusCode);
  expect(httpResponse.headers.get("content-type")).toBe("application/json");
  expect(httpResponse.body).toEqual({ statusCode, reasonPhrase: expect.stringMatching(/./) });
}

describe("HTTP route of binary data", () => {
  test("stores an upload with a token from MQTT at the location in its response", async () => {
    await start();
    const token = await uploadToken(await connect());
    const httpResponse = await upload(token, Buffer.from([0, 255, 10, 13]), "binary-data?name=image.png");
    expect([httpResponse.status, httpResponse.body]).toEqual([201, undefined]);
    expect(httpResponse.headers.get("location")).toMatch(
      /^\/bcx\/api\/v1\/applications\/app\/endpoints\/[0-9a-f-]{36}\/binary-data\/[0-9a-f-]{36}$/,
    );
    expect(await read(httpResponse.headers.get("location"))).toEqual(Buffer.from([0, 255, 10, 13]));
    expect(await kaa.blobs.of(endpoint)).toMatchObject([{ name: "image.png", bytes: 4 }]);
  });

  test("returns a location that does not contain the endpoint's token", async () => {
    await start();
    const secret = { appVersion: "app-v1", endpointToken: "verysecret" };
    const httpResponse = await upload(await uploadToken(await connect(secret)), "x");
    expect(httpResponse.headers.get("location")).not.toContain("verysecret");
  });

  test("accepts a token for several uploads, and keeps uploads of the same name without `files`", async () => {
    await start();
    const token = await uploadToken(await connect());
    for (const body of ["one", "two"]) await upload(token, body, "binary-data?name=log");
    expect(await kaa.blobs.of(endpoint)).toMatchObject([{ name: "log" }, { name: "log" }]);
  });

  test("stores an empty upload", async () => {
    await start();
    const httpResponse = await upload(await uploadToken(await connect()), "");
    expect(httpResponse.status).toBe(201);
    expect(await read(httpResponse.headers.get("location"))).toHaveLength(0);
  });

  test.each([
    ["binary-data", undefined],
    ["binary-data", ""],
    ["binary-data", "made-up"],
    ["files/x", undefined],
    ["files/x", "made-up"],
  ])("rejects %s with the token %j", async (path, token) => {
    await startOnDisk();
    const headers = token === undefined ? {} : { "x-auth-token": token };
    expectError(await send("POST", `/bcx/api/v1/${path}`, { headers, body: "x" }), 403);
    expect(await complete()).toEqual([]);
  });

  test("rejects an endpoint token instead of an upload token", async () => {
    await start();
    await uploadToken(await connect());
    expectError(await upload("T", "x"), 403);
  });

  test("rejects an expired token, and accepts a new one", async () => {
    await start({ tokenValidMs: 300 });
    const device = await connect();
    const token = await uploadToken(device);
    await vi.waitFor(() => expect(kaa.tokens.ownerOf(token)).toBeUndefined(), { interval: 5 });
    expectError(await upload(token, "x"), 403);
    expect((await upload(await uploadToken(device), "x")).status).toBe(201);
  });

  test("rejects the token of a suspended endpoint until it is active again", async () => {
    await start();
    const token = await uploadToken(await connect());
    await call("PUT", "/endpoints/T", { state: "suspended" });
    expectError(await upload(token, "x"), 403);
    expectError(await upload(token, "x", "files/x"), 403);
    await call("PUT", "/endpoints/T", { state: "active" });
    expect((await upload(token, "x")).status).toBe(201);
  });

  test("rejects the token of a revoked endpoint", async () => {
    await start();
    const token = await uploadToken(await connect());
    await call("PUT", "/endpoints/T", { state: "revoked" });
    expectError(await upload(token, "x"), 403);
  });

  test("accepts a token that was issued for another application version", async () => {
    await start();
    const token = await uploadToken(await connect());
    await (await connect({ ...endpoint, appVersion: "app-v2" })).call("dcx/json", 1);
    expect((await upload(token, "x")).status).toBe(201);
  });

  test("replaces the file of the same name, and no other", async () => {
    await startOnDisk();
    const token = await uploadToken(await connect());
    await upload(token, "other", "files/other.txt");
    for (const body of ["first", "second"]) {
      const httpResponse = await upload(token, body, "files/a%20log.txt");
      expect([httpResponse.status, httpResponse.body]).toEqual([204, undefined]);
    }
    const { body } = await call("GET", "/endpoints/T");
    const { blobs } = body as { blobs: { name: string; location: string }[] };
    expect(blobs.map(({ name }) => name)).toEqual(["other.txt", "a log.txt"]);
    expect((await read(blobs[1]?.location ?? null)).toString()).toBe("second");
    expect(await complete()).toHaveLength(2);
  });

  test("keeps files of the same name of two endpoints", async () => {
    await start();
    const other = { ...endpoint, endpointToken: "U" };
    await upload(await uploadToken(await connect()), "mine", "files/x");
    await upload(await uploadToken(await connect(other)), "yours!", "files/x");
    expect(await kaa.blobs.of(endpoint)).toMatchObject([{ name: "x", bytes: 4 }]);
    expect(await kaa.blobs.of(other)).toMatchObject([{ name: "x", bytes: 6 }]);
  });

  test("keeps one of two files of the same name that are uploaded at the same time", async () => {
    await startOnDisk();
    const token = await uploadToken(await connect());
    await Promise.all(Array.from({ length: 20 }, () => upload(token, "x", "files/x")));
    expect(await kaa.blobs.of(endpoint)).toHaveLength(1);
    expect(await complete()).toHaveLength(1);
  });

  test.each(["a%2Fb", "..%2F..%2Fetc", "a%5Cb", "a%00b", "a%0Ab", "%E0%A4%A", "x".repeat(256)])(
    "rejects the file name %s",
    async (name) => {
      await startOnDisk();
      const token = await uploadToken(await connect());
      expectError(await upload(token, "x", `files/${name}`), 400);
      expect(await complete()).toEqual([]);
    },
  );

  test.each(["..", ".", "%2e%2e", "%2E"])(
    "rejects the file name %s, which fetch does not send",
    async (name) => {
      await startOnDisk();
      const token = await uploadToken(await connect());
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request(kaa.httpUrl, {
          method: "POST",
          path: `/bcx/api/v1/files/${name}`,
          headers: { "x-auth-token": token },
        })
          .once("response", resolve)
          .once("error", reject)
          .end("x");
      });
      response.resume();
      // A URL parser resolves dots in the path, so that the route may be unknown too.
      expect([400, 404]).toContain(response.statusCode);
      expect(await complete()).toEqual([]);
    },
  );

  describe("HTTP route of binary data, with an upload that is too large", () => {
    const tooMuch = MiB + 1;
    test.each([
      ["whose length is said", () => Buffer.alloc(tooMuch)],
      ["whose length is said, and large", () => Buffer.alloc(20 * MiB)],
      ["that is streamed", () => stream([Buffer.alloc(MiB), Buffer.alloc(1)])],
      ["that is streamed without an end", () => stream(repeated(Buffer.alloc(64 * 1024), Infinity))],
    ])("rejects a body %s, stores nothing, and still serves other requests", async (_, body) => {
      await startOnDisk({ maxBlobBytes: MiB });
      const token = await uploadToken(await connect());
      for (const path of ["binary-data", "files/x"]) expectError(await upload(token, body(), path), 413);
      expect([await incoming(), await complete()]).toEqual([[], []]);
      expect(await kaa.blobs.of(endpoint)).toEqual([]);
      expect((await upload(token, Buffer.alloc(MiB))).status).toBe(201);
    });

    test("keeps the file that the upload would have replaced", async () => {
      await start({ maxBlobBytes: 4 });
      const token = await uploadToken(await connect());
      await upload(token, "good", "files/x");
      expectError(await upload(token, "too much", "files/x"), 413);
      const { body } = await call("GET", "/endpoints/T");
      const { blobs } = body as { blobs: { location: string }[] };
      expect((await read(blobs[0]?.location ?? null)).toString()).toBe("good");
    });
  });

  test("rejects a large body with an unknown token, with a readable response", async () => {
    await startOnDisk();
    expectError(await upload("made-up", Buffer.alloc(20 * MiB)), 403);
    expect(await incoming()).toEqual([]);
  });

  test("deletes an upload that is aborted", async () => {
    await startOnDisk();
    const token = await uploadToken(await connect());
    const half = request(`${kaa.httpUrl}/bcx/api/v1/files/x`, {
      method: "POST",
      headers: { "x-auth-token": token, "content-length": MiB },
    });
    half.on("error", () => {});
    half.write(Buffer.alloc(MiB / 2));
    await vi.waitFor(async () => expect(await incoming()).toHaveLength(1), { interval: 5 });
    half.destroy();
    await vi.waitFor(async () => expect(await incoming()).toEqual([]), { interval: 5 });
    expect([await complete(), await kaa.blobs.of(endpoint)]).toEqual([[], []]);
    expect((await upload(token, "whole", "files/x")).status).toBe(204);
  });

  test("writes a large upload to disk while it arrives, and returns the same bytes", async () => {
    await startOnDisk({ maxBlobBytes: 64 * MiB });
    const token = await uploadToken(await connect());
    const piece = Buffer.alloc(MiB, "0123456789abcdef-");
    const [sent, got] = [createHash("sha256"), createHash("sha256")];
    let goOn = (): void => {};
    const waiting = new Promise<void>((resolve) => (goOn = resolve));
    let count = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        // Send the rest once the beginning is on disk.
        if (count === 20) await waiting;
        if (count === 30) return controller.close();
        count += 1;
        sent.update(piece);
        controller.enqueue(piece);
      },
    });
    const uploading = upload(token, body);
    await vi.waitFor(
      async () => {
        const [name = ""] = await incoming();
        expect((await stat(join(data, "blobs", "incoming", name))).size).toBe(20 * MiB);
      },
      { timeout: 10_000, interval: 10 },
    );
    expect(await complete()).toEqual([]);
    goOn();
    const httpResponse = await uploading;
    expect(httpResponse.status).toBe(201);
    const blob = await read(httpResponse.headers.get("location"));
    expect(blob).toHaveLength(30 * MiB);
    expect(got.update(blob).digest("hex")).toBe(sent.digest("hex"));
    expect(await incoming()).toEqual([]);
  });

  test("returns an upload only under its own endpoint and application", async () => {
    await start();
    const other = await connect({ ...endpoint, endpointToken: "U" });
    await other.call("dcx/json", 1);
    const { headers } = await upload(await uploadToken(await connect()), "x");
    const location = headers.get("location") ?? "";
    const [id = "", otherId = ""] = [endpoint, { ...endpoint, endpointToken: "U" }].map(
      (each) => kaa.endpoints.get(each)?.id,
    );
    for (const wrong of [
      location.replace(id, otherId),
      location.replace(id, "T"),
      location.replace("/applications/app/", "/applications/app-v1/"),
      location.replace(/[^/]+$/, otherId),
      location.replace(/[^/]+$/, "..%2Fincoming"),
    ])
      expectError(await call("GET", wrong), 404);
    expect((await read(location)).toString()).toBe("x");
  });

  test("keeps uploads and upload tokens when the platform restarts", async () => {
    await startOnDisk();
    const token = await uploadToken(await connect());
    const { headers } = await upload(token, "kept");
    await kaa.close();
    kaa = await startKaa({ data });
    closing.push(() => kaa.close());
    expect((await read(headers.get("location"))).toString()).toBe("kept");
    expect((await upload(token, "more")).status).toBe(201);
  });
});

describe("commands", () => {
  beforeEach(() => start({ appVersion: "app-v1" }));

  test("a command is pushed to the device, and its id is returned", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    const httpResponse = await call("POST", "/endpoints/T/commands/reboot", { delay: 5 });
    expect(httpResponse.status).toBe(201);
    expect(httpResponse.body).toEqual({
      type: "reboot",
      id: 1,
      payload: { delay: 5 },
      expiresAt: expect.any(Number),
    });
    expect(await device.receive("cex/command/reboot/status")).toEqual([{ id: 1, payload: { delay: 5 } }]);
  });

  test("a command may have no payload, or null as its payload", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    await call("POST", "/endpoints/T/commands/reboot");
    expect(await device.receive("cex/command/reboot/status")).toEqual([{ id: 1 }]);
    await call("POST", "/endpoints/T/commands/reboot", null);
    expect(await device.receive("cex/command/reboot/status")).toEqual([{ id: 2, payload: null }]);
  });

  test("a command may be sent before its device has connected", async () => {
    expect((await call("POST", "/endpoints/T/commands/reboot")).status).toBe(201);
    expect(await (await connect()).call("cex/command/reboot")).toEqual([{ id: 1 }]);
  });

  test("a request with `wait` returns the device's result", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    const waiting = call("POST", "/endpoints/T/commands/reboot?wait=10000");
    await device.receive("cex/command/reboot/status");
    const result = { id: 1, statusCode: 200, payload: { up: true } };
    await device.tell("cex/result/reboot", [result]);
    expect(await waiting).toMatchObject({ status: 201, body: { id: 1, result } });
  });

  test.each(["wait=20", "wait=10000&ttlMs=20"])(
    "a request with %s returns without a result",
    async (query) => {
      const { status, body } = await call("POST", `/endpoints/T/commands/reboot?${query}`);
      expect(status).toBe(201);
      expect(body).not.toHaveProperty("result");
    },
  );

  test("an expired command is not sent", async () => {
    await call("POST", "/endpoints/T/commands/reboot?ttlMs=1");
    await call("POST", "/endpoints/T/commands/reboot?ttlMs=60000");
    await vi.waitFor(() => expect(kaa.commands.of(endpoint)).toHaveLength(1), { interval: 2 });
    expect(await (await connect()).call("cex/command/reboot")).toEqual([{ id: 2 }]);
  });

  test("a command without a time to live is pushed to a connected endpoint, and not stored", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    const { body } = await call("POST", "/endpoints/T/commands/reboot?ttlMs=0");
    expect(body).toEqual({ type: "reboot", id: 1, expiresAt: 0 });
    expect(await device.receive("cex/command/reboot/status")).toEqual([{ id: 1 }]);
    expect(await device.call("cex/command/reboot")).toEqual([]);
  });

  test.each([
    ["a type that looks like a request id", "commands/12", "{}"],
    ["a type that marks results", "commands/status", "{}"],
    ["a type with a wildcard", "commands/a%2Bb", "{}"],
    ["a type of two levels", "commands/a%2Fb", "{}"],
    ["a time to live that is negative", "commands/reboot?ttlMs=-1", "{}"],
    ["a time to live that is no whole number", "commands/reboot?ttlMs=1.5", "{}"],
    ["a time to live that is empty", "commands/reboot?ttlMs=", "{}"],
    ["a wait that is no number", "commands/reboot?wait=long", "{}"],
    ["a wait of more than ten minutes", "commands/reboot?wait=600001", "{}"],
    ["a body that is no JSON", "commands/reboot", "{delay: 5}"],
    ["a body that breaks off", "commands/reboot", '{"delay":'],
  ])("%s is rejected, and no command is sent", async (_, path, body) => {
    await connect().then((device) => device.call("dcx/json", 1));
    expectError(await send("POST", `/endpoints/T/${path}`, { body, headers: JSON_TYPE }), 400);
    expect(kaa.commands.of(endpoint)).toEqual([]);
  });
});

describe("configurations", () => {
  const put = (query: string, body: unknown): Promise<HttpResponse> =>
    call("PUT", `/endpoints/T/configuration${query}`, body);
  const ok = { statusCode: 200, reasonPhrase: "OK" };
  let device: Device;
  beforeEach(async () => {
    await start();
    device = await connect();
    await device.call("dcx/json", 1);
  });

  test("a configuration is pushed with a digest of its content as its id", async () => {
    const { status, body } = await put("", { key: "value" });
    const { configId } = body as { configId: string };
    expect([status, body]).toEqual([200, { configId: expect.stringMatching(/^[0-9a-f]{32}$/) }]);
    expect(await device.receive("cmx/config/json/status")).toEqual({
      configId,
      config: { key: "value" },
      ...ok,
    });
    expect((await put("", { key: "value" })).body).toEqual({ configId });
    expect((await put("", { key: "other" })).body).not.toEqual({ configId });
  });

  test.each([[["a list"]], ["text"], [0], [false], [null]])("%j is a valid configuration", async (config) => {
    expect((await put("?configId=c", config)).status).toBe(200);
    expect(await device.call("cmx/config/json", {})).toEqual({ configId: "c", config, ...ok });
  });

  test("a configuration may have a given name and id", async () => {
    expect((await put("?name=wifi&configId=7", { ssid: "x" })).body).toEqual({ configId: "7" });
    expect(await device.receive("cmx/config/json/wifi/status")).toEqual({
      configId: "7",
      config: { ssid: "x" },
      ...ok,
    });
    expect(await device.call("cmx/config/json", {})).toEqual({ configId: "", config: null });
  });

  test("software is pushed with its version as its id", async () => {
    const specification = { link: "http://localhost/1.0.1" };
    const { status, body } = await put("?extension=cmx_ota&configId=1.0.1", specification);
    expect([status, body]).toEqual([200, { configId: "1.0.1" }]);
    expect(await device.receive("cmx_ota/config/json/status")).toEqual({
      configId: "1.0.1",
      config: specification,
      ...ok,
    });
  });

  test("software for one endpoint is not pushed to another", async () => {
    const other = await connect({ ...endpoint, endpointToken: "U" });
    await put("?extension=cmx_ota&configId=1.0.1", {});
    expect(await other.call("cmx_ota/config/json", {})).toEqual({});
  });

  test.each([
    ["no body", "", undefined],
    ["a name that looks like a request id", "?name=12", "{}"],
    ["a name that marks results", "?name=error", "{}"],
    ["an empty name", "?name=", "{}"],
    ["an extension without configurations", "?extension=dcx", "{}"],
    ["software without a version", "?extension=cmx_ota", "{}"],
    ["software with a name", "?extension=cmx_ota&configId=1&name=wifi", "{}"],
    ["software that is no object", "?extension=cmx_ota&configId=1", "[]"],
    ["software without a body", "?extension=cmx_ota&configId=1", undefined],
    ["a body that is no JSON", "", "{key: 1}"],
  ])("%s is rejected, and nothing is assigned", async (_, query, body) => {
    const init = body === undefined ? {} : { body, headers: JSON_TYPE };
    expectError(await send("PUT", `/endpoints/T/configuration${query}`, init), 400);
    expect(kaa.configuration.of(endpoint)).toEqual([]);
    expect(kaa.software.releaseFor(endpoint)).toBeUndefined();
  });
});

describe("GET of an endpoint", () => {
  beforeEach(() => start());
  const look = async (query = ""): Promise<Record<string, unknown>> => {
    const { status, body } = await call("GET", `/endpoints/T${query}`);
    expect(status).toBe(200);
    return body as Record<string, unknown>;
  };

  test("returns the identity of a new endpoint", async () => {
    const device = await connect();
    await device.call("epmx/get/keys");
    expect(await look()).toEqual({
      ...endpoint,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      application: "app",
      state: "active",
      connected: true,
      samples: [],
      metadata: {},
      commands: [],
      configuration: [],
      software: {},
      blobs: [],
    });
  });

  test("returns samples with their times, oldest first", async () => {
    const before = Date.now();
    const device = await connect();
    await device.call("dcx/json", [{ t: 1 }, 2]);
    await device.call("dcx/plain/height", 2061);
    const { samples } = (await look()) as { samples: { receivedAt: number; value: unknown }[] };
    expect(samples.map(({ value }) => value)).toEqual([
      { t: 1 },
      2,
      { "height-value": 2061, "height-unit": "number" },
    ]);
    for (const { receivedAt } of samples) {
      expect(receivedAt).toBeGreaterThanOrEqual(before);
      expect(receivedAt).toBeLessThanOrEqual(Date.now());
    }
  });

  test("returns the last samples, 100 by default", async () => {
    const device = await connect();
    await device.call(
      "dcx/json",
      Array.from({ length: 120 }, (_, index) => index),
    );
    const values = async (query: string): Promise<unknown[]> =>
      ((await look(query)) as { samples: { value: unknown }[] }).samples.map(({ value }) => value);
    expect(await values("?samples=2")).toEqual([118, 119]);
    expect(await values("?samples=0")).toEqual([]);
    expect(await values("?samples=1000")).toHaveLength(120);
    const usual = await values("");
    expect([usual.length, usual[0]]).toEqual([100, 20]);
  });

  test.each(["-1", "all", "1.5", ""])("rejects %j as the number of samples", async (limit) => {
    await (await connect()).call("dcx/json", 1);
    expectError(await call("GET", `/endpoints/T?samples=${limit}`), 400);
  });

  test("returns metadata, including hidden keys", async () => {
    await (await connect()).call("epmx/update", { name: "a", place: { floor: 1 } });
    expect(await look()).toMatchObject({ metadata: { name: "a", place: { floor: 1 } } });
  });

  test("returns commands with their results", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    await call("POST", "/endpoints/T/commands/reboot", { delay: 5 });
    await call("POST", "/endpoints/T/commands/blink");
    const result = { id: 1, statusCode: 500, reasonPhrase: "No" };
    await device.call("cex/result/reboot", [result]);
    const { commands } = await look();
    expect(commands).toEqual([
      { type: "reboot", id: 1, payload: { delay: 5 }, expiresAt: expect.any(Number), result },
      { type: "blink", id: 1, expiresAt: expect.any(Number) },
    ]);
  });

  test("returns configurations with the device's reports", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    await call("PUT", "/endpoints/T/configuration?configId=1", { key: 1 });
    await call("PUT", "/endpoints/T/configuration?configId=2&name=wifi", {});
    await device.call("cmx/applied/json", { configId: "1", statusCode: 400, reasonPhrase: "No" });
    expect((await look())["configuration"]).toEqual([
      { configId: "1", config: { key: 1 }, report: { configId: "1", statusCode: 400, reasonPhrase: "No" } },
      { name: "wifi", configId: "2", config: {} },
    ]);
  });

  test("returns the released and the reported software version", async () => {
    const device = await connect();
    await device.call("cmx_ota/applied/json", { configId: "1.0.0" });
    await call("PUT", "/endpoints/T/configuration?extension=cmx_ota&configId=1.0.1", {});
    expect((await look())["software"]).toEqual({
      version: "1.0.1",
      report: { configId: "1.0.0", statusCode: 200 },
    });
  });

  test("returns uploads with their locations", async () => {
    const httpResponse = await upload(await uploadToken(await connect()), "x", "binary-data?name=a");
    expect((await look())["blobs"]).toEqual([
      {
        id: expect.any(String),
        name: "a",
        bytes: 1,
        receivedAt: expect.any(Number),
        location: httpResponse.headers.get("location"),
      },
    ]);
  });
});

describe("PUT of a token's state", () => {
  beforeEach(() => start());
  const set = (state: unknown, query = ""): Promise<HttpResponse> =>
    call("PUT", `/endpoints/T${query}`, { state });
  const stateOf = async (): Promise<unknown> =>
    ((await call("GET", "/endpoints/T")).body as { state: unknown }).state;

  test("a new token is inactive until its first use", async () => {
    const { status, body } = await set("inactive", "?app=app-v1");
    expect([status, body]).toEqual([204, undefined]);
    expect(await stateOf()).toBe("inactive");
    await (await connect()).call("dcx/json", 1);
    expect(await stateOf()).toBe("active");
  });

  test("a suspended token is rejected until it is active again", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    await set("suspended");
    await device.tell("dcx/json/3", 1);
    expect(await device.receive("dcx/json/3/error")).toEqual({
      statusCode: 403,
      reasonPhrase: expect.any(String),
    });
    await set("active");
    expect(await device.call("dcx/json", 1)).toBeUndefined();
  });

  test("a revoked token is disconnected, and cannot connect again", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    expect((await set("revoked")).status).toBe(204);
    expect(await device.closed).toBe(true);
    expectError(await set("active"), 409);
    expect((await set("revoked")).status).toBe(204);
    expect(await stateOf()).toBe("revoked");
  });

  test("a suspended device gets no pushes, and the missed ones once it is active again", async () => {
    const device = await connect();
    await device.call("dcx/json", 1);
    await set("suspended");
    await call("POST", "/endpoints/T/commands/reboot");
    expect(device.remaining()).toEqual([]);
    await set("active");
    expect(await device.receive("cex/command/reboot/status")).toEqual([{ id: 1 }]);
  });

  test.each([[{ state: "on" }], [{}], ["active"], [["active"]], [null], [undefined]])(
    "%j is rejected as a state",
    async (body) => {
      await (await connect()).call("dcx/json", 1);
      expectError(await call("PUT", "/endpoints/T", body), 400);
      expect(await stateOf()).toBe("active");
    },
  );

  test("an unknown token without an application is rejected", async () => {
    expectError(await set("active"), 400);
  });

  test.each(["a%2Fb?app=app-v1", "a%2Bb?app=app-v1", "a%23?app=app-v1", "T?app=", "T?app=a%2Fb"])(
    "%s is rejected as an endpoint",
    async (path) => {
      expectError(await call("PUT", `/endpoints/${path}`, { state: "active" }), 400);
      expect(kaa.endpoints.all()).toEqual([]);
    },
  );
});

describe("the same token in several applications", () => {
  beforeEach(async () => {
    await start();
    for (const appVersion of ["one-v1", "two-v1"])
      await (await connect({ ...endpoint, appVersion })).call("dcx/json", 1);
  });

  test.each([
    ["GET", "", undefined],
    ["POST", "/commands/reboot", {}],
    ["PUT", "/configuration", {}],
  ])("is ambiguous for %s /endpoints/T%s", async (method, path, body) => {
    expectError(await call(method, `/endpoints/T${path}`, body), 409);
  });

  test("is ambiguous for PUT /endpoints/T", async () => {
    expectError(await call("PUT", "/endpoints/T", { state: "suspended" }), 409);
  });

  test.each(["two-v1", "two"])("is not ambiguous with ?app=%s", async (app) => {
    expect((await call("GET", `/endpoints/T?app=${app}`)).body).toMatchObject({ application: "two" });
    expect((await call("POST", `/endpoints/T/commands/reboot?app=${app}`)).status).toBe(201);
    expect((await call("PUT", `/endpoints/T/configuration?app=${app}`, {})).status).toBe(200);
    expect((await call("PUT", `/endpoints/T?app=${app}`, { state: "suspended" })).status).toBe(204);
    expect((await call("GET", "/endpoints/T?app=two")).body).toMatchObject({ state: "suspended" });
    expect((await call("GET", "/endpoints/T?app=one")).body).toMatchObject({
      state: "active",
      commands: [],
      configuration: [],
    });
  });
});

describe("routes", () => {
  test.each([
    ["GET", "/endpoints/T", undefined],
    ["POST", "/endpoints/T/commands/reboot", {}],
    ["PUT", "/endpoints/T/configuration", {}],
  ])("%s %s rejects an unknown endpoint", async (method, path, body) => {
    await start();
    expectError(await call(method, path, body), 404);
  });

  test("other tokens are unknown with `tokens`", async () => {
    await start({ appVersion: "app-v1", tokens: ["T"] });
    expect((await call("POST", "/endpoints/T/commands/reboot")).status).toBe(201);
    expectError(await call("POST", "/endpoints/U/commands/reboot"), 404);
    expectError(await call("GET", "/endpoints/U"), 404);
  });

  test("an endpoint is unknown in another application", async () => {
    await start();
    await (await connect()).call("dcx/json", 1);
    expectError(await call("GET", "/endpoints/T?app=other"), 404);
  });

  test.each([
    ["DELETE", "/endpoints/T", "GET, PUT"],
    ["POST", "/endpoints/T", "GET, PUT"],
    ["GET", "/endpoints/T/commands/reboot", "POST"],
    ["POST", "/endpoints/T/configuration", "PUT"],
    ["GET", "/bcx/api/v1/binary-data", "POST"],
    ["PUT", "/bcx/api/v1/files/x", "POST"],
    ["DELETE", "/bcx/api/v1/applications/a/endpoints/e/binary-data/b", "GET"],
  ])("%s %s is rejected with the allowed methods", async (method, path, allow) => {
    await start();
    const httpResponse = await call(method, path);
    expectError(httpResponse, 405);
    expect(httpResponse.headers.get("allow")).toBe(allow);
  });

  test.each([
    "/",
    "/endpoints",
    "/endpoints/",
    "/endpoints/T/commands",
    "/endpoints/T/",
    "/bcx/api/v1",
    "/kp1",
  ])("%s is an unknown route", async (path) => {
    await start();
    expectError(await call("GET", path), 404);
  });

  test.each(["//", "http://["])("%s is an unknown route", async (path) => {
    await start();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(kaa.httpUrl, { path }).once("response", resolve).once("error", reject).end();
    });
    response.resume();
    expect([400, 404]).toContain(response.statusCode);
  });

  test("a token with invalid percent-encoding is rejected", async () => {
    await start();
    expectError(await call("GET", "/endpoints/%E0%A4%A"), 400);
  });

  test.each([
    ["POST", "/endpoints/T/commands/reboot"],
    ["PUT", "/endpoints/T/configuration"],
    ["PUT", "/endpoints/T"],
  ])("%s %s accepts a mebibyte of JSON and not more", async (method, path) => {
    await start({ appVersion: "app-v1" });
    await (await connect()).call("dcx/json", 1);
    const text = (bytes: number): string => JSON.stringify("x".repeat(bytes - 2));
    const bodies = [text(MiB + 1), text(20 * MiB), stream([Buffer.from(text(MiB + 1))])];
    for (const body of bodies)
      expectError(await send(method, path, { body, duplex: "half", headers: JSON_TYPE }), 413);
    expect((await send(method, path, { body: text(MiB), headers: JSON_TYPE })).status).not.toBe(413);
    expect(await call("GET", "/endpoints/T")).toMatchObject({ status: 200 });
  });
});
