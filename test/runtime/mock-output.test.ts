/** What the mock prints and records: bodies, pushes by hand, ended connections, and no secrets. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Mock, type MockOptions, startMock } from "../../src/mock/index.js";
import { POLLING } from "../support/polling.js";

const SPEC = "test/support/sensors.yaml";
const specLines = readFileSync(SPEC, "utf8").split("\n");
/** The line of the spec that contains a text. */
const lineOf = (part: string): number => specLines.findIndex((line) => line.includes(part)) + 1;

let folder: string;
let lines: string[];
const closing: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-output-"));
  lines = [];
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: MockOptions = {}): Promise<Mock> {
  const mock = await startMock(SPEC, {
    print: (line) => lines.push(line.slice("00:00:00.000  ".length).replace(/ {2}\d+ ms$/, "")),
    record: join(folder, "record.jsonl"),
    ...options,
  });
  closing.push(() => mock.close());
  return mock;
}

async function connect(mock: Mock, clientId = "device"): Promise<MqttClient> {
  const client = await mqtt.connectAsync(mock.url, { reconnectPeriod: 0, clientId });
  closing.push(() => client.endAsync(true));
  return client;
}

/** The entries of the closed recording. */
const recorded = (): readonly Record<string, unknown>[] =>
  readFileSync(join(folder, "record.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const printed = (part: string): Promise<string> =>
  vi.waitUntil(() => lines.find((line) => line.includes(part)), POLLING);

test("binary bodies are printed as their first bytes, and recorded and logged as a whole", async () => {
  const body = Uint8Array.from({ length: 250 }, (_, index) => index);
  const mock = await start({ handlers: { camX: { photo: () => Uint8Array.of(255) } } });
  const client = await connect(mock);
  await client.publishAsync("s/tok-1/cam_x/photo/7", Buffer.from(body), { qos: 1 });
  expect(await printed("> ")).toBe(
    "> cam_x.photo 7  ***  <250 bytes 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f …>",
  );
  expect(await printed("< ")).toBe("< ok cam_x.photo 7  ***  <1 byte ff>");
  expect(mock.requests[0]?.payload).toEqual(body);
  await mock.close();
  expect(recorded()).toContainEqual(
    expect.objectContaining({ kind: "received", bytes: 250, base64: Buffer.from(body).toString("base64") }),
  );
});

test("a body that the resource does not define is counted", async () => {
  const client = await connect(await start());
  await client.publishAsync("s/tok-1/cam_x/ping/a/7", "hello", { qos: 1 });
  expect(await printed("> ")).toBe("> cam_x.ping 7  *** a  (5 bytes ignored)");
});

describe("a push that a client publishes by hand", () => {
  test.each([
    ['{"id":7}', '> push cfg.config  ***  {"id":7}, delivered to 1 connection'],
    [
      '{"id":"x","extra":1}',
      `> push cfg.config  ***  {"id":"x","extra":1}, invalid: the whole body must NOT have additional properties: "extra" (${SPEC}:${lineOf("additionalProperties: false")}); /id must be integer (${SPEC}:${lineOf("id: { type")}), delivered to 1 connection`,
    ],
    ["{", "> push cfg.config  ***  (is not JSON), invalid: the whole body is not JSON"],
  ])("is checked and printed as delivered: %s", async (body, line) => {
    const mock = await start();
    const device = await connect(mock);
    await device.subscribeAsync("s/tok-1/cfg/config/ok", { qos: 1 });
    const received = new Promise((resolve) =>
      device.once("message", (_topic, payload) => resolve(payload.toString())),
    );
    await (await connect(mock, "by-hand")).publishAsync("s/tok-1/cfg/config/ok", body, { qos: 1 });
    expect(await received).toBe(body);
    expect((await printed("> push")).slice(0, line.length)).toBe(line);
    await mock.close();
    expect(recorded()).toContainEqual(
      expect.objectContaining({ kind: "received", part: "success", resource: "cfg.config", receivers: 1 }),
    );
  });

  test("is printed as not delivered if nobody has subscribed", async () => {
    const client = await connect(await start());
    await client.publishAsync("s/tok-1/cfg/config/ok", '{"id":7}', { qos: 1 });
    expect(await printed("> push")).toContain("not delivered: no connection has subscribed to it");
  });

  test("is printed as not delivered by a mock that relays nothing", async () => {
    const client = await connect(await start({ deliver: "always" }));
    await client.publishAsync("s/tok-1/cfg/config/ok", '{"id":7}', { qos: 1 });
    expect(await printed("> push")).toContain("not delivered: this mock relays no messages of clients");
  });

  test("is a response if the request was seen", async () => {
    const client = await connect(await start({ handlers: false }));
    await client.publishAsync("s/tok-1/cfg/config/7", "{}", { qos: 1 });
    await client.publishAsync("s/tok-1/cfg/config/7/ok", '{"id":7}', { qos: 1 });
    expect(await printed("> ok cfg.config 7  ***  ")).toContain('{"id":7}');
  });
});

test("a connection that the broker ends later was not refused", async () => {
  const client = await connect(await start());
  client.on("error", () => undefined);
  client.stream.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
  expect(await printed("client-1 disconnected: ")).toMatch(/^- client-1 disconnected: .+/);
  expect(lines.join("\n")).not.toContain("was refused");
});

test("logFormat json prints one object per event, with secrets redacted", async () => {
  const json: Record<string, unknown>[] = [];
  const mock = await start({
    logFormat: "json",
    print: (line) => json.push(JSON.parse(line) as Record<string, unknown>),
  });
  const client = await connect(mock);
  await client.publishAsync("s/tok-1/cfg/config/7", '{"pin":"0000-1111","note":1}', { qos: 1 });
  await vi.waitFor(() => expect(json.map(({ kind }) => kind)).toContain("sent"), POLLING);
  expect(json.slice(0, 4)).toEqual([
    { at: expect.any(String), kind: "note", text: expect.stringContaining("cam_x.photo") },
    { at: expect.any(String), kind: "connected", client: "client-1" },
    {
      at: expect.any(String),
      kind: "received",
      client: "client-1",
      part: "request",
      resource: "cfg.config",
      parameters: { token: "***" },
      requestId: 7,
      qos: 1,
      payload: { pin: "***", note: 1 },
    },
    expect.objectContaining({
      kind: "refused-request",
      reason: `/note must be string (${SPEC}:${lineOf("note:")})`,
    }),
  ]);
});

describe("secrets that stand elsewhere are redacted", () => {
  test("in words, path parameters, reasons, handler errors and earlier lines of a recording", async () => {
    const errors: string[] = [];
    const token = "tok&x=1~y";
    const other = "gw-child-9";
    const mock = await start({
      printError: (text) => errors.push(text),
      handlers: {
        cfg: {
          config: (request: unknown) => {
            throw new Error(`cannot use ${JSON.stringify(request)} of ?token=${token}&a=b`);
          },
        },
      },
    });
    const client = await connect(mock);
    // The other endpoint's token is known only after the next message.
    await client.publishAsync(
      `s/${token}/cfg/config/7`,
      JSON.stringify({ pin: "0000-1111", note: `child=${other};` }),
      { qos: 1 },
    );
    await client.publishAsync(`s/${other}/cam_x/ping/a/1`, "", { qos: 1 });
    await client.publishAsync(`s/${token}/cam_x/ping/via-${other}/2`, "", { qos: 1 });
    await client.publishAsync(
      `s/${token}/cfg/config/8`,
      JSON.stringify({ note: `pin 0000-1111 of ${other}x` }),
      { qos: 1 },
    );
    expect(await printed("> cam_x.ping 2")).toBe("> cam_x.ping 2  *** via-***");
    expect(await printed("> cfg.config 8")).toBe('> cfg.config 8  ***  {"note":"pin *** of ***x"}');
    await printed("< error cfg.config 8");
    // What was printed before the token was known is not covered.
    const all = [
      lines.slice(lines.findIndex((line) => line.includes("cam_x.ping 1"))),
      errors.slice(1),
      mock.requests,
    ];
    expect(JSON.stringify(all)).not.toMatch(/0000-1111|gw-child-9|tok&x/);
    expect(errors.join("\n")).toContain("cfg.config: Error: cannot use");
    await mock.close();
    const text = readFileSync(join(folder, "record.jsonl"), "utf8");
    expect(text).not.toMatch(/0000-1111|gw-child-9|tok&x|x=1~y|x=1~0y/);
    expect(text).toMatch(/child=endpoint-\d;/);
    expect(recorded()[0]).toEqual({
      kind: "recording",
      secrets: expect.stringContaining("replaced: tokens"),
    });
  });

  test("and a recording is readable by its user only, also while it is written", async () => {
    const mock = await start();
    const mode = (): number => statSync(join(folder, "record.jsonl")).mode & 0o777;
    expect(mode()).toBe(0o600);
    await mock.close();
    expect(mode()).toBe(0o600);
  });
});
