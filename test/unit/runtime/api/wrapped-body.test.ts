/** Bodies of which the payload is only a part: those of requests, of responses on both sides, and of a last will. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  bodyTemplate,
  lastWill,
  memoryBroker,
  connectTo,
  type Resource,
} from "../../../../src/runtime/index.js";
import { createPlatformFor, type PlatformBase, platformMessages } from "../../../../src/runtime/platform.js";
import { wrapBody } from "../../../../src/runtime/api/wrapped-body.js";
import { apiOf, object, optionalObject } from "../message-apis.js";
import type { AnyClient, AnyEndpoint } from "../message-setup.js";

const rpc = (kind: "result" | "params") => ({ id: "{requestId}", [kind]: "{body}" });
const wraps = { request: rpc("params"), success: rpc("result") };
const shape = { success: "rpc/out", wraps, on: "client" } as const;
const apiWith = (ids: { minimum: number; maximum: number }) =>
  apiOf(
    { requestId: { send: ids, accept: ids, uniquePer: [] } },
    {
      "": {
        reset: { ...shape, template: "rpc/reset", response: "empty" },
        find: { ...shape, template: "rpc/find", response: optionalObject },
        stop: { ...shape, template: "rpc/stop", from: "platform", response: "empty" },
        peek: { ...shape, template: "rpc/peek", from: "platform", response: optionalObject },
      },
    },
  );

type AnyPlatform = PlatformBase & { client(): AnyEndpoint };

/** A client and a platform on one broker, and the bodies that it has delivered on the topic of responses. */
async function setUp(maximum = 9) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const api = apiWith({ minimum: 1, maximum });
  const broker = memoryBroker();
  const responses: unknown[] = [];
  const spy = broker.transport();
  spy.onMessage(({ payload }) => void responses.push(JSON.parse(new TextDecoder().decode(payload))));
  await spy.subscribe(["rpc/out"], 1);
  const nothing = (): undefined => undefined;
  const platform = await createPlatformFor<AnyPlatform>(
    api,
    broker.transport(),
    { reset: nothing, find: nothing },
    {},
    platformMessages,
  );
  const client = await connectTo<AnyClient>(api, broker.transport(), {});
  return { platform: platform.client(), client, responses };
}

describe("a response without a payload, in a body that has more than the payload", () => {
  test("has null for it if the platform sends it, because clients may recognize it by that property", async () => {
    const { client, responses } = await setUp();
    expect(await client["reset"]!()).toBeUndefined();
    expect(responses).toEqual([{ id: expect.any(Number), result: null }]);
  });

  test("has null for it if a client sends it", async () => {
    const { client, platform, responses } = await setUp();
    await client["stop"]!.handle(() => undefined);
    expect(await platform["stop"]!()).toBeUndefined();
    expect(responses).toEqual([{ id: expect.any(Number), result: null }]);
  });

  test("leaves the property out if the payload is optional, and is read if it equals one that the platform has sent", async () => {
    // Both sides have one id only.
    const { client, platform, responses } = await setUp(1);
    await client["peek"]!.handle(() => undefined);
    expect([await client["find"]!(), await platform["peek"]!()]).toEqual([undefined, undefined]);
    expect(responses).toEqual([{ id: 1 }, { id: 1 }]);
  });
});

test("a last will is refused if its template cannot hold the payload", () => {
  const { extensions } = apiOf(
    {},
    { "": { state: { template: "state", request: object, wraps: { request: { "...": "{body}", v: 1 } } } } },
  );
  const state = extensions[0]!.resources["state"] as Resource<
    unknown,
    (request: object, context: { parameters: object }) => void
  >;
  expect(new TextDecoder().decode(lastWill(state, {}, { on: false }).payload)).toBe('{"on":false,"v":1}');
  expect(() => lastWill(state, {}, { v: 2 })).toThrow(
    expect.objectContaining({ code: "invalid-request", message: expect.stringContaining('"v"') }),
  );
});

test("the bodies of one payload differ in the values around it", () => {
  const wrapped = wrapBody(bodyTemplate({ id: "{requestId}", v: "{body}" }), new TextEncoder().encode("[1]"));
  const bodies = [1, 2].map((requestId) => new TextDecoder().decode(wrapped.build({ requestId })));
  expect(bodies).toEqual(['{"id":1,"v":[1]}', '{"id":2,"v":[1]}']);
});
