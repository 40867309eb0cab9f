/** Brokers that close the connection instead of refusing a SUBSCRIBE, or that limit its size and its filters. */
import { afterEach, describe, expect, test } from "vitest";
import { type ClientOptions, connectTo } from "../../src/runtime/index.js";
import { connack, type RawAnswer, type RawBroker, rawBroker } from "../support/raw-mqtt.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A broker that responds to calls, and answers a SUBSCRIBE with these filters and of this number of bytes as `onSubscribe` says. */
async function start(
  version: 4 | 5,
  properties: object,
  onSubscribe: (filters: readonly string[], bytes: number) => RawAnswer = () => undefined,
): Promise<RawBroker> {
  const broker = await rawBroker(version);
  closing.push(() => broker.stop());
  broker.onPacket = (packet) => {
    if (packet.cmd === "connect") return [connack(0, properties)];
    if (packet.cmd === "subscribe") {
      const filters = packet.subscriptions.map(({ topic }) => topic);
      // The parser counts what follows the fixed header, which has at most 5 bytes.
      return onSubscribe(filters, (packet.length ?? 0) + 5);
    }
    if (packet.cmd !== "publish") return undefined;
    const response = { topic: `${packet.topic}/ok`, payload: '{"value":1}' };
    setImmediate(() => broker.send({ cmd: "publish", ...response, qos: 0, retain: false, dup: false }));
    return undefined;
  };
  return broker;
}

async function connect(port: number, options: ClientOptions = {}) {
  const client = await connectTo<Unit, string>(api, `mqtt://127.0.0.1:${port}`, {
    site: "north",
    backoff: { minMs: 5, maxMs: 20 },
    timeoutMs: 30_000,
    ...options,
  } as ClientOptions);
  closing.push(() => client.close({ force: true }));
  const read = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, unit) => client.endpoint(`unit${unit}`).climate.read()));
  return { client, unit: client.endpoint("s3cret").climate, read };
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "did not fail",
    (error: unknown) => error,
  );

describe("a broker that closes the connection instead of a SUBACK", () => {
  test.each(["first", "last"])(
    "because of the %s filter of many: that one is refused, and the others are granted",
    async (place) => {
      const broker = await start(4, {}, (filters) =>
        filters.some((filter) => filter.includes("/plan/")) ? "close" : undefined,
      );
      const { unit, read } = await connect(broker.port);
      const plan = (): Promise<unknown> => failure(unit.plan({}));
      const forbidden = place === "first" ? [plan()] : [];
      const reading = read(100);
      if (place === "last") forbidden.push(plan());
      expect(await Promise.all(forbidden)).toMatchObject([{ code: "subscribe-refused" }]);
      expect(await reading).toHaveLength(100);
      // Two for chance, three to find it among 200 filters, one for its trial, and some for its second filter.
      expect(broker.connections).toBeLessThanOrEqual(10);
    },
  );

  test("because the packet has more filters than it takes: later packets have fewer, also on later connections", async () => {
    const broker = await start(4, {}, (filters) => (filters.length > 8 ? "close" : undefined));
    const { client, read } = await connect(broker.port);
    await read(100);
    expect(broker.connections).toBeLessThanOrEqual(6);
    const { connections } = broker;
    const connected = new Promise((resolve) => client.on("connected", resolve));
    broker.cut();
    await connected;
    await read(100);
    expect(broker.connections).toBe(connections + 1);
  });
});

describe("a broker of MQTT 5", () => {
  test("with a Maximum Packet Size gets SUBSCRIBE and UNSUBSCRIBE packets within it", async () => {
    const sizes: number[] = [];
    const broker = await start(5, { maximumPacketSize: 500 }, (_, bytes) => {
      sizes.push(bytes);
      return undefined;
    });
    const { client, read } = await connect(broker.port, { mqtt: "5" });
    await read(100);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
    expect(sizes.length).toBeGreaterThan(10);
    const { onPacket } = broker;
    broker.onPacket = (packet, connection) => {
      if (packet.cmd === "unsubscribe") sizes.push((packet.length ?? 0) + 5);
      return onPacket(packet, connection);
    };
    const before = sizes.length;
    await client.close();
    expect(sizes.length).toBeGreaterThan(before + 10);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
    expect(broker.connections).toBe(1);
  });

  test("without wildcards grants a filter without one, although another of the same tick has one", async () => {
    const broker = await start(5, { wildcardSubscriptionAvailable: false });
    const { unit } = await connect(broker.port, { mqtt: "5" });
    const alarms = unit.alarm.observe();
    expect(await failure(unit.read())).toMatchObject({
      code: "subscribe-refused",
      message: "climate.read: the broker refused a subscription (162)",
    });
    await alarms.ready;
  });
});

test("a broker that claims to have kept a session which was not to be kept gets all subscriptions again", async () => {
  const subscribed: number[] = [];
  const broker = await start(4, {}, (filters) => {
    subscribed.push(filters.length);
    return undefined;
  });
  const { onPacket } = broker;
  broker.onPacket = (packet, connection) =>
    packet.cmd === "connect" ? [{ ...connack(), sessionPresent: true }] : onPacket(packet, connection);
  const { client, unit } = await connect(broker.port);
  await unit.read();
  const connected = new Promise((resolve) => client.on("connected", resolve));
  broker.cut();
  expect(await connected).toEqual({ sessionPresent: false });
  expect(await unit.read()).toEqual({ value: 1 });
  expect(subscribed).toEqual([2, 2]);
});

test.each([
  ["more codes than there are filters", [0, 0, 0, 0]],
  ["fewer codes than there are filters", [0]],
])("a SUBACK with %s refuses the subscription", async (_, granted) => {
  const broker = await start(4, {});
  const { onPacket } = broker;
  broker.onPacket = (packet, connection) =>
    packet.cmd === "subscribe"
      ? [{ cmd: "suback", messageId: packet.messageId ?? 0, granted }]
      : onPacket(packet, connection);
  const { unit } = await connect(broker.port);
  expect(await failure(unit.read({ timeoutMs: 2_000 }))).toMatchObject({ code: "subscribe-refused" });
  expect(broker.connections).toBeLessThanOrEqual(2);
});
