/** Sessions that mosquitto keeps while a client is away (`clean: false`). */
import { connectAsync } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { type ClientOptions, connectTo, mqttTransport } from "../../src/runtime/index.js";
import { mosquittoPath, startMosquitto } from "../support/brokers.js";
import { api, type Unit } from "../unit/runtime/greenhouse-api.js";

const missing = mosquittoPath === undefined ? " (skipped: mosquitto is not installed)" : "";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Starts mosquitto, and a platform that has no modes to set. */
async function start() {
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
    const transport = mqttTransport(url, { clientId: "unit", mqttOptions: { clean: false } });
    closing.push(() => transport.close({ force: true }));
    const client = await connectTo<Unit, string>(api, transport, {
      site: "north",
      ...options,
    } as ClientOptions);
    /** Ends the connection without UNSUBSCRIBE and DISCONNECT. */
    const losePower = (): Promise<void> => transport.close({ force: true });
    return { mode: client.endpoint("s3cret").climate.mode, losePower };
  };
  return { push, connect };
}

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
