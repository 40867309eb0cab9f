import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadApi } from "../../../../src/load-api.js";
import type { ApiModel } from "../../../../src/model/index.js";
import {
  type AnyTopic,
  buildTopic,
  defineMessageTopic,
  defineProtocol,
  defineTopic,
  type Protocol,
  type TopicKind,
  topicReader,
  topicReadings,
  type TopicValues,
} from "../../../../src/runtime/index.js";
import { templateProblem } from "../../../../src/runtime/topics/grammar.js";
import { messageTemplateProblem, messageVariants } from "../../../../src/runtime/topics/message-template.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

const protocolWith = (more: object): Protocol =>
  defineProtocol({
    name: "test",
    mqtt: "3.1.1",
    clientParameters: [],
    endpointParameters: [],
    parameters: {},
    success: "/ok",
    error: "/no",
    errorPayload: { type: "json" },
    ...more,
  });

const ids = { send: { minimum: 1, maximum: 99 }, accept: { minimum: 0, maximum: 999 }, uniquePer: [] };
const plain = protocolWith({ requestId: ids });

/** Builds a topic; the message of the error if there is one. */
function attempt(topic: AnyTopic, kind: TopicKind, values: TopicValues): string {
  try {
    return buildTopic(topic.template, kind, values);
  } catch {
    return "(refused)";
  }
}

describe("both grammars of topic templates", () => {
  const specs = [
    "spec/kaa/kaa.yaml",
    ...readdirSync(`${root}test/scenarios`).map((name) => `test/scenarios/${name}/input/api.yaml`),
  ].filter((spec) => existsSync(root + spec));

  test("read and build the same topics, for every resource of every spec that both can describe", async () => {
    let compared = 0;
    for (const spec of specs) {
      const { model } = await loadApi(root + spec);
      if (model === undefined) continue;
      const pairs = pairsOf(model);
      compared += pairs.length;
      const [classic, general] = [0, 1].map((index) => topicReader(pairs.map((pair) => pair[index]!)));
      for (const pair of pairs) {
        fc.assert(
          fc.property(valuesFor(pair[0]), kinds, (values, kind) => {
            const built = attempt(pair[0], kind, values);
            expect(attempt(pair[1], kind, values)).toBe(built);
            expect(summary(general!(built))).toEqual(summary(classic!(built)));
          }),
          { numRuns: 40 },
        );
        fc.assert(
          fc.property(topicsLike(pair[0]), (topic) => {
            expect(summary(general!(topic))).toEqual(summary(classic!(topic)));
          }),
          { numRuns: 60 },
        );
      }
    }
    expect(compared).toBeGreaterThan(80);
  }, 60_000);
});

const kinds = fc.constantFrom<TopicKind>("request", "success", "error");
const texts = ["a", "7", "007", "$x", "status", "error", "json", "é", "a b", "1000000000000", "x{y"];

function pairsOf({ protocol, extensions }: ApiModel): (readonly [AnyTopic, AnyTopic])[] {
  // Without them, the older grammar has no topics for responses.
  if (protocol.success === undefined || protocol.error === undefined) return [];
  const parameters = Object.fromEntries(
    [...protocol.clientParameters, ...protocol.endpointParameters].map(({ name, pattern }) => [
      name,
      pattern === undefined ? {} : { pattern },
    ]),
  );
  const shared = protocolWith({
    parameters,
    success: protocol.success,
    error: protocol.error,
    requestId: protocol.requestId,
  });
  return extensions.flatMap((extension) =>
    extension.resources
      .filter(({ template }) => templateProblem(template) === undefined)
      .map((resource) => {
        const definition = {
          extension: extension.key,
          resource: resource.key,
          template: resource.template,
          parameters: Object.fromEntries(
            resource.parameters.map(({ name, pattern }) => [name, pattern === undefined ? {} : { pattern }]),
          ),
        };
        const responses = { success: `{request}${protocol.success}`, error: `{request}${protocol.error}` };
        return [defineTopic(shared, definition), defineMessageTopic(shared, { ...definition, ...responses })];
      }),
  );
}

/** Legal and illegal values for the parameters of a topic. */
function valuesFor({ template }: AnyTopic): fc.Arbitrary<TopicValues> {
  const value = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...texts) },
    fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/),
    fc.constantFrom(undefined, "", "a/b", "+"),
  );
  const record: Record<string, fc.Arbitrary<unknown>> = {
    requestId: fc.option(fc.integer({ min: -1, max: 130 }), { nil: undefined }),
  };
  for (const { kind, text } of template.levels) if (kind === "parameter") record[text] = value;
  return fc.record(record);
}

/** Topics made of the fixed levels of a template and of other texts. */
function topicsLike({ template }: AnyTopic): fc.Arbitrary<string> {
  const literals = template.levels.filter(({ kind }) => kind === "literal").map(({ text }) => text);
  const piece = fc.constantFrom("status", "error", "7", "", ...texts, ...literals);
  const levels = template.levels.map(({ kind, text }) =>
    kind === "literal" ? fc.oneof({ weight: 6, arbitrary: fc.constant(text) }, piece) : piece,
  );
  return fc
    .tuple(fc.tuple(...levels), fc.array(piece, { maxLength: 2 }), fc.nat({ max: levels.length }))
    .map(([all, more, length]) => [...all.slice(0, length), ...more].join("/"));
}

function summary(parsed: ReturnType<ReturnType<typeof topicReader>>): object | undefined {
  if (parsed === undefined) return undefined;
  const { template, kind, parameters, requestId } = parsed;
  return { resource: template.name, kind, parameters, requestId };
}

describe("a topic template of the general grammar", () => {
  test.each([
    ["a//b", ["a//b"]],
    ["/provision/request", ["/provision/request"]],
    [
      "$aws/things/{t}/shadow[/name/{s}]/get",
      ["$aws/things/{t}/shadow/get", "$aws/things/{t}/shadow/name/{s}/get"],
    ],
    ["v{n}.json/x", ["v{n}.json/x"]],
    ["a[/{b}][/{c}]", ["a", "a/{b}", "a/{b}/{c}"]],
    ["a[/{b}[/{c}]]/d", ["a/d", "a/{b}/d", "a/{b}/{c}/d"]],
    ["a[/{b}][/{requestId}]", ["a", "a/{requestId}", "a/{b}", "a/{b}/{requestId}"]],
    ["[{site}/]a", ["a", "{site}/a"]],
    ["a[/{b}]/c[/{d}]", ["a/c", "a/c/{d}", "a/{b}/c", "a/{b}/c/{d}"]],
    ["a[/x/{b}/y/{c}]", ["a", "a/x/{b}/y/{c}"]],
  ])("%s has its variants", (template, variants) => {
    expect(messageTemplateProblem(template)).toBeUndefined();
    expect(messageVariants(template).map(({ text }) => text)).toEqual(variants);
  });

  test.each([
    ["", "it is empty"],
    [
      "a/{1b}",
      '"1b" is not a valid parameter name: use letters, digits, "_" and "$", and do not start with a digit',
    ],
    ["a/{b}{c}", 'the level "{b}{c}" has more than one parameter'],
    ["a/{b", "it has a brace without its counterpart"],
    ["a/b}", "it has a brace without its counterpart"],
    ["a[/{b}", 'it has a "[" without a "]"'],
    ["a/{b}]", 'it has a "]" without a "["'],
    ["a[/b]", 'the optional part "[/b]" has no parameter'],
    ["a[{b}]", 'the optional part "[{b}]" must be made of whole levels, as in "[/{name}]"'],
    ["a[/{b}]c", 'expected "/" or "[/{name}]" after "[/{b}]"'],
    ["a/+", 'the level "+" must not contain `/`, `+`, `#` or a lone surrogate'],
    ["a[/{b}][/{c}][/{d}][/{e}][/{f}][/{g}][/{h}]", "it has more than 6 optional parts"],
  ])("%s is refused", (template, problem) => {
    expect(messageTemplateProblem(template)).toBe(problem);
  });
});

describe("a message topic", () => {
  const things = protocolWith({ requestId: { type: "string", maxLength: 8, uniquePer: [] } });
  const shadow = defineMessageTopic<{
    request: { thing: string; shadow?: string };
    success: { thing: string; shadow?: string };
  }>(things, {
    extension: "shadow",
    resource: "get",
    template: "$aws/things/{thing}/shadow[/name/{shadow}]/get",
    success: "{request}/accepted",
  });
  const chunk = defineMessageTopic<{
    request: { requestId: number; chunk: number };
    success: { requestId: number; chunk: number };
    error: object;
  }>(plain, {
    resource: "firmware",
    template: "v2/fw/request/{requestId}/chunk/{chunk}",
    success: "v2/fw/response/{requestId}/chunk/{chunk}",
    error: "v2/fw/error",
    parameters: { chunk: { integer: { minimum: 0 } } },
  });

  test("is built with and without an optional group in its middle", () => {
    expect(shadow({ thing: "t1" })).toBe("$aws/things/t1/shadow/get");
    expect(shadow.success({ thing: "t1", shadow: "config" })).toBe(
      "$aws/things/t1/shadow/name/config/get/accepted",
    );
    expect(shadow.filter({ shadow: "+" })).toBe("$aws/things/+/shadow/name/+/get");
    expect(shadow.success.filter()).toBe("$aws/things/+/shadow/get/accepted");
  });

  test("has its own response topics, and an integer parameter that is a number in code", () => {
    expect(chunk({ requestId: 2, chunk: 7 })).toBe("v2/fw/request/2/chunk/7");
    expect(chunk.success({ requestId: 2, chunk: 0 })).toBe("v2/fw/response/2/chunk/0");
    expect(chunk.error({})).toBe("v2/fw/error");
    const read = topicReader([chunk]);
    expect(summary(read("v2/fw/response/2/chunk/7"))).toEqual({
      resource: "firmware",
      kind: "success",
      parameters: { chunk: 7 },
      requestId: 2,
    });
    expect(summary(read("v2/fw/error"))).toMatchObject({ kind: "error", parameters: {} });
    expect(read("v2/fw/response/2/chunk/07")).toBeUndefined();
    expect(read("v2/fw/response/2/chunk/-1")).toBeUndefined();
    expect(() => chunk({ requestId: 2, chunk: -1 })).toThrow(
      "chunk must be a whole number from 0 to 9007199254740991",
    );
    expect(() => chunk({ requestId: 2, chunk: "7" as never })).toThrow("chunk must be a whole number");
  });

  test("has no builder for a response that the resource does not have", () => {
    expect(shadow).not.toHaveProperty("error");
    expect(() => buildTopic(shadow.template, "error", { thing: "t1" })).toThrow(
      "the error topic does not exist",
    );
  });

  test("takes a text as the request id, within its length", () => {
    const topic = defineMessageTopic<{ request: { requestId: string } }>(things, {
      resource: "call",
      template: "call/id-{requestId}",
    });
    expect(topic({ requestId: "a-1" })).toBe("call/id-a-1");
    expect(() => topic({ requestId: "123456789" })).toThrow("requestId must have at most 8 bytes");
    expect(summary(topicReader([topic])("call/id-a-1"))).toMatchObject({ requestId: "a-1" });
    expect(topicReader([topic])("call/id-")).toBeUndefined();
  });

  test("refuses values that would be read as another variant", () => {
    const topic = defineMessageTopic<{ request: { b?: string; d?: string } }>(plain, {
      resource: "x",
      template: "a[/{b}]/c[/{d}]",
    });
    expect(topic({ d: "e" })).toBe("a/c/e");
    expect(topic({ b: "e" })).toBe("a/e/c");
    // `a/c/c` is read as one of both.
    const built = [{ b: "c" }, { d: "c" }].map((values) => attempt(topic, "request", values));
    expect(built.toSorted()).toEqual(["(refused)", "a/c/c"]);
    expect(() => topic({ d: "x/y" })).toThrow("d must not contain");
  });

  test("needs the outer of two nested groups", () => {
    const topic = defineMessageTopic<{ request: { b?: string; c?: string } }>(plain, {
      resource: "x",
      template: "a[/{b}[/{c}]]/d",
    });
    expect(() => topic({ c: "e" })).toThrow("c needs b beside it");
  });

  test("leaves adjacent groups with fixed text out independently, and chains bare levels", () => {
    const template = "a/{d}[/p/{p}][/q/{q}]/r";
    const topic = defineMessageTopic<{ request: { d: string; p?: string; q?: string } }>(plain, {
      resource: "x",
      template,
    });
    const values = [{ d: "d" }, { d: "d", q: "1" }, { d: "d", p: "2" }, { d: "d", p: "2", q: "1" }];
    const topics = ["a/d/r", "a/d/q/1/r", "a/d/p/2/r", "a/d/p/2/q/1/r"];
    expect(values.map((one) => topic(one))).toEqual(topics);
    expect(topics.map((one) => topicReadings([topic], "client")(one)[0]?.parameters)).toEqual(values);
    expect(messageVariants("a[/{b}][/{c}]/d").map(({ text }) => text)).toEqual([
      "a/d",
      "a/{b}/d",
      "a/{b}/{c}/d",
    ]);
    expect(messageVariants("a[/{b}][/x-{c}]").map(({ text }) => text)).toEqual([
      "a",
      "a/x-{c}",
      "a/{b}",
      "a/{b}/x-{c}",
    ]);
  });

  test("that several messages share is read as each of them, those with the most fixed levels first", () => {
    const of = (resource: string, template: string, from?: "platform") =>
      defineMessageTopic<{ request: object }>(plain, { resource, template, ...(from && { from }) });
    const topics = [
      of("any", "{p}/rpc"),
      of("one", "s/rpc"),
      of("two", "s/rpc"),
      of("event", "s/{x}", "platform"),
    ];
    const names = (from?: "client" | "platform") =>
      topicReadings(topics, from)("s/rpc").map(({ template }) => template.name);
    expect(names()).toEqual(["one", "two", "event", "any"]);
    expect(names("client")).toEqual(["one", "two", "any"]);
    expect(names("platform")).toEqual(["event"]);
  });
});

describe("builders and readers of message topics", () => {
  const literal = fc.constantFrom("a", "b", "$x", "c-1", "");
  const hole = (name: string) =>
    fc
      .tuple(fc.constantFrom("", "p-"), fc.constantFrom("", ".json"))
      .map(([before, after]) => `${before}{${name}}${after}`);
  const group = (first: string, second: string): fc.Arbitrary<string> =>
    fc.oneof(
      hole(first).map((text) => `[/${text}]`),
      fc.tuple(literal, hole(first)).map(([text, one]) => `[/${text}/${one}]`),
      fc.tuple(hole(first), hole(second)).map(([one, two]) => `[/${one}[/${two}]]`),
      fc.tuple(hole(first), hole(second)).map(([one, two]) => `[/${one}/${two}]`),
    );
  const template = fc
    .tuple(
      fc.constantFrom("a", "$x", "", "v1", "{e}"),
      fc.option(group("p", "q"), { nil: "" }),
      fc.option(fc.oneof(literal, hole("r")), { nil: undefined }),
      fc.option(group("s", "t"), { nil: "" }),
      fc.constantFrom("", "/{requestId}", "[/{requestId}]", "/end"),
    )
    .map(
      ([first, one, middle, two, end]) =>
        first + one + (middle === undefined ? "" : `/${middle}`) + two + end,
    )
    .filter((text) => messageTemplateProblem(text) === undefined);
  const text = fc.constantFrom("a", "b", "7", "end", "p-x", "x.json", "c-1", "ok", "zz");
  const values = fc.record(
    {
      e: text,
      r: text,
      p: text,
      q: text,
      s: text,
      t: text,
      requestId: fc.integer({ min: 0, max: 999 }),
    },
    { requiredKeys: ["e", "r"] },
  );

  test("are inverse for every template and all legal values", () => {
    let built = 0;
    fc.assert(
      fc.property(template, values, kinds, (written, given, kind) => {
        const responses = { success: "{request}/ok", error: "err/{e}[/{requestId}]" };
        const topic = defineMessageTopic(plain, { resource: "x", template: written, ...responses });
        const message = topic.template.messages![kind]!;
        const own = Object.fromEntries(
          Object.entries(given).filter(([name, value]) => message.names.has(name) && value !== undefined),
        );
        const result = attempt(topic, kind, own);
        if (result === "(refused)") return;
        built += 1;
        const reading = message.read(result.split("/"));
        expect({
          ...reading!.parameters,
          ...(reading!.requestId !== undefined && { requestId: reading!.requestId }),
        }).toEqual(own);
      }),
      { numRuns: 3_000 },
    );
    expect(built).toBeGreaterThan(1_000);
  });

  test("are inverse for every topic that can be read", () => {
    let read = 0;
    const piece = fc.constantFrom(
      "a",
      "$x",
      "",
      "v1",
      "b",
      "7",
      "end",
      "p-x",
      "x.json",
      "p-y.json",
      "c-1",
      "ok",
      "zz",
    );
    fc.assert(
      fc.property(template, fc.array(piece, { minLength: 1, maxLength: 6 }), (written, pieces) => {
        const topic = defineMessageTopic(plain, { resource: "x", template: written });
        const reading = topic.template.messages!.request.read(pieces);
        if (reading === undefined) return;
        read += 1;
        const again = buildTopic(topic.template, "request", {
          ...reading.parameters,
          requestId: reading.requestId,
        });
        expect(again).toBe(pieces.join("/"));
      }),
      { numRuns: 20_000 },
    );
    expect(read).toBeGreaterThan(80);
  });
});
