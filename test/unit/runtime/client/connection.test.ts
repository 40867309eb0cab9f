/** Connecting, lost sessions, permanent failure, closing. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ClientOptions, connectTo, memoryBroker } from "../../../../src/runtime/index.js";
import { base, inMemoryDevice, outcome, tick } from "../in-memory-device.js";
import { api, type Unit } from "../greenhouse-api.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const site = { site: "north" } as ClientOptions;
const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("connecting", () => {
  test("refuses a listener that is not a function, before it is called", async () => {
    const { client } = await inMemoryDevice();
    expect(() => client.on("connected", undefined as never)).toThrow(
      expect.objectContaining({
        code: "invalid-option",
        message: expect.stringContaining("listener must be a function"),
      }),
    );
  });

  test("resolves when the transport is connected", async () => {
    const transport = memoryBroker().transport({ connected: false });
    const connecting = outcome(connectTo<Unit, string>(api, transport, site));
    await vi.advanceTimersByTimeAsync(29_000);
    expect(connecting.state).toBe("pending");
    transport.restore();
    await tick();
    expect(connecting.state).toBe("resolved");
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects after connectTimeoutMs with the last error, and closes the transport", async () => {
    const transport = memoryBroker().transport();
    transport.drop(new Error("no route to mqtt://me:pa55@broker"));
    const close = vi.spyOn(transport, "close");
    const connecting = outcome(connectTo(api, transport, { ...site, connectTimeoutMs: 200 }));
    await vi.advanceTimersByTimeAsync(200);
    expect(connecting.error).toMatchObject({
      code: "timeout",
      message: "no connection within 200 ms",
      cause: expect.objectContaining({ message: "no route to mqtt://***@broker" }),
    });
    expect(close).toHaveBeenCalledWith({ force: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("rejects at once on a permanent refusal and on an illegal client parameter", async () => {
    const transport = memoryBroker().transport({ connected: false });
    const connecting = outcome(connectTo(api, transport, site));
    const cause = new Error("Not authorized");
    transport.giveUp(cause);
    await tick();
    expect(connecting.error).toMatchObject({ code: "connection-refused", cause });
    await expect(connectTo(api, transport, {})).rejects.toMatchObject({
      code: "invalid-topic",
      message: expect.stringContaining("site"),
    });
  });

  test("refuses a client or endpoint parameter with a control character, and names the character", async () => {
    const transport = memoryBroker().transport();
    await expect(connectTo(api, transport, { site: "north\n" } as ClientOptions)).rejects.toMatchObject({
      code: "invalid-topic",
      message: expect.stringContaining("site must not contain U+000A"),
    });
    const client = await connectTo<Unit, string>(api, transport, site);
    expect(() => client.endpoint("tok\u{85}")).toThrow("unit must not contain U+0085");
  });

  test.each(["before", "while"])(
    "is aborted by its signal %s it waits, and closes the transport",
    async (when) => {
      const transport = memoryBroker().transport({ connected: false });
      const close = vi.spyOn(transport, "close");
      const abort = new AbortController();
      if (when === "before") abort.abort("enough");
      const connecting = outcome(connectTo(api, transport, { ...site, signal: abort.signal }));
      await tick();
      if (when === "while") {
        expect(connecting.state).toBe("pending");
        abort.abort("enough");
        await tick();
        expect(close).toHaveBeenCalled();
      }
      expect(connecting.error).toMatchObject({ code: "aborted", cause: "enough" });
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  test("ignores its signal once it is connected", async () => {
    const abort = new AbortController();
    const client = await connectTo(api, memoryBroker().transport(), { ...site, signal: abort.signal });
    abort.abort();
    await tick();
    expect(client.state).toBe("connected");
  });

  test("that is lazy returns a client whose requests and observations wait for the connection", async () => {
    const broker = memoryBroker();
    const platform = broker.transport();
    const transport = broker.transport({ connected: false });
    const client = await connectTo<Unit, string>(api, transport, { ...site, lazy: true });
    expect(client.state).toBe("connecting");
    const { climate } = client.endpoint("s3cret");
    const alarms = climate.alarm.observe();
    await after(3_600_000);
    const sent = outcome(climate.set.send({}));
    await platform.subscribe(["gh/#"], 1);
    transport.restore();
    await tick();
    expect(client.state).toBe("connected");
    expect(sent.state).toBe("resolved");
    await platform.publish(`${base}/alarm/ok`, new TextEncoder().encode("fire"), { qos: 1 });
    await expect(alarms.next()).resolves.toEqual({ done: false, value: "fire" });
    await client.close();
    expect(client.state).toBe("closed");
  });

  test("that is lazy gives observations their whole time from the first connection on", async () => {
    const never = new Promise<number>(() => undefined);
    const transport = memoryBroker({ onSubscribe: () => never }).transport({ connected: false });
    const client = await connectTo<Unit, string>(api, transport, { ...site, lazy: true });
    const alarms = outcome(client.endpoint("s3cret").climate.alarm.observe().ready);
    await after(9_900);
    transport.restore();
    await after(9_900);
    expect(alarms.state).toBe("pending");
    await after(100);
    expect(alarms.error).toMatchObject({ code: "timeout" });
    await client.close({ force: true });
  });

  test("that is lazy delivers what the broker has kept for the session to early observers", async () => {
    const broker = memoryBroker();
    const transport = broker.transport();
    await transport.subscribe([`${base}/alarm/ok`], 1);
    transport.drop();
    const platform = broker.transport();
    await platform.publish(`${base}/alarm/ok`, new TextEncoder().encode("kept"), { qos: 1 });
    await tick();
    const client = await connectTo<Unit, string>(api, transport, { ...site, lazy: true });
    const alarms = client.endpoint("s3cret").climate.alarm.observe();
    transport.restore({ sessionPresent: true });
    await tick();
    await expect(alarms.next()).resolves.toEqual({ done: false, value: "kept" });
    await client.close();
  });

  test("that is lazy reports a refusal for good as an event and to its requests", async () => {
    const transport = memoryBroker().transport({ connected: false });
    const client = await connectTo<Unit, string>(api, transport, { ...site, lazy: true });
    const failed = vi.fn();
    client.on("failed", failed);
    const reading = outcome(client.endpoint("s3cret").climate.read());
    await tick();
    transport.giveUp(new Error("banned"));
    await tick();
    expect(failed).toHaveBeenCalledTimes(1);
    expect(reading.error).toMatchObject({ code: "connection-refused", sent: false });
    expect(client.state).toBe("failed");
  });

  test.each([
    "timeoutMs",
    "connectTimeoutMs",
    "closeTimeoutMs",
    "maxQueued",
    "idQuarantineMs",
    "subscriptionKeepMs",
    "maxSubscriptions",
    "buffer",
    "maxDepth",
    "stableAfterMs",
    "credentialsTimeoutMs",
    "backoff.minMs",
    "backoff.maxMs",
  ])("refuses %s that is not a number or negative", async (name) => {
    const transport = memoryBroker().transport();
    for (const value of [Number.NaN, -1, "10"]) {
      const [outer = "", inner] = name.split(".");
      const options = { ...site, [outer]: inner === undefined ? value : { [inner]: value } };
      await expect(connectTo(api, transport, options)).rejects.toMatchObject({
        code: "invalid-option",
        message: expect.stringMatching(`^${name} must be a number from [01] on, not "?${value}"?$`),
      });
    }
  });

  test("resolves even if the connection is lost at once", async () => {
    const transport = memoryBroker().transport({ connected: false });
    const connecting = outcome(connectTo(api, transport, { site: "north" } as ClientOptions));
    await tick();
    transport.restore();
    transport.drop();
    await tick();
    expect(connecting.state).toBe("resolved");
  });
});

describe("a lost session", () => {
  test("is restored: subscriptions first, then idempotent calls in flight with the same id", async () => {
    const { unit, memory, published, subscribed, publish, events } = await inMemoryDevice();
    const reading = outcome(unit.read());
    const setting = outcome(unit.set({}));
    await tick();
    memory.drop(new Error("cable"));
    await vi.advanceTimersByTimeAsync(1_000);
    memory.restore();
    await tick();
    expect(subscribed[1]).toEqual(subscribed[0]);
    expect(published).toHaveLength(3);
    expect(published[2]).toEqual(published[0]);
    await publish(`${published[0]?.topic}/ok`, { value: 1 });
    expect(reading.value).toEqual({ value: 1 });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(setting.error).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("(sent, acknowledged, session lost)"),
    });
    expect(events).toEqual([
      ["disconnected", { cause: expect.objectContaining({ message: "cable" }) }],
      ["connected", { sessionPresent: false }],
    ]);
  });

  test("that resumes sends only unacknowledged idempotent requests again", async () => {
    const { unit, memory, published, subscribed } = await inMemoryDevice();
    void outcome(unit.read());
    void outcome(unit.read({ qos: 1 }));
    void outcome(unit.set({}));
    await tick();
    memory.drop();
    memory.restore({ sessionPresent: true });
    await tick();
    expect(subscribed).toHaveLength(1);
    expect(published.slice(3)).toEqual([published[0]]);
  });

  test("does not lose a request that was not sent yet", async () => {
    const { unit, memory, broker, published } = await inMemoryDevice();
    broker.onSubscribe = () => new Promise(() => undefined);
    const setting = outcome(unit.set({}));
    await tick();
    memory.drop();
    broker.onSubscribe = undefined;
    memory.restore();
    await tick();
    expect(published).toHaveLength(1);
    expect(setting.state).toBe("pending");
  });

  test("sends an unacknowledged idempotent call again, and fails an unacknowledged send", async () => {
    const { unit, memory, broker, published } = await inMemoryDevice();
    broker.onPublish = () => new Promise((resolve) => setTimeout(resolve, 10));
    const idempotent = outcome(unit.done.send("roof", []));
    const other = outcome(unit.set.send({}));
    await tick();
    memory.drop();
    await vi.advanceTimersByTimeAsync(10);
    expect(other.error).toMatchObject({
      code: "disconnected",
      message: expect.stringContaining("before the broker acknowledged the message"),
    });
    memory.restore();
    await vi.advanceTimersByTimeAsync(10);
    expect(published.map(({ topic }) => topic)).toEqual([
      `${base}/done/roof`,
      `${base}/set`,
      `${base}/done/roof`,
    ]);
    expect(idempotent.state).toBe("resolved");
  });
});

describe("a permanent refusal", () => {
  test("fails all pending requests and all later ones", async () => {
    const { unit, memory, client, events } = await inMemoryDevice();
    const calls = Array.from({ length: 5 }, () => outcome(unit.read()));
    const next = outcome(unit.alarm.observe().next());
    await tick();
    memory.giveUp(new Error("banned"));
    await tick();
    const refused = { code: "connection-refused", cause: expect.objectContaining({ message: "banned" }) };
    for (const { error } of [...calls, next]) expect(error).toMatchObject(refused);
    await expect(unit.set.send({})).rejects.toMatchObject(refused);
    expect(events).toEqual([["failed", { cause: expect.objectContaining({ message: "banned" }) }]]);
    await client.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a permanently lost connection", () => {
  test("leaves no timer, even without close()", async () => {
    const { unit, memory, respond } = await inMemoryDevice();
    void outcome(unit.read());
    void outcome(unit.set({}, { timeoutMs: 100 }));
    unit.mode.observe("roof");
    await tick();
    await respond();
    await vi.advanceTimersByTimeAsync(100);
    memory.giveUp(new Error("banned"));
    await tick();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("fails the responses of a running handler at once", async () => {
    const { unit, client, respond, publish } = await inMemoryDevice();
    let finish = (): void => undefined;
    const errors: unknown[] = [];
    const serving = outcome(
      unit.mode.handle("roof", () => new Promise((resolve) => (finish = () => resolve({ code: 0 }))), {
        onError: (error) => errors.push(error),
      }),
    );
    await tick();
    await respond([]);
    expect(serving.state).toBe("resolved");
    await publish(`${base}/mode/roof/ok`, [{ id: 1 }]);
    await client.close({ force: true });
    finish();
    await vi.advanceTimersByTimeAsync(1);
    expect(errors).toMatchObject([{ code: "closed" }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("closing", () => {
  test("waits for pending calls and sends, and leaves no timer", async () => {
    const { unit, client, respond } = await inMemoryDevice();
    const reading = outcome(unit.read());
    await tick();
    const closed = outcome(client.close());
    await expect(unit.read()).rejects.toMatchObject({ code: "closed" });
    expect(closed.state).toBe("pending");
    await respond({ value: 1 });
    expect(reading.value).toEqual({ value: 1 });
    expect(closed.state).toBe("resolved");
    expect(vi.getTimerCount()).toBe(0);
    await client.close();
  });

  test("waits for closeTimeoutMs, and not at all by force or while disconnected", async () => {
    for (const [force, drop, ms] of [
      [false, false, 5_000],
      [true, false, 0],
      [false, true, 0],
    ] as const) {
      const { unit, client, memory } = await inMemoryDevice();
      const reading = outcome(unit.read());
      await tick();
      if (drop) memory.drop();
      const closed = outcome(client.close({ force }));
      await vi.advanceTimersByTimeAsync(Math.max(ms - 1, 0));
      if (ms > 0) expect(closed.state).toBe("pending");
      await vi.advanceTimersByTimeAsync(1);
      expect(closed.state).toBe("resolved");
      expect(reading.error).toMatchObject({ code: "closed" });
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  test("ends observations without an error, and sends requested stops", async () => {
    const { unit, client, published, respond } = await inMemoryDevice();
    const watching = unit.mode.observe("roof", { stopPushesOnEnd: true });
    await tick();
    await respond([1]);
    await client.close();
    expect(published.at(-1)).toMatchObject({ topic: `${base}/mode/roof`, text: '{"watch":false}' });
    expect([await watching.next(), await watching.next()]).toEqual([
      { done: false, value: [1] },
      { done: true, value: undefined },
    ]);
  });

  test("ends by closeTimeoutMs even if the transport never closes", async () => {
    const { client, memory } = await inMemoryDevice({ closeTimeoutMs: 300 });
    vi.spyOn(memory, "close").mockImplementation(() => new Promise(() => undefined));
    const closed = outcome(client.close());
    await vi.advanceTimersByTimeAsync(300);
    expect(closed.state).toBe("resolved");
  });

  test("of a client that has failed closes it, so that nothing revives it", async () => {
    const { unit, client, memory } = await inMemoryDevice();
    memory.giveUp(new Error("Not authorized"));
    expect(client.state).toBe("failed");
    await client.close();
    expect(client.state).toBe("closed");
    client.reconnect();
    expect(client.state).toBe("closed");
    await expect(unit.read({ timeoutMs: Infinity })).rejects.toMatchObject({ code: "closed" });
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([{ force: true }, {}])("says of calls whether there was a connection (%o)", async (options) => {
    for (const drop of [false, true]) {
      const { unit, client, memory } = await inMemoryDevice();
      const reading = outcome(unit.read());
      await tick();
      if (drop) memory.drop();
      void client.close(options);
      await after(5_000);
      expect(reading.error).toMatchObject({ code: "closed", sent: true, offline: drop });
    }
  });

  test("that waits can be forced by a second call", async () => {
    const { unit, client } = await inMemoryDevice();
    const call = outcome(unit.read());
    await tick();
    const graceful = outcome(client.close());
    const forced = outcome(client.close({ force: true }));
    await after(10);
    expect([graceful.state, forced.state, call.state]).toEqual(["resolved", "resolved", "rejected"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
