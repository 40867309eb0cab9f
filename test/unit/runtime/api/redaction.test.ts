/** Secrets in everything that people read. */
import { inspect } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { redactCause, redactValues, Secrets } from "../../../../src/runtime/api/redact.js";
import { type ClientOptions, connectTo } from "../../../../src/runtime/index.js";
import { base, inMemoryDevice, outcome, tick } from "../in-memory-device.js";
import { api } from "../greenhouse-api.js";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what a client prints", () => {
  test("hides secrets in messages, causes, events and inspect output", async () => {
    const { unit, client, broker, memory, respond, events } = await inMemoryDevice();
    const shown: unknown[] = [];
    const keep = async (promise: Promise<unknown>): Promise<void> =>
      void shown.push(await promise.catch((error: unknown) => error));
    client.on("rejected", (detail) => shown.push(detail));
    const rejected = keep(unit.read());
    await tick();
    await respond({ code: 1, token: "hunter2", why: "unit s3cret is unknown" }, { suffix: "/failed" });
    await rejected;
    const malformed = keep(unit.set({ password: "hunter2" }));
    await tick();
    await respond('{"token": "hunter2"', { suffix: "/failed" });
    await malformed;
    const garbled = keep(unit.read());
    await tick();
    await respond('"hunter2', {});
    await garbled;
    broker.onPublish = ({ topic }) => {
      throw Object.assign(new Error(`refused ${topic}`, { cause: `unit s3cret` }), {
        packet: { topic },
        topic,
      });
    };
    await keep(unit.set({ password: "hunter2" }));
    memory.drop(new Error(`while sending to ${base}/set`));
    shown.push(events, client, client.endpoint("s3cret"), unit);
    expect(shown.length).toBeGreaterThan(7);
    for (const one of shown) {
      for (const text of [
        inspect(one, { depth: 10 }),
        String(one instanceof Error ? one.stack : ""),
        JSON.stringify(one),
      ]) {
        expect(text).not.toMatch(/hunter2|s3cret/);
      }
    }
  });

  test("shows the redacted payload of an error", async () => {
    const { unit, respond } = await inMemoryDevice();
    const reading = outcome(unit.read());
    await tick();
    await respond({ code: 7, token: "hunter2" }, { suffix: "/failed" });
    expect(inspect(reading.error)).toMatch(
      /RejectedError: climate.read: rejected with {"code":7,"token":"\*\*\*"}/,
    );
  });
});

describe("secrets", () => {
  test("in the cause of a lost connection are redacted", async () => {
    const { memory, events } = await inMemoryDevice();
    memory.drop(new Error("user s3cret was kicked"));
    await tick();
    expect(inspect(events, { depth: 9 })).toContain("user *** was kicked");
    expect(inspect(events, { depth: 9 })).not.toContain("s3cret");
  });

  test("as the name of an invalid property of a request or response are redacted", async () => {
    const { unit, events, respond } = await inMemoryDevice();
    const out: unknown = await unit.set({ s3cret: Number.NaN }).catch((error: unknown) => error);
    expect(inspect(out, { depth: 9 })).not.toContain("s3cret");
    const call = outcome(unit.read());
    await tick();
    await respond('{"s3cret":1}');
    expect(call.state).toBe("rejected");
    expect(inspect([call.error, events], { depth: 9 })).not.toContain("s3cret");
  });

  test("that are short and not ASCII are redacted", async () => {
    const { client, memory, publish } = await inMemoryDevice();
    await memory.subscribe(["#"], 1);
    const seen: unknown[] = [];
    client.on("rejected", ({ payload }) => seen.push(payload));
    await publish(`gh/north/climate/日本/set/failed`, { code: 1, why: "日本 is unknown" });
    expect(seen).toMatchObject([{ why: "*** is unknown" }]);
  });

  test.each([
    "wss://me:p@ss55@host:999999/mqtt",
    "wss://host:999999/mqtt?token=ss55",
    "wss://host:999999/mqtt?a=1&key=ss55",
  ])("in the error of the URL %s are redacted", async (url) => {
    vi.useRealTimers();
    const options = { site: "north", connectTimeoutMs: 50 } as ClientOptions;
    const error: unknown = await connectTo(api, url, options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ cause: expect.any(Error) });
    expect(inspect(error)).not.toContain("ss55");
  });
});

describe("the cause of an error", () => {
  const redact = (text: string): string => text.replaceAll('to"k', "***");

  test.each([
    ["a message", () => new Error('no to"k'), /no \*\*\*/],
    ["a name", () => Object.assign(new Error("x"), { name: 'to"k' }), /\*\*\*/],
    ["a property", () => Object.assign(new Error("x"), { token: 'to"k' }), /token: '\*\*\*'/],
    ["one of several errors", () => new AggregateError([new Error("x"), new Error('to"k')], "all"), /\*\*\*/],
    ["an object that is no error", () => ({ message: 'no to"k' }), /Error: no \*\*\*/],
  ])("with a quote in the secret in %s is redacted", (_name, create, shown) => {
    const text = inspect(redactCause(create(), redact), { depth: 9, showHidden: true });
    expect(text).toMatch(shown);
    expect(text).not.toContain('to"k');
  });

  test("without a secret stays what it is", () => {
    for (const cause of [new Error("x"), { message: "x" }, { status: 1 }, null, undefined, 7])
      expect(redactCause(cause, redact)).toBe(cause);
  });

  test("with the value of an integer parameter is redacted", () => {
    const template = { protocol: { parameters: {} }, parameters: { pin: { secret: true } } };
    expect(redactValues("pin 47110 is wrong", template as never, { pin: 47_110 })).toBe("pin *** is wrong");
  });
});

describe("an error without an id", () => {
  test.each([
    ["404", { code: 404 }, { code: "***" }],
    ["s3cret", { code: 1, a: { see: "http://x" }, mail: "a@b.c" }, undefined],
    [
      "s3cret",
      { code: 1, why: "s3cret is unknown", s3cret: 1 },
      { code: 1, why: "*** is unknown", "***": 1 },
    ],
  ])("of the endpoint %s is reported with redacted secrets", async (unit, body, shown) => {
    const { client, memory, publish } = await inMemoryDevice();
    await memory.subscribe(["#"], 1);
    const seen: unknown[] = [];
    client.on("rejected", ({ payload }) => seen.push(payload));
    await publish(`gh/north/climate/${unit}/set/failed`, body);
    expect(seen).toEqual([shown ?? body]);
  });
});

describe("the secrets of endpoints", () => {
  test("that contain one another are redacted as a whole, and short ones as words", () => {
    const secrets = new Secrets();
    secrets.add({}, ["token-1", "token-12", "ab", "x.y(z"]);
    expect(secrets.redact("token-12 token-1, cab ab ab. /ab/x.y(z!")).toBe("*** ***, cab *** ***. /***/***!");
    expect(secrets.redact("token-")).toBe("token-");
  });

  test("are no shorter than the text has characters left, and the longest one counts", () => {
    const secrets = new Secrets();
    secrets.add({}, ["ab", "abcdefgh", "abcdef"]);
    expect(secrets.redact("xab /ab abcdefg abcdefgh")).toBe("xab /*** ***g ***");
  });

  test("of many lengths cost no more than those of one, and leave nothing behind", async () => {
    vi.useRealTimers();
    const secrets = new Secrets();
    let owner: object | undefined = {};
    const tokens = Array.from({ length: 400 }, (_, index) => `token-${"x".repeat(1_000 + index)}`);
    secrets.add(owner, tokens);
    const find = vi.spyOn(Map.prototype, "has");
    expect(secrets.redact(`${"lost ".repeat(300)}${tokens[7]} again`)).toBe(
      `${"lost ".repeat(300)}*** again`,
    );
    expect(find.mock.calls.length).toBeLessThan(500);
    find.mockRestore();
    owner = undefined;
    await vi.waitFor(() => {
      gc();
      expect(secrets.size).toBe(0);
    });
    expect(secrets.redact(tokens[7]!)).toBe(tokens[7]);
  });

  test("are forgotten once their last endpoint is gone, and kept while a method is in use", async () => {
    vi.useRealTimers();
    const secrets = new Secrets();
    let owner: object | undefined = {};
    secrets.add(owner, ["shared-secret", "only-here"]);
    secrets.add(globalThis, ["shared-secret"]);
    expect(secrets.size).toBe(2);
    owner = undefined;
    await vi.waitFor(() => {
      gc();
      expect(secrets.size).toBe(1);
    });
    expect(secrets.redact("shared-secret only-here")).toBe("*** only-here");
  });

  test("cost a text's length, however many there are", () => {
    const secrets = new Secrets();
    secrets.add(
      {},
      Array.from({ length: 20_000 }, (_, index) => `endpoint-${String(index).padStart(6, "0")}`),
    );
    const find = vi.spyOn(Map.prototype, "has");
    expect(secrets.redact("lost endpoint-012345 again")).toBe("lost *** again");
    expect(find.mock.calls.length).toBeLessThan(30);
    find.mockRestore();
  });

  test("are redacted from the cause of errors once, however many requests fail because of it", async () => {
    const { client, memory, unit } = await inMemoryDevice();
    const calls = [
      outcome(unit.read()),
      ...["two", "three"].map((name) => outcome(client.endpoint(`secret-${name}`).climate.read())),
    ];
    await tick();
    memory.giveUp(new Error("s3cret and secret-two were banned"));
    await tick();
    const causes = calls.map(({ error }) => (error as Error).cause);
    expect(causes[0]).toMatchObject({ message: "*** and *** were banned" });
    expect(new Set(causes).size).toBe(1);
  });
});
