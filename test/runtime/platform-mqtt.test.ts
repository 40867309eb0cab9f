import { afterEach, expect, test } from "vitest";
import { MockBroker } from "../../src/mock/mock-broker.js";
import { describeApi } from "../../src/mock/describe-api.js";
import { loadModel } from "../../src/mock/load-model.js";
import { connectTo } from "../../src/runtime/index.js";
import { mqttTransport } from "../../src/runtime/transport/mqtt-transport.js";
import { createPlatformFor, type Platform, type PlatformOptions } from "../../src/runtime/platform.js";

const api = describeApi(await loadModel("spec/kaa/kaa.yaml"));
const backoff = { minMs: 5, maxMs: 20 };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** What this file uses of an endpoint. */
interface Endpoint {
  readonly dcx: { readonly json: (sample: unknown, options?: object) => Promise<unknown> };
  readonly cex: {
    readonly command: { observe(type: string): AsyncIterable<unknown> & { readonly ready: Promise<void> } };
  };
}

async function startPlatform(
  broker: MockBroker,
  json: (value: unknown) => unknown,
  options: PlatformOptions = {},
): Promise<Platform> {
  const transport = mqttTransport(broker.url, { backoff });
  const handlers = { dcx: { json }, cex: { command: () => [] } };
  const platform = await createPlatformFor(api, transport, handlers, { unhandled: "reject", ...options });
  closing.push(async () => {
    await platform.stop();
    await transport.close();
  });
  return platform;
}

async function startDevice(broker: MockBroker): Promise<Endpoint> {
  const options = { appVersion: "v", backoff };
  const client = await connectTo<Endpoint, string>(api, broker.url, options);
  closing.push(() => client.close({ force: true }));
  return client.endpoint("T");
}

async function start(): Promise<MockBroker> {
  const broker = await MockBroker.start();
  closing.push(() => broker.close());
  return broker;
}

test("a platform and a device exchange messages as ordinary clients of a broker", async () => {
  const broker = await start();
  const seen: unknown[] = [];
  const platform = await startPlatform(broker, (value) => void seen.push(value), {
    parameters: { appVersion: "v" },
  });
  const device = await startDevice(broker);
  await device.dcx.json({ t: 1 });
  expect(seen).toEqual([{ t: 1 }]);

  const observation = device.cex.command.observe("reboot");
  await observation.ready;
  const { cex } = platform.endpoint({ appVersion: "v", endpointToken: "T" });
  void cex?.["command"]?.push("reboot", [{ id: 7 }]);
  for await (const commands of observation) {
    // The first one answers the request: nothing is there yet.
    if (Array.isArray(commands) && commands.length > 0) {
      expect(commands).toEqual([{ id: 7 }]);
      break;
    }
  }
});

test("a platform and a device go on after the broker has disconnected both", async () => {
  const broker = await start();
  let answered = 0;
  await startPlatform(broker, () => void (answered += 1));
  const device = await startDevice(broker);
  for (let round = 1; round <= 3; round += 1) {
    await device.dcx.json(round);
    broker.disconnect();
    // The device may reconnect before the platform, which then misses its request.
    while ((await ask(device)) === "no response");
  }
  expect(answered).toBeGreaterThanOrEqual(6);
});

async function ask(device: Endpoint): Promise<string> {
  try {
    await device.dcx.json(0, { timeoutMs: 100 });
    return "answered";
  } catch {
    return "no response";
  }
}

test("a platform reports a connection that is refused for good", async () => {
  const broker = await start();
  const transport = broker.transport();
  const platform = await createPlatformFor(api, transport, {}, { unhandled: "reject" });
  const errors: unknown[] = [];
  const other = broker.transport();
  await createPlatformFor(api, other, {}, { unhandled: "reject", onError: (error) => errors.push(error) });
  await broker.close();
  expect(errors).toEqual([expect.objectContaining({ code: "connection-refused" })]);
  await platform.stop();
});
