/** Sessions that mosquitto keeps while a client is away (`clean: false`). */
import { connectAsync } from "mqtt";
import { afterEach, expect, test, vi } from "vitest";
import { type ClientOptions, connectTo, mqttTransport } from "../../src/runtime/index.js";
import { createPlatformFor, type RequestContext } from "../../src/runtime/platform.js";
import { mosquittoPath, startMosquitto } from "../support/brokers.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";

const missing = mosquittoPath === undefined ? " (skipped: mosquitto is not installed)" : "";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Starts mosquitto, and a platform that has no modes to set. */
async function start(mqtt: "3.1.1" | "5" = "3.1.1") {
  const broker = await startMosquitto();
  closing.push(() => broker.stop());
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const platform = await connectAsync(url);
  closing.push(() => platform.endAsync(true));
  platform.on("message", (topic) => {
    if (/\/mode\/\w+\/\d+$/.test(topic)) platform.publish(`${topic}/ok`, "[]", { qos: 1 });
  });
  await platform.subscribeAsync("gh/#", { qos: 1 });
  const push = (mode: string, body: string) =>
    platform.publishAsync(`gh/north/climate/s3cret/mode/${mode}/ok`, body, { qos: 1 });
  const connect = async (options: ClientOptions = {}) => {
    const transport = mqttTransport(url, { mqtt, clientId: "unit", mqttOptions: { clean: false } });
    closing.push(() => transport.close({ force: true }));
    const client = await connectTo<Unit, string>(api, transport, {
      site: "north",
      ...options,
    } as ClientOptions);
    /** Ends the connection without UNSUBSCRIBE and DISCONNECT. */
    const losePower = (): Promise<void> => transport.close({ force: true });
    return { client, mode: client.endpoint("s3cret").climate.mode, losePower };
  };
  return { url, platform, push, connect };
}

/** The next value of an observation that is not an empty response. */
async function nextValue(values: AsyncIterable<unknown>): Promise<unknown> {
  for await (const value of values) if (!Array.isArray(value) || value.length > 0) return value;
  return undefined;
}

test.skipIf(mosquittoPath === undefined).each([
  ["3.1.1", "", {}, [{ id: 7 }]],
  ["5", "", {}, [{ id: 7 }]],
  ["3.1.1", " that unsubscribes", { unsubscribe: true }, undefined],
  ["5", " that unsubscribes", { unsubscribe: true }, undefined],
] as const)(
  `MQTT %s: what the broker has kept after a close()%s${missing}`,
  async (mqtt, _, options, kept) => {
    const { push, connect } = await start(mqtt);
    const before = await connect();
    const observing = before.mode.observe("roof");
    await observing.ready;
    await before.mode("cellar");
    await before.client.close(options);
    await expect(observing.done).resolves.toBeUndefined();
    await push("roof", '[{"id":7}]');
    // Nothing observes it, so its subscription has ended with the connection.
    await push("cellar", '[{"id":8}]');

    const strays: unknown[] = [];
    const { client, mode } = await connect({ lazy: true });
    client.on("unmatched-response", (stray) => strays.push(stray));
    const value = nextValue(mode.observe("roof"));
    if (kept) expect(await value).toEqual(kept);
    else {
      await mode("roof");
      await push("roof", '[{"id":9}]');
      expect(await value).toEqual([{ id: 9 }]);
    }
    expect(strays).toEqual([]);
  },
);

test.skipIf(mosquittoPath === undefined).each([
  ["", {}, true],
  [" that unsubscribes", { unsubscribe: true }, false],
] as const)(`the request that a platform finds after a stop()%s${missing}`, async (_, options, found) => {
  const { url, platform: other } = await start();
  const served: number[] = [];
  const serve = () =>
    createPlatformFor(
      api,
      url,
      {
        climate: {
          set: (_request: unknown, context: RequestContext) => void served.push(context.requestId ?? 0),
        },
      },
      { clientId: "platform", mqttOptions: { clean: false }, unhandled: "ignore" },
    );
  const first = await serve();
  await first.stop(options);
  await other.publishAsync("gh/north/climate/s3cret/set/1", "{}", { qos: 1 });
  const second = await serve();
  closing.push(() => second.stop({ force: true }));
  await other.publishAsync("gh/north/climate/s3cret/set/2", "{}", { qos: 1 });
  await vi.waitFor(() => expect(served).toContain(2));
  expect(served).toEqual(found ? [1, 2] : [2]);
});

test.skipIf(mosquittoPath === undefined)(
  `a client that observes before its first connection receives what the broker has kept${missing}`,
  async () => {
    const { push, connect } = await start();
    const before = await connect();
    await before.mode.observe("roof").ready;
    await before.losePower();
    await push("roof", '[{"id":7}]');
    await push("roof", '[{"id":8}]');

    const { mode } = await connect({ lazy: true });
    const received: unknown[] = [];
    for await (const value of mode.observe("roof")) {
      received.push(value);
      // The response to its own request comes last.
      if (Array.isArray(value) && value.length === 0) break;
    }
    expect(received).toEqual([[{ id: 7 }], [{ id: 8 }], []]);
  },
);

test.skipIf(mosquittoPath === undefined)(
  `a handler that begins before the first connection handles what the broker has kept${missing}`,
  async () => {
    const { push, connect } = await start();
    const before = await connect();
    await before.mode.handle("roof", () => ({ code: 200, text: "fine" }));
    await before.losePower();
    await push("roof", '[{"id":7}]');

    const { mode } = await connect({ lazy: true });
    const handled: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      const handler = (item: unknown) => {
        handled.push(item);
        resolve();
        return { code: 200, text: "fine" };
      };
      mode.handle("roof", handler).catch(reject);
    });
    expect(handled).toEqual([{ id: 7 }]);
  },
);
