/** Injected faults, and the generated client's reaction to them. Also recordings. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type KaaClient, type KaaConnectOptions } from "kaa-device-client";
import { createPlatform } from "kaa-device-client/platform";
import mqtt from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { formatText } from "../../src/diagnostics/index.js";
import { mockDiagnostics } from "../../src/diagnostics/catalogue/mock.js";
import { type Fault, type Mock, type MockOptions, startMock } from "../../src/mock/index.js";
import { readFaults } from "../../src/mock/read-faults.js";

const SPEC = "spec/kaa/kaa.yaml";
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(options: MockOptions = {}): Promise<Mock> {
  const mock = await startMock(SPEC, options);
  closing.push(() => mock.close());
  return mock;
}

async function open(mock: Mock, options: Partial<KaaConnectOptions> = {}): Promise<KaaClient> {
  const backoff = { minMs: 5, maxMs: 20 };
  const kaa = await connect(mock.url, {
    appVersion: "demo-v1",
    timeoutMs: 300,
    idQuarantineMs: 2_000,
    backoff,
    ...options,
  });
  closing.push(() => kaa.close({ force: true }));
  return kaa;
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "did not fail",
    (error: unknown) => error,
  );

describe("an injected fault", () => {
  let mock: Mock;
  let kaa: KaaClient;
  beforeEach(async () => {
    mock = await start();
    kaa = await open(mock);
  });
  const device = (token = "T") => kaa.endpoint(token);

  test("drop: the call times out although the platform received the request, and the next call succeeds", async () => {
    const fault = mock.faults.next({ resource: "epmx.get", kind: "drop" });
    expect(await failure(device().epmx.get())).toMatchObject({ code: "timeout" });
    expect(await device().epmx.get()).toMatchObject({ name: expect.any(String) });
    expect(fault.triggered).toBe(1);
    expect(mock.faults.active).toEqual([]);
    expect(mock.requests).toHaveLength(2);
  });

  test("drop with part request: the platform does not receive the request", async () => {
    const received: string[] = [];
    const other = await start({
      handlers: { epmx: { getKeys: () => (received.push("getKeys"), []) } },
      faults: [{ kind: "drop", part: "request" }],
    });
    const { epmx } = (await open(other)).endpoint("T");
    expect(await failure(epmx.getKeys())).toMatchObject({ code: "timeout" });
    expect(await epmx.getKeys()).toEqual([]);
    expect(received).toEqual(["getKeys"]);
  });

  test("delay: a late response is counted, and not delivered to the next call", async () => {
    mock.faults.next({ resource: "epmx.getKeys", kind: "delay", delayMs: 150 });
    expect(await failure(device().epmx.getKeys({ timeoutMs: 50 }))).toMatchObject({ code: "timeout" });
    expect(await device().epmx.getKeys()).toEqual(expect.any(Array));
    await vi.waitFor(() => expect(kaa.stats()).toMatchObject({ late: 1, unmatched: 0, quarantined: 0 }));
    mock.faults.next({ kind: "delay", delayMs: 20 });
    expect(await device().epmx.getKeys()).toEqual(expect.any(Array));
  });

  test("duplicate: the response is delivered once, and its copies are counted", async () => {
    mock.faults.next({ resource: "bcx.token", kind: "duplicate", copies: 3 });
    expect(await device().bcx.token()).toEqual({ token: expect.any(String) });
    await vi.waitFor(() => expect(kaa.stats().duplicate).toBe(2));
  });

  test("error: the call is rejected with the spec's reply `failed` or a given payload, a send with an event", async () => {
    mock.faults.next({ resource: "epmx.*", kind: "error" });
    mock.faults.next({
      resource: "epmx.get",
      kind: "error",
      payload: { statusCode: 429, reasonPhrase: "Slow down" },
    });
    expect(await failure(device().epmx.get())).toMatchObject({
      code: "rejected",
      payload: { statusCode: 500 },
    });
    expect(await failure(device().epmx.get())).toMatchObject({
      payload: { statusCode: 429, reasonPhrase: "Slow down" },
    });
    const rejected: unknown[] = [];
    kaa.on("rejected", ({ payload }) => rejected.push(payload));
    mock.faults.next({ resource: "dcx.json", kind: "error" });
    await device().dcx.json.send(1);
    await vi.waitFor(() => expect(rejected).toMatchObject([{ statusCode: 500 }]));
  });

  test("malformed: a response that cannot be decoded fails its call, and not the next one", async () => {
    mock.faults.next({ resource: "epmx.getKeys", kind: "malformed" });
    mock.faults.next({ resource: "epmx.getKeys", kind: "malformed", body: '{"a":1}' });
    mock.faults.next({ resource: "epmx.getKeys", kind: "malformed", body: new Uint8Array([34, 255, 34]) });
    for (const code of ["malformed-response", "invalid-response", "malformed-response"])
      expect(await failure(device().epmx.getKeys())).toMatchObject({ code });
    expect(await device().epmx.getKeys()).toEqual(expect.any(Array));
  });

  test("malformed: the body of a response that the spec defines as empty is ignored (R24)", async () => {
    mock.faults.next({
      resource: "dcx.json",
      kind: "malformed",
      body: '{"statusCode":200,"reasonPhrase":"Ok"}',
    });
    expect(await device().dcx.json(1)).toBeUndefined();
  });

  test("wrong-id: the response is counted as unmatched, and the call times out", async () => {
    mock.faults.next({ resource: "epmx.get", kind: "wrong-id" });
    const [wrong, right] = [failure(device().epmx.get()), device("U").epmx.get()];
    expect(await wrong).toMatchObject({ code: "timeout" });
    expect(await right).toMatchObject({ name: expect.any(String) });
    expect(kaa.stats()).toMatchObject({ unmatched: 1 });
  });

  test("disconnect: an idempotent call is retried, and any other times out with a description of its state", async () => {
    mock.faults.next({ resource: "epmx.get", kind: "disconnect" });
    expect(await device().epmx.get()).toMatchObject({ name: expect.any(String) });
    mock.faults.next({ resource: "dcx.json", kind: "disconnect" });
    expect(await failure(device().dcx.json(1))).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("sent, acknowledged, session lost"),
    });
    expect(mock.requests.map(({ resource }) => resource)).toEqual(["get", "get", "json"]);
  });

  test("refuse-subscribe: the call fails, and the next call subscribes again", async () => {
    mock.faults.next({ resource: "cex.command", kind: "refuse-subscribe" });
    expect(await device().epmx.getKeys()).toEqual(expect.any(Array));
    expect(await failure(device().cex.command("reboot"))).toMatchObject({ code: "subscribe-refused" });
    expect(await device().cex.command("reboot")).toEqual(expect.any(Array));
  });

  test("applies only to requests with the given topic parameters", async () => {
    mock.faults.next({ kind: "drop", parameters: { endpointToken: "U" } });
    expect(await device("T").epmx.getKeys()).toEqual(expect.any(Array));
    expect(await failure(device("U").epmx.getKeys())).toMatchObject({ code: "timeout" });
    expect(await device("U").epmx.getKeys()).toEqual(expect.any(Array));
  });

  test("skips `skip` requests, applies to `count` requests, and can be cancelled", async () => {
    const fault = mock.faults.next({ resource: "bcx.token", kind: "error", skip: 1, count: 2 });
    const outcomes: boolean[] = [];
    for (let time = 0; time < 4; time += 1)
      outcomes.push((await failure(device().bcx.token())) === "did not fail");
    expect(outcomes).toEqual([true, false, false, true]);
    expect(fault.triggered).toBe(2);
    mock.faults.next({ kind: "error" }).cancel();
    mock.faults.next({ kind: "error", count: 99 });
    mock.faults.clear();
    expect(await device().bcx.token()).toEqual({ token: expect.any(String) });
  });

  test("applies with a probability, to the same requests for the same seed", async () => {
    const outcomesOf = async (seed: number): Promise<string> => {
      const fault = mock.faults.next({ kind: "error", probability: 0.5, seed });
      let outcomes = "";
      for (let time = 0; time < 40; time += 1)
        outcomes += (await failure(device().bcx.token())) === "did not fail" ? "." : "x";
      fault.cancel();
      expect(fault.triggered).toBe(outcomes.replaceAll(".", "").length);
      return outcomes;
    };
    const first = await outcomesOf(7);
    expect(await outcomesOf(7)).toBe(first);
    expect(await outcomesOf(8)).not.toBe(first);
    expect(first.replaceAll(".", "").length).toBeGreaterThan(10);
    expect(first.replaceAll("x", "").length).toBeGreaterThan(10);
  });

  test.each<[Fault, string]>([
    [{ kind: "dorp" as "drop" }, "invalid fault: kind must be one of"],
    [{ kind: "dorp" as "drop" }, "did you mean drop?"],
    [{ kind: "drop", resource: "epmx.gte" }, "did you mean epmx.get?"],
    [{ kind: "drop", count: 0 }, "count must be a whole number, 1 or more"],
    [{ kind: "drop", probability: 2 }, "probability must be a number from 0 to 1"],
    [{ kind: "delay", delay: 7 } as Fault, "unknown property delay; did you mean delayMs?"],
    [{ resource: "epmx.get" } as Fault, "kind is missing"],
    [{ kind: "drop", parameters: { endpointTokn: "T" } }, "did you mean endpointToken?"],
    [
      { kind: "drop", resource: "cex.command", parameters: { metricName: "t" } },
      "unknown parameter metricName",
    ],
    [
      { kind: "refuse-subscribe", resource: "cex.command", parameters: { commandType: "a b" } },
      "commandType must",
    ],
  ])("%j is invalid: %s", (fault, text) => {
    expect(() => mock.faults.next(fault)).toThrow(text);
  });
});

test("a fault in the response to one connection does not affect another connection that uses the same topic", async () => {
  const respond = new Map<string, (value: { name: string }) => void>();
  const mock = await start({
    deliver: "always",
    handlers: {
      epmx: {
        get: (request: { keys: string[] }) =>
          new Promise((resolve) => respond.set(request.keys[0] ?? "", resolve)),
      },
    },
  });
  const [one, other] = [await mqtt.connectAsync(mock.url), await mqtt.connectAsync(mock.url)];
  for (const client of [one, other]) closing.push(() => client.endAsync(true));
  const closed = new Promise<void>((resolve) => one.once("close", () => resolve()));
  mock.faults.next({ resource: "epmx.get", kind: "disconnect" });
  one.publish("kp1/demo-v1/epmx/T/get/32", '{"keys":["one"]}');
  await vi.waitFor(() => expect(respond.has("one")).toBe(true));
  const response = new Promise<string>((resolve) => other.once("message", resolve));
  other.publish("kp1/demo-v1/epmx/T/get/32", '{"keys":["other"]}');
  await vi.waitFor(() => expect(respond.has("other")).toBe(true));
  respond.get("other")?.({ name: "x" });
  expect(await response).toBe("kp1/demo-v1/epmx/T/get/32/status");
  respond.get("one")?.({ name: "x" });
  await closed;
  expect(other.connected).toBe(true);
});

test("a disconnect fault destroys the requesting connection for a platform that addresses none", async () => {
  const mock = await start({ handlers: false });
  const transport = mock.transport();
  transport.onMessage(({ topic }) => {
    if (!topic.endsWith("/status")) void transport.publish(`${topic}/status`, new Uint8Array(), { qos: 0 });
  });
  await transport.subscribe(["kp1/#"], 1);
  const [requester, other] = [await mqtt.connectAsync(mock.url), await mqtt.connectAsync(mock.url)];
  for (const client of [requester, other]) closing.push(() => client.endAsync(true));
  mock.faults.next({ resource: "dcx.json", kind: "disconnect" });
  const closed = new Promise<void>((resolve) => requester.once("close", () => resolve()));
  requester.publish("kp1/demo-v1/dcx/T/json/1", "1");
  await closed;
  await other.publishAsync("kp1/demo-v1/dcx/T/json/2", "1", { qos: 1 });
  expect(other.connected).toBe(true);
});

test("faults apply to any platform on the mock's broker", async () => {
  const mock = await start({ handlers: false });
  const platform = await createPlatform(
    mock.transport(),
    { bcx: { token: () => ({ token: "mine" }) } },
    { unhandled: "reject" },
  );
  closing.push(() => platform.stop());
  const { bcx } = (await open(mock)).endpoint("T");
  mock.faults.next({ resource: "bcx.token", kind: "malformed" });
  expect(await failure(bcx.token())).toMatchObject({ code: "malformed-response" });
  expect(await bcx.token()).toEqual({ token: "mine" });
});

describe("a file of faults", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "topicsmith-faults-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const resources = ["epmx.get", "dcx.json"];

  async function read(text: string) {
    const path = join(folder, "faults.yaml");
    writeFileSync(path, text);
    const { faults, diagnostics, sources } = await readFaults(path, resources);
    const printed = formatText(diagnostics, { sources, color: false }).replaceAll(`${folder}/`, "");
    return { faults, printed, codes: diagnostics.map(({ code }) => code) };
  }

  test("may be a list, or a mapping with a list and a seed", async () => {
    expect((await read("- { kind: drop, resource: epmx.get, count: 2 }")).faults).toEqual([
      { kind: "drop", resource: "epmx.get", count: 2 },
    ]);
    const { faults } = await read(
      "seed: 7\nfaults:\n  - { kind: delay, probability: 0.1 }\n  - { kind: drop, seed: 8 }\n",
    );
    expect(faults).toEqual([
      { kind: "delay", probability: 0.1, seed: 7 },
      { kind: "drop", seed: 8 },
    ]);
  });

  test("with mistakes yields no faults, and reports each mistake with its location", async () => {
    const { faults, printed } = await read(
      "faults:\n  - kind: drop\n    resource: epmx.gte\n  - { kind: sleep }\n  - drop\n",
    );
    expect(faults).toEqual([]);
    expect(printed).toBe(
      [
        "faults.yaml:3:15 - error invalid-fault: invalid fault: resource must be a resource of the spec, such as epmx.get; did you mean epmx.get?",
        "  3 |     resource: epmx.gte",
        "    |               ^^^^^^^^",
        "",
        "faults.yaml:4:13 - error invalid-fault: invalid fault: kind must be one of drop, delay, duplicate, error, malformed, wrong-id, disconnect, refuse-subscribe",
        "  4 |   - { kind: sleep }",
        "    |             ^^^^^",
        "",
        "faults.yaml:5:5 - error invalid-fault: invalid fault: expected a mapping, such as { kind: drop }",
        "  5 |   - drop",
        "    |     ^^^^",
        "",
      ].join("\n"),
    );
  });

  test("with an unknown key or an invalid seed is reported", async () => {
    const { printed } = await read("sede: 7\nseed: soon\nfaults: []\n");
    expect(printed).toContain(
      "faults.yaml:1:7 - error invalid-fault: invalid fault: unknown key sede; did you mean seed?",
    );
    expect(printed).toContain(
      "faults.yaml:2:7 - error invalid-fault: invalid fault: seed must be a whole number",
    );
  });

  test("can cause every diagnostic of the mock, and those of reading a file", async () => {
    const codes = [
      ...(await read("hello")).codes,
      ...(await read("faults: 7")).codes,
      ...(await read("- {}")).codes,
    ];
    expect(new Set(codes)).toEqual(new Set(Object.keys(mockDiagnostics)));
    expect((await read("- [")).codes).toEqual(["yaml-syntax"]);
    const missing = await readFaults(join(folder, "none.yaml"), resources);
    expect(missing.diagnostics.map(({ code }) => code)).toEqual(["missing-file"]);
  });
});

describe("a recording", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "topicsmith-record-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("has one JSON line for each event, with pseudonyms for secrets, and is not overwritten", async () => {
    const record = join(folder, "bug.jsonl");
    const mock = await start({ record, faults: [{ resource: "epmx.get", kind: "malformed" }] });
    const kaa = await open(mock, { clientId: "the-id" });
    await kaa.endpoint("s3cret-one").dcx.json({ mine: "s3cret-one" });
    await kaa.endpoint("s3cret-two").bcx.token();
    await failure(kaa.endpoint("s3cret-one").epmx.get());
    await kaa.close();
    await mock.close();
    const text = readFileSync(record, "utf8");
    expect(text).not.toMatch(/s3cret|the-id|upload-token/);
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const parametersOf = (endpoint: string): object => ({ appVersion: "demo-v1", endpointToken: endpoint });
    expect(lines.shift()).toEqual({ kind: "recording", secrets: expect.stringContaining("replaced") });
    expect(lines.filter(({ kind }) => kind !== "subscribed")).toEqual(
      [
        { kind: "connected" },
        {
          kind: "received",
          part: "request",
          resource: "dcx.json",
          parameters: parametersOf("endpoint-1"),
          payload: { mine: "endpoint-1" },
        },
        { kind: "sent", part: "success", resource: "dcx.json", parameters: parametersOf("endpoint-1") },
        { kind: "received", part: "request", resource: "bcx.token", parameters: parametersOf("endpoint-2") },
        { kind: "sent", part: "success", resource: "bcx.token", payload: { token: "secret-1" } },
        { kind: "received", part: "request", resource: "epmx.get", parameters: parametersOf("endpoint-1") },
        {
          kind: "fault",
          fault: "malformed",
          topic: expect.stringMatching(/^kp1\/demo-v1\/epmx\/endpoint-1\/get\/\d+$/),
        },
        {
          kind: "sent",
          part: "success",
          resource: "epmx.get",
          decodeError: "is not JSON",
          bytes: 1,
          text: "{",
        },
        { kind: "disconnected" },
      ].map((line) => expect.objectContaining({ at: expect.any(String), client: "client-1", ...line })),
    );
    await expect(startMock(SPEC, { record })).rejects.toMatchObject({ code: "EEXIST" });
    expect(readFileSync(record, "utf8")).toBe(text);
  });
});

test("mock.requests contain secrets with `showSecrets`", async () => {
  const mock = await start({ showSecrets: true });
  await (await open(mock)).endpoint("s3cret").epmx.getKeys();
  expect(mock.requests).toMatchObject([{ parameters: { endpointToken: "s3cret" } }]);
});
