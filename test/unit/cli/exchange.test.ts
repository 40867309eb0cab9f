import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createWebServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import mqtt from "mqtt";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Mock, startMock } from "../../../src/mock/index.js";

const root = join(import.meta.dirname, "../../..");
const spec = "spec/kaa/kaa.yaml";
const TO = ["--to", "appVersion=demo-v1,endpointToken=T"];
let mock: Mock;
beforeEach(async () => {
  mock = await startMock(join(root, spec));
});
afterEach(async () => {
  await mock.close();
});

function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return runAt(mock.url, ...args);
}

async function runAt(url: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, ["dist/cli/main.js", ...args, "--url", url], { cwd: root });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, stdout, stderr };
}

describe("topicsmith push", () => {
  test("delivers a checked push to the subscribed device", async () => {
    const device = await mqtt.connectAsync(mock.url, { reconnectPeriod: 0 });
    await device.subscribeAsync("kp1/demo-v1/cex/T/command/reboot/status", { qos: 1 });
    const received = new Promise((resolve) =>
      device.once("message", (topic, payload) => resolve([topic, payload.toString()])),
    );
    expect(await run("push", spec, "cex.command", "reboot", '[{"id":1}]', ...TO)).toEqual({
      code: 0,
      stdout: "published to kp1/demo-v1/cex/T/command/reboot/status\n",
      stderr: "",
    });
    expect(await received).toEqual(["kp1/demo-v1/cex/T/command/reboot/status", '[{"id":1}]']);
    await device.endAsync();
  });

  test.each([
    [
      "an invalid payload",
      ["cex.command", "reboot", '[{"id":"x"}]', ...TO],
      /^topicsmith push: \/0\/id must be .* \(spec\/kaa\/cex\.yaml:\d+\)\n$/,
    ],
    [
      "a payload that is not JSON",
      ["cex.command", "reboot", "{", ...TO],
      /is not JSON \(spec\/kaa\/cex\.yaml:\d+\)/,
    ],
    ["a missing parameter", ["cex.command", "reboot", '[{"id":1}]'], /appVersion is missing/],
    [
      "a misspelt resource",
      ["cex.comand", "reboot", "[]", ...TO],
      /no resource with pushes cex\.comand; did you mean cex\.command\?\n {2}cex\.command <commandType> <payload>/,
    ],
  ])("publishes nothing for %s", async (_, args, message) => {
    const { code, stderr } = await run("push", spec, ...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });

  test("lists the resources with pushes", async () => {
    const { code, stdout } = await run("push", spec);
    expect(stdout).toMatch(/^cex\.command <commandType> <payload> {2}/m);
    expect(stdout).not.toContain("dcx.json");
    expect(code).toBe(0);
  });
});

describe("topicsmith call", () => {
  test("prints the response", async () => {
    expect(await run("call", spec, "epmx.get", '{"keys":["name"]}', ...TO)).toEqual({
      code: 0,
      stdout: '{"name":"Boiler room sensor","deviceModel":"TH-2"}\n',
      stderr: "",
    });
  });

  test("prints an error response, and exits with 1", async () => {
    mock.faults.next({ kind: "error", payload: { statusCode: 418, reasonPhrase: "teapot" } });
    expect(await run("call", spec, "epmx.getKeys", ...TO)).toEqual({
      code: 1,
      stdout: '{"statusCode":418,"reasonPhrase":"teapot"}\n',
      stderr: "topicsmith call: the platform responded with an error\n",
    });
  });

  test("refuses an invalid request before it connects", async () => {
    const { code, stderr } = await run("call", spec, "epmx.get", '{"key":[]}', ...TO);
    expect(stderr).toMatch(/additional properties: "key"; did you mean keys\? \(spec\/kaa\/epmx\.yaml:\d+\)/);
    expect(code).toBe(1);
    expect(mock.requests).toEqual([]);
  });

  test("exits with 1 if nobody responds", async () => {
    mock.faults.next({ kind: "drop" });
    const { code, stderr } = await run("call", spec, "epmx.getKeys", ...TO, "--timeout", "300");
    expect(stderr).toBe("topicsmith call: no response within 300 ms; is a platform connected?\n");
    expect(code).toBe(1);
  });
});

describe("topicsmith push to what is not a broker", () => {
  const PUSH = ["push", spec, "cex.command", "reboot", '[{"id":1}]', ...TO];
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(server: Server): Promise<number> {
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  test("says that a connection is not accepted within the time limit", async () => {
    const sockets: Socket[] = [];
    const port = await listen(createServer((socket) => sockets.push(socket)));
    const { code, stderr } = await runAt(`mqtt://me:hidden@127.0.0.1:${port}`, ...PUSH, "--timeout", "300");
    expect(stderr).toBe(
      `topicsmith push: the broker at mqtt://127.0.0.1:${port} did not accept the connection within 300 ms\n`,
    );
    expect(code).toBe(1);
    for (const socket of sockets) socket.destroy();
  });

  test("says that a connection is closed at once", async () => {
    const port = await listen(createServer((socket) => socket.end()));
    const { code, stderr } = await runAt(`mqtt://127.0.0.1:${port}`, ...PUSH);
    expect(stderr).toBe(
      `topicsmith push: mqtt://127.0.0.1:${port} closed the connection without accepting it; is it the URL of an MQTT broker?\n`,
    );
    expect(code).toBe(1);
  });

  test.each([
    [
      "a refused upgrade to WebSocket",
      "ws",
      /ws:\/\/127\.0\.0\.1:\d+ refused the WebSocket with the HTTP status 404; check the path and the credentials/,
    ],
    [
      "a URL of HTTP",
      "http",
      /is not the URL of a broker; begin it with mqtt:\/\/, mqtts:\/\/, ws:\/\/ or wss:\/\/$/m,
    ],
    ["a server without TLS", "mqtts", /cannot connect to mqtts:\/\/127\.0\.0\.1:\d+: \S+/],
    ["a server that speaks HTTP", "mqtt", /mqtt:\/\/127\.0\.0\.1/],
  ])("gives the reason for %s", async (_title, protocol, reason) => {
    const web = createWebServer((_request, response) => response.writeHead(404).end());
    web.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 404 Not Found\r\n\r\n"));
    const port = await listen(web);
    const { code, stderr } = await runAt(`${protocol}://127.0.0.1:${port}`, ...PUSH, "--timeout", "5000");
    expect(stderr).toMatch(reason);
    expect(stderr.startsWith("topicsmith push: ")).toBe(true);
    expect(stderr.trimEnd()).not.toContain("\n");
    expect(code).toBe(1);
  });

  test("says that there is no such host", async () => {
    const { code, stderr } = await runAt("mqtt://nowhere.invalid:1883", ...PUSH);
    expect(stderr).toBe("topicsmith push: there is no host of the name in mqtt://nowhere.invalid:1883\n");
    expect(code).toBe(1);
  });
});
