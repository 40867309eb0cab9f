/** Clients of two APIs against the other side, written by hand with Debian's python3-paho-mqtt, over mosquitto. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeApi } from "../../src/mock/describe-api.js";
import { loadModel } from "../../src/mock/load-model.js";
import { connectTo } from "../../src/runtime/index.js";
import { mosquittoPath, startMosquitto } from "../support/brokers.js";
import type { AnyClient } from "../unit/runtime/message-setup.js";

const PYTHON = "/usr/bin/python3";
const hasPaho = spawnSync(PYTHON, ["-c", "import paho.mqtt.client"]).status === 0;
const canRun = hasPaho && mosquittoPath !== undefined;
const absent = canRun ? "" : " (skipped: mosquitto or python3-paho-mqtt is not installed)";

/** A client of an API, and its other side in Python, on one mosquitto. */
async function connectToPeer(api: "thingsboard" | "shelly", parameters: object = {}): Promise<AnyClient> {
  const broker = await startMosquitto();
  onTestFinished(() => broker.stop());
  const program = join(import.meta.dirname, "../support/python-peers.py");
  const peer = spawn(PYTHON, [program, String(broker.port), api], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(async () => {
    peer.stdin.end();
    await once(peer, "exit");
  });
  await once(peer.stdout, "data");
  const model = await loadModel(`spec/${api}/${api}.yaml`);
  const client = await connectTo<AnyClient>(describeApi(model), `mqtt://127.0.0.1:${broker.port}`, {
    timeoutMs: 5_000,
    ...parameters,
  });
  onTestFinished(() => client.close({ force: true }));
  return client;
}

/** The next value of an observation. */
async function next(values: AsyncIterable<unknown>): Promise<unknown> {
  for await (const value of values) return value;
  return undefined;
}

describe.skipIf(!canRun)(`a client of ThingsBoard against a peer in Python${absent}`, () => {
  test("gets the response with its id, many requests at a time", async () => {
    const client = await connectToPeer("thingsboard");
    const calls = Array.from({ length: 50 }, (_, index) => client["call"]!({ method: `m${index}` }));
    expect(await Promise.all(calls)).toEqual(calls.map((_, index) => ({ called: `m${index}` })));
    expect(await client["getAttributes"]!({ sharedKeys: "interval" })).toEqual({ shared: { interval: 30 } });
    expect(client.stats()).toMatchObject({ unmatched: 0, late: 0, duplicate: 0, inFlight: 0 });
  });

  test("serves the peer's call on the topics of its own calls", async () => {
    const client = await connectToPeer("thingsboard");
    await client["rpc"]!.handle((request: unknown) => ({ done: request }));
    const updates = client["attributeUpdates"]!.observe();
    await updates.ready;
    await client["telemetry"]!.send({ temperature: 21 });
    expect(await next(updates)).toEqual({ told: { done: { method: "reboot", params: { in: 5 } } } });
    expect(await client["call"]!({ method: "x" })).toEqual({ called: "x" });
  });

  test("reads chunks as bytes, and an error without an id", async () => {
    const client = await connectToPeer("thingsboard");
    const chunk = (await client["ota"]!["firmware"]!("1", 3)) as Uint8Array;
    expect(Array.from(chunk)).toEqual([1, 0, 255]);
    await expect(client["ota"]!["firmware"]!("9", 3)).rejects.toMatchObject({
      code: "rejected",
      payload: "no such chunk",
    });
  });

  test("gets what belongs to a device behind the gateway", async () => {
    const client = await connectToPeer("thingsboard");
    const names = ["A", "B", "C"];
    const read = names.map((name) => client.device(name)["gateway"]!["getAttributes"]!({ key: name }));
    expect(await Promise.all(read.map((each) => each.catch(String)))).toEqual(
      names.map((name) => ({ value: name })),
    );
  });

  test("tells a refusal from a success by the body, without an id on the wire", async () => {
    const client = await connectToPeer("thingsboard");
    const { provision } = client["provisioning"]!;
    const [yes, no] = ["k1", "k2"].map((provisionDeviceKey) =>
      provision!({ provisionDeviceKey, provisionDeviceSecret: "s" }),
    );
    expect(await yes).toEqual({ credentialsType: "ACCESS_TOKEN", credentialsValue: "A1" });
    await expect(no).rejects.toMatchObject({ payload: { status: "NOT_FOUND", errorMsg: "unknown key" } });
  });
});

describe.skipIf(!canRun)(`a client of a Shelly device against a peer in Python${absent}`, () => {
  test("calls methods that share their topics, and gets errors with their codes", async () => {
    const client = await connectToPeer("shelly", { src: "app" });
    const device = client.device("dev");
    const [set, failed, rebooted] = await Promise.allSettled([
      device["switch"]!["set"]!({ id: 0, on: true }),
      device["switch"]!["set"]!({ id: 3, on: true }),
      device["shelly"]!["reboot"]!(),
    ]);
    expect(set).toMatchObject({ value: { was_on: false } });
    expect(failed).toMatchObject({ reason: { code: "rejected", payload: { code: -105 } } });
    expect(rebooted).toEqual({ status: "fulfilled", value: null });
  });

  test("sends without an id, and observes what the device does", async () => {
    const client = await connectToPeer("shelly", { src: "app" });
    const device = client.device("dev");
    const changes = device["events"]!["status"]!.observe();
    await changes.ready;
    await device["switch"]!["toggle"]!.send({ id: 0 });
    expect(await next(changes)).toEqual({ did: "Switch.Toggle" });
  });

  test("gets a retained state that was published before", async () => {
    const client = await connectToPeer("shelly", { src: "app" });
    expect(await next(client.device("dev")["topics"]!["online"]!.observe())).toBe(true);
  });
});
