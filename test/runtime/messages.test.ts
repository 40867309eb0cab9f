/** Clients of APIs of other shapes than a request's topic and a suffix, and platforms written by hand, over real brokers. */
import { connectAsync, type MqttClient } from "mqtt";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Api } from "../../src/runtime/api/resource.js";
import { type ClientOptions, connectTo } from "../../src/runtime/index.js";
import { mosquittoPath, type RunningBroker, startAedes, startMosquitto } from "../support/brokers.js";
import { POLLING } from "../support/polling.js";
import { devices, rpcs, shadows } from "../unit/runtime/message-apis.js";
import type { AnyClient } from "../unit/runtime/message-setup.js";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const brokers: readonly (readonly [name: string, start: () => Promise<RunningBroker>])[] = [
  ["aedes", () => startAedes()],
  ...(mosquittoPath === undefined ? [] : ([["mosquitto", () => startMosquitto()]] as const)),
];

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const parse = (payload: Buffer): Record<string, unknown> => JSON.parse(payload.toString()) as never;

describe.each(brokers)("over %s", (_name, start) => {
  async function startBroker() {
    const broker = await start();
    const { port } = broker;
    cleanups.push(() => broker.stop());
    const url = `mqtt://127.0.0.1:${port}`;
    return {
      /** A platform that is nothing but a client of the broker. */
      platform: async (
        filters: readonly string[],
        onMessage: (topic: string, payload: Buffer, to: MqttClient) => void,
      ) => {
        const platform = await connectAsync(url);
        cleanups.push(() => platform.endAsync(true));
        platform.on("message", (topic, payload) => onMessage(topic, payload, platform));
        await platform.subscribeAsync([...filters], { qos: 1 });
        return platform;
      },
      client: async (api: Api, options: ClientOptions & { readonly src?: string } = {}) => {
        const client = await connectTo<AnyClient>(api, url, options);
        cleanups.push(() => client.close({ force: true }));
        return client;
      },
    };
  }

  test("two clients that hear each other's responses take only their own, and count the others as foreign", async () => {
    const { platform, client } = await startBroker();
    await platform(["$cloud/things/+/shadow/update"], (topic, payload, to) => {
      const { token, n } = parse(payload);
      if (token === undefined) return;
      if (Number(n) % 3 === 0) to.publish(`${topic}/rejected`, json({ code: n, token }), { qos: 1 });
      else to.publish(`${topic}/accepted`, json({ n, token }), { qos: 1 });
    });
    const clients = [await client(shadows), await client(shadows)];
    const outcomes = await Promise.all(
      clients.map((each, index) => {
        const update = each.thing("t1")["shadow"]!["update"]!;
        const numbers = Array.from({ length: 60 }, (_item, number) => 1_000 * index + number);
        return Promise.all(
          numbers.map(async (n) => {
            const result = await update({ n }).catch((error: unknown) => error);
            const expected = n % 3 === 0 ? { code: "rejected", payload: { code: n } } : { n };
            expect(result).toMatchObject(expected);
            return n;
          }),
        );
      }),
    );
    expect(outcomes.map(({ length }) => length)).toEqual([60, 60]);
    await vi.waitUntil(() => clients.every((each) => each.stats().foreign > 0), POLLING);
    for (const each of clients) {
      const { foreign, ...others } = each.stats();
      expect(foreign).toBeLessThanOrEqual(60);
      expect(others).toMatchObject({ late: 0, duplicate: 0, unmatched: 0, inFlight: 0, quarantined: 0 });
    }
  });

  test("clients that speak JSON-RPC with one device get the responses to their own methods, and its notifications", async () => {
    const { platform, client } = await startBroker();
    const device = await platform(["plug/rpc"], (_topic, payload, to) => {
      const { id, src, method, params } = parse(payload);
      const response =
        method === "Relay.Set" && (params as { on?: unknown }).on === undefined
          ? { error: { code: -103 } }
          : { result: { method, src } };
      if (id !== undefined)
        to.publish(`${String(src)}/rpc`, json({ id, src: "plug", dst: src, ...response }));
      to.publish("plug/events/rpc", json({ src: "plug", method: "NotifyStatus", params: { src } }));
    });
    await device.publishAsync("plug/online", "true", { qos: 1, retain: true });
    const names = ["one", "two"];
    for (const src of names) {
      const plug = (await client(rpcs, { src })).endpoint("plug");
      const status = plug["events"]!["status"]!.observe();
      await status.ready;
      expect(await Promise.all([plug["relay"]!["status"]!(), plug["relay"]!["set"]!({ on: true })])).toEqual([
        { method: "Relay.GetStatus", src },
        { method: "Relay.Set", src },
      ]);
      await expect(plug["relay"]!["set"]!({})).rejects.toMatchObject({ payload: { code: -103 } });
      await plug["relay"]!["set"]!.send({ on: false });
      expect(await status.next()).toEqual({ done: false, value: { src } });
      // The second observer gets the retained message too, although the client has subscribed before.
      for (const observed of [plug["events"]!["online"]!.observe(), plug["events"]!["online"]!.observe()])
        expect(await observed.next()).toEqual({ done: false, value: true });
    }
  });

  test("a device calls its platform and is called by it on the same topics, although the broker sends everything back", async () => {
    const { platform, client } = await startBroker();
    const responses: string[] = [];
    const server = await platform(["v1/me/rpc/#", "v1/me/attributes"], (topic, payload, to) => {
      const [, id] = /^v1\/me\/rpc\/request\/(\d+)$/.exec(topic) ?? [];
      const body = parse(payload);
      if (topic.startsWith("v1/me/rpc/response/") && "did" in body)
        responses.push(`${topic} ${String(body["did"])}`);
      // Its own calls come back to the platform, too.
      else if (id !== undefined && !("byServer" in body))
        to.publish(`v1/me/rpc/response/${id}`, json({ time: body["n"] }));
    });
    const device = await client(devices);
    const served: unknown[] = [];
    await device["rpc"]!.handle((payload: { readonly n: number }) => {
      served.push(payload);
      return { did: payload.n };
    });
    const updates = device["updates"]!.observe();
    await updates.ready;
    const calls = Array.from({ length: 30 }, async (_item, n) => {
      await server.publishAsync(`v1/me/rpc/request/${n}`, json({ byServer: true, n }), { qos: 1 });
      await device["attributes"]!.send({ own: n });
      expect(await device["call"]!({ n })).toEqual({ time: n });
    });
    await Promise.all(calls);
    await vi.waitUntil(() => responses.length === 30, POLLING);
    expect(served).toEqual(served.filter((payload) => "byServer" in (payload as object)));
    expect(responses.toSorted()).toEqual(
      Array.from({ length: 30 }, (_item, n) => `v1/me/rpc/response/${n} ${n}`).toSorted(),
    );
    await server.publishAsync("v1/me/attributes", json({ own: "platform's" }), { qos: 1 });
    expect(await updates.next()).toEqual({ done: false, value: { own: "platform's" } });
    expect(device.stats()).toMatchObject({ late: 0, duplicate: 0, unmatched: 0 });
  });

  test("chunks arrive as the bytes that they are, and an error without an id fails the only call that waits", async () => {
    const { platform, client } = await startBroker();
    const firmware = Buffer.from(Array.from({ length: 2_000 }, (_item, index) => (index * 7) % 256));
    await platform(["v2/fw/request/#"], (topic, payload, to) => {
      const [, id, chunk] = /request\/(\d+)\/chunk\/(\d+)$/.exec(topic) ?? [];
      const size = Number(payload.toString());
      const part = firmware.subarray(Number(chunk) * size, (Number(chunk) + 1) * size);
      if (part.length === 0) to.publish("v2/fw/error", "there is no such chunk");
      else to.publish(`v2/fw/response/${id}/chunk/${chunk}`, part, { qos: 1 });
    });
    const device = await client(devices);
    const rejected: unknown[] = [];
    device.on("rejected", (detail) => rejected.push(detail));
    const { chunk } = device["ota"]!;
    const parts = await Promise.all(Array.from({ length: 20 }, (_item, index) => chunk!(index, 100)));
    expect(Buffer.concat(parts as Uint8Array[])).toEqual(firmware);
    await expect(chunk!(20, 100)).rejects.toMatchObject({
      code: "rejected",
      payload: "there is no such chunk",
    });
    expect(rejected).toEqual([]);
    const several = [20, 21].map((index) => chunk!(index, 100, { timeoutMs: 500 }));
    for (const call of await Promise.allSettled(several))
      expect(call).toMatchObject({ reason: { code: "timeout", sent: true } });
    const event = { resource: "ota.chunk", parameters: {}, payload: "there is no such chunk" };
    expect(rejected).toEqual([event, event]);
  });

  test("calls without an id take turns, and a late response is not taken for the next call's", async () => {
    const { platform, client } = await startBroker();
    const waiting: (() => void)[] = [];
    await platform(["/provision/request"], (_topic, payload, to) => {
      waiting.push(() =>
        to.publish("/provision/response", json({ status: "SUCCESS", ...parse(payload) }), { qos: 1 }),
      );
    });
    const device = await client(devices);
    const provision = device["provisioning"]!["provision"]!;
    await expect(provision({ n: 1 }, { timeoutMs: 300 })).rejects.toMatchObject({ code: "timeout" });
    const calls = [provision({ n: 2 }), provision({ n: 3 })];
    expect(device.stats()).toMatchObject({ queued: 2, quarantined: 1 });
    expect(waiting).toHaveLength(1);
    for (const number of [1, 2, 3]) {
      await vi.waitUntil(() => waiting.length === number, POLLING);
      waiting[number - 1]!();
    }
    expect(await Promise.all(calls)).toEqual([{ n: 2 }, { n: 3 }]);
    expect(device.stats()).toMatchObject({ late: 1, duplicate: 0, unmatched: 0, quarantined: 0 });
  });
});
