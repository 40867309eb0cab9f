/** `npm run kaa` with Debian's mosquitto tools in two terminals, and a Python device with Debian's paho. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type KaaProgram, startKaaProgram } from "../support/kaa-program.js";
import { hasMosquittoClients, mosquitto } from "../support/mosquitto-clients.js";

const script = join(import.meta.dirname, "../support/python-device.py");
/** Debian's Python has Debian's paho; another one may have its own. */
const python = ["/usr/bin/python3", "python3"].find(
  (command) => spawnSync(command, ["-c", "import paho.mqtt.client"]).status === 0,
);
const withoutTools = hasMosquittoClients ? "" : " (skipped: apt-get install mosquitto-clients)";
const withoutPaho = python === undefined ? " (skipped: apt-get install python3-paho-mqtt)" : "";
const WAIT = { timeout: 20_000, interval: 20 };

let kaa: KaaProgram;
let tokens = 0;
const children: ChildProcess[] = [];

beforeAll(async () => {
  kaa = await startKaaProgram("--show-secrets");
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const closed = once(child, "close");
    child.kill();
    await closed;
  }
});
afterAll(async () => {
  const code = await kaa.stop();
  expect([code, kaa.stderr()]).toEqual([0, ""]);
});

interface Terminal {
  readonly lines: () => readonly string[];
}

function run(command: string, args: readonly string[]): Terminal {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { lines: () => output.split("\n").filter((line) => line !== "") };
}

/** `mosquitto_sub` in another terminal. Resolves when it has subscribed. */
async function watch(token: string, path: string): Promise<Terminal> {
  const topic = topicOf(token, path);
  const before = kaa.stdout().split(`subscribed to ${topic}`).length;
  const args = ["-V", "311", "-p", String(kaa.port), "-t", topic, "-F", "%t %p"];
  const terminal = run("mosquitto_sub", args);
  await vi.waitFor(
    () => expect(kaa.stdout().split(`subscribed to ${topic}`).length).toBeGreaterThan(before),
    WAIT,
  );
  return terminal;
}

function topicOf(token: string, path: string): string {
  const [extension = "", ...rest] = path.split("/");
  return ["kp1/demo-v1", extension, token, ...rest].join("/");
}

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(
    `${kaa.httpUrl}/endpoints/${path}${path.includes("?") ? "&" : "?"}app=demo-v1`,
    {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    },
  );
  expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
  return response.json();
}

const newToken = (): string => `T${(tokens += 1)}`;

describe.skipIf(!hasMosquittoClients)(`two terminals with mosquitto's tools${withoutTools}`, () => {
  const pushed: readonly (readonly [
    path: string,
    push: (token: string) => Promise<unknown>,
    body: string,
  ])[] = [
    [
      "cex/command/reboot",
      (token) => call("POST", `${token}/commands/reboot`, { delay: 5 }),
      '[{"id":1,"payload":{"delay":5}}]',
    ],
    [
      "cmx/config/json",
      (token) => call("PUT", `${token}/configuration?configId=c1`, { k: 1 }),
      '{"configId":"c1","config":{"k":1},"statusCode":200,"reasonPhrase":"OK"}',
    ],
  ];

  test.each(
    pushed.flatMap(([path, push, body]) =>
      (["before", "after"] as const).map((order) => ({ path, push, body, order })),
    ),
  )(
    "each receive what is pushed on $path once, $order it is pushed, and a terminal for telemetry receives nothing",
    async ({ path, push, body, order }) => {
      const token = newToken();
      const telemetry = await watch(token, "dcx/json/#");
      if (order === "after") await push(token);
      const one = await watch(token, `${path}/status`);
      const two = await watch(token, `${path}/#`);
      if (order === "before") await push(token);
      const line = `${topicOf(token, `${path}/status`)} ${body}`;
      await vi.waitFor(() => expect([one.lines(), two.lines()]).toEqual([[line], [line]]), WAIT);
      await mosquitto("pub", kaa.port, "-t", topicOf(token, "dcx/json/1"), "-m", '{"t":1}', "-q", "1");
      await vi.waitFor(
        () => expect(telemetry.lines()).toEqual([`${topicOf(token, "dcx/json/1/status")} `]),
        WAIT,
      );
      expect([one.lines(), two.lines()]).toEqual([[line], [line]]);
    },
  );

  test("a poll with mosquitto_rr in one terminal leaves the commands to a device in the other", async () => {
    const token = newToken();
    const device = await watch(token, "cex/command/reboot/status");
    await call("POST", `${token}/commands/reboot`, { n: 1 });
    const topic = topicOf(token, "epmx/get/keys/7");
    const response = await mosquitto("rr", kaa.port, "-t", topic, "-e", `${topic}/status`, "-n", "-W", "20");
    expect(response.trim()).toBe("[]");
    await call("POST", `${token}/commands/reboot`, { n: 2 });
    const start = topicOf(token, "cex/command/reboot/status");
    await vi.waitFor(
      () =>
        expect(device.lines()).toEqual([
          `${start} [{"id":1,"payload":{"n":1}}]`,
          `${start} [{"id":2,"payload":{"n":2}}]`,
        ]),
      WAIT,
    );
  });
});

describe.skipIf(python === undefined)(`a Python device with paho${withoutPaho}`, () => {
  const start = (token: string): Terminal => run(python ?? "", [script, String(kaa.port), "demo-v1", token]);
  const received = (device: Terminal): unknown[] => device.lines().map((line): unknown => JSON.parse(line));

  test("gets its upload token, responses, commands and configuration without a subscription", async () => {
    const token = newToken();
    const device = start(token);
    await vi.waitFor(
      () =>
        expect(received(device)).toEqual(
          expect.arrayContaining([
            [`bcx/${token}/token/status`, { token: expect.any(String) }],
            [`dcx/${token}/json/42/status`, null],
            [`epmx/${token}/update/keys/17/status`, null],
            [`epmx/${token}/get/0/status`, expect.anything()],
          ]),
        ),
      WAIT,
    );
    expect(await call("POST", `${token}/commands/reboot?wait=20000`, { delay: 5 })).toMatchObject({
      result: { id: 1, statusCode: 200, payload: { delay: 5 } },
    });
    await call("PUT", `${token}/configuration?configId=c1`, { k: 1 });
    await vi.waitFor(async () => {
      expect(await call("GET", token)).toMatchObject({
        metadata: { model: "BFG 9000" },
        configuration: [{ configId: "c1", report: { configId: "c1", statusCode: 200 } }],
        samples: expect.arrayContaining([
          expect.objectContaining({ value: { "altitude-value": 20, "altitude-unit": "m" } }),
        ]),
      });
    }, WAIT);
  });

  test.skipIf(!hasMosquittoClients).each(["before", "after"] as const)(
    "gets every command while a terminal watches, which was opened %s it",
    async (order) => {
      const token = newToken();
      const terminals: Terminal[] = [];
      const open = async (): Promise<void> => {
        terminals.push(await watch(token, "dcx/json/#"), await watch(token, "cex/command/reboot/#"));
      };
      if (order === "before") await open();
      const device = start(token);
      await vi.waitFor(
        () => expect(received(device)).toContainEqual([`dcx/${token}/json/42/status`, null]),
        WAIT,
      );
      if (order === "after") await open();
      for (const n of [1, 2])
        expect(await call("POST", `${token}/commands/reboot?wait=20000`, { n })).toMatchObject({
          result: { id: n, statusCode: 200, payload: { n } },
        });
      const commands = received(device).filter((each) => String((each as unknown[])[0]).startsWith("cex"));
      expect(commands).toEqual(
        [1, 2].map((n) => [`cex/${token}/command/reboot/status`, [{ id: n, payload: { n } }]]),
      );
      await vi.waitFor(() => expect(terminals[1]?.lines()).toHaveLength(2), WAIT);
      expect(terminals[0]?.lines().filter((line) => !line.includes("/dcx/"))).toEqual([]);
    },
  );
});
