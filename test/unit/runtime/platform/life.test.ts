import { describe, expect, test, vi, afterEach } from "vitest";
import { TopicsmithError } from "../../../../src/runtime/errors.js";
import { memoryBroker } from "../../../../src/runtime/transport/memory-transport.js";
import { createPlatformFor, type PlatformOptions } from "../../../../src/runtime/platform.js";
import { api } from "../platform-api.js";
import type { PublishOptions } from "../../../../src/runtime/transport/transport.js";
import { B, error, type Handler, settle, setup, silent, toBytes } from "./platform-setup.js";

afterEach(() => {
  vi.useRealTimers();
});

describe("the life cycle of a platform", () => {
  test("subscribes with one filter, narrowed by the parameters it serves", async () => {
    const broker = memoryBroker();
    const filters: string[] = [];
    broker.onSubscribe = (filter, qos) => {
      filters.push(filter);
      return qos;
    };
    await createPlatformFor(api, broker.transport(), silent);
    await createPlatformFor(api, broker.transport(), silent, { parameters: { appVersion: "demo-v1" } });
    expect(filters).toEqual(["kp1/+/+/+/+/#", "kp1/demo-v1/+/+/+/#"]);
    await expect(
      createPlatformFor(api, broker.transport(), silent, { parameters: { appVersion: "a/b" } }),
    ).rejects.toMatchObject({ code: "invalid-topic" });
  });

  test("with unhandled set to ignore, does not subscribe to resources without a handler", async () => {
    const broker = memoryBroker();
    const filters: string[] = [];
    broker.onSubscribe = (filter, qos) => {
      filters.push(filter);
      return qos;
    };
    const heard: string[] = [];
    const transport = broker.transport();
    transport.onMessage(({ topic }) => heard.push(topic));
    const dcx = { json: silent["dcx"]!["json"] };
    await createPlatformFor(api, transport, { dcx }, { unhandled: "ignore", shareGroup: "g" });
    expect(filters).toEqual(["$share/g/kp1/+/dcx/+/json", "$share/g/kp1/+/dcx/+/json/+"]);

    const device = broker.transport();
    const answers: string[] = [];
    device.onMessage(({ topic }) => answers.push(topic));
    await device.subscribe([`${B}/#`], 1);
    for (const path of ["dcx/T/json/1", "dcx/T/json/soon", "dcx/T/blob/1", "none/T/x/1"])
      await device.publish(`${B}/${path}`, toBytes("1"), { qos: 1 });
    await settle();
    expect(answers.filter((topic) => /\/(?:status|error)$/u.test(topic))).toEqual([
      `${B}/dcx/T/json/1/status`,
    ]);
    expect(heard).toEqual([`${B}/dcx/T/json/1`, `${B}/dcx/T/json/soon`]);
  });

  test("serves only its own parameters, even if its transport receives more", async () => {
    const { request, transport } = await setup({}, { parameters: { appVersion: "demo-v1" } });
    await transport.subscribe(["#"], 1);
    expect(await request("kp1/other/dcx/T/json/1", "1")).toEqual([]);
    expect(await request(`${B}/dcx/T/json/1`, "1")).toHaveLength(1);
  });

  test.each<[PlatformOptions, string, string]>([
    [{ parameters: { version: "1" } }, "invalid-option", "no resource has the parameter version, only "],
    [{ parameters: { appVersion: "a/b" } }, "invalid-topic", "appVersion must not contain"],
    [{ shareGroup: "a/b" }, "invalid-option", "shareGroup must not contain"],
    [{ shareGroup: "" }, "invalid-option", "shareGroup must not be empty"],
    [{ unhandled: "ignored" as "ignore" }, "invalid-option", 'unhandled must be "reject" or "ignore"'],
    [{ backoff: null as never }, "invalid-option", "backoff must be an object"],
    [{ authorize: true as never }, "invalid-option", "authorize must be a function, not true"],
  ])("refuses %o, with which it would serve nothing or something else", async (options, code, message) => {
    await expect(createPlatformFor(api, memoryBroker().transport(), silent, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test("shares its load with its share group, so that each request gets one response", async () => {
    const broker = memoryBroker();
    const counts = [0, 0];
    for (const index of [0, 1]) {
      const dcx = { ...silent["dcx"], json: () => void (counts[index] = (counts[index] ?? 0) + 1) };
      await createPlatformFor(api, broker.transport(), { ...silent, dcx }, { shareGroup: "g" });
    }
    const device = broker.transport();
    let answers = 0;
    device.onMessage(() => (answers += 1));
    await device.subscribe([`${B}/dcx/T/json/+/status`], 1);
    for (let id = 0; id < 4; id += 1) await device.publish(`${B}/dcx/T/json/${id}`, toBytes("1"), { qos: 1 });
    await settle();
    expect([counts, answers]).toEqual([[2, 2], 4]);
  });

  const cause = new Error("Connection closed");
  test.each([
    [true, []],
    [false, [{ code: "disconnected", message: "the broker has not confirmed UNSUBSCRIBE", cause }]],
  ])(
    "stop({ force: %s }) over a connection that is lost meanwhile calls onError with %o",
    async (force, expected) => {
      const transport = memoryBroker().transport();
      const errors: unknown[] = [];
      const onError = (reported: unknown): void => void errors.push(reported);
      const closed = Object.assign(transport, { unsubscribe: () => Promise.reject(cause) });
      const platform = await createPlatformFor(api, closed, silent, { onError });
      await platform.stop({ force });
      await settle();
      expect(errors).toMatchObject(expected);
    },
  );

  test("stop() with an infinite timeout waits for a handler, however long it takes", async () => {
    let answer: (() => void) | undefined;
    const { platform, device, inbox } = await setup({
      dcx: { json: () => new Promise<void>((resolve) => (answer = resolve)) },
    });
    await device.publish(`${B}/dcx/T/json/1`, toBytes("1"), { qos: 1 });
    await settle();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let isStopped = false;
    const stopped = platform.stop({ timeoutMs: Infinity }).then(() => (isStopped = true));
    // Longer than the 2^31 - 1 ms that a timer of Node or a browser can wait.
    await vi.advanceTimersByTimeAsync(2 ** 31);
    expect(isStopped).toBe(false);
    answer?.();
    await stopped;
    expect(inbox.map(([topic]) => topic)).toEqual([`${B}/dcx/T/json/1/status`]);
  });

  test("fails if the broker refuses its filter, or the connection is refused", async () => {
    const broker = memoryBroker({ onSubscribe: () => 128 });
    await expect(createPlatformFor(api, broker.transport(), silent)).rejects.toMatchObject({
      code: "subscribe-refused",
    });
    const transport = memoryBroker().transport({ connected: false });
    const platform = createPlatformFor(api, transport, silent);
    transport.giveUp("bad password");
    await expect(platform).rejects.toMatchObject({ code: "connection-refused", cause: "bad password" });
  });

  test("waits for a connection, and subscribes again only after a lost session", async () => {
    const broker = memoryBroker();
    let subscribes = 0;
    broker.onSubscribe = (_, qos) => {
      subscribes += 1;
      return qos;
    };
    const transport = broker.transport({ connected: false, origins: true });
    const creating = createPlatformFor(api, transport, silent);
    transport.restore();
    await creating;
    transport.drop();
    transport.restore({ sessionPresent: true });
    await settle();
    expect(subscribes).toBe(1);
    transport.drop();
    transport.restore();
    await settle();
    expect(subscribes).toBe(2);
  });

  test("without requests to serve, waits for a connection, too, and reports a later refusal", async () => {
    const options: PlatformOptions = { unhandled: "ignore" };
    const broker = memoryBroker({ onSubscribe: () => 128 });
    const refused = broker.transport({ connected: false });
    const failing = createPlatformFor(api, refused, {}, options);
    refused.giveUp("bad password");
    await expect(failing).rejects.toMatchObject({ code: "connection-refused", cause: "bad password" });
    const transport = broker.transport({ connected: false });
    const errors: unknown[] = [];
    const ready = vi.fn();
    const creating = createPlatformFor(
      api,
      transport,
      {},
      { ...options, onError: (reported) => errors.push(reported) },
    );
    void creating.then(ready);
    await settle();
    expect(ready).not.toHaveBeenCalled();
    transport.restore();
    const platform = await creating;
    transport.giveUp("banned");
    expect(errors).toMatchObject([{ code: "connection-refused", cause: "banned" }]);
    await platform.stop();
  });

  test("stops when the requests in progress have responses, and accepts no new ones", async () => {
    let finish: (() => void) | undefined;
    const json: Handler = () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      });
    const { platform, request, inbox } = await setup({ dcx: { json } });
    await request(`${B}/dcx/T/json/1`, "1");
    let stopped = false;
    const stopping = platform.stop().then(() => (stopped = true));
    expect(await request(`${B}/dcx/T/json/2`, "1")).toEqual([]);
    expect(stopped).toBe(false);
    finish?.();
    await stopping;
    await settle();
    expect(inbox).toEqual([[`${B}/dcx/T/json/1/status`, "", 1]]);
  });

  test.each([
    ["at once when forced", { force: true }, 0],
    ["after its time", { timeoutMs: 1_000 }, 1_000],
  ])("stops %s, aborting what is under way, whose answer is not sent", async (_, options, ms) => {
    vi.useFakeTimers();
    const reasons: unknown[] = [];
    const json: Handler = (_request, { signal }) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          reasons.push(signal.reason);
          resolve();
        });
      });
    const { platform, request, inbox } = await setup({ dcx: { json } });
    await request(`${B}/dcx/T/json/1`, "1");
    const stopping = platform.stop(options);
    await vi.advanceTimersByTimeAsync(ms);
    await stopping;
    await settle();
    expect(reasons).toEqual([expect.objectContaining({ code: "closed" })]);
    expect(inbox).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("sends a response on the next connection, if there is none when it is ready", async () => {
    const { request, inbox, errors, transport } = await setup({ dcx: { json: () => transport.drop() } });
    expect(await request(`${B}/dcx/T/json/1`, "1")).toEqual([]);
    transport.restore();
    await settle();
    expect(inbox).toEqual([[`${B}/dcx/T/json/1/status`, "", 1]]);
    expect(errors).toMatchObject([{ code: "disconnected", message: "the connection was lost" }]);
  });

  test("reports a response that cannot be sent, because no connection comes", async () => {
    vi.useFakeTimers();
    const { request, errors, transport } = await setup({ dcx: { json: () => transport.drop() } });
    await request(`${B}/dcx/T/json/1`, "1");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(errors).toMatchObject([
      { code: "disconnected", message: "the connection was lost" },
      { code: "disconnected", message: "there is no connection" },
    ]);
    transport.restore();
    await vi.advanceTimersByTimeAsync(100_000);
    expect([errors.length, vi.getTimerCount()]).toEqual([2, 0]);
  });

  test("reports what the broker says of a response or a push", async () => {
    const { platform, request, errors, transport } = await setup();
    const refused = Object.assign(new Error("not authorized"), { code: 135 });
    Object.assign(transport, { publish: () => Promise.reject(refused) });
    await request(`${B}/dcx/T/json/1`, "1");
    expect(errors).toMatchObject([{ code: "publish-refused", cause: refused }]);
    const pushing = platform.endpoint({ appVersion: "demo-v1", endpointToken: "T" });
    await expect(pushing["cex"]!["command"]!.push("reboot", [])).rejects.toMatchObject({
      code: "publish-refused",
      cause: refused,
    });
  });

  test("gives up a push that the broker does not acknowledge", async () => {
    const { platform, transport } = await setup();
    vi.useFakeTimers();
    const deliveries: unknown[] = [];
    Object.assign(transport, {
      publish(_topic: string, _body: Uint8Array, { delivery }: PublishOptions) {
        deliveries.push(delivery);
        return new Promise(() => undefined);
      },
    });
    const { command } = platform.endpoint({ appVersion: "demo-v1", endpointToken: "T" })["cex"]!;
    const pushes = [command!.push("reboot", []), command!.push("reboot", [], { timeoutMs: 50 })];
    const ended = Promise.allSettled(pushes);
    await vi.advanceTimersByTimeAsync(50);
    expect(deliveries).toMatchObject([{ abandoned: false }, { abandoned: true }]);
    await vi.advanceTimersByTimeAsync(29_950);
    expect(await ended).toMatchObject([{ reason: { code: "timeout" } }, { reason: { code: "timeout" } }]);
    expect(deliveries).toMatchObject([{ abandoned: true }, { abandoned: true }]);
  });

  test("handlers that never settle do not stop it", async () => {
    vi.useFakeTimers();
    const signals: AbortSignal[] = [];
    const json: Handler = (_, { signal }) => {
      signals.push(signal);
      return signals.length < 3 ? new Promise(() => undefined) : "";
    };
    const { request, inbox, errors } = await setup(
      { dcx: { json } },
      { concurrency: 2, handlerTimeoutMs: 500 },
    );
    for (const id of [1, 2, 3]) expect(await request(`${B}/dcx/T/json/${id}`, "1")).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(inbox).toEqual([
      [`${B}/dcx/T/json/1/error`, error(500), 1],
      [`${B}/dcx/T/json/3/status`, "", 1],
      [`${B}/dcx/T/json/2/error`, error(500), 1],
    ]);
    const late = { code: "timeout", message: "the handler has not settled within 500 ms" };
    expect(errors).toMatchObject([late, late]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a handler that heeds its signal after its time is reported once, and a signal read late is aborted", async () => {
    vi.useFakeTimers();
    let late: AbortSignal | undefined;
    const refused: unknown[] = [];
    const json: Handler = async (_, context) => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      late = context.signal;
      late.throwIfAborted();
    };
    const { request, inbox, errors } = await setup(
      { dcx: { json } },
      { handlerTimeoutMs: 500, onRefused: (refusal) => refused.push(refusal) },
    );
    await request(`${B}/dcx/T/json/1`, "1");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(late?.aborted).toBe(true);
    expect([errors.length, refused.length, inbox.length, vi.getTimerCount()]).toEqual([1, 1, 1, 0]);
  });

  test("gives up a response that waits for a connection when it is stopped", async () => {
    vi.useFakeTimers();
    const { platform, request, errors, transport } = await setup({ dcx: { json: () => transport.drop() } });
    await request(`${B}/dcx/T/json/1`, "1");
    const stopped = vi.fn();
    void platform.stop().then(stopped);
    await vi.advanceTimersByTimeAsync(10);
    expect(stopped).toHaveBeenCalled();
    expect(errors).toMatchObject([{ code: "disconnected" }, { code: "disconnected" }]);
  });

  test("does not send a response again that was written, because it may be to blame", async () => {
    const { request, errors, transport } = await setup();
    const published = vi.fn((_topic: string, _body: Uint8Array, { delivery }: PublishOptions) => {
      Object.assign(delivery!, { position: 1 });
      return Promise.reject(new TopicsmithError("disconnected", "the connection was lost"));
    });
    Object.assign(transport, { publish: published });
    await request(`${B}/dcx/T/json/1`, "1");
    transport.drop();
    transport.restore();
    await settle();
    expect(published).toHaveBeenCalledTimes(1);
    expect(errors).toMatchObject([{ code: "disconnected" }, { code: "disconnected" }]);
  });

  test("leaves no timer of a handler or a response that goes on after stop()", async () => {
    vi.useFakeTimers();
    const hung = (): Promise<never> => new Promise(() => undefined);
    const json: Handler = (_, { requestId }) => (requestId === 1 ? hung() : "");
    const { platform, request, errors, transport } = await setup({ dcx: { json } });
    Object.assign(transport, { publish: hung });
    for (const id of [1, 2]) await request(`${B}/dcx/T/json/${id}`, "1");
    const stopped = platform.stop({ timeoutMs: 100 });
    await vi.advanceTimersByTimeAsync(100);
    await stopped;
    expect([errors, vi.getTimerCount()]).toEqual([[], 0]);
  });

  test("serves over a transport that is frozen, and leaves no timer if that throws", async () => {
    const memory = memoryBroker().transport();
    const broken = Object.freeze({
      ...memory,
      publish: () => {
        throw new Error("broken");
      },
    });
    const platform = await createPlatformFor(api, broken, silent);
    vi.useFakeTimers();
    const { command } = platform.endpoint({ appVersion: "demo-v1", endpointToken: "T" })["cex"]!;
    await expect(command!.push("reboot", [])).rejects.toMatchObject({ code: "publish-refused" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("does not unsubscribe from what another platform on its transport serves", async () => {
    const { platform, request, transport } = await setup();
    const other = await createPlatformFor(api, transport, silent);
    await platform.stop();
    expect(await request(`${B}/dcx/T/json/1`, "1")).toEqual([[`${B}/dcx/T/json/1/status`, "", 1]]);
    await other.stop();
    expect(await request(`${B}/dcx/T/json/2`, "1")).toEqual([]);
  });

  test("refuses a handler that is not a function", async () => {
    const handlers = { ...silent, dcx: { ...silent["dcx"], json: 5 as never } };
    await expect(createPlatformFor(api, memoryBroker().transport(), handlers)).rejects.toThrow(
      "the handler of dcx.json is not a function",
    );
  });

  test("reports lost connections, and connects again by request, until it is stopped", async () => {
    const { platform, request, errors, transport } = await setup();
    transport.drop(new Error("mqtt://me:pa55@broker is gone"));
    expect(errors).toMatchObject([
      {
        code: "disconnected",
        message: "the connection was lost",
        cause: { message: "mqtt://***@broker is gone" },
      },
    ]);
    const reconnect = vi.fn(() => transport.restore());
    Object.assign(transport, { reconnect });
    platform.reconnect();
    await settle();
    expect(await request(`${B}/dcx/T/json/1`, "1")).toEqual([[`${B}/dcx/T/json/1/status`, "", 1]]);
    await platform[Symbol.asyncDispose]();
    platform.reconnect();
    transport.drop();
    expect([reconnect.mock.calls.length, errors.length]).toEqual([1, 1]);
  });

  test("rejects with what its transport throws, and leaves no rejection unhandled", async () => {
    const transport = {
      ...memoryBroker().transport(),
      onState() {
        throw new Error("no state");
      },
    };
    await expect(createPlatformFor(api, transport, silent)).rejects.toThrow("no state");
  });

  test("serves on if the broker never acknowledges its responses", async () => {
    vi.useFakeTimers();
    const { request, transport } = await setup({}, { concurrency: 1 });
    const publish = vi.spyOn(transport, "publish").mockReturnValue(new Promise(() => undefined));
    await request(`${B}/dcx/T/json/1`, "1");
    publish.mockRestore();
    expect(await request(`${B}/dcx/T/json/2`, "1")).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await request(`${B}/dcx/T/json/3`, "1")).toHaveLength(2);
    vi.useRealTimers();
  });
});
