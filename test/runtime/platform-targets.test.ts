/** The targets that a platform connects to: a URL, an mqtt.js client. */
import { connectAsync } from "mqtt";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { ConnectTarget } from "../../src/runtime/index.js";
import { createPlatformFor, type Platform, type PlatformOptions } from "../../src/runtime/platform.js";
import { connack, type RawBroker, rawBroker } from "../support/raw-mqtt.js";
import { api } from "../unit/runtime/greenhouse-api.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(): Promise<RawBroker> {
  const broker = await rawBroker();
  closing.push(() => broker.stop());
  return broker;
}

function serve(target: ConnectTarget, options: PlatformOptions = {}): Promise<Platform> {
  const handlers = { climate: { read: () => ({ value: 1 }) } };
  return createPlatformFor(api, target, handlers, {
    unhandled: "reject",
    backoff: { minMs: 1, maxMs: 5 },
    ...options,
  });
}

/** Requests a reading, and waits for the response. */
async function ask(broker: RawBroker): Promise<void> {
  const topic = "gh/north/climate/u/read/1";
  broker.send({ cmd: "publish", topic, payload: "", qos: 0, retain: false, dup: false });
  await vi.waitFor(() => expect(broker.received).toEqual([[`${topic}/ok`, '{"value":1}']]));
}

describe("a platform", () => {
  test("over a URL serves requests, and closes its connection when it is stopped", async () => {
    const broker = await start();
    const packets: string[] = [];
    broker.onPacket = ({ cmd }) => void packets.push(cmd);
    const platform = await serve(`mqtt://127.0.0.1:${broker.port}`);
    await ask(broker);
    await platform.stop();
    await vi.waitFor(() => expect(packets.slice(-2)).toEqual(["unsubscribe", "disconnect"]));
  });

  test("over a URL takes the options of a connection", async () => {
    const broker = await start();
    const seen: unknown[] = [];
    broker.onPacket = (packet) => {
      if (packet.cmd === "connect") seen.push(packet.clientId, packet.username, packet.protocolVersion);
      return undefined;
    };
    const platform = await serve(new URL(`mqtt://127.0.0.1:${broker.port}`), {
      clientId: "platform-1",
      credentials: () => ({ username: "u" }),
    });
    await platform.stop({ force: true });
    expect(seen).toEqual(["platform-1", "u", 4]);
  });

  test("over an mqtt.js client serves requests, and leaves the client to its owner", async () => {
    const broker = await start();
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    closing.push(() => client.endAsync(true));
    const platform = await serve(client);
    await ask(broker);
    await platform.stop();
    expect(client.connected).toBe(true);
    expect(client.listenerCount("message")).toBe(0);
  });

  test("over a URL where nothing listens rejects, and says why", async () => {
    await expect(serve("mqtt://127.0.0.1:1", { connectTimeoutMs: 100 })).rejects.toMatchObject({
      code: "timeout",
      message: "the platform was not ready within 100 ms",
      cause: { code: "ECONNREFUSED" },
    });
  });

  test.each(["localhost:1883", "http://localhost"])("refuses the target %s at once", async (target) => {
    await expect(serve(target)).rejects.toMatchObject({
      code: "connection-refused",
      cause: { message: expect.stringContaining("mqtt://") },
    });
  });

  test.each([
    { concurrency: NaN },
    { concurrency: 0 },
    { maxQueued: -1 },
    { backoff: { minMs: NaN } },
    { stableAfterMs: "10" },
  ])("refuses the options %o at once", async (options: object) => {
    await expect(serve("mqtt://127.0.0.1:1", options)).rejects.toMatchObject({ code: "invalid-option" });
  });

  test("that a broker refuses rejects, and connects no more", async () => {
    const broker = await start();
    broker.onPacket = ({ cmd }) => (cmd === "connect" ? [connack(5)] : undefined);
    await expect(serve(`mqtt://127.0.0.1:${broker.port}`)).rejects.toMatchObject({
      code: "connection-refused",
    });
    expect(broker.connections).toBe(1);
  });

  test("whose SUBSCRIBE makes the broker close the connection rejects after three", async () => {
    const broker = await start();
    broker.onPacket = ({ cmd }) => (cmd === "subscribe" ? "close" : undefined);
    await expect(serve(`mqtt://127.0.0.1:${broker.port}`)).rejects.toMatchObject({
      code: "subscribe-refused",
      message: "the broker closed 3 connections instead of a SUBACK",
    });
  });

  test.each(["unsubscribe", "disconnect"])(
    "stops although the broker never reacts to %s, and closes its connection",
    async (cmd) => {
      const broker = await start();
      const platform = await serve(`mqtt://127.0.0.1:${broker.port}`);
      let isOpen = true;
      broker.onClose = () => (isOpen = false);
      broker.onPacket = (packet) => (packet.cmd === cmd ? "ignore" : undefined);
      await platform.stop({ timeoutMs: 50 });
      await vi.waitFor(() => expect(isOpen).toBe(false));
    },
  );
});
