/** Responses of a platform: matched, late, duplicate, unmatched. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { base, inMemoryDevice, outcome, tick } from "../in-memory-device.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const idOf = (published: { topic: string } | undefined): number => Number(published?.topic.split("/").at(-1));

describe("responses", () => {
  test("match a request by the exact topic only", async () => {
    const { unit, publish, published, client } = await inMemoryDevice({ subscribe: "never" });
    const reading = outcome(unit.read());
    await tick();
    const topic = published[0]?.topic ?? "";
    client.on("unmatched-response", () => undefined);
    for (const other of [
      `${base}/read/ok`,
      `${topic}/ok/ok`,
      `${topic}x/ok`,
      `${base}/set/${idOf(published[0])}/ok`,
      `${topic}/OK`,
    ]) {
      await publish(other, { value: 0 });
    }
    expect(reading.state).toBe("pending");
  });

  test("that are duplicates are counted and reported with a redacted topic", async () => {
    const { unit, respond, client, events, published } = await inMemoryDevice();
    const reading = outcome(unit.read());
    await tick();
    await respond({ value: 1 });
    await respond({ value: 2 });
    await respond({ code: 1 }, { suffix: "/failed" });
    expect(reading.value).toEqual({ value: 1 });
    const topic = published[0]?.topic.replace("s3cret", "***");
    expect(events).toEqual([
      ["duplicate-response", { topic: `${topic}/ok`, resource: "climate.read" }],
      ["duplicate-response", { topic: `${topic}/failed`, resource: "climate.read" }],
    ]);
    expect(client.stats()).toMatchObject({ duplicate: 2, late: 0, unmatched: 0 });
  });

  test("that are late are counted and reported, and free the id", async () => {
    const { unit, respond, client, events } = await inMemoryDevice();
    const reading = outcome(unit.read({ timeoutMs: 100 }));
    await vi.advanceTimersByTimeAsync(100);
    expect(reading.error).toMatchObject({ code: "timeout" });
    expect(client.stats().quarantined).toBe(1);
    await respond({ value: 1 });
    expect(events).toEqual([
      [
        "late-response",
        { topic: expect.stringMatching(/\/\*\*\*\/read\/\d\/ok$/), resource: "climate.read" },
      ],
    ]);
    expect(client.stats()).toMatchObject({ late: 1, quarantined: 0 });
  });

  test("to no request are counted and reported, and messages on unknown topics are ignored", async () => {
    const { memory, publish, events, client } = await inMemoryDevice();
    await memory.subscribe(["#"], 1);
    await publish(`${base}/read/7/ok`, { value: 1 });
    await publish(`${base}/read/7`);
    await publish("something/else/ok");
    expect(events.map(([name]) => name)).toEqual(["unmatched-response"]);
    expect(client.stats().unmatched).toBe(1);
  });

  test("that are retained, or that arrive before the request was sent, are ignored", async () => {
    const { unit, memory, published, inject, publish } = await inMemoryDevice();
    const payload = new TextEncoder().encode('{"value":0}');
    const reading = outcome(unit.read());
    await tick();
    inject({ topic: `${published[0]?.topic}/ok`, payload, retain: true });
    await tick();
    expect(reading.state).toBe("pending");
    memory.drop();
    const another = outcome(unit.set({}));
    for (const id of [1, 2, 3]) inject({ topic: `${base}/set/${id}/ok` });
    await tick();
    expect(another.state).toBe("pending");
    memory.restore();
    await tick();
    await publish(`${published.find(({ topic }) => topic.includes("/set/"))?.topic}/ok`);
    expect(another.state).toBe("resolved");
  });
});

describe("responses", () => {
  test("to a call that was aborted before it was sent are unmatched, not duplicates", async () => {
    const { unit, memory, client, publish } = await inMemoryDevice();
    await memory.subscribe(["gh/#"], 1);
    vi.spyOn(memory, "subscribe").mockImplementation(() => new Promise(() => undefined));
    const abort = new AbortController();
    const call = outcome(unit.read({ signal: abort.signal }));
    await tick();
    abort.abort();
    await tick();
    for (const id of [1, 2, 3]) await publish(`${base}/read/${id}/ok`, { value: 1 });
    expect(call.state).toBe("rejected");
    expect(client.stats()).toMatchObject({ duplicate: 0, unmatched: 3 });
  });
});
