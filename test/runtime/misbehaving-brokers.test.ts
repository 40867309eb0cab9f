/** Brokers that close connections, refuse, keep silent or have limits: the client always comes back, and says what it knows. */
import events from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type Client,
  type ClientOptions,
  connectTo,
  mqttTransport,
  type TransportState,
} from "../../src/runtime/index.js";
import { createPlatformFor, Rejection } from "../../src/runtime/platform.js";
import { mosquittoPath, startMosquitto } from "../support/brokers.js";
import { connack, publishPacket, type RawBroker, rawBroker } from "../support/raw-mqtt.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function start(version: 4 | 5 = 4): Promise<RawBroker> {
  const broker = await rawBroker(version);
  closing.push(() => broker.stop());
  return broker;
}

async function connect(port: number, options: ClientOptions = {}) {
  const client = await connectTo<Unit, string>(api, `mqtt://127.0.0.1:${port}`, {
    site: "north",
    backoff: { minMs: 5, maxMs: 20 },
    ...options,
  } as ClientOptions);
  closing.push(() => client.close({ force: true }));
  return { client, unit: client.endpoint("s3cret").climate };
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "did not fail",
    (error: unknown) => error,
  );

function once(
  client: Client<Unit, string>,
  event: "connected" | "disconnected" | "failed" | "attempt-failed",
): Promise<unknown> {
  return new Promise((resolve) => client.on(event, resolve));
}

const big = "x".repeat(5_000);

describe("a broker that closes the connection because of one message", () => {
  /** Closes the connection for messages of more than 2,000 bytes. Answers calls. */
  async function strict(version: 4 | 5 = 4): Promise<RawBroker> {
    const broker = await start(version);
    broker.onPacket = (packet) => {
      if (packet.cmd !== "publish") return undefined;
      if (packet.payload.length > 2_000) return "close";
      setImmediate(() => {
        if (/\/read\/\d+$/.test(packet.topic)) deliver(broker, `${packet.topic}/ok`, '{"value":1}');
        // The platform sends an item again until it is answered.
        if (/\/mode\/roof\/\d+$/.test(packet.topic)) deliver(broker, `${packet.topic}/ok`, '[{"id":1}]');
      });
      return undefined;
    };
    return broker;
  }

  function deliver(broker: RawBroker, topic: string, payload: string): void {
    broker.send({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false });
  }

  test.each([1, 2] as const)("refuses a send at QoS %i after three connections, and goes on", async (qos) => {
    const broker = await strict();
    const { client, unit } = await connect(broker.port);
    const others = Array.from({ length: 20 }, (_, index) => unit.log.send("roof", index));
    const error = await failure(unit.log.send("roof", big, { qos }));
    expect(error).toMatchObject({
      code: "publish-refused",
      resource: "climate.log",
      size: 5_000,
      message: expect.stringContaining(
        "closed 3 connections after it had received this message of 5000 bytes",
      ),
    });
    await Promise.all(others);
    expect(await unit.read()).toEqual({ value: 1 });
    expect(broker.connections).toBe(4);
    expect(client.stats().inFlight).toBe(0);
  });

  test("with DISCONNECT 135, because the client may not publish it: refuses it as soon", async () => {
    const broker = await start(5);
    let ended = 0;
    broker.onPacket = (packet, connection) => {
      if (connection === ended) return "ignore";
      if (packet.cmd !== "publish" || !packet.topic.includes("/denied/")) return undefined;
      ended = connection;
      return [{ cmd: "disconnect", reasonCode: 135 }];
    };
    const { client, unit } = await connect(broker.port, {
      mqtt: "5",
      backoff: { minMs: 5, maxMs: 5_000 },
      retryRefused: () => false,
    });
    const others = [unit.log.send("roof", 1), client.endpoint("other").climate.log.send("roof", 2)];
    const denied = client.endpoint("denied").climate.log;
    expect(await failure(denied.send("roof", 3, { timeoutMs: 2_000 }))).toMatchObject({
      code: "publish-refused",
      cause: { code: 135 },
    });
    await Promise.all(others);
    expect(broker.connections).toBe(3);
  });

  test("with DISCONNECT 135, because the client may not subscribe: refuses the subscription as soon", async () => {
    const broker = await start(5);
    let ended = 0;
    broker.onPacket = (packet, connection) => {
      if (connection === ended) return "ignore";
      if (packet.cmd !== "subscribe") return undefined;
      ended = connection;
      return [{ cmd: "disconnect", reasonCode: 135 }];
    };
    const { unit } = await connect(broker.port, { mqtt: "5", backoff: { minMs: 5, maxMs: 5_000 } });
    expect(await failure(unit.read({ timeoutMs: 2_000 }))).toMatchObject({
      code: "subscribe-refused",
    });
  });

  test("does not publish a send again that has timed out or was aborted", async () => {
    const broker = await start();
    const { client, unit } = await connect(broker.port);
    broker.onPacket = ({ cmd }) => (cmd === "publish" ? "ignore" : undefined);
    const controller = new AbortController();
    const sends = [
      failure(unit.log.send("roof", "times out", { timeoutMs: 50 })),
      failure(unit.log.send("roof", "aborted", { signal: controller.signal })),
    ];
    await vi.waitFor(() => expect(broker.received).toHaveLength(2));
    controller.abort();
    expect(await Promise.all(sends)).toMatchObject([{ code: "timeout" }, { code: "aborted" }]);
    broker.onPacket = () => undefined;
    const connected = once(client, "connected");
    broker.cut();
    await connected;
    await unit.log.send("roof", "new");
    expect(broker.received.map(([, body]) => body)).toEqual(["times out", "aborted", "new"]);
  });

  test("does not let one oversized idempotent call take the connection from calls of other endpoints for long", async () => {
    const broker = await strict();
    const { client, unit } = await connect(broker.port, { subscribe: "never" });
    const guilty = failure(unit.done("roof", [{ id: 1, code: 1, text: big }]));
    const calls = Array.from({ length: 99 }, async (_, index) =>
      client.endpoint(`other${index}`).climate.read({ timeoutMs: 5_000 }),
    );
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ value: 1 })));
    expect(await guilty).toMatchObject({ code: "publish-refused", resource: "climate.done" });
    expect(broker.connections).toBe(5);
  });

  test("ends an observation whose request costs three connections", async () => {
    const broker = await start();
    broker.onPacket = (packet) =>
      packet.cmd === "publish" && packet.topic.includes("/mode/") ? "close" : undefined;
    const { unit } = await connect(broker.port, { subscribe: "never" });
    const watching = unit.mode.observe("roof");
    expect(await failure(watching.ready)).toMatchObject({ code: "publish-refused", size: 14 });
    await unit.log.send("roof", "fine");
    expect(broker.connections).toBe(4);
  });

  test("refuses a subscription for which the broker closes the connection, and keeps the others", async () => {
    const broker = await strict();
    const usual = broker.onPacket;
    broker.onPacket = (packet, connection) => {
      const forbidden =
        packet.cmd === "subscribe" && packet.subscriptions.some(({ topic }) => topic.includes("/plan/"));
      return forbidden ? "close" : usual(packet, connection);
    };
    const { client, unit } = await connect(broker.port);
    const calls = Array.from({ length: 20 }, async (_, index) =>
      client.endpoint(`other${index}`).climate.read(),
    );
    const forbidden = failure(unit.plan({}));
    expect(await forbidden).toMatchObject({
      code: "subscribe-refused",
      cause: { message: expect.stringMatching(/^the broker closed \d connections instead of a SUBACK$/) },
    });
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ value: 1 })));
    expect(await unit.read()).toEqual({ value: 1 });
    const { connections } = broker;
    // Two for chance, and then three packets with an eighth of the suspects each.
    expect(connections).toBeLessThanOrEqual(8);
    expect(await client.endpoint("another").climate.read()).toEqual({ value: 1 });
    expect(broker.connections).toBe(connections);
  });

  test("answers with `failure` if the result of a handler is too large, and runs the handler for the next item", async () => {
    const broker = await strict();
    const { unit } = await connect(broker.port, { subscribe: "never" });
    const errors: unknown[] = [];
    const results = [big, "fine"];
    const registration = unit.mode.handle("roof", () => ({ code: 200, text: results.shift() ?? "" }), {
      onError: (error) => errors.push(error),
    });
    const serving = await registration;
    await vi.waitFor(() => expect(errors).toMatchObject([{ code: "publish-refused" }]), 10_000);
    const bodies = (): string[] => broker.received.map(([, body]) => body);
    await vi.waitFor(() =>
      expect(bodies().join()).toContain('[{"code":500,"text":"climate.done: the broker'),
    );
    deliver(broker, "gh/north/climate/s3cret/mode/roof/ok", '[{"id":2}]');
    await vi.waitFor(() => expect(bodies()).toContain('[{"code":200,"text":"fine","id":2}]'));
    expect(broker.connections).toBe(4);
    await serving.stop();
  });

  test("does not let one large response take the platform down", async () => {
    const broker = await strict();
    const transport = mqttTransport(`mqtt://127.0.0.1:${broker.port}`, { backoff: { minMs: 5, maxMs: 20 } });
    closing.push(() => transport.close({ force: true }));
    const errors: unknown[] = [];
    const platform = await createPlatformFor(
      api,
      transport,
      { climate: { picture: (request: Uint8Array) => new Uint8Array(request[0] === 48 ? 5_000 : 1) } },
      { unhandled: "reject", onError: (error) => errors.push(error) },
    );
    const ask = (id: number, payload: string): void =>
      broker.send({
        cmd: "publish",
        topic: `gh/north/climate/u/picture/${id}`,
        payload,
        qos: 1,
        messageId: id,
        retain: false,
        dup: false,
      });
    ask(1, "0");
    const answered = (): unknown[] => broker.received.map(([topic]) => topic);
    // The device learns it on the next connection.
    await vi.waitFor(() => expect(answered()).toContain("gh/north/climate/u/picture/1/failed"), 10_000);
    const refused: unknown = expect.objectContaining({ code: "publish-refused" });
    expect(errors.filter((error) => Reflect.get(Object(error), "code") !== "disconnected")).toEqual([
      refused,
    ]);
    expect(broker.connections).toBe(4);
    ask(2, "1");
    await vi.waitFor(() => expect(answered()).toContain("gh/north/climate/u/picture/2/ok"));
    await platform.stop();
  });

  test("tells a platform of each attempt that fails while the broker refuses it for a while", async () => {
    const broker = await strict();
    const errors: unknown[] = [];
    const platform = await createPlatformFor(
      api,
      `mqtt://127.0.0.1:${broker.port}`,
      {},
      {
        unhandled: "reject",
        backoff: { minMs: 5, maxMs: 20 },
        onError: (error) => errors.push(error),
      },
    );
    closing.push(() => platform.stop({ force: true }));
    const { onPacket } = broker;
    broker.onPacket = (packet, connection) =>
      packet.cmd === "connect" && connection < 4 ? [connack(5)] : onPacket(packet, connection);
    broker.cut();
    await vi.waitFor(() => expect(broker.connections).toBe(4));
    const failed = { code: "disconnected", message: "an attempt to connect has failed", cause: { code: 5 } };
    expect(errors).toMatchObject([{ message: "the connection was lost" }, failed, failed]);
  });

  test("reports the connection before messages of the last one are acknowledged", async () => {
    const broker = await start();
    const { client, unit } = await connect(broker.port);
    broker.onPacket = ({ cmd }) => (cmd === "publish" ? "ignore" : undefined);
    const sends = Array.from({ length: 400 }, (_, index) => unit.log.send("roof", index));
    await vi.waitFor(() => expect(broker.received).toHaveLength(400));
    const pending: number[] = [];
    broker.onPacket = (packet) => {
      if (packet.cmd !== "publish") return undefined;
      pending.push(packet.messageId ?? 0);
      return "ignore";
    };
    const connected = once(client, "connected");
    broker.cut();
    await connected;
    await vi.waitFor(() => expect(pending).toHaveLength(400));
    expect(broker.received.slice(400)).toEqual(broker.received.slice(0, 400));
    for (const messageId of pending) broker.send({ cmd: "puback", messageId });
    await Promise.all(sends);
  });

  test.skipIf(mosquittoPath === undefined)("is mosquitto with max_packet_size", async () => {
    const broker = await startMosquitto(["max_packet_size 2000"]);
    closing.push(() => broker.stop());
    const { unit } = await connect(broker.port);
    expect(await failure(unit.log.send("roof", big))).toMatchObject({ code: "publish-refused" });
    await unit.log.send("roof", "small");
  });
});

describe("a broker that refuses the client", () => {
  test.each([4, 5, 3])("once, with CONNACK %i after a first success: the client comes back", async (code) => {
    const broker = await start();
    const { client, unit } = await connect(broker.port);
    broker.onPacket = ({ cmd }, connection) =>
      cmd === "connect" && connection === 2 ? [connack(code)] : undefined;
    const connected = once(client, "connected");
    broker.cut();
    await connected;
    await unit.log.send("roof", "back");
    expect(broker.connections).toBe(3);
  });

  test("at the first attempt, and has a credentials function: it is asked again", async () => {
    const broker = await start();
    broker.onPacket = (packet) =>
      packet.cmd === "connect" && String(packet.password) !== "new" ? [connack(5)] : undefined;
    const passwords = ["old", "new"];
    await connect(broker.port, { credentials: () => ({ username: "u", password: passwords.shift() ?? "" }) });
    expect(passwords).toEqual([]);
  });

  test("at the first attempt, with fixed credentials: connect rejects at once", async () => {
    const broker = await start();
    broker.onPacket = ({ cmd }) => (cmd === "connect" ? [connack(5)] : undefined);
    expect(await failure(connect(broker.port))).toMatchObject({
      code: "connection-refused",
      cause: { code: 5 },
    });
    expect(broker.connections).toBe(1);
  });

  test("pauses longest after a refusal", async () => {
    const broker = await start();
    const { client } = await connect(broker.port, { backoff: { minMs: 1, maxMs: 400 } });
    broker.onPacket = ({ cmd }, connection) =>
      cmd === "connect" && connection === 2 ? [connack(5)] : undefined;
    const connected = once(client, "connected");
    broker.cut();
    await connected;
    const [, second, third] = broker.connectedAt as [number, number, number];
    expect(third - second).toBeGreaterThan(190);
  });

  const failing = (): unknown => Promise.reject(new Error("too late"));
  test.each([
    {
      what: "throws",
      retryRefused: () => {
        throw new Error("no decision");
      },
      message: "no decision",
    },
    { what: "is asynchronous", retryRefused: failing, message: "retryRefused must return true or false" },
  ])("goes on if retryRefused $what, and reports why", async ({ retryRefused, message }) => {
    const broker = await start();
    const { client, unit } = await connect(broker.port, { retryRefused: retryRefused as () => boolean });
    const causes: unknown[] = [];
    client.on("attempt-failed", ({ cause }) => causes.push(cause));
    broker.onPacket = ({ cmd }, connection) =>
      cmd === "connect" && connection === 2 ? [connack(5)] : undefined;
    const connected = once(client, "connected");
    broker.cut();
    await connected;
    await unit.log.send("roof", "x");
    expect(causes).toMatchObject([{ message }]);
  });

  test("revives a failed client with reconnect()", async () => {
    const broker = await start();
    const { client, unit } = await connect(broker.port, { retryRefused: () => false });
    broker.onPacket = ({ cmd }) => (cmd === "connect" ? [connack(5)] : undefined);
    const failed = once(client, "failed");
    broker.cut();
    await failed;
    expect(await failure(unit.log.send("roof", "x"))).toMatchObject({ code: "connection-refused" });
    broker.onPacket = () => undefined;
    client.reconnect();
    await unit.log.send("roof", "again");
    expect(broker.received.map(([, body]) => body)).toEqual(["again"]);
    // Connected again and again: the mqtt.js client is as good as new.
    const connected = once(client, "connected");
    broker.cut();
    await connected;
    await unit.log.send("roof", "and again");
  });
});

test("pauses grow while a broker accepts connections and closes them", async () => {
  const broker = await start();
  const { client, unit } = await connect(broker.port, { backoff: { minMs: 2, maxMs: 1_000 } });
  broker.onPacket = ({ cmd }, connection) => {
    if (cmd === "connect" && connection < 8) setImmediate(() => broker.cut());
    return undefined;
  };
  broker.cut();
  await vi.waitFor(() => expect(broker.connections).toBe(8), 10_000);
  const pauses = broker.connectedAt.slice(1).map((at, index) => at - broker.connectedAt[index]!);
  // 2, 4, … 128 ms, each shortened by at most one half.
  expect(pauses.at(-1)).toBeGreaterThan(60);
  await unit.log.send("roof", "x");
  expect(client.stats().inFlight).toBe(0);
});

test.each([
  ["sends", 1, "log"],
  ["idempotent calls", 0, "read"],
] as const)(
  "pauses do not grow because of %s that a broker refuses again and again",
  async (_, qos, path) => {
    const broker = await start();
    broker.onPacket = (packet) => {
      if (packet.cmd !== "publish") return undefined;
      if (packet.topic.includes("/denied/")) return "close";
      if (/\/read\/\d+$/.test(packet.topic))
        setImmediate(() => broker.send(publishPacket(`${packet.topic}/ok`, { value: 1 })));
      return undefined;
    };
    const { client, unit } = await connect(broker.port, { backoff: { minMs: 4, maxMs: 60_000 } });
    const denied = client.endpoint("denied").climate;
    for (let count = 0; count < 3; count += 1) {
      const work = path === "log" ? denied.log.send("roof", count, { qos }) : denied.read();
      expect(await failure(work)).toMatchObject({ code: "publish-refused" });
      // The acknowledgement, or the response to a call at QoS 0, shows that the broker takes others.
      await (path === "log" ? unit.read() : unit.log.send("roof", count));
    }
    const pauses = broker.connectedAt.slice(1).map((at, index) => at - broker.connectedAt[index]!);
    // Without a reset, the last ones would be longer than 4 * 2 ** 8 ms.
    expect(Math.max(...pauses)).toBeLessThan(500);
  },
);

test("pauses grow although the broker takes a suspect now and then", async () => {
  const broker = await start();
  broker.onPacket = (packet, connection) => {
    if (packet.cmd === "connect") setTimeout(() => broker.cut(), 15);
    return packet.cmd === "publish" && connection % 3 !== 0 ? "ignore" : undefined;
  };
  const { client, unit } = await connect(broker.port, { backoff: { minMs: 10, maxMs: 60_000 } });
  client.on("connected", () => void unit.log.send("roof", "x").catch(() => undefined));
  await vi.waitFor(() => expect(broker.connections).toBe(8), 20_000);
  // Of eight pauses, at most five are explained.
  expect(broker.connectedAt[7]! - broker.connectedAt[6]!).toBeGreaterThan(40);
});

test("pauses start over after a connection that lasted stableAfterMs", async () => {
  const broker = await start();
  const { client } = await connect(broker.port, {
    backoff: { minMs: 1, maxMs: 60_000 },
    stableAfterMs: 0,
  });
  for (let round = 0; round < 20; round += 1) {
    const connected = once(client, "connected");
    broker.cut();
    await connected;
  }
  expect(broker.connections).toBe(21);
});

test.each([
  ["dev:a%3Ab", "dev", "a:b"],
  ["dev:a:b", "dev", "a:b"],
  ["dev:", "dev", ""],
  ["dev", "dev", undefined],
  [":t0ken", "", "t0ken"],
  ["d%40v:p@55", "d@v", "p@55"],
])("the user %s of a URL is sent as it is meant", async (user, username, password) => {
  const broker = await start();
  const sent: unknown[] = [];
  broker.onPacket = (packet) => {
    if (packet.cmd === "connect") sent.push(packet.username, packet.password?.toString());
    return undefined;
  };
  const transport = mqttTransport(`mqtt://${user}@127.0.0.1:${broker.port}`);
  closing.push(() => transport.close({ force: true }));
  await vi.waitFor(() => expect(sent).toEqual([username, password]));
});

describe("failed attempts are states with their causes", () => {
  /** The causes of the first attempts to connect. */
  async function causes(url: string, options: object, count = 1): Promise<unknown[]> {
    const transport = mqttTransport(url, { backoff: { minMs: 1, maxMs: 5 }, ...options });
    closing.push(() => transport.close({ force: true }));
    const seen: TransportState[] = [];
    await new Promise<void>((resolve) => {
      transport.onState((state) => {
        seen.push(state);
        if (seen.length === count) resolve();
      });
    });
    return seen.map((state) => (state.kind === "disconnected" ? state.cause : state.kind));
  }

  test("a credentials function that throws, once or always", async () => {
    let asked = 0;
    const credentials = (): never => {
      throw new Error(`no token ${(asked += 1)}`);
    };
    expect(await causes("mqtt://127.0.0.1:1", { credentials }, 2)).toMatchObject([
      { message: "no token 1" },
      { message: "no token 2" },
    ]);
  });

  const cyclic = new Error("cyclic");
  cyclic.cause = cyclic;
  const deep = Array.from({ length: 20_000 }).reduce(
    (cause: Error) => new Error("deep", { cause }),
    new Error("first"),
  );
  test.each([
    ["its own cause", cyclic, "cyclic"],
    ["at the end of a long chain of causes", deep, "deep"],
    ["one with a bigint", Object.assign(new Error("big"), { size: 1n }), "big"],
    [
      "one without a readable message",
      Object.assign(new Error(), { message: Symbol("s") }),
      "cannot be read",
    ],
    [
      "one whose property throws",
      Object.defineProperty(new Error("x"), "y", {
        enumerable: true,
        get: () => {
          throw new Error("mine");
        },
      }),
      "cannot be read",
    ],
  ])("a credentials function whose error is %s", async (_, thrown, message) => {
    const broker = await start();
    const { client, unit } = await connect(broker.port, {
      credentials: () => {
        if (broker.connections === 1 && told.length === 0) throw thrown;
        return {};
      },
    });
    const told: unknown[] = [];
    client.on("attempt-failed", ({ cause }) => told.push(cause));
    broker.cut();
    await unit.log.send("roof", "back");
    expect(told).toMatchObject([{ message: expect.stringContaining(message) }]);
  });

  test("a credentials function that never settles", async () => {
    const broker = await start();
    let asked = 0;
    const credentials = (): unknown => ((asked += 1) === 1 ? new Promise(() => undefined) : {});
    expect(
      await causes(`mqtt://127.0.0.1:${broker.port}`, { credentials, credentialsTimeoutMs: 20 }, 2),
    ).toMatchObject([{ message: "the credentials function has not settled within 20 ms" }, "connected"]);
  });

  test.each([
    ["a token", "t0ken"],
    ["nothing", undefined],
    ["null", null],
    ["a list", ["kettle", "pa55"]],
    ["a function", () => ({})],
  ])("a credentials function that returns %s instead of an object", async (_, returned) => {
    const broker = await start();
    let asked = 0;
    const credentials = (): unknown => ((asked += 1) === 1 ? returned : {});
    const options = { credentials } as never;
    expect(await causes(`mqtt://127.0.0.1:${broker.port}`, options, 2)).toMatchObject([
      { message: "credentials must be an object, or a function that returns one" },
      "connected",
    ]);
  });

  const item = publishPacket("greenhouse/north/s3cret/mode/roof/ok", [1], { qos: 1, messageId: 1 });
  test("a message before CONNACK", async () => {
    const broker = await start();
    broker.onPacket = ({ cmd }, connection) =>
      cmd === "connect" && connection === 1 ? [item, connack(0)] : undefined;
    expect(await causes(`mqtt://127.0.0.1:${broker.port}`, {}, 2)).toMatchObject([
      { message: "the broker sent PUBLISH before CONNACK" },
      "connected",
    ]);
  });

  test("a malformed packet together with CONNACK", async () => {
    const broker = await start();
    broker.onPacket = ({ cmd }, connection) =>
      // QoS 3 does not exist.
      cmd === "connect" && connection === 1
        ? [connack(0), Buffer.from([0x36, 5, 0, 1, 97, 0, 1])]
        : undefined;
    expect(await causes(`mqtt://127.0.0.1:${broker.port}`, {}, 2)).toMatchObject([
      { message: expect.stringMatching(/qos/i) },
      "connected",
    ]);
  });

  test("a malformed packet", async () => {
    const broker = await start();
    broker.onPacket = ({ cmd }, connection) =>
      cmd === "connect" && connection === 1 ? [Buffer.from([0x20, 2, 0, 99])] : undefined;
    const [first] = await causes(`mqtt://127.0.0.1:${broker.port}`, {}, 2);
    expect(first).toBeInstanceOf(Error);
  });

  test("a malformed packet on a connection: it is reported, and the client connects again", async () => {
    const broker = await start();
    const { client, unit } = await connect(broker.port);
    const lost = once(client, "disconnected");
    broker.onPacket = ({ cmd }, connection) =>
      // QoS 3 does not exist.
      cmd === "publish" && connection === 1 ? [Buffer.from([0x36, 5, 0, 1, 97, 0, 1])] : undefined;
    await unit.log.send("roof", "x");
    expect(await lost).toMatchObject({ cause: { message: expect.stringMatching(/qos/i) } });
  });

  test("a WebSocket upgrade that is refused: its HTTP status", async () => {
    const server = createServer((_request, response) => response.writeHead(401).end());
    server.listen(0, "127.0.0.1");
    await events.once(server, "listening");
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(await causes(`ws://127.0.0.1:${port}/`, {}, 2)).toMatchObject([
      { statusCode: 401, message: expect.stringContaining("401") },
      { statusCode: 401 },
    ]);
  });

  test("a certificate that has expired", async () => {
    const pem = (name: string): string =>
      readFileSync(join(import.meta.dirname, "../data/tls", name), "utf8");
    const server = createTlsServer({ cert: pem("expired-cert.pem"), key: pem("expired-key.pem") });
    server.listen(0, "127.0.0.1");
    await events.once(server, "listening");
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(
      await causes(`mqtts://127.0.0.1:${port}`, { credentials: { ca: pem("expired-cert.pem") } }),
    ).toMatchObject([{ code: "CERT_HAS_EXPIRED" }]);
  });

  test("a refused port", async () => {
    expect(await causes("mqtt://127.0.0.1:1", {})).toMatchObject([{ code: "ECONNREFUSED" }]);
  });
});

describe("a broker of MQTT 5 with limits", () => {
  async function limited(properties: object): Promise<RawBroker> {
    const broker = await start(5);
    broker.onPacket = ({ cmd }) => (cmd === "connect" ? [connack(0, properties)] : undefined);
    return broker;
  }

  test("Receive Maximum: at most so many messages are unacknowledged, and all arrive", async () => {
    const broker = await limited({ receiveMaximum: 10 });
    const answer = broker.onPacket;
    let [unacknowledged, most] = [0, 0];
    broker.onPacket = (packet, connection) => {
      if (packet.cmd !== "publish") return answer(packet, connection);
      unacknowledged += 1;
      most = Math.max(most, unacknowledged);
      const messageId = packet.messageId ?? 0;
      setImmediate(() => {
        unacknowledged -= 1;
        broker.send({ cmd: "puback", messageId });
      });
      return "ignore";
    };
    const { unit } = await connect(broker.port, { mqtt: "5" });
    await Promise.all(Array.from({ length: 64 }, (_, index) => unit.log.send("roof", index)));
    expect(most).toBe(10);
    expect(broker.received.map(([, body]) => Number(body))).toEqual(Array.from({ length: 64 }, (_, i) => i));
  });

  test("Receive Maximum: a PUBACK that never comes does not stop all sends for ever, and these say that they were not sent", async () => {
    const broker = await limited({ receiveMaximum: 1 });
    const answer = broker.onPacket;
    broker.onPacket = (packet, connection) =>
      packet.cmd === "publish" && connection === 1 ? "ignore" : answer(packet, connection);
    const { client, unit } = await connect(broker.port, { mqtt: "5", mqttOptions: { keepalive: 1 } });
    const causes: unknown[] = [];
    client.on("disconnected", ({ cause }) => causes.push(cause));
    const first = failure(unit.log.send("roof", "first", { timeoutMs: 50 }));
    const second = failure(unit.log.send("roof", "second", { timeoutMs: 50 }));
    expect(await first).toMatchObject({ code: "timeout", sent: true });
    expect(await second).toMatchObject({
      code: "timeout",
      sent: false,
      message: expect.stringContaining("(not sent, waiting for messages before it)"),
    });
    const third = unit.log.send("roof", "third", { timeoutMs: Infinity });
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + 30_000);
    closing.push(() => vi.restoreAllMocks());
    await third;
    expect(causes).toMatchObject([{ message: "the broker acknowledges no messages" }]);
    expect(broker.received.map(([, body]) => body)).toEqual(["first", "third"]);
  });

  test("Maximum Packet Size: a larger message is refused with both sizes, and the connection stays", async () => {
    const broker = await limited({ maximumPacketSize: 2_000 });
    const { unit } = await connect(broker.port, { mqtt: "5" });
    for (const qos of [0, 1] as const) {
      expect(await failure(unit.log.send("roof", big, { qos }))).toMatchObject({
        code: "publish-refused",
        message: expect.stringMatching(/takes 50\d\d bytes, and the broker accepts at most 2000/),
      });
    }
    await unit.log.send("roof", "small");
    expect(broker.connections).toBe(1);
  });

  test("Maximum Packet Size: a call that was never written leaves no id behind", async () => {
    const broker = await limited({ maximumPacketSize: 2_000 });
    const { client, unit } = await connect(broker.port, { mqtt: "5" });
    expect(await failure(unit.set({ big }))).toMatchObject({ code: "publish-refused", sent: false });
    expect(client.stats()).toMatchObject({ quarantined: 0, inFlight: 0 });
  });

  const rejection = (): never => {
    throw new Rejection({ code: 1, text: big } as never);
  };
  test.each([
    ["response", () => new Uint8Array(5_000)],
    ["rejection", rejection],
  ])(
    "Maximum Packet Size: a platform answers with an error instead of a %s that is larger",
    async (_, picture) => {
      const broker = await limited({ maximumPacketSize: 2_000 });
      const transport = mqttTransport(`mqtt://127.0.0.1:${broker.port}`, { mqtt: "5" });
      closing.push(() => transport.close({ force: true }));
      const errors: unknown[] = [];
      const platform = await createPlatformFor(
        api,
        transport,
        { climate: { picture } },
        { unhandled: "reject", onError: (error) => errors.push(error) },
      );
      broker.send(publishPacket("gh/north/climate/u/picture/1", "x"));
      await vi.waitFor(() => expect(broker.received).toHaveLength(1));
      expect(broker.received[0]?.[0]).toBe("gh/north/climate/u/picture/1/failed");
      expect(errors).toMatchObject([{ code: "publish-refused" }]);
      await platform.stop();
    },
  );

  test("Maximum QoS: the QoS is lowered", async () => {
    const broker = await limited({ maximumQoS: 0 });
    const { unit } = await connect(broker.port, { mqtt: "5" });
    await unit.log.send("roof", "x", { qos: 2 });
    await vi.waitFor(() => expect(broker.received).toHaveLength(1));
    expect(broker.connections).toBe(1);
  });

  test("no wildcards: a call that needs one is refused, and says why", async () => {
    const broker = await limited({ wildcardSubscriptionAvailable: false });
    const { unit } = await connect(broker.port, { mqtt: "5" });
    expect(await failure(unit.read())).toMatchObject({
      code: "subscribe-refused",
      cause: { message: "the broker does not support wildcards or share groups" },
    });
  });

  test("a filter that is larger than the broker accepts is refused, and costs nobody the connection", async () => {
    const broker = await limited({ maximumPacketSize: 60 });
    const { client, unit } = await connect(broker.port, { mqtt: "5" });
    const long = client.endpoint("u".repeat(60)).climate;
    expect(await failure(long.read())).toMatchObject({
      code: "subscribe-refused",
      cause: { message: "the filter is larger than the broker accepts" },
    });
    await unit.log.send("roof", "x");
    expect(broker.connections).toBe(1);
  });

  test("another server: its name is in the cause", async () => {
    const broker = await start(5);
    const { client } = await connect(broker.port, { mqtt: "5" });
    const lost = once(client, "disconnected");
    broker.send({ cmd: "disconnect", reasonCode: 0x9c, properties: { serverReference: "other.example" } });
    expect(await lost).toMatchObject({ cause: { code: 0x9c, serverReference: "other.example" } });
  });

  test("another server, at the first attempt: its name is in the cause", async () => {
    const broker = await start(5);
    broker.onPacket = ({ cmd }) =>
      cmd === "connect" ? [connack(0x9d, { serverReference: "other.example" })] : undefined;
    expect(await failure(connect(broker.port, { mqtt: "5", connectTimeoutMs: 100 }))).toMatchObject({
      code: "timeout",
      cause: { code: 0x9d, serverReference: "other.example" },
    });
  });
});

test("more sends than packet ids: all are delivered", async () => {
  const broker = await start();
  const { unit } = await connect(broker.port, { timeoutMs: 60_000 });
  const count = 66_000;
  broker.onPacket = ({ cmd }) => (cmd === "publish" ? "ignore" : undefined);
  const sends = Array.from({ length: count }, (_, index) => unit.log.send("roof", index));
  await vi.waitFor(() => expect(broker.received).toHaveLength(60_000), 30_000);
  // The first messages were not answered, so a broker that comes to reason needs a new connection.
  broker.onPacket = () => undefined;
  broker.cut();
  await Promise.all(sends);
  expect(new Set(broker.received.map(([, body]) => body)).size).toBe(count);
});

test.each([4, 5] as const)(
  "QoS 2 in a session that the broker has lost after PUBREC is sent anew, MQTT version %i",
  async (version) => {
    const broker = await start(version);
    const { client, unit } = await connect(broker.port, {
      mqtt: version === 5 ? "5" : "3.1.1",
      clientId: "unit",
      mqttOptions: { clean: false },
    });
    let known: number | undefined;
    const completed: unknown[] = [];
    broker.onPacket = ({ cmd, messageId = 0 }, connection) => {
      if (cmd === "publish") known = messageId;
      if (cmd !== "pubrel") return undefined;
      if (connection === 1) return "close";
      completed.push(messageId === known);
      return undefined;
    };
    broker.onClose = () => (known = undefined);
    await unit.alarm.observe().ready;
    await unit.log.send("roof", "x", { qos: 2 });
    expect([broker.received.length, completed]).toEqual([2, [true]]);
    expect(client.state).toBe("connected");
  },
);

test.each(["subscribe", "unsubscribe"] as const)(
  "close() sends DISCONNECT although the acknowledgement of a first %s never came",
  async (cmd) => {
    const broker = await start();
    const { client, unit } = await connect(broker.port, { subscriptionKeepMs: 1 });
    const packets: string[] = [];
    broker.onPacket = (packet) => {
      packets.push(packet.cmd);
      if (packet.cmd === "publish" && packet.qos === 1)
        return [
          publishPacket(`${packet.topic}/ok`, { value: 1 }),
          { cmd: "puback", messageId: packet.messageId ?? 0 },
        ];
      return packets.filter((seen) => seen === cmd).length === 1 && packet.cmd === cmd ? "ignore" : undefined;
    };
    await unit.read({ qos: 1 });
    await vi.waitFor(
      () =>
        expect(packets.filter((seen) => seen === "unsubscribe")).toHaveLength(cmd === "subscribe" ? 1 : 2),
      10_000,
    );
    const closed = client.close();
    await vi.waitFor(() => expect(packets.at(-1)).toBe("disconnect"), 1_000);
    await closed;
  },
);

test.each([
  ["after its time", false],
  ["by force", true],
])(
  "close() %s sends DISCONNECT during a call that nobody answers, so that the broker publishes no last will",
  async (_, force) => {
    const broker = await start();
    const { client, unit } = await connect(broker.port, { closeTimeoutMs: 50 });
    const packets: string[] = [];
    broker.onPacket = ({ cmd }) => void packets.push(cmd);
    const call = failure(unit.read());
    await vi.waitFor(() => expect(packets).toContain("publish"));
    await client.close({ force });
    await vi.waitFor(() => expect(packets.at(-1)).toBe("disconnect"));
    expect(await call).toMatchObject({ code: "closed" });
  },
);

test("a platform that is stopped by force sends DISCONNECT", async () => {
  const broker = await start();
  const packets: string[] = [];
  broker.onPacket = ({ cmd }) => void packets.push(cmd);
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const platform = await createPlatformFor(api, url, {}, { unhandled: "reject" });
  await platform.stop({ force: true });
  await vi.waitFor(() => expect(packets.at(-1)).toBe("disconnect"));
});

test.each(["localhost:1883", "127.0.0.1", "http://127.0.0.1", "tcp://127.0.0.1", "", "//127.0.0.1"])(
  'connect("%s") is refused at once',
  async (url) => {
    const error = await failure(connectTo(api, url, { site: "north" } as ClientOptions));
    expect(error).toMatchObject({
      code: "connection-refused",
      cause: { message: "the URL of the broker has to begin with mqtt://, mqtts://, ws:// or wss://" },
    });
  },
);

test.each([undefined, null, 42, {}])("connect(%s) is refused at once", async (target) => {
  const connecting = connectTo(api, target as never, { site: "north" } as ClientOptions);
  expect(await failure(connecting)).toMatchObject({
    code: "connection-refused",
    cause: { message: "the target has to be the URL of a broker, an mqtt.js client or a transport" },
  });
});

test.each([
  [
    "that throws",
    () => {
      throw new Error("no token");
    },
    "no token",
  ],
  ["whose user name has a line break", () => ({ username: "token\n" }), "username must not contain U+000A"],
])(
  "a lazy client learns of the first attempt with a credentials function %s",
  async (_name, credentials, message) => {
    const client = await connectTo<Unit, string>(api, "mqtt://127.0.0.1:1", {
      site: "north",
      lazy: true,
      backoff: { minMs: 60_000 },
      credentials,
    } as ClientOptions);
    closing.push(() => client.close({ force: true }));
    const failed = await once(client, "attempt-failed");
    expect(failed).toMatchObject({ attempt: 1, cause: { message: expect.stringContaining(message) } });
  },
);

test("sends while offline are bounded by maxQueued", async () => {
  const broker = await start();
  const { client, unit } = await connect(broker.port, {
    maxQueued: 5,
    backoff: { minMs: 60_000, maxMs: 60_000 },
  });
  const lost = once(client, "disconnected");
  broker.cut();
  await lost;
  const sends = Array.from({ length: 8 }, (_, index) => failure(unit.log.send("roof", index)));
  expect(await Promise.all(sends.slice(5))).toMatchObject(
    Array.from({ length: 3 }, () => ({ code: "queue-full" })),
  );
  client.reconnect();
  expect(await Promise.all(sends.slice(0, 5))).toEqual(Array.from({ length: 5 }, () => "did not fail"));
});
