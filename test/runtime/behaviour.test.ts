/** The behavior of a client, over each transport: in memory (with a fake clock), over aedes and over mosquitto. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Client, ClientOptions, IncomingMessage, QoS } from "../../src/runtime/index.js";
import { settings, type World } from "../support/worlds.js";
import type { Unit } from "../unit/runtime/greenhouse-api.js";

type Say = (topic: string, body: unknown, qos?: QoS) => Promise<void>;
const base = "gh/north/climate/s3cret";

describe.each(settings)("$name", ({ begin, missing, fakeClock, largest }) => {
  let world: World;
  const requests: string[] = [];

  beforeEach(async ({ skip }) => {
    requests.length = 0;
    if (missing) skip("mosquitto is not installed");
    world = await begin();
  });
  afterEach(async () => {
    if (!missing) await world.end();
  });

  /** Starts a platform that calls `reply` for each request. Resolves with a function that publishes. */
  async function platform(reply: (topic: string, text: string, say: Say) => unknown): Promise<Say> {
    const say: Say = async (topic, body, qos = 1) => {
      const bytes =
        body instanceof Uint8Array
          ? body
          : new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
      await world.platform.publish(topic, bytes, { qos });
    };
    world.platform.onMessage(({ topic, payload }: IncomingMessage) => {
      if (/\/(?:ok|failed)$/.test(topic)) return;
      requests.push(topic);
      // After a test has ended, its platform may fail to publish.
      reply(topic, new TextDecoder().decode(payload), (...said) => say(...said).catch(() => undefined));
    });
    await new Promise<void>((resolve) =>
      world.platform.onState(({ kind }) => kind === "connected" && resolve()),
    );
    await world.platform.subscribe(["gh/#"], 1);
    return say;
  }

  async function device(
    options: ClientOptions = {},
  ): Promise<{ client: Client<Unit, string>; unit: Unit["climate"] }> {
    const client = await world.connect(options);
    return { client, unit: client.endpoint("s3cret").climate };
  }

  /** Waits until the check passes; a fake clock advances meanwhile. */
  const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 5 });

  async function collect<T>(values: AsyncIterable<T>, into: T[]): Promise<void> {
    for await (const value of values) into.push(value);
  }

  /** The error that a promise rejects with. */
  const failure = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => "did not fail",
      (error: unknown) => error,
    );

  test("each of 2,000 concurrent calls on 20 endpoints with three ids each gets its own response", async () => {
    await platform((topic, text, say) => void say(`${topic}/ok`, text));
    const { client } = await device();
    const calls = Array.from({ length: 2_000 }, async (_, index) => {
      const body = new TextEncoder().encode(`call ${index}`);
      return new TextDecoder().decode(await client.endpoint(`unit${index % 20}`).climate.picture(body));
    });
    expect(await Promise.all(calls)).toEqual(calls.map((_, index) => `call ${index}`));
    expect(client.stats()).toMatchObject({
      inFlight: 0,
      queued: 0,
      quarantined: 0,
      late: 0,
      duplicate: 0,
      unmatched: 0,
    });
  });

  test("responses that arrive in another order reach their callers", async () => {
    const held: (() => void)[] = [];
    await platform((topic, text, say) => held.push(() => void say(`${topic}/ok`, text)));
    const { unit } = await device();
    const calls = ["a", "b", "c"].map((text) => unit.picture(new TextEncoder().encode(text)));
    await eventually(() => expect(held).toHaveLength(3));
    for (const answer of held.toReversed()) answer();
    const texts = (await Promise.all(calls)).map((body) => new TextDecoder().decode(body));
    expect(texts).toEqual(["a", "b", "c"]);
  });

  test("a duplicate response is delivered once and counted", async () => {
    await platform((topic, _text, say) => {
      void say(`${topic}/ok`, { value: 1 });
      void say(`${topic}/ok`, { value: 2 });
      void say(`${topic}/failed`, { code: 500 });
    });
    const { client, unit } = await device();
    expect(await unit.read()).toEqual({ value: 1 });
    await eventually(() => expect(client.stats()).toMatchObject({ duplicate: 2, unmatched: 0, late: 0 }));
  });

  test("a response without a request is counted and reported, with the secret redacted", async () => {
    const say = await platform((topic, _text, tell) => void tell(`${topic}/ok`, { value: 1 }));
    const { client, unit } = await device();
    const reports: unknown[] = [];
    client.on("unmatched-response", (report) => reports.push(report));
    await unit.read();
    await say(`${base}/read/77/ok`, { value: 9 });
    await eventually(() =>
      expect(reports).toEqual([{ topic: "gh/north/climate/***/read/77/ok", resource: "climate.read" }]),
    );
  });

  test("a late response is counted and not delivered to the next request", async () => {
    const late: (() => void)[] = [];
    await platform((topic, _text, say) =>
      late.length === 0
        ? late.push(() => void say(`${topic}/ok`, { value: 1 }))
        : void say(`${topic}/ok`, { value: 2 }),
    );
    const { client, unit } = await device();
    const abort = new AbortController();
    const first = failure(unit.read({ signal: abort.signal }));
    await eventually(() => expect(late).toHaveLength(1));
    abort.abort();
    expect(await first).toMatchObject({ code: "aborted" });
    expect(client.stats().quarantined).toBe(1);
    late[0]?.();
    expect(await unit.read()).toEqual({ value: 2 });
    await eventually(() => expect(client.stats()).toMatchObject({ late: 1, quarantined: 0 }));
  });

  test("an error response rejects the call with its payload", async () => {
    await platform((topic, _text, say) => void say(`${topic}/failed`, { code: 403, why: "not yours" }));
    const { unit } = await device();
    expect(await failure(unit.set({}))).toMatchObject({
      code: "rejected",
      payload: { code: 403, why: "not yours" },
    });
  });

  test.each([
    ["not JSON", "{", "malformed-response"],
    ["not UTF-8", new Uint8Array([34, 255, 34]), "malformed-response"],
    ["nested too deep", `{"value":1,"x":${"[".repeat(40_000)}${"]".repeat(40_000)}}`, "malformed-response"],
    ["rejected by the schema", { value: "high" }, "invalid-response"],
  ])("a response that is %s fails its call and no other", async (_, body, code) => {
    let first = true;
    await platform((topic, _text, say) => {
      void say(`${topic}/ok`, first ? body : { value: 1 });
      first = false;
    });
    const { client, unit } = await device();
    expect(await failure(unit.read())).toMatchObject({ code });
    expect(await unit.read()).toEqual({ value: 1 });
    expect(client.stats()).toMatchObject({ inFlight: 0, quarantined: 0 });
  });

  test(`a request and a response of ${largest} bytes arrive`, async () => {
    await platform((topic, text, say) => void say(`${topic}/ok`, new TextEncoder().encode(text)));
    const { unit } = await device();
    const big = new TextEncoder().encode("x".repeat(largest));
    expect((await unit.picture(big)).length).toBe(largest);
  });

  test("send() resolves when the broker has the message; an error response to it is an event", async () => {
    await platform((topic, _text, say) => void say(`${topic}/failed`, { code: 400 }));
    const { client, unit } = await device();
    const rejected: unknown[] = [];
    client.on("rejected", (report) => rejected.push(report));
    await unit.log.send("roof", 21);
    await eventually(() => expect(rejected).toHaveLength(1));
    expect(rejected).toMatchObject([{ resource: "climate.log", payload: { code: 400 } }]);
  });

  test("an observation yields the response and every push until it ends", async () => {
    const say = await platform((topic, _text, tell) => void tell(`${topic}/ok`, [1]));
    const { client, unit } = await device();
    const seen: unknown[] = [];
    const watching = unit.mode.observe("roof");
    const taking = collect(watching, seen);
    await watching.ready;
    await say(`${base}/mode/roof/ok`, [2]);
    await say(`${requests[0]}/ok`, [3]);
    await eventually(() => expect(seen).toEqual([[1], [2], [3]]));
    await watching.return();
    await taking;
    await say(`${base}/mode/roof/ok`, [4]);
    expect(seen).toHaveLength(3);
    expect(client.stats().inFlight).toBe(0);
  });

  test("an item that arrives twice is handled once, and its result is sent twice", async () => {
    const answers: string[] = [];
    const say = await platform((topic, text, tell) => {
      if (topic.includes("/mode/")) void tell(`${topic}/ok`, [{ id: 1 }, { id: 2 }]);
      else answers.push(text);
    });
    const { unit } = await device();
    const handler = vi.fn((item: { id: number }) => ({ code: item.id * 100 }));
    const serving = await unit.mode.handle("roof", handler);
    await eventually(() => expect(answers.length).toBeGreaterThan(0));
    await say(`${base}/mode/roof/ok`, [{ id: 2 }, { id: 3 }]);
    await eventually(() =>
      expect(answers.flatMap((text) => JSON.parse(text) as unknown[])).toEqual([
        { id: 1, code: 100 },
        { id: 2, code: 200 },
        { id: 2, code: 200 },
        { id: 3, code: 300 },
      ]),
    );
    expect(handler).toHaveBeenCalledTimes(3);
    await serving.stop();
  });

  test("after a lost connection, an idempotent request is sent again with its id, another is not", async () => {
    let quiet = true;
    await platform((topic, _text, say) => quiet || void say(`${topic}/ok`, { value: 1 }));
    const { client, unit } = await device();
    const states: unknown[] = [];
    client.on("connected", ({ sessionPresent }) => states.push(sessionPresent));
    const reading = unit.read();
    const setting = failure(unit.set({}, { timeoutMs: 1_000 }));
    await eventually(() => expect(requests).toHaveLength(2));
    quiet = false;
    await world.lose();
    expect(await reading).toEqual({ value: 1 });
    expect(states).toEqual([false]);
    if (fakeClock) await vi.advanceTimersByTimeAsync(1_000);
    expect(await setting).toMatchObject({
      code: "timeout",
      message: expect.stringContaining("sent, acknowledged, session lost"),
    });
    const [first, second] = requests.toSorted().filter((topic) => topic.includes("/read/"));
    expect(second).toBe(first);
    expect(requests.filter((topic) => topic.includes("/set/"))).toHaveLength(1);
  });

  test("after a lost connection, observations are requested again and pushes arrive", async () => {
    const say = await platform((topic, _text, tell) => void tell(`${topic}/ok`, [requests.length]));
    const { unit } = await device();
    const seen: unknown[] = [];
    const watching = unit.mode.observe("roof");
    const taking = collect(watching, seen);
    await eventually(() => expect(seen).toEqual([[1]]));
    await world.lose();
    await eventually(() => expect(seen).toEqual([[1], [2]]));
    await say(`${base}/mode/roof/ok`, [3]);
    await eventually(() => expect(seen).toEqual([[1], [2], [3]]));
    await watching.return();
    await taking;
  });

  test("a subscription ends when it is idle, and a call that needs it again at once succeeds", async () => {
    await platform((topic, _text, say) => void say(`${topic}/ok`, { value: 1 }));
    const { client, unit } = await device({ subscriptionKeepMs: 1 });
    for (let round = 0; round < 30; round += 1) {
      expect(await unit.read({ timeoutMs: 2_000 })).toEqual({ value: 1 });
      if (fakeClock) await vi.advanceTimersByTimeAsync(round % 3);
      else await new Promise((resolve) => setTimeout(resolve, round % 3));
    }
    await eventually(() => expect(client.stats().subscriptions).toBe(0));
  });

  test("with maxSubscriptions 2, calls of many endpoints are served one after the other", async () => {
    await platform(
      (topic, _text, say) => void say(`${topic}/ok`, { value: Number(/unit(\d+)/.exec(topic)?.[1]) }),
    );
    const { client } = await device({ maxSubscriptions: 2 });
    const calls = Array.from({ length: 30 }, (_, index) => client.endpoint(`unit${index}`).climate.read());
    const values = (await Promise.all(calls)).map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: 30 }, (_, index) => index));
    expect(client.stats().subscriptions).toBe(2);
  });

  test("a thousand endpoints of a gateway share two filters", async () => {
    await platform(
      (topic, _text, say) => void say(`${topic}/ok`, { value: Number(/unit(\d+)/.exec(topic)?.[1]) }),
    );
    const { client } = await device({ subscribe: "all-endpoints" });
    const calls = Array.from({ length: 1_000 }, (_, index) => client.endpoint(`unit${index}`).climate.read());
    const values = (await Promise.all(calls)).map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
    expect(client.stats()).toMatchObject({ subscriptions: 2, unmatched: 0 });
  });

  test("close() waits for requests in flight, ends observations, and rejects later calls", async () => {
    const answers: (() => void)[] = [];
    await platform((topic, _text, say) => answers.push(() => void say(`${topic}/ok`, [])));
    const { client, unit } = await device();
    const seen: unknown[] = [];
    const taking = collect(unit.mode.observe("roof"), seen);
    const setting = unit.set({});
    await eventually(() => expect(answers).toHaveLength(2));
    const closing = client.close();
    for (const answer of answers) answer();
    expect(await setting).toBeUndefined();
    await closing;
    await taking;
    expect(await failure(unit.read())).toMatchObject({ code: "closed" });
    expect(client.stats()).toMatchObject({ inFlight: 0, queued: 0, quarantined: 0, subscriptions: 0 });
  });
});
