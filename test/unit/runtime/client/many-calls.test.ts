/** Large numbers of calls: linear cost, and no leaks. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type ClientOptions,
  connectTo,
  defineProtocol,
  memoryBroker,
} from "../../../../src/runtime/index.js";
import { inMemoryDevice, outcome, tick } from "../in-memory-device.js";
import { climate, protocol, type Unit } from "../greenhouse-api.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("2,000 calls", () => {
  test("leave no timer, listener, id or subscription", async () => {
    const { unit, client, broker, platform } = await inMemoryDevice({ subscriptionKeepMs: 0 });
    broker.onPublish = ({ topic }) => {
      if (!topic.endsWith("/ok"))
        queueMicrotask(() => void platform.publish(`${topic}/ok`, new Uint8Array(), { qos: 0 }));
    };
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, "addEventListener");
    const remove = vi.spyOn(controller.signal, "removeEventListener");
    for (let round = 0; round < 20; round += 1) {
      const calls = Array.from({ length: 100 }, () => unit.set({ round }, { signal: controller.signal }));
      await Promise.all(calls);
    }
    expect(add.mock.calls.length).toBeGreaterThan(0);
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
    await vi.advanceTimersByTimeAsync(1);
    expect(client.stats()).toEqual({
      inFlight: 0,
      queued: 0,
      quarantined: 0,
      subscriptions: 0,
      late: 0,
      duplicate: 0,
      unmatched: 0,
      foreign: 0,
    });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("large numbers", () => {
  // At quadratic cost, these tests would exceed their timeout.
  test("10,000 calls with different path parameters share their subscriptions in linear time", async () => {
    const ids = { ...protocol.requestId!, send: { minimum: 1, maximum: 99_999 } };
    const testApi = { protocol: defineProtocol({ ...protocol, requestId: ids }), extensions: [climate] };
    const broker = memoryBroker();
    const client = await connectTo<Unit, string>(testApi, broker.transport(), {
      site: "north",
    } as ClientOptions);
    const { done } = client.endpoint("x").climate;
    const calls = Array.from({ length: 10_000 }, (_, index) => outcome(done(`zone${index}`, [])));
    await tick();
    expect(client.stats()).toMatchObject({ inFlight: 10_000, subscriptions: 2 });
    await client.close({ force: true });
    expect(new Set(calls.map(({ state }) => state))).toEqual(new Set(["rejected"]));
  });

  test("10,000 endpoints share a subscription limit in linear time", async () => {
    const { client, platform } = await inMemoryDevice({
      maxSubscriptions: 20_000,
      timeoutMs: 1e6,
      subscriptionKeepMs: 1e9,
    });
    await platform.subscribe(["gh/+/climate/+/+/+"], 1);
    platform.onMessage(({ topic }) => {
      void platform.publish(`${topic}/ok`, bytes('{"value":1}'), { qos: 0 });
    });
    for (const what of ["read", "set"] as const) {
      const calls = Array.from({ length: 10_000 }, (_, index) => {
        const { climate: unit } = client.endpoint(`unit${index}`);
        return what === "read" ? unit.read() : unit.set({});
      });
      const all = outcome(Promise.all<unknown>(calls));
      await vi.waitFor(() => expect(all.state).toBe("resolved"), 60_000);
      expect(client.stats().subscriptions).toBe(20_000);
    }
  });

  test("20,000 idle subscriptions are dropped in a few packets, and 10,000 calls fail at close, in linear time", async () => {
    const { client, platform, memory } = await inMemoryDevice({ timeoutMs: 1e6, subscriptionKeepMs: 200 });
    await platform.subscribe(["gh/+/climate/+/read/+"], 1);
    platform.onMessage(({ topic }) => {
      void platform.publish(`${topic}/ok`, bytes('{"value":1}'), { qos: 0 });
    });
    const unsubscribing = vi.spyOn(memory, "unsubscribe");
    await Promise.all(
      Array.from({ length: 10_000 }, (_, index) => client.endpoint(`unit${index}`).climate.read()),
    );
    await after(10_000);
    expect(client.stats().subscriptions).toBe(0);
    expect(unsubscribing.mock.calls.length).toBeLessThan(20);
    const calls = Array.from({ length: 10_000 }, (_, index) =>
      outcome(client.endpoint(`unit${index}`).climate.set({})),
    );
    await tick();
    const closing = outcome(client.close());
    await after(5_000);
    expect(closing.state).toBe("resolved");
    expect(new Set(calls.map(({ state }) => state))).toEqual(new Set(["rejected"]));
    expect(vi.getTimerCount()).toBe(0);
  });
});
