/** A terminal beside a device: whatever a person watches or sends, the device receives what is meant for it. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type KaaOptions, type RunningKaa, startKaa } from "../../examples/kaa-platform/platform.js";
import { type RawClient, rawClient } from "../support/raw-mqtt.js";

const T = { appVersion: "app-v1", endpointToken: "T" };
const B = "kp1/app-v1";
const closing: (() => unknown)[] = [];
let kaa: RunningKaa;

beforeEach(() => start());
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(options: KaaOptions = {}): Promise<void> {
  const started = await startKaa(options);
  kaa = started;
  closing.push(() => started.close());
}

async function open(): Promise<RawClient> {
  const client = await rawClient(Number(new URL(kaa.url).port));
  closing.push(() => client.close());
  return client;
}

/** Returns the received messages, `topic body` without the common start, once the client has received none for two requests. */
async function received(client: RawClient): Promise<string[]> {
  const lines: string[] = [];
  for (const id of [2_000_000_001, 2_000_000_002]) {
    // A request of another endpoint, so that it does not change the connection that the endpoint used last.
    const topic = `${B}/epmx/OTHER/get/keys/${id}`;
    client.publish(topic);
    for (let answered = false; !answered;) {
      for (const [each, body] of await client.receive(1)) {
        if (each === `${topic}/status`) answered = true;
        else lines.push(`${each.slice(B.length + 1)} ${body}`.trim());
      }
    }
  }
  return lines;
}

/** Waits until the client receives commands of a type, and returns all messages until then. */
async function until(client: RawClient, line: string): Promise<string[]> {
  const lines: string[] = [];
  await vi.waitFor(async () => {
    lines.push(...(await received(client)));
    expect(lines).toContain(line);
  });
  return lines;
}

const reboot = (id: number): string => `cex/T/command/reboot/status [{"id":${id}}]`;

/** The ids of the commands in received messages. */
const idsOf = (lines: readonly string[]): number[] =>
  lines
    .filter((line) => line.startsWith("cex"))
    .flatMap((line) =>
      (JSON.parse(line.slice(line.indexOf(" "))) as { readonly id: number }[]).map(({ id }) => id),
    );

/** Packets of Kaa's Node client: `getPendingCommands`, then telemetry with a callback. */
async function nodeClient(): Promise<RawClient> {
  const client = await open();
  await client.subscribe(`${B}/cex/T/command/reboot/+`);
  client.publish(`${B}/dcx/T/json/42`, { temperature: 21 });
  await client.subscribe(`${B}/dcx/T/json/42/+`);
  await client.receive(1);
  return client;
}

/** Packets of `kaa_basic_esp8266.ino` after a connection. */
async function arduino(): Promise<RawClient> {
  const client = await open();
  await client.subscribe(`${B}/cmx/T/config/json`);
  await client.subscribe(`${B}/cmx/T/config/json/+/status`);
  client.publish(`${B}/cmx/T/config/json/31337`, { observe: true });
  client.publish(`${B}/epmx/T/update/keys/4711`, { name: "ESP8266" });
  await vi.waitFor(() => expect(kaa.metadata.of(T).get("name")).toBe("ESP8266"));
  return client;
}

/** A device that only subscribes, as Kaa's Node client does before its first sample. */
async function listener(): Promise<RawClient> {
  const client = await open();
  await client.subscribe(`${B}/cex/T/command/reboot/+`);
  return client;
}

/** Packets of Kaa's Python client, which never subscribes. */
async function python(): Promise<RawClient> {
  const client = await open();
  client.publish(`${B}/bcx/T/token`);
  await client.receive(1);
  return client;
}

/** Terminals with `mosquitto_sub` on topics of the documentation. */
async function watch(...paths: readonly string[]): Promise<RawClient> {
  const client = await open();
  await client.subscribe(...paths.map((path) => `${B}/${path}`));
  return client;
}

const devices = { nodeClient, listener, python, arduino } as const;
const cases = Object.entries(devices).flatMap(([name, connect]) =>
  (["the terminal", "the device"] as const).map((first) => ({ name, connect, first })),
);

describe("with a terminal open", () => {
  test.each(cases)(
    "$name receives commands and the terminal receives none, if $first connects first",
    async ({ connect, first, name }) => {
      const type = name === "arduino" ? "OUTPUT_SWITCH" : "reboot";
      await kaa.commands.send(T, type);
      const terminals: RawClient[] = [];
      const openTerminals = async (): Promise<void> => {
        terminals.push(await watch("dcx/T/json/#"), await watch("epmx/T/get/keys/1/status"));
      };
      if (first === "the terminal") await openTerminals();
      const device = await connect();
      if (first === "the device") await openTerminals();
      await kaa.commands.send(T, type);
      const ids: number[] = [];
      await vi.waitFor(async () => {
        ids.push(...idsOf(await received(device)));
        expect(ids.at(-1)).toBe(2);
      });
      // The first may have arrived with the responses that `connect` waits for.
      expect([[2], [1, 2]]).toContainEqual(ids);
      for (const terminal of terminals)
        expect((await received(terminal)).filter((each) => !each.startsWith("dcx/"))).toEqual([]);
    },
  );

  test("a device and a terminal that watch commands receive each command once, whichever connects first", async () => {
    await kaa.commands.send(T, "reboot");
    const [one, two] = [await watch("cex/T/command/reboot/#"), await watch("cex/T/command/+/+")];
    const device = await nodeClient();
    const late = await watch("cex/T/command/reboot/status");
    await until(late, reboot(1));
    await kaa.commands.send(T, "reboot");
    const heard = [];
    for (const each of [one, two, device])
      heard.push((await received(each)).filter((line) => line.startsWith("cex")));
    expect(heard.slice(0, 2)).toEqual([
      [reboot(1), reboot(2)],
      [reboot(1), reboot(2)],
    ]);
    // `receive` of the device's first response may have taken the first command with it.
    expect(heard[2]?.at(-1)).toBe(reboot(2));
    expect(await received(late)).toEqual([reboot(2)]);
  });

  test("a terminal that watches with wildcards receives what is outstanding, and keeps nothing from the device", async () => {
    await kaa.commands.send(T, "reboot");
    const device = await python();
    await vi.waitFor(async () => expect(kaa.endpoints.get(T)?.state).toBe("active"));
    const terminal = await open();
    await terminal.subscribe("kp1/+/cex/+/#");
    await until(terminal, reboot(1));
    await kaa.commands.send(T, "reboot");
    await until(device, reboot(2));
    await until(terminal, reboot(2));
  });
});

describe("a terminal that publishes for the endpoint", () => {
  test("gives commands back to a device that does not subscribe, when it closes", async () => {
    const device = await python();
    const terminal = await open();
    terminal.publish(`${B}/dcx/T/json/7`, 1);
    await terminal.receive(1);
    await kaa.commands.send(T, "reboot");
    await until(terminal, reboot(1));
    expect(await received(device)).toEqual([]);
    terminal.close();
    await until(device, reboot(1));
  });

  test("gives commands back to a device that does not subscribe, when that publishes again", async () => {
    const device = await python();
    const terminal = await open();
    terminal.publish(`${B}/dcx/T/json/7`, 1);
    await terminal.receive(1);
    await kaa.commands.send(T, "reboot");
    await until(terminal, reboot(1));
    device.publish(`${B}/dcx/T/json`, 2);
    await until(device, reboot(1));
    // Only once each, however often the two take turns.
    for (const client of [terminal, device, terminal]) client.publish(`${B}/dcx/T/json`, 3);
    expect([await received(terminal), await received(device)]).toEqual([[], []]);
  });

  test("receives no commands if it waits for one response, as mosquitto_rr does", async () => {
    const device = await python();
    await kaa.commands.send(T, "reboot");
    await until(device, reboot(1));
    const terminal = await watch("epmx/T/get/keys/1/status");
    terminal.publish(`${B}/epmx/T/get/keys/1`);
    expect(await terminal.receive(1)).toEqual([[`${B}/epmx/T/get/keys/1/status`, "[]"]]);
    await kaa.commands.send(T, "reboot");
    await until(device, reboot(2));
    expect(await received(terminal)).toEqual([]);
  });

  test("switches pushes off for itself only", async () => {
    const device = await nodeClient();
    const terminal = await open();
    terminal.publish(`${B}/cex/T/command/reboot/1`, { observe: false });
    terminal.publish(`${B}/cmx/T/config/json/1`, { observe: false });
    await vi.waitFor(async () => expect(await received(terminal)).toEqual([]));
    await device.subscribe(`${B}/cmx/T/config/json/+`);
    await kaa.commands.send(T, "reboot");
    await kaa.configuration.assign(T, { k: 1 });
    const lines = await until(device, reboot(1));
    expect(lines.some((line) => line.startsWith("cmx/T/config/json/status"))).toBe(true);
    expect(await received(terminal)).toEqual([]);
  });

  test("does not move the endpoint to another application version by watching that", async () => {
    const device = await nodeClient();
    const terminal = await open();
    await terminal.subscribe("kp1/app-v2/cex/T/command/reboot/#");
    await received(terminal);
    await kaa.commands.send(T, "reboot");
    await until(device, reboot(1));
    expect(kaa.endpoints.get(T)?.appVersion).toBe("app-v1");
  });
});

describe("after a power loss, with the old connection half open", () => {
  test.each(Object.entries(devices))(
    "%s receives its commands and configuration over the new connection",
    async (name, connect) => {
      const type = name === "arduino" ? "OUTPUT_SWITCH" : "reboot";
      await connect();
      await kaa.commands.send(T, type);
      const device = await connect();
      await kaa.commands.send(T, type);
      const ids: number[] = [];
      await vi.waitFor(async () => {
        ids.push(...idsOf(await received(device)));
        expect(ids.at(-1)).toBe(2);
      });
      expect([[2], [1, 2]]).toContainEqual(ids);
    },
  );
});

test("with delivery to subscribers only, each of two subscribers receives a command once, and others receive none", async () => {
  await start({ deliver: "subscribed" });
  await kaa.commands.send(T, "reboot");
  const silent = await open();
  silent.publish(`${B}/dcx/T/json`, 1);
  await vi.waitFor(() => expect(kaa.endpoints.get(T)?.state).toBe("active"));
  const [one, two] = [await listener(), await listener()];
  for (const client of [one, two]) await client.subscribe(`${B}/epmx/OTHER/get/keys/+/status`);
  await until(one, reboot(1));
  await until(two, reboot(1));
  await kaa.commands.send(T, "reboot");
  for (const client of [one, two])
    expect((await received(client)).filter((line) => line.startsWith("cex"))).toEqual([reboot(2)]);
});
