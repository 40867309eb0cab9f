import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runCli } from "../../support/run-cli.js";
import { type CliMock, startCliMock } from "../../support/cli-mock.js";

const root = join(import.meta.dirname, "../../..");
const spec = join(root, "spec/kaa/kaa.yaml");
const B = "kp1/demo-v1";
const closing: (() => Promise<unknown>)[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "topicsmith-mock-"));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(...args: readonly string[]): Promise<CliMock> {
  const mock = await startCliMock(spec, ...args);
  closing.push(() => mock.stop("SIGKILL"));
  return mock;
}

async function connect(url: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, clientId: "tester" });
  closing.push(() => client.endAsync(true));
  return client;
}

async function request(client: MqttClient, path: string, body: string): Promise<string> {
  const response = new Promise<string>((resolve) =>
    client.once("message", (topic, payload) => resolve(`${topic.slice(B.length + 1)} ${payload.toString()}`)),
  );
  await client.publishAsync(`${B}/${path}`, body, { qos: 1 });
  return response;
}

/** The printed lines without times, which vary. */
const lines = (mock: CliMock): readonly string[] =>
  mock
    .stdout()
    .split("\n")
    .slice(1)
    .map((line) =>
      line
        .replace(/^\d\d:\d\d:\d\d\.\d{3} {2}/, "")
        .replace(/\s+[\d.]+ ms$/, " # ms")
        .replace(/\s+median$/, "  median"),
    );

const refused = async (...args: readonly string[]) => runCli(".", "mock", ...args);

describe("topicsmith mock", () => {
  test("responds with the spec's examples, prints the traffic with secrets redacted, and ends with a summary", async () => {
    const mock = await start("--deliver", "always");
    expect(mock.stdout()).toMatch(
      /^Kaa MQTT Device API: mock listening on mqtt:\/\/127\.0\.0\.1:\d+ \(stop with Ctrl-C\)\n$/,
    );
    const client = await connect(mock.url);
    await client.subscribeAsync(`${B}/epmx/s3cret/#`);
    expect(await request(client, "epmx/s3cret/get/7", '{"keys":["name"]}')).toContain("Boiler room");
    expect(await request(client, "dcx/s3cret/json/8", "{")).toContain("dcx/s3cret/json/8/error");
    expect(await request(client, "xyz/s3cret/json/9", "1")).toContain("404");
    await client.endAsync();
    expect(await mock.stop()).toBe(0);
    expect(lines(mock)).toEqual([
      "+ client-1 connected",
      `  client-1 subscribed to ${B}/epmx/***/#`,
      '> epmx.get 7  demo-v1 ***  {"keys":["name"]}',
      expect.stringMatching(/^< ok epmx\.get 7 {2}demo-v1 \*\*\* {2}\{"name":"Boiler room sensor".* # ms$/),
      "> dcx.json 8  demo-v1 ***  (is not JSON)",
      `< error dcx.json 8  demo-v1 ***  the whole body is not JSON (${root}/spec/kaa/dcx.yaml:8)  {"statusCode":400,"reasonPhrase":"The request is not JSON"} # ms`,
      `> ${B}/xyz/***/json/9: unknown topic; the nearest is dcx.json (${root}/spec/kaa/dcx.yaml:8), kp1/{appVersion}/dcx/{endpointToken}/json[/{requestId}]: the level "dcx" is missing`,
      `< ${B}/xyz/***/json/9/error`,
      "- client-1 disconnected",
      "",
      "resource  requests  ok  errors  pushes  median",
      "epmx.get         1   1       0       0 # ms",
      "dcx.json         1   0       1       0 # ms",
      "1 connection, 1 message on unknown topics",
      "",
    ]);
    expect(mock.stderr()).toBe("");
  });

  test("prints secrets with --show-secrets, and no traffic with --quiet", async () => {
    const [open, quiet] = [
      await start("--show-secrets", "--deliver", "always"),
      await start("--quiet", "--deliver", "always"),
    ];
    for (const mock of [open, quiet]) await request(await connect(mock.url), "epmx/s3cret/get/keys/1", "");
    await open.stop("SIGTERM");
    await quiet.stop();
    expect(open.stdout()).toContain("epmx.getKeys 1  demo-v1 s3cret");
    expect(quiet.stdout().trim().split("\n")).toHaveLength(1);
  });

  test("prints why it refuses MQTT 5 and shared subscriptions", async () => {
    const mock = await start();
    await expect(
      mqtt.connectAsync(mock.url, { protocolVersion: 5, reconnectPeriod: 0, clientId: "five" }),
    ).rejects.toThrow();
    const client = await connect(mock.url);
    await expect(client.subscribeAsync("$share/group/kp1/#")).rejects.toThrow();
    await mock.stop();
    expect(lines(mock)).toContain(
      "! client-1 was refused: MQTT 5: this broker supports MQTT 3.1.1 only; connect with that version (mosquitto's tools: -V 311)",
    );
    expect(lines(mock)).toContainEqual(
      expect.stringMatching(/^! client-2 cannot subscribe to \$share\/\*\*\*\/kp1\/#: shared subscriptions/),
    );
  });

  test("loads handlers from a TypeScript module with --handlers", async () => {
    const handlers = join(folder, "handlers.ts");
    writeFileSync(
      handlers,
      `import { Rejection } from ${JSON.stringify(join(root, "dist/mock/index.js"))};
       type Values = Record<string, unknown>;
       const metadata = new Map<string, Values>();
       export default {
         epmx: {
           get: (_: unknown, { parameters }: { parameters: { endpointToken: string } }): Values =>
             metadata.get(parameters.endpointToken) ?? {},
           updateKeys(values: Values, { parameters }: { parameters: { endpointToken: string } }) {
             if ("serial" in values) throw new Rejection({ statusCode: 403, reasonPhrase: "serial is read-only" });
             metadata.set(parameters.endpointToken, values);
           },
         },
       };`,
    );
    const mock = await start("--deliver", "always", "--handlers", handlers);
    const client = await connect(mock.url);
    expect(await request(client, "epmx/T/update/keys/1", '{"a":1}')).toBe("epmx/T/update/keys/1/status ");
    expect(await request(client, "epmx/T/get/2", "")).toBe('epmx/T/get/2/status {"a":1}');
    expect(await request(client, "epmx/T/update/keys/3", '{"serial":1}')).toContain("serial is read-only");
  });

  test("injects faults from a file with --faults, and records the traffic with --record", async () => {
    const [faults, record] = [join(folder, "faults.yaml"), join(folder, "record.jsonl")];
    writeFileSync(
      faults,
      "- { resource: epmx.getKeys, kind: error, payload: { statusCode: 418, reasonPhrase: teapot } }\n",
    );
    const mock = await start("--deliver", "always", "--faults", faults, "--record", record);
    const client = await connect(mock.url);
    expect(await request(client, "epmx/s3cret/get/keys/1", "")).toContain("418");
    expect(await request(client, "epmx/s3cret/get/keys/2", "")).toContain("name");
    await mock.stop();
    expect(lines(mock)).toContain(`! injected fault error: ${B}/epmx/***/get/keys/1`);
    expect(lines(mock).at(-2)).toBe("1 connection, 1 injected fault");
    const text = readFileSync(record, "utf8");
    expect(text).toContain('"kind":"fault"');
    expect(text).not.toContain("s3cret");
  });

  test("listens on WebSocket with --ws", async () => {
    const mock = await start("--ws", "--deliver", "always");
    expect(mock.ws).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    expect(await request(await connect(`${mock.ws}/ws`), "bcx/T/token/1", "")).toContain("token");
  });

  test("reports a mistake in the spec as often as validate does: once", async () => {
    const broken = join(folder, "broken.yaml");
    const kettle = readFileSync(join(root, "test/support/kettle.yaml"), "utf8");
    writeFileSync(broken, kettle.replace("type: integer", "$ref: '#/nope'"));
    const { status, stderr } = await refused(broken, "--port", "0");
    expect(status).toBe(1);
    expect(stderr.match(/broken\.yaml:\d+:\d+ - error [\w-]+/g)).toEqual([
      expect.stringMatching(/:24:61 - error dangling-reference$/),
    ]);
    const validated = await runCli(".", "validate", broken, "-q");
    expect(validated.stdout.match(/error [\w-]+:/g)).toEqual(["error dangling-reference:"]);
  });

  test("exits with an error and a hint for options that it cannot use", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => void taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    expect(await refused(spec, "--port", String(port))).toEqual({
      status: 1,
      stdout: "",
      stderr: `topicsmith mock: port ${port} is already in use; choose another with --port, or 0 for any free port\n`,
    });
    // The recording is deleted, so that the same command can be run again.
    expect(await refused(spec, "--port", `${port}`, "--record", join(folder, "new.jsonl"))).toMatchObject({
      status: 1,
    });
    expect(existsSync(join(folder, "new.jsonl"))).toBe(false);
    expect(await refused(spec, "--port", "0", "--ws", `${port}`)).toMatchObject({
      status: 1,
      stderr: `topicsmith mock: port ${port} is already in use; choose another with --ws, or 0 for any free port\n`,
    });
    taken.close();
    expect(await refused(spec, "--port", "99999")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("0 to 65535"),
    });
    expect(await refused(spec, "--deliver", "never")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("subscribed, always"),
    });
    expect(await refused("none.yaml")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("missing-file"),
    });
    writeFileSync(join(folder, "faults.yaml"), "- { kind: dorp }\n");
    expect(await refused(spec, "--port", "0", "--faults", join(folder, "faults.yaml"))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("faults.yaml:1:11 - error invalid-fault"),
    });
    writeFileSync(join(folder, "handlers.mjs"), "export default { epmx: { gte: () => ({}) } };");
    expect(await refused(spec, "--port", "0", "--handlers", join(folder, "handlers.mjs"))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("unknown resource of epmx: gte; did you mean get?"),
    });
    writeFileSync(join(folder, "empty.mjs"), "export const handlers = {};");
    expect(await refused(spec, "--port", "0", "--handlers", join(folder, "empty.mjs"))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("exports no handlers"),
    });
    expect(await refused(spec, "--port", "0", "--handlers", join(folder, "none.ts"))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("none.ts"),
    });
    writeFileSync(join(folder, "broken.ts"), "throw new Error('not today');");
    expect(await refused(spec, "--port", "0", "--handlers", join(folder, "broken.ts"))).toMatchObject({
      status: 1,
      stderr: `topicsmith mock: cannot load ${join(folder, "broken.ts")}: not today\n`,
    });
    expect(await refused(spec, "--port", "0", "--record", join(folder, "none/record.jsonl"))).toMatchObject({
      status: 1,
      stderr: `topicsmith mock: cannot write ${join(folder, "none/record.jsonl")}: ENOENT; check that the folder of --record exists\n`,
    });
    writeFileSync(join(folder, "record.jsonl"), "mine");
    expect(await refused(spec, "--port", "0", "--record", join(folder, "record.jsonl"))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("already exists"),
    });
    expect(readFileSync(join(folder, "record.jsonl"), "utf8")).toBe("mine");
  });
});

describe("topicsmith mock, when a file changes", () => {
  test("reloads spec, handlers and faults, keeps connections, and goes on after a mistake", async () => {
    const [api, handlers, faults] = ["api.yaml", "handlers.ts", "faults.yaml"].map((name) =>
      join(folder, name),
    );
    const kettle = readFileSync(join(root, "test/support/kettle.yaml"), "utf8");
    writeFileSync(api!, kettle);
    writeFileSync(handlers!, "export default { water: { boil: () => ({ id: 1 }) } };\n");
    writeFileSync(faults!, "[]\n");
    const mock = await startCliMock(
      api!,
      "--deliver",
      "always",
      "--handlers",
      handlers!,
      "--faults",
      faults!,
    );
    closing.push(() => mock.stop("SIGKILL"));
    const client = await connect(mock.url);
    const boil = async (): Promise<string> => {
      const response = new Promise<string>((resolve) =>
        client.once("message", (topic, payload) => resolve(`${topic} ${payload.toString()}`)),
      );
      await client.publishAsync("k/water/k1/boil/7", "{}", { qos: 1 });
      return response;
    };
    const changed = async (file: string, text: string, said: () => string, part: string): Promise<void> => {
      const before = said().split(part).length;
      writeFileSync(file, text);
      await vi.waitFor(() => expect(said().split(part).length).toBeGreaterThan(before), 10_000);
    };
    expect(await boil()).toBe('k/water/k1/boil/7/ok {"id":1}');
    await changed(
      handlers!,
      "export default { water: { boil: () => ({ id: 2 }) } };\n",
      mock.stdout,
      "reloaded",
    );
    expect(await boil()).toBe('k/water/k1/boil/7/ok {"id":2}');
    await changed(handlers!, "export default { water: {", mock.stderr, "not reloaded");
    expect(await boil()).toBe('k/water/k1/boil/7/ok {"id":2}');
    await changed(
      handlers!,
      "export default { water: { boil: () => ({ id: 3 }) } };\n",
      mock.stdout,
      "reloaded",
    );
    await changed(api!, kettle.replace("k/{extension}", "k/{extensio"), mock.stderr, "not reloaded");
    expect(await boil()).toBe('k/water/k1/boil/7/ok {"id":3}');
    await changed(api!, kettle.replace('"{request}/ok"', '"{request}/fine"'), mock.stdout, "reloaded");
    expect(await boil()).toBe('k/water/k1/boil/7/fine {"id":3}');
    await changed(faults!, "- { resource: water.boil, kind: error }\n", mock.stdout, "reloaded");
    expect(await boil()).toBe("k/water/k1/boil/7/err ");
    expect(client.connected).toBe(true);
    expect(mock.stdout().match(/client-\d+ connected/g)).toHaveLength(1);
  });
});
