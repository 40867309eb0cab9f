import { describe, expect, test, vi } from "vitest";
import { any, apiOf, devices, object, rpcs, shadows } from "../message-apis.js";
import { messageBroker, outcome, tick } from "../message-setup.js";

describe("a call whose responses every client hears", () => {
  test("takes only the response with its own id, and counts the other as foreign", async () => {
    const { connect, publish, published } = messageBroker();
    const [one, two] = [await connect(shadows), await connect(shadows)];
    const first = outcome(one.client.thing("t1")["shadow"]!["get"]!());
    const second = outcome(two.client.thing("t1")["shadow"]!["get"]!());
    await tick();
    const tokens = published.map(({ body }) => (body as { token: string }).token);
    expect(published.map(({ topic }) => topic)).toEqual(Array(2).fill("$cloud/things/t1/shadow/get"));
    expect(new Set(tokens).size).toBe(2);
    await publish("$cloud/things/t1/shadow/get/accepted", { version: 2, token: tokens[1] });
    expect([first.settled, second.value]).toEqual([false, { version: 2 }]);
    await publish("$cloud/things/t1/shadow/get/rejected", { code: 404, token: tokens[0] });
    expect(first.error).toMatchObject({ code: "rejected", requestId: tokens[0], payload: { code: 404 } });
    await publish("$cloud/things/t1/shadow/get/accepted", { version: 3 });
    await publish("$cloud/things/t1/shadow/get/accepted", "not JSON");
    expect(one.client.stats()).toMatchObject({
      foreign: 3,
      late: 0,
      duplicate: 0,
      unmatched: 0,
      quarantined: 0,
    });
    expect(two.client.stats()).toMatchObject({ foreign: 3 });
    expect([...one.events, ...two.events]).toEqual([]);
  });

  test("tells its own late and duplicate responses from foreign ones", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, events } = await connect(shadows, { timeoutMs: 100 });
    const thing = client.thing("t1")["shadow"]!;
    const timedOut = outcome(thing["get"]!());
    await vi.advanceTimersByTimeAsync(200);
    expect(timedOut.error).toMatchObject({ code: "timeout" });
    const answered = outcome(thing["get"]!());
    await tick();
    const [late, other] = published.map(({ body }) => (body as { token: string }).token);
    const respond = (token: unknown) => publish("$cloud/things/t1/shadow/get/accepted", { token });
    await respond(late);
    await respond(other);
    await respond(other);
    expect(answered.value).toEqual({});
    expect(client.stats()).toMatchObject({ late: 1, duplicate: 1, foreign: 0, quarantined: 0, inFlight: 0 });
    expect(events).toEqual([
      ["late-response", { topic: "$cloud/things/t1/shadow/get/accepted", resource: "shadow.get" }],
      ["duplicate-response", { topic: "$cloud/things/t1/shadow/get/accepted", resource: "shadow.get" }],
    ]);
  });

  test("takes no response of another thing or another shadow, whatever its id", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, subscribed } = await connect(shadows);
    const call = outcome(client.thing("t1")["shadow"]!["get"]!({ shadow: "config" }));
    await tick();
    expect(published[0]?.topic).toBe("$cloud/things/t1/shadow/name/config/get");
    expect(subscribed).toEqual([
      "$cloud/things/t1/shadow/name/config/get/accepted",
      "$cloud/things/t1/shadow/name/config/get/rejected",
    ]);
    const other = outcome(client.thing("t1")["shadow"]!["get"]!());
    await tick();
    const { token } = published[0]!.body as { token: string };
    await publish("$cloud/things/t1/shadow/get/accepted", { token });
    expect([call.settled, other.settled]).toEqual([false, false]);
    await publish("$cloud/things/t1/shadow/name/config/get/accepted", { token, version: 1 });
    expect(call.value).toEqual({ version: 1 });
    expect(client.stats()).toMatchObject({ unmatched: 1, late: 0, foreign: 0 });
  });

  test("refuses a payload with the property that the message adds", async () => {
    const { connect, published } = messageBroker();
    const { client } = await connect(shadows);
    const call = outcome(client.thing("t1")["shadow"]!["update"]!({ token: "mine" }));
    await tick();
    expect(call.error).toMatchObject({
      code: "invalid-request",
      message:
        'shadow.update: (the whole value) must not have the property "token", which the message adds itself',
    });
    expect(published).toEqual([]);
  });

  test("is sent without an id by send(), and an error response without one becomes the event `rejected`", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, events } = await connect(shadows);
    await client.thing("t1")["shadow"]!["update"]!.send({ state: {} });
    expect(published[0]).toMatchObject({ topic: "$cloud/things/t1/shadow/update", body: { state: {} } });
    await publish("$cloud/things/t1/shadow/update/rejected", { code: 400 });
    expect(events).toEqual([
      ["rejected", { resource: "shadow.update", parameters: { thing: "t1" }, payload: { code: 400 } }],
    ]);
  });
});

describe("a call by JSON-RPC", () => {
  test("shares its topic with all methods, and takes the response with its id", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, subscribed } = await connect(rpcs, { src: "me" });
    const relay = client.endpoint("plug")["relay"]!;
    const set = outcome(relay["set"]!({ on: true }));
    const status = outcome(relay["status"]!());
    await tick();
    expect(subscribed).toEqual(["me/rpc"]);
    const ids = published.map(({ body }) => (body as { id: number }).id);
    expect(published.map(({ topic, body, qos }) => [topic, body, qos])).toEqual([
      ["plug/rpc", { id: ids[0], src: "me", method: "Relay.Set", params: { on: true } }, 1],
      ["plug/rpc", { id: ids[1], src: "me", method: "Relay.GetStatus" }, 0],
    ]);
    await publish("me/rpc", { id: ids[1], src: "plug", dst: "me", result: null });
    expect([set.settled, status.settled, status.value]).toEqual([false, true, null]);
    await publish("me/rpc", { id: ids[0], src: "plug", dst: "me", error: { code: -105 } });
    expect(set.error).toMatchObject({ code: "rejected", payload: { code: -105 }, requestId: ids[0] });
  });

  test("takes an error for an error where a success needs no payload", async () => {
    const { connect, publish, last } = messageBroker();
    const { client } = await connect(rpcs, { src: "me" });
    const reboot = client.endpoint("plug")["relay"]!["reboot"]!;
    const failing = outcome(reboot());
    await tick();
    const { id, ...rest } = last().body as { id: number };
    expect(rest).toEqual({ src: "me", method: "Reboot" });
    await publish("me/rpc", { id, dst: "me", error: { code: 1 } });
    expect(failing.error).toMatchObject({ code: "rejected" });
    const succeeding = outcome(reboot({ delay: 5 }));
    await tick();
    expect(last().body).toMatchObject({ params: { delay: 5 } });
    await publish("me/rpc", { id: (last().body as { id: number }).id, dst: "me", result: null });
    expect([succeeding.settled, succeeding.error, succeeding.value]).toEqual([true, undefined, undefined]);
  });

  test("takes no response to another client, with another id or of another form", async () => {
    const { connect, publish, last } = messageBroker();
    const { client, events } = await connect(rpcs, { src: "me" });
    const status = outcome(client.endpoint("plug")["relay"]!["status"]!());
    await tick();
    const { id } = last().body as { id: number };
    await publish("me/rpc", { id, dst: "you", result: 1 });
    await publish("me/rpc", { id: id + 100, dst: "me", result: 1 });
    await publish("me/rpc", { id: String(id), dst: "me", result: 1 });
    await publish("me/rpc", { dst: "me", result: 1 });
    expect(status.settled).toBe(false);
    expect(client.stats()).toMatchObject({ unmatched: 4, foreign: 0 });
    expect(new Set(events.map(([name]) => name))).toEqual(new Set(["unmatched-response"]));
    await publish("me/rpc", { id, dst: "me", result: 1 });
    expect(status.value).toBe(1);
  });

  test("waits for an id when all are in use, and quarantines the id of one that timed out", async () => {
    const { connect, publish, published } = messageBroker();
    const { client } = await connect(rpcs, { src: "me", timeoutMs: 1_000, idQuarantineMs: 60_000 });
    const relay = client.endpoint("plug")["relay"]!;
    const calls = Array.from({ length: 4 }, () => outcome(relay["status"]!()));
    await tick();
    expect(published).toHaveLength(3);
    expect(client.stats()).toMatchObject({ inFlight: 3, queued: 1 });
    const ids = published.map(({ body }) => (body as { id: number }).id);
    await publish("me/rpc", { id: ids[0], dst: "me", result: 0 });
    expect(published).toHaveLength(4);
    expect((published[3]!.body as { id: number }).id).toBe(ids[0]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls[3]?.error).toMatchObject({ code: "timeout", requestId: ids[0], sent: true });
    expect(client.stats()).toMatchObject({ quarantined: 3, inFlight: 0 });
    await publish("me/rpc", { id: ids[1], dst: "me", result: 0 });
    expect(client.stats()).toMatchObject({ quarantined: 2, late: 1 });
  });

  test("repeats an idempotent request with the same id after a lost session", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, memory } = await connect(rpcs, { src: "me" });
    const status = outcome(client.endpoint("plug")["relay"]!["status"]!());
    await tick();
    memory.drop();
    memory.restore();
    await tick();
    expect(published).toHaveLength(2);
    expect(published[1]).toEqual(published[0]);
    await publish("me/rpc", { id: (published[0]!.body as { id: number }).id, dst: "me", result: 7 });
    expect(status.value).toBe(7);
  });
});

describe("a call with a topic for its response", () => {
  test("carries the id in both topics, and knows no error response", async () => {
    const { connect, publish, last } = messageBroker();
    const { client, subscribed } = await connect(devices, { timeoutMs: 1_000 });
    const call = outcome(client["getAttributes"]!({ keys: "a" }));
    await tick();
    const [, id] = /^v1\/me\/attributes\/request\/(\d+)$/.exec(last().topic ?? "") ?? [];
    expect([last().body, subscribed]).toEqual([{ keys: "a" }, ["v1/me/attributes/response/+"]]);
    await publish(`v1/me/attributes/response/${id}`, { client: { a: 1 } });
    expect(call.value).toEqual({ client: { a: 1 } });
    const silent = outcome(client["getAttributes"]!({ keys: "b" }));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(silent.error).toMatchObject({ code: "timeout" });
  });

  test("rejects a response that is no JSON, or none of the messages of its topic, where the id is known", async () => {
    const { connect, publish, last } = messageBroker();
    const { client } = await connect(devices);
    for (const [body, code, problem] of [
      ["{", "malformed-response", "is not JSON"],
      [{ status: "maybe" }, "invalid-response", "(the whole value) is none of the messages of its topic"],
      [{ status: "ok" }, "malformed-response", "has no payload"],
    ] as const) {
      const call = outcome(client["job"]!());
      await tick();
      await publish(last().topic.replace("ask", "tell"), body);
      expect(call.error).toMatchObject({ code, message: expect.stringContaining(problem) });
    }
    const invalid = outcome(client["getAttributes"]!({}));
    await tick();
    await publish(last().topic.replace("request", "response"), [1]);
    expect(invalid.error).toMatchObject({
      code: "invalid-response",
      message: "getAttributes: the response (the whole value) must be an object",
    });
  });

  test("names a gateway's device in the body, and takes only the response for that device", async () => {
    const { connect, publish, last } = messageBroker();
    const { client } = await connect(devices);
    const call = outcome(client.device("Device A")["gateway"]!["getAttributes"]!({ keys: ["v"] }));
    await tick();
    const { id } = last().body as { id: number };
    expect(last()).toMatchObject({
      topic: "v1/gateway/attributes/request",
      body: { id, device: "Device A", keys: ["v"] },
    });
    await publish("v1/gateway/attributes/response", { id, device: "Device B", value: 0 });
    expect(call.settled).toBe(false);
    await publish("v1/gateway/attributes/response", { id, device: "Device A", value: 1 });
    expect(call.value).toEqual({ value: 1 });
  });

  test("takes chunks as bytes, and an error without an id if it is the only one that waits", async () => {
    const { connect, publish, last } = messageBroker();
    const { client, events, subscribed } = await connect(devices, { timeoutMs: 1_000 });
    const { chunk } = client["ota"]!;
    const bytes = new Uint8Array([0, 255, 7]);
    for (const index of [0, 1, 2, 3, 4, 5]) {
      const call = outcome(chunk!(index, 4_096));
      await tick();
      expect(last().topic).toMatch(new RegExp(`^v2/fw/request/\\d+/chunk/${index}$`));
      expect(last().body).toBe(4_096);
      await publish(last().topic.replace("request", "response"), bytes);
      expect(call.value).toEqual(bytes);
    }
    // From the fifth value on, all share a filter.
    expect(subscribed.filter((filter) => filter.includes("chunk"))).toEqual([
      "v2/fw/response/+/chunk/0",
      "v2/fw/response/+/chunk/1",
      "v2/fw/response/+/chunk/2",
      "v2/fw/response/+/chunk/3",
      "v2/fw/response/+/chunk/+",
    ]);
    const call = outcome(chunk!(9));
    await tick();
    await publish("v2/fw/error", "no such chunk");
    expect(call.error).toMatchObject({ code: "rejected", payload: "no such chunk" });
    expect([events, client.stats().inFlight]).toEqual([[], 0]);
    const rejected = ["rejected", { resource: "ota.chunk", parameters: {}, payload: "which?" }];
    const several = [outcome(chunk!(10)), outcome(chunk!(11))];
    await tick();
    await publish("v2/fw/error", "which?");
    expect(events).toEqual([rejected]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(several.map(({ error }) => error?.code)).toEqual(["timeout", "timeout"]);
    // It may be the error of one that timed out.
    const next = outcome(chunk!(12));
    await tick();
    await publish("v2/fw/error", "which?");
    expect([next.settled, events]).toEqual([false, [rejected, rejected]]);
  });

  test("takes an error without an id although its middleware waits for it", async () => {
    const { connect, publish } = messageBroker();
    const { client } = await connect(devices, { middleware: (_, next) => next() });
    const call = outcome(client["ota"]!["chunk"]!(9));
    await tick();
    await publish("v2/fw/error", "no such chunk");
    expect(call.error).toMatchObject({ code: "rejected", payload: "no such chunk" });
  });

  test("refuses a parameter that is not the number that it must be", async () => {
    const { connect } = messageBroker();
    const { client } = await connect(devices);
    const { chunk } = client["ota"]!;
    for (const [value, problem] of [
      [undefined, /^ota.chunk: chunk must be a whole number from 0/],
      ["7", /^ota.chunk: chunk must be a whole number from 0/],
      [-1, /^ota.chunk: chunk must be a whole number from 0/],
    ] as const) {
      const call = outcome(chunk!(value));
      await tick();
      expect(call.error).toMatchObject({ code: "invalid-topic", message: expect.stringMatching(problem) });
    }
  });
});

describe("a call without an id", () => {
  test("waits until the call before it has its response, one for each response topic", async () => {
    const { connect, publish, published } = messageBroker();
    const { client } = await connect(shadows);
    const { create, register } = client["provisioning"]!;
    const first = outcome(create!());
    const second = outcome(create!());
    const other = outcome(register!("red", {}));
    const third = outcome(register!("blue", {}));
    await tick();
    expect(published.map(({ topic }) => topic)).toEqual([
      "$cloud/certificates/create",
      "$cloud/fleet/red/register",
      "$cloud/fleet/blue/register",
    ]);
    expect(client.stats()).toMatchObject({ inFlight: 3, queued: 1 });
    await publish("$cloud/certificates/create/accepted", { id: 1 });
    expect([first.value, second.settled, published.length]).toEqual([{ id: 1 }, false, 4]);
    await publish("$cloud/certificates/create/rejected", { why: "no" });
    expect(second.error).toMatchObject({ code: "rejected", payload: { why: "no" } });
    expect(Object.hasOwn(second.error!, "requestId")).toBe(false);
    await publish("$cloud/fleet/blue/register/accepted", { id: "b" });
    await publish("$cloud/fleet/red/register/accepted", { id: "r" });
    expect([other.value, third.value]).toEqual([{ id: "r" }, { id: "b" }]);
  });

  test("does not take the late response to the call before it for its own", async () => {
    const { connect, publish, published } = messageBroker();
    const { client, events } = await connect(shadows, { timeoutMs: 1_000, idQuarantineMs: 30_000 });
    const { create } = client["provisioning"]!;
    const first = outcome(create!());
    await vi.advanceTimersByTimeAsync(1_000);
    expect(first.error).toMatchObject({ code: "timeout" });
    const second = outcome(create!({ timeoutMs: 60_000 }));
    await tick();
    expect(published).toHaveLength(1);
    await publish("$cloud/certificates/create/accepted", { id: 1 });
    expect([second.settled, published.length]).toEqual([false, 2]);
    expect(events.map(([name]) => name)).toEqual(["late-response"]);
    await publish("$cloud/certificates/create/accepted", { id: 2 });
    expect(second.value).toEqual({ id: 2 });
  });

  test("goes on when the quarantine of the call before it is over", async () => {
    const { connect, published } = messageBroker();
    const { client } = await connect(shadows, { timeoutMs: 1_000, idQuarantineMs: 5_000 });
    const { create } = client["provisioning"]!;
    void outcome(create!());
    await vi.advanceTimersByTimeAsync(1_000);
    void outcome(create!({ timeoutMs: 60_000 }));
    await vi.advanceTimersByTimeAsync(4_900);
    expect(published).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(published).toHaveLength(2);
  });

  test("tells success and error on one topic by a literal of the body, with filters as the spec has them", async () => {
    const { connect, publish } = messageBroker();
    const { client, subscribed } = await connect(devices);
    const provision = client["provisioning"]!["provision"]!;
    const good = outcome(provision({ key: "k" }));
    await tick();
    expect(subscribed).toEqual(["/provision/#"]);
    await publish("/provision/response", { status: "SUCCESS", token: "t" });
    expect(good.value).toEqual({ token: "t" });
    const bad = outcome(provision({ key: "k" }));
    await tick();
    await publish("/provision/response", { status: "FAILURE", errorMsg: "e" });
    expect(bad.error).toMatchObject({ code: "rejected", payload: { status: "FAILURE", errorMsg: "e" } });
  });
});

test("a retained message is never a response", async () => {
  const { connect, publish, last } = messageBroker();
  const { client, events } = await connect(devices);
  await publish("/provision/response", { status: "SUCCESS", token: "old" }, true);
  const call = outcome(client["provisioning"]!["provision"]!({ key: "k" }));
  await tick();
  expect([call.settled, events]).toEqual([false, []]);
  expect(last().topic).toBe("/provision/request");
  await publish("/provision/response", { status: "SUCCESS", token: "new" });
  expect(call.value).toEqual({ token: "new" });
});

test("a request is published retained only where the spec says so, or its caller where the spec allows it", async () => {
  const { connect, published } = messageBroker();
  const { client } = await connect(devices);
  await client["telemetry"]!.send({ t: 1 });
  await client["telemetry"]!.send({ t: 2 }, { retain: true });
  await client["attributes"]!.send({ a: 1 }, { retain: true });
  expect(published.map(({ topic, retain }) => [topic, retain])).toEqual([
    ["v1/me/telemetry", false],
    ["v1/me/telemetry", true],
    ["v1/me/attributes", false],
  ]);
});

test("middleware sees requests and messages of any shape, with their resource and parameters", async () => {
  const { connect, publish, last } = messageBroker();
  const seen: unknown[] = [];
  const { client } = await connect(rpcs, {
    src: "me",
    middleware: {
      request: async (request, next) => {
        const result = await next();
        seen.push([request.resource, request.kind, request.parameters, request.requestId]);
        return result;
      },
      message: ({ resource, kind, parameters, requestId }, next) => {
        seen.push([resource, kind, parameters, requestId]);
        next();
      },
    },
  });
  const call = outcome(client.endpoint("plug")["relay"]!["set"]!({ on: true }));
  await tick();
  const { id } = last().body as { id: number };
  await publish("me/rpc", { id, dst: "me", result: {} });
  expect(call.value).toEqual({});
  expect(seen).toEqual([
    ["relay.set", "success", { src: "me" }, id],
    ["relay.set", "call", { src: "me", prefix: "plug" }, id],
  ]);
});

test("a group of resources may have request ids of its own kind", async () => {
  const { connect, publish, published } = messageBroker();
  const pair = (path: string) => ({
    on: "client" as const,
    template: `${path}/ask`,
    success: `${path}/tell`,
    response: any,
    wraps: { request: { id: "{requestId}" }, success: { id: "{requestId}", "...": "{body}" } } as const,
  });
  const numbers = apiOf(
    { requestId: { send: { minimum: 5, maximum: 5 }, accept: { minimum: 0, maximum: 9 }, uniquePer: [] } },
    { n: { get: pair("n") } },
  );
  const texts = apiOf(
    { requestId: { type: "string", maxLength: 8, uniquePer: [] } },
    { t: { get: pair("t") } },
  );
  const { client } = await connect({ ...numbers, extensions: [...numbers.extensions, ...texts.extensions] });
  const [one, other] = [outcome(client["n"]!["get"]!()), outcome(client["t"]!["get"]!())];
  await tick();
  const { id } = published[1]!.body as { id: string };
  expect(published[0]!.body).toEqual({ id: 5 });
  expect(id).toMatch(/^[a-z0-9]{1,8}$/);
  await publish("n/tell", { id: "5", v: 0 });
  await publish("t/tell", { id: 5, v: 0 });
  await publish("t/tell", { id: `${id}x`, v: 0 });
  expect(client.stats()).toMatchObject({ unmatched: 1, foreign: 2 });
  await publish("n/tell", { id: 5, v: 1 });
  await publish("t/tell", { id, v: 2 });
  expect([one.value, other.value]).toEqual([{ v: 1 }, { v: 2 }]);
});

test("a response that names the topic of its request belongs to that request only", async () => {
  const { connect, publish } = messageBroker();
  const api = apiOf(
    {},
    {
      "": {
        get: {
          on: "client",
          template: "get/{name}",
          success: "answers",
          requestId: "single",
          response: any,
          wraps: { success: { to: "{request}", value: "{body}" } },
        },
      },
    },
  );
  const { client } = await connect(api);
  const call = outcome(client["get"]!("a"));
  await tick();
  await publish("answers", { to: "get/b", value: 1 });
  expect([call.settled, client.stats().unmatched]).toEqual([false, 1]);
  await publish("answers", { to: "get/a", value: 2 });
  expect(call.value).toBe(2);
});

test("a call that waits for the one before it says so when its time is over", async () => {
  const { connect } = messageBroker();
  const { client } = await connect(shadows, { timeoutMs: 1_000 });
  const { create } = client["provisioning"]!;
  void outcome(create!({ timeoutMs: 9_000 }));
  const second = outcome(create!());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(second.error?.message).toBe(
    "provisioning.create: no response within 1000 ms (waiting for the call before it)",
  );
});

test("a success is told from an error by a literal of the body, whatever else the body has", async () => {
  const { connect, publish, last } = messageBroker();
  const api = apiOf(
    { requestId: { type: "string", maxLength: 32, uniquePer: [] } },
    {
      "": {
        report: {
          on: "client",
          template: "property/report",
          success: "property/report_reply",
          failure: "property/report_reply",
          request: object,
          response: any,
          error: object,
          wraps: {
            request: { id: "{requestId}", params: "{body}" },
            success: { id: "{requestId}", code: 0, data: "{body}" },
            error: { id: "{requestId}", "...": "{body}" },
          },
        },
      },
    },
  );
  const { client } = await connect(api);
  const report = async (response: object) => {
    const call = outcome(client["report"]!({ t: 1 }));
    await tick();
    await publish("property/report_reply", {
      ...(last().body as { id: string }),
      params: undefined,
      ...response,
    });
    return call;
  };
  expect((await report({ code: 0, data: [1], more: true })).value).toEqual([1]);
  expect((await report({ code: 1_001, why: "no" })).error).toMatchObject({
    code: "rejected",
    payload: { code: 1_001, why: "no" },
  });
});

test("resources without ids share a topic for their responses, and take only those of their own form", async () => {
  const { connect, publish, published } = messageBroker();
  const command = (name: string) => ({
    template: `cmnd/{device}/${name}`,
    success: "stat/{device}/RESULT",
    requestId: "single" as const,
    request: { type: "text" } as const,
    response: any,
    wraps: { success: { [name]: "{body}" } },
  });
  const api = apiOf(
    { endpointParameters: ["device"] },
    { "": { power: command("POWER"), dimmer: command("Dimmer") } },
  );
  const { client, events } = await connect(api);
  const lamp = client.endpoint("lamp");
  const [power, dimmer] = [outcome(lamp["power"]!("ON")), outcome(lamp["dimmer"]!("30"))];
  const other = outcome(client.endpoint("fan")["power"]!("OFF"));
  await tick();
  expect(published.map(({ topic }) => topic)).toEqual(["cmnd/lamp/POWER", "cmnd/fan/POWER"]);
  for (const body of [{ Dimmer: 99 }, { Color: "red" }, "OK"]) await publish("stat/lamp/RESULT", body);
  expect([power.settled, dimmer.settled]).toEqual([false, false]);
  expect(events.map(([name]) => name)).toEqual(Array(3).fill("unmatched-response"));
  await publish("stat/lamp/RESULT", { POWER: "ON" });
  await publish("stat/lamp/RESULT", { Dimmer: 30, POWER: "ON" });
  await publish("stat/fan/RESULT", { POWER: "OFF" });
  expect([power.value, dimmer.value, other.value]).toEqual(["ON", 30, "OFF"]);
});

test("an id that is a text is read from a text with names that have the same characters", async () => {
  const { connect, publish, last } = messageBroker();
  const ask = (name: string, at: string) => ({
    on: "client" as const,
    template: `t/${name}`,
    success: "t/res",
    response: any,
    wraps: { request: { at }, success: { at, [name]: "{body}" } },
  });
  const api = apiOf(
    { clientParameters: ["cli"], requestId: { type: "string", maxLength: 12, uniquePer: [] } },
    { "": { one: ask("one", "{cli}-{requestId}"), other: ask("other", "{requestId}-{cli}") } },
  );
  const { client } = await connect(api, { cli: "c-1-x" });
  for (const name of ["one", "other"]) {
    const call = outcome(client[name]!());
    await tick();
    await publish("t/res", { ...(last().body as object), [name]: 7 });
    expect(call.value).toBe(7);
  }
});

test("an id that stands alone and beside the client's name in a text is read from both", async () => {
  const wrap = (rest: object) => ({ ...rest, rid: "{requestId}", at: "{cli}-{requestId}", "{cli}": 1 });
  const { connect, publish, last } = messageBroker();
  const api = apiOf(
    {
      clientParameters: ["cli"],
      requestId: { send: { minimum: 1, maximum: 50 }, accept: { minimum: 0, maximum: 99 }, uniquePer: [] },
    },
    {
      "": {
        get: {
          on: "client",
          template: "t/get",
          success: "t/res",
          response: any,
          wraps: { request: wrap({}), success: wrap({ value: "{body}" }) },
        },
      },
    },
  );
  const { client } = await connect(api, { cli: "c-1" });
  const call = outcome(client["get"]!());
  await tick();
  const request = last().body as { readonly rid: number };
  const { rid } = request;
  expect(request).toEqual({ rid, at: `c-1-${rid}`, "c-1": 1 });
  await publish("t/res", { ...request, at: `c-2-${rid}`, value: 1 });
  await publish("t/res", { ...request, at: `c-1-${rid + 1}`, value: 2 });
  await publish("t/res", { ...request, rid: String(rid), value: 3 });
  expect(call.settled).toBe(false);
  await publish("t/res", { ...request, value: 4 });
  expect(call.value).toBe(4);
});

test("a call without an id fails at once when the response on its topic is no JSON", async () => {
  const { connect, publish, last } = messageBroker();
  const api = apiOf(
    { errorPayload: any },
    {
      "": {
        ask: {
          on: "client",
          template: "s/ask",
          success: "s/told",
          failure: "s/told",
          requestId: "single",
          response: any,
          wraps: { success: { ok: true, data: "{body}" }, error: { ok: false, data: "{body}" } },
        },
      },
    },
  );
  const { client } = await connect(api);
  const [call, next] = [outcome(client["ask"]!()), outcome(client["ask"]!())];
  await tick();
  expect(last().topic).toBe("s/ask");
  // It may be a message of something else.
  await publish("s/told", { hello: 1 });
  expect(call.settled).toBe(false);
  await publish("s/told", "{");
  expect([call.error?.code, next.settled]).toEqual(["malformed-response", false]);
  await publish("s/told", { ok: false, data: "no" });
  expect(next.error).toMatchObject({ code: "rejected", payload: "no" });
});

test("an error without the id that its message has fails no call", async () => {
  const { connect, publish, last } = messageBroker();
  const { client, events } = await connect(rpcs, { src: "me", timeoutMs: 1_000 });
  const call = outcome(client.endpoint("plug")["relay"]!["status"]!());
  await tick();
  await publish("me/rpc", { dst: "me", error: { code: 1 } });
  await publish("me/rpc", { id: null, dst: "me", error: { code: 1 } });
  expect([call.settled, events.map(([name]) => name)]).toEqual([false, ["rejected", "unmatched-response"]]);
  const { id } = last().body as { readonly id: number };
  await publish("me/rpc", { id, dst: "me", error: { code: 2 } });
  expect(call.error).toMatchObject({ code: "rejected", payload: { code: 2 } });
});
