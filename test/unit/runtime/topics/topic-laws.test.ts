import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  defineParser,
  defineProtocol,
  defineTopic,
  type TopicKind,
  TopicsmithError,
} from "../../../../src/runtime/index.js";
import {
  appliedTopic,
  logTopic,
  modeTopic,
  planTopic,
  protocol,
  readTopic,
  topics,
} from "../greenhouse-api.js";

interface Parsed {
  extension: string;
  resource: string;
  kind: TopicKind;
  parameters: Record<string, string>;
  requestId?: number;
}

const parse = defineParser<Parsed>(protocol, topics);

const unit = { site: "north", unit: "u1" };
const shared = ["", "/", "a/b", "+", "#", "a+", "#b", "a\0b", "\ud800", "x\udfff"];
const level = fc
  .string({ unit: "binary", minLength: 1, maxLength: 12 })
  .filter((text) => !/[/+#\p{Cc}\p{Surrogate}\p{Noncharacter_Code_Point}]/u.test(text));
const last = level.filter((text) => !/^[0-9]+$/.test(text) && !["ok", "failed"].includes(text));
const zone = fc
  .stringMatching(/^[a-z0-9-]{1,8}$/)
  .filter((text) => !/^[0-9]+$/.test(text) && !["ok", "failed"].includes(text));
const id = fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined });
const kind = fc.constantFrom<TopicKind>("request", "success", "error");

/** The properties that are not `undefined`. */
const present = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;

/** Legal values for one of the topics. */
const legal = fc.oneof(
  fc
    .record({ site: level, unit: level, requestId: id })
    .map((values) => ({ topic: readTopic, values: present(values) })),
  fc
    .record({ site: level, unit: level, zone: last, requestId: id })
    .map((values) => ({ topic: logTopic, values: present(values) })),
  fc
    .record({ site: level, unit: level, zone, requestId: id })
    .map((values) => ({ topic: modeTopic, values: present(values) })),
  fc
    .record({ site: level, unit: level, variant: fc.option(last, { nil: undefined }), requestId: id })
    .map((values) => ({
      topic: fc.sample(fc.constantFrom(planTopic, appliedTopic), 1)[0]!,
      values: present(values),
    })),
);

const builderOf = (topic: typeof readTopic, which: TopicKind) => (which === "request" ? topic : topic[which]);

describe("topic builders and the parser", () => {
  test("are inverse for all legal values", () => {
    fc.assert(
      fc.property(legal, kind, ({ topic, values }, which) => {
        const { requestId, ...parameters } = values;
        // Values can start with `$`, because the first level is a literal.
        expect(parse(builderOf(topic as typeof readTopic, which)(values as never))).toEqual({
          extension: "climate",
          resource: topic.template.resource,
          kind: which,
          parameters,
          ...(requestId === undefined ? {} : { requestId }),
        });
      }),
      { numRuns: 500 },
    );
  });

  test("are inverse for all topics that can be parsed, and no string makes the parser throw", () => {
    const piece = fc.constantFrom(
      "read",
      "all",
      "set",
      "mode",
      "plan",
      "ok",
      "failed",
      "7",
      "007",
      "1000",
      "a",
      "",
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 4 }).map((pieces) => ["gh", "n", "climate", "u", ...pieces].join("/")),
      fc
        .array(fc.oneof(piece, fc.string({ unit: "binary" })), { maxLength: 9 })
        .map((pieces) => pieces.join("/")),
      fc.string({ unit: "binary" }),
    );
    let read = 0;
    fc.assert(
      fc.property(text, (topic) => {
        const parsed = parse(topic);
        if (parsed === undefined) return;
        read += 1;
        const found = topics.find(
          ({ template }) => template.resource === parsed.resource,
        ) as unknown as typeof readTopic;
        expect(
          builderOf(found, parsed.kind)({ ...parsed.parameters, requestId: parsed.requestId } as never),
        ).toBe(topic);
      }),
      { numRuns: 3_000 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test.each([
    ...shared.map((value) => ["unit", value]),
    ...["ok", "failed", "0", "42", "007", "2147483648", "Roof", "a b", ...shared].map((value) => [
      "zone",
      value,
    ]),
  ])("refuse the illegal %s %j and name it", (name, value) => {
    const values = { ...unit, zone: "roof", [name]: value };
    for (const builder of [modeTopic, modeTopic.success, modeTopic.error]) {
      expect(() => builder(values)).toThrow(
        expect.objectContaining({ code: "invalid-topic", message: expect.stringContaining(name) }),
      );
      expect(() => builder.filter(value === "+" ? { zone: "a+" } : values)).toThrow(TopicsmithError);
    }
  });

  test.each([
    ["tok\n", "U+000A"],
    ["\0", "U+0000"],
    ["a\u{1f}", "U+001F"],
    ["\u{7f}b", "U+007F"],
    ["\u{9f}", "U+009F"],
    ["\u{fdd0}", "U+FDD0"],
    ["\u{ffff}", "U+FFFF"],
    ["x\u{1fffe}", "U+1FFFE"],
    ["\u{10ffff}", "U+10FFFF"],
  ])("refuse %j, for which brokers close the connection, and name %s", (value, character) => {
    const expected = expect.objectContaining({
      code: "invalid-topic",
      message: `climate.read: unit must not contain ${character}, for which brokers close the connection`,
    });
    for (const builder of [readTopic, readTopic.success, readTopic.error]) {
      expect(() => builder({ ...unit, unit: value })).toThrow(expected);
      expect(() => builder.filter({ ...unit, unit: value })).toThrow(expected);
    }
    expect(parse(`gh/north/climate/${value}/read`)).toBeUndefined();
  });

  test.each([" ", "~", "\u{a0}", "\u{fdcf}", "\u{fdf0}", "\u{fffd}", "\u{1fffd}"])(
    "accept the character %j",
    (value) => {
      expect(parse(readTopic({ ...unit, unit: value }))?.parameters["unit"]).toBe(value);
    },
  );

  test("refuse missing values, values that are not strings, and illegal request ids", () => {
    expect(() => readTopic({ site: "north" } as never)).toThrow("climate.read: unit is missing");
    expect(() => readTopic({ ...unit, unit: 7 } as never)).toThrow("unit must be a string");
    for (const requestId of [-1, 1_000, 1.5, Number.NaN, "7"]) {
      expect(() => readTopic({ ...unit, requestId } as never)).toThrow(
        "requestId must be a whole number from 0 to 999",
      );
    }
  });

  test("refuse topics longer than MQTT allows, in bytes", () => {
    const fixed = readTopic({ ...unit, unit: "x" }).length - 1;
    const longest = "x".repeat(65_535 - fixed);
    expect(parse(readTopic({ ...unit, unit: longest }))?.parameters["unit"]).toBe(longest);
    expect(() => readTopic({ ...unit, unit: `${longest}x` })).toThrow("65,535 bytes");
    expect(() => readTopic({ ...unit, unit: "\u20ac".repeat(30_000) })).toThrow("65,535 bytes");
    expect(parse(`gh/north/climate/${longest}x/read`)).toBeUndefined();
    expect(parse("a/".repeat(200_000))).toBeUndefined();
  });

  test("build filters in which missing required levels are `+` and missing optional levels are left out", () => {
    expect(modeTopic.filter()).toBe("gh/+/climate/+/mode/+");
    expect(modeTopic.success.filter({ ...unit, zone: "roof", requestId: "+" })).toBe(
      "gh/north/climate/u1/mode/roof/+/ok",
    );
    expect(planTopic.error.filter({ unit: "u1" })).toBe("gh/+/climate/u1/plan/failed");
    expect(planTopic.filter({ variant: "+", requestId: 7 })).toBe("gh/+/climate/+/plan/+/7");
    expect(() => modeTopic.filter({ zone: "42" })).toThrow("zone must not be a number");
  });

  test("prefer literals to parameters, and refuse ids that are not canonical", () => {
    expect(parse("gh/n/climate/u/read/all")).toMatchObject({ resource: "read_all" });
    expect(parse("gh/n/climate/u/read/7")).toMatchObject({ resource: "read", requestId: 7 });
    for (const topic of [
      "gh/n/climate/u/read/07",
      "gh/n/climate/u/read/1000",
      "gh/n/climate/u/read/",
      "gh//climate/u/read",
      "gh/n/climate/u/plan/7/7",
    ]) {
      expect(parse(topic)).toBeUndefined();
    }
  });
});

describe("topics of other protocols", () => {
  const other = defineProtocol({
    name: "other",
    mqtt: "5",
    clientParameters: [],
    endpointParameters: ["device"],
    parameters: { device: { pattern: "^[a-z$]+$" } },
    success: "/re/done",
    error: "/re",
    errorPayload: { type: "json" },
  });

  test("can have suffixes of several levels, one being the end of the other, and no ids", () => {
    const ping = defineTopic<{ device: string }>(other, {
      extension: "",
      resource: "ping",
      template: "{device}/ping",
    });
    const done = defineTopic<{ device: string; job: string }>(other, {
      extension: "",
      resource: "job",
      template: "{device}/job/{job}",
    });
    const read = defineParser<Parsed>(other, [ping, done]);
    expect(read(ping.success({ device: "a" }))).toMatchObject({ kind: "success", resource: "ping" });
    expect(read(ping.error({ device: "a" }))).toMatchObject({ kind: "error", resource: "ping" });
    expect(read(done({ device: "a", job: "42" }))).toMatchObject({
      kind: "request",
      parameters: { job: "42" },
    });
    expect(() => done({ device: "a", job: "re" })).toThrow("job must not be a response suffix (re, done)");
    expect(() => ping({ device: "$a" })).toThrow("device must not start with `$`");
    expect(() => ping({ device: "a", requestId: 1 })).not.toThrow();
  });

  test("can have parameters with names of Object.prototype", () => {
    const odd = defineTopic<Record<string, string>>(other, {
      extension: "x",
      resource: "odd",
      template: "o/{valueOf}/{constructor}[/{toString}]",
    });
    const read = defineParser<Parsed>(other, [odd]);
    const values = JSON.parse('{ "valueOf": "a", "constructor": "b" }') as Record<string, string>;
    expect(odd(values as never)).toBe("o/a/b");
    expect(Object.entries(read("o/a/b/c")?.parameters ?? {})).toEqual([
      ["valueOf", "a"],
      ["constructor", "b"],
      ["toString", "c"],
    ]);
    expect(() => odd({})).toThrow("valueOf is missing");
  });

  test("can have several optional levels, of which a later one needs the earlier ones", () => {
    const file = defineTopic<{ a?: string; b?: string }>(other, {
      extension: "x",
      resource: "file",
      template: "f[/{a}][/{b}]",
    });
    expect([file({}), file({ a: "x" }), file({ a: "x", b: "y" })]).toEqual(["f", "f/x", "f/x/y"]);
    expect(() => file({ b: "y" })).toThrow("b needs a before it");
  });
});
