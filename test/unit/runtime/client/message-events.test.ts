import { describe, expect, test, vi } from "vitest";
import { Rejection } from "../../../../src/runtime/index.js";
import { any, apiOf, devices, rpcs, shadows } from "../message-apis.js";
import { messageBroker, outcome, tick } from "../message-setup.js";
import type { Observation } from "../../../../src/runtime/index.js";

/** Everything that an observation yields, as it comes. */
function valuesOf(observation: Observation<unknown>): unknown[] {
  const values: unknown[] = [];
  void (async () => {
    for await (const value of observation) values.push(value);
  })().catch(() => undefined);
  return values;
}

describe("an observed event", () => {
  test("yields payloads of its own messages, told apart by a literal of the body", async () => {
    const { connect, publish } = messageBroker();
    const { client, subscribed, events } = await connect(rpcs, { src: "me" });
    const plug = client.endpoint("plug")["events"]!;
    const status = plug["status"]!.observe();
    const [one, other] = [valuesOf(status), valuesOf(plug["full"]!.observe())];
    await status.ready;
    expect(subscribed).toEqual(["plug/events/rpc"]);
    await publish("plug/events/rpc", { src: "plug", method: "NotifyStatus", params: { ts: 1 } });
    await publish("plug/events/rpc", { src: "plug", method: "NotifyFullStatus", params: { ts: 2 } });
    await publish("plug/events/rpc", { src: "plug", method: "Unknown", params: { ts: 3 } });
    await publish("other/events/rpc", { src: "other", method: "NotifyStatus", params: { ts: 4 } });
    expect(events).toEqual([]);
    await publish("plug/events/rpc", "{");
    expect([one, other]).toEqual([[{ ts: 1 }], [{ ts: 2 }]]);
    expect(client.stats()).toMatchObject({ unmatched: 0, foreign: 0 });
    expect(events).toMatchObject([
      ["invalid-response", { resource: "events.status", errors: [{ message: "is not JSON" }] }],
    ]);
  });

  test("reports a body that its template cannot read, with and without a payload", async () => {
    const { connect, publish } = messageBroker();
    const event = { on: "client", from: "platform" } as const;
    const api = apiOf(
      {},
      {
        "": {
          news: { ...event, template: "e/news", request: any, wraps: { request: { news: "{body}" } } },
          ping: { ...event, template: "e/ping", wraps: { request: { ping: true } } },
        },
      },
    );
    const { client, events } = await connect(api);
    await publish("e/news", "nobody observes it");
    const observations = [client["news"]!.observe(), client["ping"]!.observe()];
    const values = observations.map(valuesOf);
    await Promise.all(observations.map(({ ready }) => ready));
    for (const topic of ["e/news", "e/ping"])
      for (const body of ["{", { other: 1 }]) await publish(topic, body);
    await publish("e/news", { news: 1 });
    await publish("e/ping", { ping: true });
    expect(values).toEqual([[1], [undefined]]);
    const reported = (resource: string, message: string) => [
      "invalid-response",
      { resource, errors: [expect.objectContaining({ message })] },
    ];
    const form = "is none of the messages of its topic";
    expect(events).toEqual([
      reported("news", "is not JSON"),
      reported("news", form),
      reported("ping", "is not JSON"),
      reported("ping", form),
    ]);
  });

  test("is not reported when its retained message is cleared", async () => {
    const { connect, publish } = messageBroker();
    const event = { on: "client", from: "platform", request: any, retain: true } as const;
    const api = apiOf(
      {},
      {
        "": {
          bare: { ...event, template: "e/bare" },
          wrapped: { ...event, template: "e/wrapped", wraps: { request: { v: "{body}" } } },
          text: { ...event, template: "e/text", request: { type: "text" } },
        },
      },
    );
    const { client, events } = await connect(api);
    const observations = ["bare", "wrapped", "text"].map((name) => client[name]!.observe());
    const values = observations.map(valuesOf);
    await Promise.all(observations.map(({ ready }) => ready));
    const empty = new Uint8Array();
    await publish("e/bare", 1, true);
    await publish("e/wrapped", { v: 2 }, true);
    for (const topic of ["e/bare", "e/wrapped", "e/text"]) await publish(topic, empty, true);
    // An empty text is a value.
    expect(values).toEqual([[1], [2], [""]]);
    expect(events).toEqual([]);
    await publish("e/bare", "{");
    expect(events).toMatchObject([["invalid-response", { resource: "bare" }]]);
  });

  test("reports and drops a payload that does not match its schema", async () => {
    const { connect, publish } = messageBroker();
    const { client, events } = await connect(shadows);
    const delta = client.thing("t1")["shadow"]!["delta"]!.observe({ shadow: "config" });
    const values = valuesOf(delta);
    await delta.ready;
    await publish("$cloud/things/t1/shadow/name/config/update/delta", [1]);
    await publish("$cloud/things/t1/shadow/name/config/update/delta", { state: {} });
    expect(values).toEqual([{ body: { state: {} }, shadow: "config" }]);
    expect(events).toMatchObject([["invalid-response", { resource: "shadow.delta" }]]);
  });

  test("matches any value of a parameter that is left out, and yields the values", async () => {
    const { connect, publish } = messageBroker();
    const { client, subscribed } = await connect(shadows);
    const { delta } = client.thing("t1")["shadow"]!;
    const every = delta!.observe();
    const config = delta!.observe({ shadow: "config" });
    const values = [valuesOf(every), valuesOf(config)];
    await Promise.all([every.ready, config.ready]);
    expect(subscribed.toSorted()).toEqual([
      "$cloud/things/t1/shadow/name/+/update/delta",
      "$cloud/things/t1/shadow/update/delta",
    ]);
    await publish("$cloud/things/t1/shadow/update/delta", { v: 1 });
    await publish("$cloud/things/t1/shadow/name/config/update/delta", { v: 2 });
    await publish("$cloud/things/t1/shadow/name/other/update/delta", { v: 3 });
    await publish("$cloud/things/t2/shadow/update/delta", { v: 4 });
    expect(values).toEqual([
      [{ body: { v: 1 } }, { body: { v: 2 }, shadow: "config" }, { body: { v: 3 }, shadow: "other" }],
      [{ body: { v: 2 }, shadow: "config" }],
    ]);
  });

  test("yields undefined for each message without a payload", async () => {
    const { connect, publish } = messageBroker();
    const { client } = await connect(devices);
    const restarted = client["restarted"]!.observe();
    const values = valuesOf(restarted);
    await restarted.ready;
    await publish("v1/me/restarted", "");
    await publish("v1/me/restarted", "ignored");
    expect(values).toEqual([undefined, undefined]);
  });

  test("yields a retained message to every new observer, once", async () => {
    const { connect, publish } = messageBroker();
    const { client } = await connect(rpcs, { src: "me" });
    await publish("plug/online", "true", true);
    const { online } = client.endpoint("plug")["events"]!;
    const first = online!.observe();
    const one = valuesOf(first);
    await first.ready;
    await tick();
    expect(one).toEqual([true]);
    const second = online!.observe();
    const other = valuesOf(second);
    await second.ready;
    await tick();
    expect([one, other]).toEqual([[true], [true]]);
    await publish("plug/online", "false", true);
    expect([one, other]).toEqual([
      [true, false],
      [true, false],
    ]);
  });

  test("yields the retained message again after the session was lost", async () => {
    const { connect, publish } = messageBroker();
    const { client, memory } = await connect(rpcs, { src: "me" });
    const online = client.endpoint("plug")["events"]!["online"]!.observe();
    const values = valuesOf(online);
    await online.ready;
    memory.drop();
    await publish("plug/online", "true", true);
    memory.restore();
    await tick();
    expect(values).toEqual([true]);
  });

  test("takes retained messages of all topics that its filter matches", async () => {
    const { connect, publish } = messageBroker();
    const { client, events } = await connect(rpcs, { src: "me" });
    await publish("plug/status/relay:0", { on: true }, true);
    await publish("plug/status/relay:1", { on: false }, true);
    await publish("plug/status/nonsense", {}, true);
    const component = client.endpoint("plug")["events"]!["component"]!.observe();
    const values = valuesOf(component);
    await component.ready;
    await tick();
    expect(values).toEqual([
      { body: { on: true }, component: "relay:0" },
      { body: { on: false }, component: "relay:1" },
    ]);
    expect(events).toEqual([]);
  });

  test("ends by return(), its signal and close, and leaves no subscription", async () => {
    const { connect, publish } = messageBroker();
    const { client } = await connect(rpcs, { src: "me", subscriptionKeepMs: 0 });
    const controller = new AbortController();
    const { status } = client.endpoint("plug")["events"]!;
    const [one, other] = [status!.observe(), status!.observe({ signal: controller.signal })];
    await Promise.all([one.ready, other.ready]);
    expect(client.stats().subscriptions).toBe(1);
    await one.return();
    controller.abort();
    await other.done;
    await tick();
    expect(client.stats()).toMatchObject({ subscriptions: 0, inFlight: 0 });
    await publish("plug/events/rpc", { method: "NotifyStatus", params: {} });
    expect(await one.next()).toEqual({ done: true, value: undefined });
    await client.close();
  });

  test("refuses an illegal value of a parameter", async () => {
    const { connect } = messageBroker();
    const { client } = await connect(rpcs, { src: "me" });
    const component = client.endpoint("plug")["events"]!["component"]!.observe({ component: "relay" });
    await expect(component.ready).rejects.toMatchObject({
      code: "invalid-topic",
      message: "events.component: component must match ^[a-z]+:[0-9]+$",
    });
  });

  test("names its resource and parameters to the hooks of the middleware", async () => {
    const { connect, publish } = messageBroker();
    const seen: unknown[] = [];
    const { client } = await connect(rpcs, {
      src: "me",
      middleware: {
        message: ({ resource, kind, parameters }, next) => {
          seen.push([resource, kind, parameters]);
          next();
        },
        observation: ({ resource, parameters }) => void seen.push([resource, parameters]),
      },
    });
    const status = client.endpoint("plug")["events"]!["status"]!.observe();
    await status.ready;
    await publish("plug/events/rpc", { method: "NotifyStatus", params: {} });
    expect(seen).toEqual([
      ["events.status", { src: "me", prefix: "plug" }],
      ["events.status", "request", { prefix: "plug" }],
    ]);
    expect(await status.next()).toEqual({ done: false, value: {} });
  });
});

describe("a call that the client serves", () => {
  test("gets its payload and parameters, and responds with the id in topic or body", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, subscribed } = await connect(devices);
    const contexts: unknown[] = [];
    await client["rpc"]!.handle(async ({ method }: { method: string }, { parameters, requestId }: never) => {
      contexts.push([parameters, requestId]);
      return { did: method };
    });
    await client.device("Device A")["gateway"]!["rpc"]!.handle(() => ({ success: true }));
    expect(subscribed).toEqual(["v1/me/rpc/request/+", "v1/gateway/rpc"]);
    await publish("v1/me/rpc/request/4", { method: "reboot" });
    await publish("v1/gateway/rpc", { device: "Device A", data: { id: 1, method: "toggle" } });
    await publish("v1/gateway/rpc", { device: "Device B", data: { id: 2, method: "toggle" } });
    expect(published.map(({ topic, body }) => [topic, body])).toEqual([
      ["v1/me/rpc/response/4", { did: "reboot" }],
      ["v1/gateway/rpc", { device: "Device A", id: 1, data: { success: true } }],
    ]);
    expect(contexts).toEqual([[{}, 4]]);
  });

  test("responds with a rejection, or with the spec's replies if the handler throws or the call is invalid", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, events } = await connect(devices);
    const errors: unknown[] = [];
    await client.device("A")["gateway"]!["rpc"]!.handle(
      ({ method }: { method: string }) => {
        if (method === "forbidden") throw new Rejection({ code: 403 });
        throw new Error("out of order");
      },
      { onError: (error: unknown) => errors.push(error) },
    );
    await publish("v1/gateway/rpc", { device: "A", data: { id: 1, method: "forbidden" } });
    await publish("v1/gateway/rpc", { device: "A", data: { id: 2, method: "other" } });
    expect(published.map(({ body }) => body)).toEqual([
      { device: "A", id: 1, data: { error: { code: 403 } } },
      { device: "A", id: 2, data: { error: { error: "The request could not be served." } } },
    ]);
    expect(errors.map(String)).toEqual(["Error: out of order"]);
    await client["rpc"]!.handle(() => undefined, { onError: (error: unknown) => errors.push(error) });
    await publish("v1/me/rpc/request/5", [1]);
    // This API has no error response here, and a handler's illegal response is its error.
    await publish("v1/me/rpc/request/6", {});
    expect(published).toHaveLength(2);
    expect(events).toMatchObject([["invalid-response", { resource: "rpc" }]]);
    expect(errors.map(String).slice(1)).toEqual([
      "TopicsmithError: rpc: (the whole value) must not be undefined",
    ]);
  });

  test("is handled once at a time by default, and is not handled after stop()", async () => {
    const { connect, publish, published } = messageBroker();
    const { client } = await connect(devices);
    const finish: (() => void)[] = [];
    const registration = await client["rpc"]!.handle(
      () => new Promise((resolve) => finish.push(() => resolve(finish.length))),
    );
    for (const id of [1, 2, 3]) await publish(`v1/me/rpc/request/${id}`, {});
    expect(finish).toHaveLength(1);
    finish[0]!();
    await tick();
    expect([finish.length, published.map(({ topic }) => topic)]).toEqual([2, ["v1/me/rpc/response/1"]]);
    const stopped = outcome(registration.stop());
    await tick();
    expect(stopped.settled).toBe(false);
    finish[1]!();
    await tick();
    expect([stopped.settled, finish.length, published.length]).toEqual([true, 2, 2]);
    await publish("v1/me/rpc/request/4", {});
    expect(finish).toHaveLength(2);
  });

  test("runs once, although the broker delivers it again", async () => {
    const { connect, publish, published } = messageBroker();
    const { client } = await connect(devices);
    const finish: (() => void)[] = [];
    const { rpc } = client.device("A")["gateway"]!;
    await rpc!.handle(() => new Promise((resolve) => finish.push(() => resolve(finish.length))));
    for (const id of [1, 1, 2, 2])
      await publish("v1/gateway/rpc", { device: "A", data: { id, method: "x" } });
    for (let run = 0; run < finish.length; run += 1) {
      finish[run]!();
      await tick();
    }
    expect(published.map(({ body }) => body)).toEqual([
      { device: "A", id: 1, data: 1 },
      { device: "A", id: 2, data: 2 },
    ]);
    // The id is free again.
    await publish("v1/gateway/rpc", { device: "A", data: { id: 1, method: "x" } });
    expect(finish).toHaveLength(3);
  });

  test("is refused if it still waits when its handler is stopped", async () => {
    const { connect, publish, published } = messageBroker();
    const { client } = await connect(devices);
    let finish = (): void => undefined;
    const { rpc } = client.device("A")["gateway"]!;
    const registration = await rpc!.handle(() => new Promise((resolve) => (finish = () => resolve(1))));
    for (const id of [1, 2]) await publish("v1/gateway/rpc", { device: "A", data: { id, method: "x" } });
    const stopped = registration.stop();
    await tick();
    expect(published.map(({ body }) => body)).toEqual([
      { device: "A", id: 2, data: { error: { error: "The handler was stopped." } } },
    ]);
    finish();
    await stopped;
    expect(published.at(-1)?.body).toEqual({ device: "A", id: 1, data: 1 });
  });

  test("gets one response, although the broker does not acknowledge it", async () => {
    const { broker, connect, publish, published } = messageBroker();
    const { client } = await connect(devices, { timeoutMs: 500 });
    const errors: unknown[] = [];
    const { rpc } = client.device("A")["gateway"]!;
    await rpc!.handle(() => 1, { onError: (error: unknown) => errors.push(error) });
    const record = broker.onPublish;
    broker.onPublish = (message) => {
      void record?.(message);
      const isResponse = new TextDecoder().decode(message.payload).includes('"id":1,"data"');
      return isResponse ? new Promise(() => undefined) : undefined;
    };
    await publish("v1/gateway/rpc", { device: "A", data: { id: 1, method: "other" } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(published.map(({ body }) => body)).toEqual([{ device: "A", id: 1, data: 1 }]);
    expect(errors).toMatchObject([{ code: "timeout" }]);
  });

  test("has one handler for the same values", async () => {
    const { connect } = messageBroker();
    const { client } = await connect(devices);
    const registration = await client["rpc"]!.handle(() => 1);
    await expect(client["rpc"]!.handle(() => 2)).rejects.toMatchObject({ code: "already-handled" });
    await registration.stop();
    await (await client["rpc"]!.handle(() => 2)).stop();
  });
});

describe("one topic for both directions", () => {
  test("does not take what the client publishes itself for the platform's", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, events } = await connect(devices, { timeoutMs: 500 });
    const updates = client["updates"]!.observe();
    const values = valuesOf(updates);
    const served: unknown[] = [];
    await client["rpc"]!.handle((payload: unknown) => {
      served.push(payload);
      return { served: true };
    });
    await updates.ready;
    await client["attributes"]!.send({ own: 1 });
    const call = outcome(client["call"]!({ method: "time" }));
    await tick();
    const id = /(\d+)$/.exec(published.at(-1)!.topic)![1]!;
    // The platform calls with the id that the client's own call has in flight.
    await publish(`v1/me/rpc/request/${id}`, { method: "reboot" });
    expect(published.at(-1)).toMatchObject({ topic: `v1/me/rpc/response/${id}`, body: { served: true } });
    expect([values, served, call.settled]).toEqual([[], [{ method: "reboot" }], false]);
    await publish("v1/me/attributes", { own: 2 });
    await publish(`v1/me/rpc/response/${id}`, { time: 5 });
    expect([values, call.value]).toEqual([[{ own: 2 }], { time: 5 }]);
    expect(events).toEqual([]);
  });

  test("takes a message for the platform's if it equals one that the client has published when nobody observed it", async () => {
    const { connect, publish } = messageBroker();
    const { client } = await connect(devices);
    await client["attributes"]!.send({ on: true });
    const updates = client["updates"]!.observe();
    const values = valuesOf(updates);
    await updates.ready;
    await publish("v1/me/attributes", { on: true });
    expect(values).toEqual([{ on: true }]);
  });

  test("takes an equal message for the platform's where the broker does not send messages back", async () => {
    const { connect, broker, publish } = messageBroker();
    const { client } = await connect(devices);
    const updates = client["updates"]!.observe();
    const values = valuesOf(updates);
    await updates.ready;
    broker.onPublish = ({ topic, payload }) => {
      if (new TextDecoder().decode(payload).includes("silent")) throw new Error(`not sent to ${topic}`);
    };
    for (let count = 0; count < 4; count += 1) {
      await expect(client["attributes"]!.send({ silent: count })).rejects.toMatchObject({});
      await vi.advanceTimersByTimeAsync(6_000);
    }
    await publish("v1/me/attributes", { on: true });
    await client["attributes"]!.send({ on: true });
    await tick();
    expect(values).toEqual([{ on: true }, { on: true }]);
  });
});
