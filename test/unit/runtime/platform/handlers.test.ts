import { describe, expect, test, vi } from "vitest";
import { memoryBroker } from "../../../../src/runtime/transport/memory-transport.js";
import { fillMessage } from "../../../../src/runtime/api/messages.js";
import { defineProtocol } from "../../../../src/runtime/api/protocol.js";
import { createPlatformFor, type Api, Rejection } from "../../../../src/runtime/platform.js";
import { defineExtension } from "../../../../src/runtime/api/resource.js";
import { api, protocol, resource } from "../platform-api.js";
import { B, error, type Handler, settle, setup, silent, toBytes } from "./platform-setup.js";

describe("platform handlers", () => {
  test("get text as a string and bytes as bytes, with the context of the request", async () => {
    const seen: unknown[] = [];
    const { request } = await setup({
      dcx: {
        plain: (value, context) =>
          void seen.push([value, { ...context, signal: undefined, endpoint: undefined }]),
        blob: (value) => value,
      },
    });
    await request(`${B}/dcx/T/plain/altitude/7`, "2061m", 2);
    expect(await request(`${B}/dcx/T/blob/8`, "\0x")).toEqual([[`${B}/dcx/T/blob/8/status`, "\0x", 1]]);
    expect(seen).toEqual([
      [
        "2061m",
        {
          extension: "dcx",
          resource: "plain",
          parameters: { appVersion: "demo-v1", endpointToken: "T", metricName: "altitude" },
          requestId: 7,
          topic: `${B}/dcx/T/plain/altitude/7`,
          qos: 2,
          body: new TextEncoder().encode("2061m"),
        },
      ],
    ]);
  });

  test("can reject a request with a payload, with or without a request id", async () => {
    const rejection = new Rejection({ statusCode: 403, reasonPhrase: "read-only" });
    const { request, errors } = await setup({ dcx: { json: () => Promise.reject(rejection) } });
    for (const topic of [`${B}/dcx/T/json/5`, `${B}/dcx/T/json`]) {
      expect(await request(topic, "1")).toEqual([
        [`${topic}/error`, '{"statusCode":403,"reasonPhrase":"read-only"}', 1],
      ]);
    }
    expect(errors).toEqual([]);
  });

  test("do not leak the message of an error, which goes to `onError`", async () => {
    const secret = new Error("password is 1234");
    const json: Handler = async () => {
      throw secret;
    };
    const { request, errors } = await setup({ dcx: { json } });
    const [answer] = await request(`${B}/dcx/T/json/5`, "1");
    expect(answer).toEqual([`${B}/dcx/T/json/5/error`, error(500), 1]);
    expect(answer?.[1]).not.toContain("1234");
    expect(errors).toEqual([secret]);
  });

  test.each([
    ["return what the schema refuses", () => ({ not: "a list" })],
    ["reject with what the schema refuses", () => Promise.reject(new Rejection("no"))],
    ["return what JSON can not say", () => [Number.NaN]],
  ])("that %s have failed", async (_, command) => {
    const { request, errors } = await setup({ cex: { command } });
    expect(await request(`${B}/cex/T/command/reboot/1`, "{}")).toEqual([
      [`${B}/cex/T/command/reboot/1/error`, error(500), 1],
    ]);
    expect(errors).toEqual([expect.objectContaining({ code: "invalid-response" })]);
  });

  test("do no harm if `onError` throws or rejects", async () => {
    const again = new Error("again");
    const onError = vi.fn<() => void>(() => {
      throw again;
    });
    const { request } = await setup({ dcx: { json: () => Promise.reject(new Error("once")) } }, { onError });
    expect(await request(`${B}/dcx/T/json/5`, "1")).toHaveLength(1);
  });

  test("do no harm if `onRefused` rejects: `onError` gets it", async () => {
    const again = new Error("again");
    const { request, errors } = await setup(
      {},
      { onRefused: () => Promise.reject(again) as unknown as void },
    );
    expect(await request(`${B}/dcx/T/json/5`, "{")).toHaveLength(1);
    expect(errors).toEqual([again]);
  });

  test("can be methods of a class", async () => {
    class Commands {
      readonly #list = [7];
      command(): unknown {
        return this.#list;
      }
    }
    const broker = memoryBroker();
    const device = broker.transport();
    const answers: string[] = [];
    device.onMessage(({ payload }) => answers.push(new TextDecoder().decode(payload)));
    const handlers = { ...silent, cex: new Commands() };
    await createPlatformFor(api, broker.transport({ origins: true }), handlers);
    await device.publish(`${B}/cex/T/command/reboot/1`, toBytes("{}"), { qos: 0 });
    await settle();
    expect(answers).toEqual(["[7]"]);
  });

  test("can be missing only with the option unhandled, which rejects requests of their resources as unknown", async () => {
    const broker = memoryBroker();
    const incomplete = { dcx: silent["dcx"], cex: {} };
    await expect(createPlatformFor(api, broker.transport(), incomplete)).rejects.toThrow(
      "no handler for cex.command, cmx_ota.config, cmx_ota.applied",
    );
    const { request } = await setup({}, { unhandled: "reject" }, withConstructor());
    expect(await request(`${B}/dcx/T/constructor/1`)).toEqual([
      [`${B}/dcx/T/constructor/1/error`, error(404), 1],
    ]);
  });

  test("are not called if `authorize` refuses the request, and its body is not read", async () => {
    const seen: unknown[] = [];
    const { request, errors } = await setup(
      { dcx: { json: (samples) => void seen.push(samples) } },
      {
        authorize: async ({ parameters, requestId }) => {
          await Promise.resolve();
          if (requestId === 3) throw new Error("no such luck");
          if (parameters["endpointToken"] !== "T")
            throw new Rejection({ statusCode: 403, reasonPhrase: "No" });
        },
      },
    );
    expect(await request(`${B}/dcx/U/json/1`, "{")).toEqual([
      [`${B}/dcx/U/json/1/error`, error(403, "No"), 1],
    ]);
    expect(await request(`${B}/dcx/T/json/2`, "1")).toEqual([[`${B}/dcx/T/json/2/status`, "", 1]]);
    expect(await request(`${B}/dcx/T/json/3`, "1")).toEqual([[`${B}/dcx/T/json/3/error`, error(500), 1]]);
    expect(seen).toEqual([1]);
    expect(errors).toEqual([expect.objectContaining({ message: "no such luck" })]);
  });

  test("get the return value of `prepare`, which runs before validation", async () => {
    const seen: unknown[] = [];
    const prepare = vi.fn((value: unknown) => (Array.isArray(value) ? value[0] : value));
    const { request } = await setup({ cex: { command: (value) => (seen.push(value), []) } }, { prepare });
    expect(await request(`${B}/cex/T/command/reboot/1`, '[{"a":1}]')).toEqual([
      [`${B}/cex/T/command/reboot/1/status`, "[]", 1],
    ]);
    expect(await request(`${B}/cex/T/command/reboot/1`, "[1]")).toEqual([
      [`${B}/cex/T/command/reboot/1/error`, error(400, "must be object"), 1],
    ]);
    expect(seen).toEqual([{ a: 1 }]);
    expect(prepare).toHaveBeenLastCalledWith(
      [1],
      expect.objectContaining({ extension: "cex", resource: "command" }),
    );
  });

  test("of a resource without a response never send a success response", async () => {
    const { request } = await setup();
    expect(await request(`${B}/cmx_ota/T/applied/json/6`, "{}")).toEqual([]);
  });

  test("run `concurrency` at a time, `maxQueued` wait in order, and further requests get the reply `busy`", async () => {
    const started: unknown[] = [];
    const finish: (() => void)[] = [];
    const json: Handler = (value) => {
      started.push(value);
      return new Promise<void>((resolve) => {
        finish.push(resolve);
      });
    };
    const { request } = await setup({ dcx: { json } }, { concurrency: 2, maxQueued: 1 });
    for (const id of [1, 2, 3]) expect(await request(`${B}/dcx/T/json/${id}`, `${id}`)).toEqual([]);
    expect(await request(`${B}/dcx/T/json/4`, "4")).toEqual([[`${B}/dcx/T/json/4/error`, error(503), 1]]);
    expect(started).toEqual([1, 2]);
    finish[0]?.();
    await settle();
    expect(started).toEqual([1, 2, 3]);
    expect(await request(`${B}/dcx/T/json/5`, "5")).toEqual([[`${B}/dcx/T/json/1/status`, "", 1]]);
  });
});

describe("the spec's replies", () => {
  test("are empty bodies if the spec has none", async () => {
    const { replies: _, ...bare } = protocol;
    const quiet = defineProtocol(bare);
    const json = resource(
      { extension: "dcx", resource: "json", path: "json" },
      { requestId: "optional", qos: 1, request: { type: "json" }, response: "empty" },
      quiet,
    );
    const of = {
      protocol: quiet,
      extensions: [defineExtension({ key: "dcx", name: "dcx", resources: { json } })],
    };
    const { request } = await setup({}, {}, of);
    expect(await request(`${B}/dcx/T/json/1`, "{")).toEqual([[`${B}/dcx/T/json/1/error`, "", 1]]);
  });

  test("are valid JSON if the message contains quotes and dollar signs", async () => {
    const odd = {
      ...protocol,
      replies: { invalid: { statusCode: 400, reasonPhrase: ["{message}", "{message}!"] } },
    };
    expect(JSON.stringify(odd.replies)).toContain("{message}");
    expect(fillMessage(odd.replies.invalid, '$& "x"')).toEqual({
      statusCode: 400,
      reasonPhrase: ['$& "x"', '$& "x"!'],
    });
  });
});

/** An API with a resource that every object has a member of the same name as. */
function withConstructor(): Api {
  const where = { extension: "dcx", resource: "constructor", path: "constructor" };
  const resources = { constructor: resource(where, { requestId: "required", qos: 1, response: "empty" }) };
  return { protocol, extensions: [defineExtension({ key: "dcx", name: "dcx", resources })] };
}
