import { describe, expect, test } from "vitest";
import { bodyTemplate, lastWill } from "../../../../src/runtime/index.js";
import { any, apiOf, devices, object, rpcs, shadows } from "../message-apis.js";
import { type AnyEndpoint, messageBroker, outcome, tick } from "../message-setup.js";

describe("the option subscribe", () => {
  test("all-endpoints makes one filter serve the responses and events of all endpoints", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, subscribed } = await connect(shadows, { subscribe: "all-endpoints" });
    const values: unknown[] = [];
    for (const thing of ["t1", "t2"]) {
      void outcome(client.thing(thing)["shadow"]!["get"]!());
      const delta = client.thing(thing)["shadow"]!["delta"]!.observe();
      void (async () => {
        for await (const value of delta) values.push([thing, value]);
      })();
    }
    await tick();
    expect(subscribed.toSorted()).toEqual([
      "$cloud/things/+/shadow/get/accepted",
      "$cloud/things/+/shadow/get/rejected",
      "$cloud/things/+/shadow/name/+/update/delta",
      "$cloud/things/+/shadow/update/delta",
    ]);
    expect(published.map(({ topic }) => topic)).toEqual([
      "$cloud/things/t1/shadow/get",
      "$cloud/things/t2/shadow/get",
    ]);
    await publish("$cloud/things/t2/shadow/update/delta", { v: 1 });
    await publish("$cloud/things/t3/shadow/update/delta", { v: 2 });
    expect(values).toEqual([["t2", { body: { v: 1 } }]]);
  });

  test("never sends requests without a subscription", async () => {
    const { connect, published } = messageBroker();
    const { client, subscribed } = await connect(devices, { subscribe: "never" });
    void outcome(client["provisioning"]!["provision"]!({}));
    const updates = client["updates"]!.observe();
    await updates.ready;
    expect([subscribed, published.length]).toEqual([[], 1]);
  });
});

describe("filters of the spec", () => {
  test("are subscribed to as they are, beside computed ones that they overlap", async () => {
    const { connect, publish } = messageBroker();
    const api = apiOf(
      { clientParameters: ["base"] },
      {
        "": {
          all: {
            on: "client",
            from: "platform",
            template: "{base}/{name}",
            request: any,
            subscribe: { request: "{base}/#" },
          },
          one: { on: "client", from: "platform", template: "{base}/x/state", request: any },
          two: { on: "client", from: "platform", template: "{base}/y/state", request: any },
        },
      },
    );
    const { client, subscribed } = await connect(api, { base: "b", subscriptionKeepMs: 0 });
    const [one, all, two] = [client["one"]!.observe(), client["all"]!.observe(), client["two"]!.observe()];
    await Promise.all([one.ready, all.ready, two.ready]);
    expect(subscribed).toEqual(["b/x/state", "b/#", "b/y/state"]);
    expect(client.stats().subscriptions).toBe(3);
    await publish("b/lamp", 1);
    await publish("b/y/state", 2);
    expect(await all.next()).toEqual({ done: false, value: { body: 1, name: "lamp" } });
    expect(await two.next()).toEqual({ done: false, value: 2 });
    await all.return();
    await tick();
    expect(client.stats().subscriptions).toBe(2);
  });
});

describe("secrets in messages of any shape", () => {
  const api = apiOf(
    {
      endpointParameters: ["key"],
      parameters: { key: { secret: true } },
      requestId: { send: { minimum: 1, maximum: 9 }, accept: { minimum: 1, maximum: 9 }, uniquePer: ["key"] },
    },
    {
      "": {
        ask: {
          template: "ask/{key}/{requestId}",
          success: "tell/id-{requestId}/k-{key}",
          response: any,
        },
        report: {
          template: "report",
          request: object,
          wraps: { request: { key: "{key}", "...": "{body}" } },
        },
        seen: { from: "platform", template: "seen/{key}", request: object },
      },
    },
  );

  test("do not show in events, nor in what middleware sees", async () => {
    const { connect, publish, published } = messageBroker();
    const seen: unknown[] = [];
    const { client, events } = await connect(api, {
      middleware: {
        request: (request, next) => {
          seen.push(request.parameters);
          return next();
        },
        message: ({ parameters }, next) => {
          seen.push(parameters);
          next();
        },
      },
    });
    const endpoint = client.endpoint("s3cret");
    void outcome(endpoint["ask"]!());
    await tick();
    const other = (Number(/\d+$/.exec(published[0]!.topic)) % 9) + 1;
    await endpoint["report"]!.send({ a: 1 });
    const observation = endpoint["seen"]!.observe();
    await observation.ready;
    await publish(`tell/id-${other}/k-s3cret`, 1);
    await publish("seen/s3cret", { a: 1 });
    expect(seen).toEqual([{ key: "***" }, { key: "***" }, { key: "***" }]);
    expect(events).toEqual([["unmatched-response", { topic: `tell/id-${other}/k-***`, resource: "ask" }]]);
  });
});

describe("parameters that are no levels of a topic", () => {
  test("may have any characters in bodies, and are checked with their pattern", async () => {
    const { connect, last } = messageBroker();
    const api = apiOf(
      { endpointParameters: ["device"], parameters: { device: { inBody: true, pattern: "^[^!]+$" } } },
      {
        "": {
          connect: {
            template: "connect",
            wraps: { request: { device: "{device}", port: "{port}" } },
            parameters: { port: { integer: { minimum: 1, maximum: 9 } } },
          },
        },
      },
    );
    const { client } = await connect(api);
    await client.endpoint("Lamp #1/2")["connect"]!.send(5);
    expect(last().body).toEqual({ device: "Lamp #1/2", port: 5 });
    expect(() => client.endpoint("no!")).toThrow("device must match ^[^!]+$");
    await expect(client.endpoint("a")["connect"]!.send("5")).rejects.toThrow(
      "port must be a whole number from 1 to 9",
    );
  });

  test("are numbers for clients and endpoints, too", async () => {
    const { connect, last } = messageBroker();
    const api = apiOf(
      { endpointParameters: ["unit"], parameters: { unit: { integer: { minimum: 1, maximum: 247 } } } },
      { "": { set: { template: "unit/{unit}/set", request: any } } },
    );
    const { client } = await connect(api);
    await client.endpoint(7)["set"]!.send(1);
    expect(last().topic).toBe("unit/7/set");
    expect(() => client.endpoint("7")).toThrow("unit must be a whole number from 1 to 247");
    expect(() => client.endpoint({ unit: 248 })).toThrow("unit must be a whole number from 1 to 247");
  });
});

test("a last will has the body of the resource's template, and is retained as its requests are", () => {
  const resource = apiOf(
    {},
    {
      "": {
        gone: {
          template: "state/{name}",
          retain: true,
          request: object,
          wraps: { request: { name: "{name}", "...": "{body}" } },
        },
      },
    },
  ).extensions[0]!.resources["gone"]!;
  const will = lastWill(resource, { name: "lamp" } as never, { online: false } as never);
  expect({ ...will, payload: JSON.parse(new TextDecoder().decode(will.payload)) as unknown }).toEqual({
    topic: "state/lamp",
    payload: { name: "lamp", online: false },
    qos: 1,
    retain: true,
  });
});

test("resources are on the client where no message names an endpoint, and at the root where they have no extension", async () => {
  const { connect } = messageBroker();
  const { client: aws } = await connect(shadows);
  expect([Object.keys(aws["provisioning"]!), "endpoint" in aws, "shadow" in aws]).toEqual([
    ["create", "register"],
    false,
    false,
  ]);
  expect(Object.keys(aws.thing("t1"))).toEqual(["shadow"]);
  const { client: board } = await connect(devices);
  expect(Object.keys(board)).toEqual(
    expect.arrayContaining(["telemetry", "rpc", "ota", "provisioning", "device", "on", "close"]),
  );
  expect(Object.keys(board.device("d"))).toEqual(["gateway"]);
  const { client: plug } = await connect(rpcs, { src: "me" });
  expect(Object.keys(plug.endpoint("p"))).toEqual(["relay", "events"]);
  const { client: plain } = await connect(
    apiOf({}, { "": { state: { on: "client", template: "state", request: any } } }),
  );
  expect([typeof (plain as AnyEndpoint)["state"]!.send, Object.keys(plain.endpoint({}))]).toEqual([
    "function",
    ["state"],
  ]);
});

test("a body that carries the time is built when it is sent", async () => {
  const { connect, last } = messageBroker();
  const api = apiOf(
    {},
    {
      "": {
        log: {
          on: "client",
          template: "log",
          request: any,
          wraps: { request: { ts: "{now}", v: "{body}" } },
        },
      },
    },
  );
  const { client } = await connect(api);
  const before = Date.now();
  await client["log"]!.send("x");
  const { ts, v } = last().body as { ts: number; v: string };
  expect([v, ts >= before]).toEqual(["x", true]);
  expect(bodyTemplate({ ts: "{now}" }).names.has("now")).toBe(true);
});
