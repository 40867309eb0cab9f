import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryBroker } from "../../../../src/runtime/index.js";
import { SharedFilters } from "../../../../src/runtime/transport/shared-filters.js";
import { subscribePersistently } from "../../../../src/runtime/transport/subscribe-persistently.js";
import { tick } from "../in-memory-device.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function create(onSubscribe: (attempt: number) => number | Promise<number>) {
  const errors: unknown[] = [];
  let attempts = 0;
  const broker = memoryBroker({
    onSubscribe() {
      attempts += 1;
      return onSubscribe(attempts);
    },
  });
  const transport = broker.transport();
  const subscription = subscribePersistently(transport, {
    filters: ["a/+"],
    qos: 1,
    users: new SharedFilters(transport),
    onError: (error) => errors.push(error),
  });
  return { subscription, transport, errors, attempts: () => attempts };
}

const never = new Promise<number>(() => undefined);

describe("a persistent subscription", () => {
  test("that is refused after a reconnect is tried again with growing pauses", async () => {
    const { subscription, transport, errors, attempts } = create((attempt) =>
      attempt > 1 && attempt < 4 ? 128 : 1,
    );
    await subscription.ready;
    transport.drop();
    transport.restore();
    await tick();
    expect([attempts(), errors]).toMatchObject([2, [{ code: "subscribe-refused" }]]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect([attempts(), errors.length]).toEqual([3, 2]);
    await vi.advanceTimersByTimeAsync(5_999);
    expect(attempts()).toBe(3);
    await vi.advanceTimersByTimeAsync(1);
    expect([attempts(), errors.length, vi.getTimerCount()]).toEqual([4, 2, 0]);
  });

  test("that is refused after a lost session is sent again on the next connection, though its session is kept", async () => {
    const { subscription, transport, attempts } = create((attempt) => (attempt === 2 ? 128 : 1));
    await subscription.ready;
    transport.drop();
    transport.restore();
    await tick();
    transport.drop();
    transport.restore({ sessionPresent: true });
    await tick();
    expect([attempts(), vi.getTimerCount()]).toEqual([3, 0]);
  });

  test("whose SUBACK does not come is sent again", async () => {
    const { subscription, attempts } = create((attempt) => (attempt < 3 ? never : 1));
    await vi.advanceTimersByTimeAsync(9_000);
    await subscription.ready;
    expect([attempts(), vi.getTimerCount()]).toEqual([3, 0]);
  });

  test("that is refused at first rejects, and leaves no timer", async () => {
    const { subscription, attempts } = create(() => 135);
    await expect(subscription.ready).rejects.toMatchObject({ code: "subscribe-refused" });
    expect(vi.getTimerCount()).toBe(0);
    expect(attempts()).toBe(1);
  });

  test.each(["stop", "a lost connection"])("leaves no timer after %s", async (end) => {
    const { subscription, transport } = create(() => never);
    await tick();
    expect(vi.getTimerCount()).toBe(1);
    if (end === "stop") await subscription.stop(true);
    else transport.drop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a persistent subscription whose SUBSCRIBE costs the connection", () => {
  test("is refused after three connections, and leaves no timer", async () => {
    const { subscription, transport, attempts } = create(() => never);
    const refused = expect(subscription.ready).rejects.toMatchObject({
      code: "subscribe-refused",
      message: "the broker closed 3 connections instead of a SUBACK",
    });
    for (let connection = 0; connection < 3; connection += 1) {
      await tick();
      transport.drop();
      transport.restore();
    }
    await refused;
    expect([attempts(), vi.getTimerCount()]).toEqual([3, 0]);
  });

  test("is repeated after an earlier success, and reported once", async () => {
    const { subscription, transport, errors, attempts } = create((attempt) =>
      attempt === 1 || attempt > 6 ? 1 : never,
    );
    await subscription.ready;
    for (let connection = 0; connection < 6; connection += 1) {
      transport.drop();
      transport.restore();
      await tick();
    }
    expect(errors).toMatchObject([{ code: "subscribe-refused" }]);
    expect([attempts(), vi.getTimerCount()]).toEqual([7, 0]);
  });

  test("starts over with an answer", async () => {
    const { subscription, transport, attempts } = create((attempt) => (attempt === 3 ? 1 : never));
    for (let connection = 0; connection < 2; connection += 1) {
      await tick();
      transport.drop();
      transport.restore();
    }
    await subscription.ready;
    expect(attempts()).toBe(3);
  });
});
