/** The platform side of APIs whose messages have any shape. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connectTo, memoryBroker } from "../../../../src/runtime/index.js";
import {
  createPlatformFor,
  type PlatformBase,
  platformMessages,
  type PlatformOptions,
  Rejection,
} from "../../../../src/runtime/platform.js";
import type { Api } from "../../../../src/runtime/api/resource.js";
import { any, apiOf, devices, rpcs, shadows } from "../message-apis.js";
import { type AnyClient, type AnyEndpoint, outcome, tick } from "../message-setup.js";

type AnyPlatform = PlatformBase & {
  client(parameters?: object): AnyEndpoint;
} & { readonly [name in "endpoint" | "thing" | "device"]: (parameters: object) => AnyEndpoint };

/** A platform and a device on one broker. Both see only what the broker delivers. */
async function setUp(api: Api, handlers: object, options: PlatformOptions = { unhandled: "reject" }) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const broker = memoryBroker();
  const errors: unknown[] = [];
  const platform = await createPlatformFor<AnyPlatform>(
    api,
    broker.transport(),
    handlers,
    { onError: (error) => errors.push(error), ...options },
    platformMessages,
  );
  const device = broker.transport();
  const heard: [topic: string, body: unknown][] = [];
  device.onMessage(({ topic, payload }) => {
    heard.push([topic, JSON.parse(new TextDecoder().decode(payload))]);
  });
  return {
    broker,
    platform,
    errors,
    heard,
    subscribe: (...filters: string[]) => device.subscribe(filters, 1),
    publish: async (topic: string, body: unknown): Promise<void> => {
      await device.publish(topic, new TextEncoder().encode(JSON.stringify(body)), { qos: 1 });
      await tick();
    },
    connect: (parameters: object) => connectTo<AnyClient>(api, broker.transport(), { ...parameters }),
  };
}

describe("a platform that serves JSON-RPC", () => {
  const handlers = {
    relay: {
      set: ({ on }: { on: boolean }) => ({ wasOn: !on }),
      status: () => {
        throw new Rejection({ code: -1 });
      },
      reboot: () => undefined,
    },
  };

  test("answers on the topic that the request names, with the id of the request", async () => {
    const { publish, heard, subscribe } = await setUp(rpcs, handlers);
    await subscribe("app/rpc");
    await publish("relay-1/rpc", { id: 7, src: "app", method: "Relay.Set", params: { on: true } });
    await publish("relay-1/rpc", { id: 8, src: "app", method: "Relay.GetStatus" });
    await publish("relay-1/rpc", { id: 9, src: "app", method: "Reboot" });
    expect(heard).toEqual([
      ["app/rpc", { id: 7, dst: "app", result: { wasOn: false } }],
      ["app/rpc", { id: 8, dst: "app", error: { code: -1 } }],
      ["app/rpc", { id: 9, dst: "app", result: null }],
    ]);
  });

  test("rejects an unknown method with the id and the name that its body has anyway", async () => {
    const withReplies: Api = {
      ...rpcs,
      protocol: { ...rpcs.protocol, replies: { unknown: { code: 404, message: "{message}" } } },
    };
    const refused: unknown[] = [];
    const { publish, heard, subscribe } = await setUp(withReplies, handlers, {
      unhandled: "reject",
      onRefused: ({ occasion }) => refused.push(occasion),
    });
    await subscribe("app/rpc");
    await publish("relay-1/rpc", { id: 7, src: "app", method: "Relay.Explode" });
    expect(heard).toEqual([
      ["app/rpc", { id: 7, dst: "app", error: { code: 404, message: "There is no such resource." } }],
    ]);
    expect(refused).toEqual(["unknown"]);
  });

  test("has no answer to a body without the name of the sender", async () => {
    const { publish, heard, subscribe, errors } = await setUp(rpcs, handlers);
    await subscribe("+/rpc");
    await publish("relay-1/rpc", { id: 7, method: "Relay.Explode" });
    expect([heard, errors]).toEqual([[["relay-1/rpc", { id: 7, method: "Relay.Explode" }]], []]);
  });

  test("sends events to the endpoint, retained ones so that they stay", async () => {
    const { platform, heard, subscribe } = await setUp(rpcs, handlers);
    const { events } = platform.endpoint({ src: "app", prefix: "relay-1" });
    await events!["online"]!.send(true);
    await subscribe("relay-1/#");
    await events!["status"]!.send({ ts: 1 });
    await events!["component"]!.send("switch:0", { output: true }, { retain: true });
    await tick();
    expect(heard).toEqual([
      ["relay-1/online", true],
      ["relay-1/events/rpc", { method: "NotifyStatus", params: { ts: 1 } }],
      ["relay-1/status/switch:0", { output: true }],
    ]);
  });

  test("reports a body that its template cannot hold", async () => {
    const { publish, heard, subscribe, errors } = await setUp(shadows, {
      shadow: { get: () => ({ token: "mine" }) },
    });
    await subscribe("$cloud/#");
    await publish("$cloud/things/t1/shadow/get", { token: "t" });
    expect(errors).toMatchObject([{ code: "invalid-response" }]);
    expect(heard.map(([topic]) => topic)).toContain("$cloud/things/t1/shadow/get/rejected");
  });
});

describe("a platform with topics in both directions", () => {
  const handlers = {
    getAttributes: () => ({ shared: { a: 1 } }),
    call: ({ method }: { method: string }) => ({ called: method }),
    telemetry: () => undefined,
    attributes: vi.fn<(payload: unknown) => void>(),
    gateway: {
      getAttributes: (_: unknown, { parameters }: { parameters: { device: string } }) => ({
        of: parameters.device,
      }),
    },
  };

  test("answers requests whose responses have topics of their own", async () => {
    const { publish, heard, subscribe } = await setUp(devices, handlers);
    await subscribe("v1/me/+/response/+", "v1/gateway/attributes/response");
    await publish("v1/me/attributes/request/4", {});
    await publish("v1/me/rpc/request/5", { method: "getTime" });
    await publish("v1/gateway/attributes/request", { id: 6, device: "A", keys: [] });
    expect(heard).toEqual([
      ["v1/me/attributes/response/4", { shared: { a: 1 } }],
      ["v1/me/rpc/response/5", { called: "getTime" }],
      ["v1/gateway/attributes/response", { id: 6, device: "A", of: "A" }],
    ]);
  });

  test("does not hear its own events as requests of the device", async () => {
    const { platform, heard, subscribe } = await setUp(devices, handlers);
    await subscribe("v1/me/attributes");
    await platform.client()["updates"]!.send({ a: 2 });
    await tick();
    expect(heard).toEqual([["v1/me/attributes", { a: 2 }]]);
    expect(handlers.attributes).not.toHaveBeenCalled();
  });

  test("calls a client, which serves the call on the same two topics", async () => {
    const { platform, connect } = await setUp(devices, handlers);
    const client = await connect({});
    await client["rpc"]!.handle((payload: unknown) => ({ echo: payload }));
    const answer = outcome(platform.client()["rpc"]!({ method: "reboot" }));
    const called = outcome(client["call"]!({ method: "getTime" }));
    await tick();
    expect([answer.value, called.value]).toEqual([{ echo: { method: "reboot" } }, { called: "getTime" }]);
  });

  test("calls a device behind a gateway by the name in the body", async () => {
    const { platform, connect } = await setUp(devices, handlers);
    const client = await connect({});
    const serve = (name: string) =>
      client.device(name)["gateway"]!["rpc"]!.handle((payload: unknown) => ({ name, payload }));
    await serve("A");
    await serve("B");
    const answer = outcome(platform.device({ device: "B" })["gateway"]!["rpc"]!({ method: "toggle" }));
    await tick();
    expect(answer.value).toEqual({ name: "B", payload: { method: "toggle" } });
  });

  test("has its calls time out when no client serves them", async () => {
    const { platform } = await setUp(devices, handlers, { unhandled: "reject", timeoutMs: 100 });
    const answer = outcome(platform.client()["rpc"]!({ method: "reboot" }));
    await vi.advanceTimersByTimeAsync(200);
    expect(answer.error).toMatchObject({ code: "timeout" });
  });
});

describe("a platform and its clients that call each other on the same topics", () => {
  const errorWrap = { v: 2, id: "{requestId}", error: "{body}" };
  const call = (method: string) => ({ v: 2, method, params: "{body}", id: "{requestId}" });
  const answers = { success: { v: 2, id: "{requestId}", result: "{body}" }, error: errorWrap };
  const api = apiOf(
    {
      endpointParameters: ["endpoint"],
      requestId: { send: { minimum: 1, maximum: 9 }, accept: { minimum: 0, maximum: 99 }, uniquePer: [] },
      errorPayload: any,
      replies: { unknown: "no {message}", invalid: "bad", failed: "failed" },
    },
    {
      node: {
        login: {
          template: "rpc/{endpoint}/up",
          success: "rpc/{endpoint}/down",
          failure: "rpc/{endpoint}/down",
          request: any,
          response: any,
          wraps: { request: call("login"), ...answers },
        },
        add: {
          from: "platform",
          template: "rpc/{endpoint}/down",
          success: "rpc/{endpoint}/up",
          failure: "rpc/{endpoint}/up",
          request: any,
          response: any,
          wraps: { request: call("add"), ...answers },
        },
      },
    },
  );

  test("take each other's answers for answers, and not for requests", async () => {
    const { broker, platform, errors, connect } = await setUp(api, { node: { login: () => true } });
    const down: unknown[] = [];
    broker.onPublish = ({ topic, payload }) => {
      if (topic === "rpc/n1/down") down.push(JSON.parse(new TextDecoder().decode(payload)));
    };
    const client = await connect({});
    const node = client.endpoint({ endpoint: "n1" })["node"]!;
    await node["add"]!.handle((payload: { a: number }) => payload.a + 1);
    const served = outcome(platform.endpoint({ endpoint: "n1" })["node"]!["add"]!({ a: 2 }));
    const asked = outcome(node["login"]!("me"));
    await tick();
    expect([served.value, asked.value]).toEqual([3, true]);
    expect(errors).toEqual([]);
    // A call and an answer, and no error in answer to the client's answer.
    expect(down).toHaveLength(2);
    expect(down).toContainEqual({ v: 2, method: "add", params: { a: 2 }, id: expect.any(Number) });
    expect(down).toContainEqual({ v: 2, id: expect.any(Number), result: true });
  });

  test("answer an unknown request with an error, and nothing that may be an answer", async () => {
    const { publish, heard, subscribe } = await setUp(api, { node: { login: () => true } });
    await subscribe("rpc/+/down");
    for (const answer of [
      { v: 2, id: 1, result: 3 },
      { v: 2, id: 1, error: { code: 4 } },
      { v: 2, id: null, error: "parse error" },
      { v: 1, id: 1, result: 3 },
      { v: 2, id: 1 },
      [1],
      "text",
      null,
    ])
      await publish("rpc/n1/up", answer);
    expect(heard).toEqual([]);
    await publish("rpc/n1/up", { v: 2, method: "dance", params: 1, id: 4 });
    expect(heard).toEqual([["rpc/n1/down", expect.objectContaining({ id: 4, error: expect.anything() })]]);
  });
});

test("needs no handlers for what the platform starts itself", async () => {
  const onlyEvents: Api = {
    protocol: rpcs.protocol,
    extensions: rpcs.extensions.filter(({ name }) => name === "events"),
  };
  await expect(setUp(onlyEvents, {}, {})).resolves.toBeDefined();
});
