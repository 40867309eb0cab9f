/** Endpoints and events of a client. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { inMemoryDevice, outcome, tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("endpoints", () => {
  test("have their extensions, and those their resources, as only properties", async () => {
    const { client } = await inMemoryDevice();
    const endpoint = client.endpoint({ unit: "other" });
    expect(Object.keys(endpoint)).toEqual(["climate"]);
    expect([Object.getPrototypeOf(endpoint), Object.getPrototypeOf(endpoint.climate)]).toEqual([null, null]);
    expect(endpoint.climate).toBe(endpoint.climate);
    expect(Object.keys(endpoint.climate)).toHaveLength(10);
  });

  test("with the same parameters share ids and subscriptions", async () => {
    const { client, unit, published, subscribed } = await inMemoryDevice();
    void outcome(unit.read());
    void outcome(client.endpoint({ unit: "s3cret" }).climate.read());
    await tick();
    expect(subscribed).toHaveLength(1);
    expect(new Set(published.map(({ topic }) => topic)).size).toBe(2);
  });
});

test("a call whose responses have too long a topic is refused before anything is subscribed to", async () => {
  const { client, subscribed, published } = await inMemoryDevice();
  // The topic of the request itself has 65,533 bytes.
  const { climate } = client.endpoint("u".repeat(65_533 - "gh/north/climate//read/1".length));
  await expect(climate.read()).rejects.toMatchObject({
    code: "invalid-topic",
    message: expect.stringContaining("the topics of responses have more than 65,535 bytes"),
  });
  expect([subscribed, published]).toEqual([[], []]);
});

describe("events", () => {
  test("reach every listener until it is removed, even if another listener throws", async () => {
    const { client, memory } = await inMemoryDevice();
    const thrown = vi.fn();
    process.once("uncaughtException", thrown);
    const first = vi.fn(() => {
      throw new Error("mine");
    });
    const second = vi.fn();
    const remove = client.on("disconnected", first);
    client.on("disconnected", second);
    client.on("disconnected", second)();
    memory.drop();
    remove();
    memory.restore();
    memory.drop();
    expect(first).toHaveBeenCalledTimes(1);
    expect(second).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener("uncaughtException", thrown);
  });
});
