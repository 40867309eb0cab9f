/** A long run of a gateway: both sides restart while requests are in flight, and nothing is lost or repeated. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import type { EndpointId } from "../../examples/kaa-platform/endpoints.js";
import { type RunningKaa, startKaa } from "../../examples/kaa-platform/platform.js";
import { randomFrom } from "../../src/mock/fault-plan.js";
import { commandTypes, Gateway, SimulatedDevice } from "../support/kaa-gateway.js";

const appVersion = "demo-v1";
const seed = Number(process.env["KAA_DAY_SEED"] ?? 1);
const context = `KAA_DAY_SEED=${seed}`;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A command, with its expected result. */
interface Given {
  readonly device: SimulatedDevice;
  readonly name: string;
  readonly fails: boolean;
}

interface WorkOptions {
  /** Whether neither side restarts meanwhile. */
  readonly calm: boolean;
  readonly goOn: () => boolean;
}

test("a gateway of 200 devices loses nothing and repeats nothing when either side restarts", async () => {
  const data = await mkdtemp(join(tmpdir(), "kaa-day-"));
  closing.push(() => rm(data, { recursive: true, force: true }));
  const random = randomFrom(seed);
  const devices = Array.from({ length: 200 }, (_, number) => new SimulatedDevice(number, seed));
  const wrong: unknown[] = [];
  const start = (port: number): Promise<RunningKaa> =>
    startKaa({
      port,
      data,
      appVersion,
      tokens: devices.map(({ token }) => token),
      onError: (error) => wrong.push(error),
    });
  let kaa = await start(0);
  closing.push(() => kaa.close());
  const port = Number(new URL(kaa.url).port);
  const gateway = new Gateway(kaa.url, appVersion, devices);
  closing.push(() => gateway.close());

  const given: Given[] = [];
  const give = async (count: number): Promise<void> => {
    const all = devices.flatMap((device) => Array.from({ length: count }, () => device));
    await Promise.all(
      all.map(async (device) => {
        const type = commandTypes[Math.floor(random() * commandTypes.length)] ?? "reboot";
        const fails = random() < 0.2;
        const command = await kaa.commands.send(idOf(device), type, {
          payload: fails ? { fail: true } : { go: 1 },
        });
        given.push({ device, name: `${type}/${command.id}`, fails });
      }),
    );
  };
  const assigned = new Map<SimulatedDevice, string>();
  const assign = async (part: readonly SimulatedDevice[], generation: number): Promise<void> => {
    await Promise.all(
      part.map(async (device) => {
        const config = { generation, interval: Math.floor(random() * 60), device: device.number };
        assigned.set(device, await kaa.configuration.assign(idOf(device), config));
      }),
    );
  };
  /** Each device does a number of actions in sequence, and continues while `goOn()` returns true. */
  const work = async (actions: number, { calm, goOn }: WorkOptions): Promise<void> => {
    await Promise.all(
      devices.map(async (device) => {
        for (let done = 0; done < actions || goOn(); done += 1) await act(gateway, device, calm);
      }),
    );
  };
  const calmly: WorkOptions = { calm: true, goOn: () => false };

  // 1. The gateway connects. Neither side restarts.
  await gateway.open("all-endpoints");
  await Promise.all([
    ...devices.map((device) => {
      device.metadata = { name: device.token, serial: device.number };
      return gateway.insist(device, ({ epmx }) => epmx.update({ ...device.metadata }));
    }),
    give(1),
    assign(devices, 1),
    work(4, calmly),
  ]);

  // 2. The platform restarts while commands and configurations are outstanding and devices send samples.
  let restarting = true;
  const noon = work(4, { calm: false, goOn: () => restarting });
  await give(2);
  await assign(devices, 2);
  await kaa.software.release("1.1.0", { link: "https://example.com/1.1.0" });
  const outstanding = given.filter(({ device, name }) => !resultOf(kaa, device, name));
  const underWay = [await gateway.underWay()];
  // More requests than the platform can serve at once. At the first response, others are in flight.
  const burst = devices.map(async (device) => send(gateway, device, device.take(1)));
  await Promise.race(burst);
  await kaa.close();
  kaa = await start(port);
  await give(1);
  await assign(
    devices.filter(({ number }) => number % 3 === 0),
    3,
  );
  restarting = false;
  await Promise.all([noon, ...burst]);

  // 3. The gateway restarts.
  restarting = true;
  const afternoon = work(4, { calm: false, goOn: () => restarting });
  await give(2);
  await kaa.software.release("1.2.0", { link: "https://example.com/1.2.0" });
  await assign(
    devices.filter(({ number }) => number % 3 === 1),
    4,
  );
  underWay.push(await gateway.underWay());
  await gateway.restart("never");
  restarting = false;
  await afternoon;

  // 4. No more restarts: everything outstanding is completed.
  await Promise.all([give(1), work(4, calmly)]);
  await kaa.software.release(
    "1.2.1",
    { link: "https://example.com/1.2.1" },
    idOf(devices[7] ?? new SimulatedDevice(7, seed)),
  );
  await vi.waitFor(
    () => {
      const open = given.filter(({ device, name }) => !resultOf(kaa, device, name));
      expect(
        open.map(({ device, name }) => `${device.token} ${name}`),
        context,
      ).toEqual([]);
      expect(devices.filter((device) => !hasApplied(kaa, device, assigned.get(device))).map(toToken)).toEqual(
        [],
      );
      expect(devices.filter((device) => !runs(kaa, device)).map(toToken), context).toEqual([]);
    },
    { timeout: 15_000, interval: 50 },
  );
  await gateway.close();
  await kaa.close();

  // 5. A new platform has the same state on disk.
  kaa = await start(port);
  expect(gateway.unexpected, context).toEqual([]);
  expect(wrong, context).toEqual([]);
  expect(Math.min(outstanding.length, ...underWay), context).toBeGreaterThan(0);

  const lost: string[] = [];
  const stray: string[] = [];
  for (const device of devices) {
    const stored = (await kaa.samples.of(idOf(device))).map(({ value }) => nameOfSample(device, value));
    const sent = [
      ...Array.from({ length: device.samples }, (_, index) => `${device.number}:${index + 1}`),
      ...Array.from({ length: device.plain }, (_, index) => `level ${index + 1}`),
    ];
    const surplus = stored.filter((name, index) => stored.indexOf(name) !== index || !sent.includes(name));
    lost.push(...sent.filter((name) => !stored.includes(name)).map((name) => `${device.token} ${name}`));
    stray.push(...surplus.map((name) => `${device.token} ${name}`));
  }
  expect({ lost, stray }, context).toEqual({ lost: [], stray: [] });

  for (const { device, name, fails } of given) {
    expect([name, device.executions.get(name)], `${context} ${device.token}`).toEqual([name, 1]);
    expect(resultOf(kaa, device, name), `${context} ${device.token}`).toEqual({
      id: Number(name.split("/")[1]),
      ...(fails
        ? { statusCode: 500, reasonPhrase: `${name} cannot be done` }
        : { statusCode: 200, payload: { device: device.number, name, execution: 1 } }),
    });
  }
  for (const device of devices) {
    expect(kaa.commands.of(idOf(device)).length, context).toBe(device.executed.size);
    expect(device.configId, context).toBe(assigned.get(device));
    expect(hasApplied(kaa, device, device.configId), context).toBe(true);
    expect(device.version, context).toBe(device.number === 7 ? "1.2.1" : "1.2.0");
    expect(runs(kaa, device), context).toBe(true);
    expect(Object.fromEntries(kaa.metadata.of(idOf(device))), context).toEqual(device.metadata);
  }
});

function idOf({ token }: SimulatedDevice): EndpointId {
  return { appVersion, endpointToken: token };
}

function toToken({ token }: SimulatedDevice): string {
  return token;
}

/** Sends one sample or a batch, until the platform acknowledges it. */
async function send(gateway: Gateway, device: SimulatedDevice, samples: readonly object[]): Promise<void> {
  const [first = {}, second] = samples;
  await gateway.insist(device, ({ dcx }) => dcx.json(second ? [...samples] : first));
}

/** Does one random action of a device. */
async function act(gateway: Gateway, device: SimulatedDevice, calm: boolean): Promise<void> {
  const choice = device.random();
  if (choice < 0.5) {
    await send(gateway, device, device.take(1));
  } else if (choice < 0.75) {
    await send(gateway, device, device.take(2 + Math.floor(device.random() * 8)));
  } else if (choice < 0.9 && calm) {
    // A send has no response, so its outcome is unknown after a restart.
    device.plain += 1;
    await gateway.insist(device, ({ dcx }) => dcx.plain.send("level", `${device.plain}m`));
  } else {
    const changed = { last: device.samples, at: { floor: Math.floor(device.random() * 9) } };
    device.metadata = { ...device.metadata, ...changed };
    await gateway.insist(device, ({ epmx }) => epmx.updateKeys(changed));
  }
}

function nameOfSample({ number }: SimulatedDevice, value: unknown): string {
  const members = new Map<string, unknown>(Object.entries(value ?? {}));
  if (members.get("level-unit") === "m") return `level ${String(members.get("level-value"))}`;
  return members.get("device") === number
    ? `${number}:${String(members.get("sequence"))}`
    : JSON.stringify(value);
}

function resultOf(kaa: RunningKaa, device: SimulatedDevice, name: string): unknown {
  return kaa.commands.of(idOf(device)).find(({ type, id }) => `${type}/${id}` === name)?.result;
}

function hasApplied(kaa: RunningKaa, device: SimulatedDevice, configId: string | undefined): boolean {
  const report = kaa.configuration.reportOf(idOf(device));
  return report !== undefined && report.configId === configId && isGood(report.statusCode);
}

function runs(kaa: RunningKaa, device: SimulatedDevice): boolean {
  const report = kaa.software.reportOf(idOf(device));
  const version = kaa.software.releaseFor(idOf(device))?.version;
  return report !== undefined && report.configId === version && isGood(report.statusCode);
}

function isGood(statusCode: number): boolean {
  return statusCode >= 200 && statusCode < 300;
}
