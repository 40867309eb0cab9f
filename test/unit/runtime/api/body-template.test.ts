import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bodyTemplate,
  type BodyTemplateJson,
  decode,
  encode,
  scalarText,
} from "../../../../src/runtime/index.js";

/** The values of a reading, and its payload. */
function read(template: BodyTemplateJson, json: unknown, ...optional: readonly string[]): unknown {
  const reading = bodyTemplate(template).read(json, (name) => optional.includes(name));
  return reading && { ...reading.values, body: reading.body };
}

const text = fc.string({ minLength: 1 });
const values = fc.record({ requestId: fc.integer(), p: text, q: text, a: text });
type Values = Readonly<Record<string, unknown>>;

/** A template without the payload, at most two levels deep. */
const plain = fc.letrec<{ any: BodyTemplateJson; leaf: BodyTemplateJson }>((tie) => ({
  leaf: fc.constantFrom<BodyTemplateJson>("{requestId}", "{p}", "v{q}.", "{p}:{a}", 7, true, null, "", "on"),
  any: fc.oneof(
    { maxDepth: 2 },
    tie("leaf"),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("k", "l", "__proto__", "constructor"), tie("any"), { maxKeys: 3 }),
  ),
}));
const members = fc.dictionary(fc.constantFrom("m", "n", "o"), plain.any, { maxKeys: 3 });

/** A template with a place for the payload. */
const template = fc.oneof(
  fc.constant<BodyTemplateJson>("{body}"),
  members.map((rest): BodyTemplateJson => ({ ...rest, data: "{body}" })),
  members.map((rest): BodyTemplateJson => ({ data: { ...rest, inner: ["{body}"] } })),
  members.map((rest): BodyTemplateJson => ({ "...": "{body}", ...rest })),
  members.map((rest): BodyTemplateJson => ({ ...rest, outer: { ...rest, "...": "{body}" } })),
  fc.constant<BodyTemplateJson>({ "{p}": "{body}" }),
  fc.constant<BodyTemplateJson>({ id: "{requestId}", "{a}": { q: "{q}", "...": "{body}" } }),
);

describe("a body template", () => {
  test("reads from every body that it builds what the body was built from", () => {
    fc.assert(
      fc.property(template, values, fc.jsonValue(), (json, given: Values, body) => {
        const compiled = bodyTemplate(json);
        // `{p}:{a}` cannot tell where a text with a colon ends.
        fc.pre(!String(given["p"]).includes(":"));
        fc.pre(given["a"] !== "id");
        fc.pre(compiled.problem(given, body) === undefined);
        const wire: unknown = JSON.parse(JSON.stringify(compiled.build(given, body)));
        const reading = compiled.read(wire);
        const expected = Array.from(compiled.names).filter((name) => name !== "body");
        expect(reading?.values).toEqual(Object.fromEntries(expected.map((name) => [name, given[name]])));
        expect(JSON.stringify(reading?.body)).toBe(JSON.stringify(JSON.parse(JSON.stringify(body))));
      }),
      { numRuns: 500 },
    );
  });

  test("never throws, whatever it reads", () => {
    fc.assert(
      fc.property(template, fc.jsonValue(), (json, wire) => {
        expect(() => bodyTemplate(json).read(wire, (name) => name === "body")).not.toThrow();
      }),
    );
  });

  test("keeps the type of a value whose text is exactly one name", () => {
    const rpc = bodyTemplate({ id: "{requestId}", method: "Switch.Set", params: "{body}" });
    expect(rpc.build({ requestId: 5 }, { on: true })).toEqual({
      id: 5,
      method: "Switch.Set",
      params: { on: true },
    });
    expect(rpc.read({ id: 5, method: "Switch.Set", params: false })).toEqual({
      values: { requestId: 5 },
      texts: new Set(),
      body: false,
      literals: 1,
      named: 2,
    });
  });

  test("leaves out properties whose value is undefined", () => {
    const rpc = bodyTemplate({
      id: "{requestId}",
      label: "n{requestId}",
      method: "Reboot",
      params: "{body}",
    });
    expect(rpc.build({}, undefined)).toEqual({ method: "Reboot" });
    expect(bodyTemplate(["{requestId}", "x", "{body}"]).build({}, undefined)).toEqual([null, "x"]);
    expect(bodyTemplate({ "{device}": "{body}", "...": "{body}" }).build({}, undefined)).toEqual({});
  });

  test("refuses a body without a named property, unless its name is optional", () => {
    const json = { id: "{requestId}", label: "n{requestId}", result: "{body}" };
    expect(read(json, { id: 1, label: "n1" })).toBeUndefined();
    expect(read(json, { id: "1", label: "n1" }, "body")).toEqual({ requestId: "1", body: undefined });
    expect(read(json, { label: "n1" }, "body")).toBeUndefined();
    expect(read(json, {}, "body", "requestId")).toEqual({ body: undefined });
    expect(read("{body}", undefined)).toBeUndefined();
    expect(read("{body}", undefined, "body")).toEqual({ body: undefined });
    expect(read(["{requestId}", "{body}"], [3], "body")).toEqual({ requestId: 3, body: undefined });
    expect(read(["{requestId}", "{body}"], [null, 4], "requestId")).toEqual({ body: 4 });
  });

  test("refuses a body with another literal, and ignores further properties", () => {
    const json = { status: "ok", data: { kind: [1, null] } };
    expect(read(json, { status: "ok", data: { kind: [1, null], more: 1 }, more: 2 })).toEqual({
      body: undefined,
    });
    expect(read(json, { status: "error", data: { kind: [1, null] } })).toBeUndefined();
    expect(read(json, { status: "ok", data: { kind: [1] } })).toBeUndefined();
    expect(read(json, { status: "ok", data: { kind: [1, null, 2] } })).toBeUndefined();
    expect(read(json, { status: "ok" })).toBeUndefined();
    expect(read(json, ["ok"])).toBeUndefined();
    expect(read(json, null)).toBeUndefined();
  });

  test("ignores further items of a list with names, and reads the items by their positions", () => {
    const failure: BodyTemplateJson = [4, "{requestId}", "{body}"];
    expect(read(failure, [4, "a", "NotSupported", "no such action", {}])).toEqual({
      requestId: "a",
      body: "NotSupported",
    });
    expect(read(failure, [3, "a", {}])).toBeUndefined();
    expect(read(failure, [4, "a"])).toBeUndefined();
    expect(read([[1], "{body}"], [[1, 2], 3])).toBeUndefined();
  });

  test("takes a value that occurs twice only if both are equal", () => {
    const json = { src: "{src}", args: ["{src}"], copy: "of {src}" };
    expect(read(json, { src: "me", args: ["me"], copy: "of me" })).toEqual({ src: "me", body: undefined });
    expect(read(json, { src: "me", args: ["you"], copy: "of me" })).toBeUndefined();
    expect(read(json, { src: "me", args: ["me"], copy: "of you" })).toBeUndefined();
    const twice = { one: "{body}", other: "{body}" };
    expect(read(twice, { one: { a: 1 }, other: { a: 1 } })).toEqual({ body: { a: 1 } });
    expect(read(twice, { one: { a: 1 }, other: { a: 2 } })).toBeUndefined();
  });

  test("takes strings, numbers and booleans as values of names, and nothing else", () => {
    expect(read({ id: "{requestId}" }, { id: true })).toEqual({ requestId: true, body: undefined });
    for (const id of [null, {}, ["a"]]) expect(read({ id: "{requestId}" }, { id })).toBeUndefined();
    expect(read({ id: "x{requestId}" }, { id: "x7" })).toEqual({ requestId: "7", body: undefined });
    expect(read({ id: "x{requestId}" }, { id: "x" })).toBeUndefined();
    expect(read({ id: "x{requestId}" }, { id: 7 })).toBeUndefined();
    const both = bodyTemplate({ id: "x{requestId}", p: "{p}", "{k}": 1 });
    expect(both.read({ id: "x7", p: "p", k: 1 })?.texts).toEqual(new Set(["requestId", "k"]));
  });

  test("takes a value that stands alone and inside a text if its text is the same", () => {
    const json = { at: "{p}-{requestId}", rid: "{requestId}" };
    const built = bodyTemplate(json).build({ p: "a-1", requestId: 4 }, undefined);
    expect(built).toEqual({ at: "a-1-4", rid: 4 });
    expect(read(json, built)).toEqual({ p: "a-1", requestId: 4, body: undefined });
    expect(read(json, { at: "a-1-4", rid: 5 })).toBeUndefined();
    expect(read({ "{p}": "{p}" }, { 7: 7 })).toEqual({ p: 7, body: undefined });
    expect(
      read({ on: "{p}", "is {p}": 1, text: "is {p}" }, { on: true, "is {p}": 1, text: "is true" }),
    ).toEqual({
      p: true,
      body: undefined,
    });
  });

  test("splits a text with several names by the values that the reader knows, whatever the values", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "-", "1", "é", "😀"), minLength: 1, maxLength: 6 });
    const templates = fc.constantFrom<BodyTemplateJson>(
      "{p}-{q}",
      "{q}{p}",
      ["{p}-{q}", "{q}-{a}", "-{a}{p}"],
      { one: "<{q}-{a}>", two: "{a}-{p}-{a}" },
    );
    fc.assert(
      fc.property(templates, fc.record({ p: part, q: part, a: part }), (json, given) => {
        const compiled = bodyTemplate(json);
        const accepts = (name: string, value: string): boolean => (given as Values)[name] === value;
        const reading = compiled.read(compiled.build(given, undefined), undefined, accepts);
        const names = Array.from(compiled.names);
        expect(reading?.values).toEqual(
          Object.fromEntries(names.map((name) => [name, (given as Values)[name]])),
        );
        // Without that knowledge, it is a way to build the same body.
        const other = compiled.read(compiled.build(given, undefined));
        expect(compiled.build(other!.values, undefined)).toEqual(compiled.build(given, undefined));
      }),
      { numRuns: 500 },
    );
  });

  test("gives up on a text that can be split in too many ways", () => {
    const json = "{a}-{b}-{c}-{d}-{e}-{f}";
    const wire = "-".repeat(50_000);
    expect(bodyTemplate(json).read(wire, undefined, (name) => name !== "f")).toBeUndefined();
  });

  test("names a property by a value, and finds the value as the only property without a key of its own", () => {
    const json = { "{device}": "{body}", v: 1 };
    expect(bodyTemplate(json).build({ device: "Device A" }, [1])).toEqual({ "Device A": [1], v: 1 });
    expect(read(json, { v: 1, "Device A": [1] })).toEqual({ device: "Device A", body: [1] });
    expect(read(json, { v: 1, a: 1, b: 2 })).toBeUndefined();
    expect(read(json, { v: 1 })).toBeUndefined();
    expect(read({ gateway: "{device}", "{device}": "{body}" }, { gateway: "a", b: 1 })).toBeUndefined();
  });

  test("spreads a payload in its place, and reads it as the properties without a key of their own", () => {
    const json = { device: "{device}", "...": "{body}", token: "{requestId}" };
    const built = bodyTemplate(json).build({ device: "d", requestId: "t" }, { b: 1, a: 2 });
    expect(JSON.stringify(built)).toBe('{"device":"d","b":1,"a":2,"token":"t"}');
    expect(read(json, built)).toEqual({ device: "d", requestId: "t", body: { b: 1, a: 2 } });
  });

  test("says why it cannot spread a payload", () => {
    const compiled = bodyTemplate({ outer: { "...": "{body}", token: "{requestId}", "{device}": 1 } });
    expect(compiled.problem({}, { a: 1 })).toBeUndefined();
    expect(compiled.problem({}, undefined)).toBeUndefined();
    expect(compiled.problem({}, [1])).toBe("must be an object, because its properties stand beside others");
    expect(compiled.problem({ device: "d" }, { d: 1 })).toBe(
      'must not have the property "d", which the message adds itself',
    );
    expect(compiled.problem({}, { token: "mine" })).toBe(
      'must not have the property "token", which the message adds itself',
    );
  });

  test("treats `__proto__` like any other property", () => {
    const wire: unknown = JSON.parse('{"__proto__":{"a":1},"id":"t"}');
    const json = { "...": "{body}", id: "{requestId}" };
    const reading = bodyTemplate(json).read(wire);
    expect(JSON.stringify(reading?.body)).toBe('{"__proto__":{"a":1}}');
    expect(JSON.stringify(bodyTemplate(json).build({ requestId: "t" }, reading?.body))).toBe(
      '{"__proto__":{"a":1},"id":"t"}',
    );
  });

  test("fills in the time, and ignores it when it reads", () => {
    const json = { ts: "{now}", value: "{body}" };
    const before = Date.now();
    const built = bodyTemplate(json).build({}, 1) as { readonly ts: number };
    expect(built.ts).toBeGreaterThanOrEqual(before);
    expect(bodyTemplate(json).build({ now: 5 }, 1)).toEqual({ ts: 5, value: 1 });
    expect(read(json, { ts: "noon", value: 1 })).toEqual({ body: 1 });
    expect(read(json, { value: 1 })).toBeUndefined();
  });
});

describe("a text that is a number or a boolean in code", () => {
  const number = { type: "text", scalar: scalarText("number") } as const;
  const boolean = { type: "text", scalar: scalarText("boolean") } as const;
  const wireOf = (definition: typeof number | typeof boolean, value: unknown): string => {
    const encoded = encode(definition, value);
    return encoded.errors ? `! ${encoded.errors[0]!.message!}` : new TextDecoder().decode(encoded.body);
  };
  const valueOf = (definition: typeof number | typeof boolean, wire: string): unknown => {
    const decoded = decode(definition, new TextEncoder().encode(wire), { maxDepth: 9 });
    return decoded.fault ? `${decoded.fault}: ${decoded.errors[0]!.message!}` : decoded.value;
  };

  test("travels as its canonical text", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(valueOf(number, wireOf(number, value))).toBe(value + 0);
      }),
    );
    expect([wireOf(number, 21.5), wireOf(boolean, false)]).toEqual(["21.5", "false"]);
    expect([valueOf(number, "21.5"), valueOf(boolean, "true"), valueOf(number, "2e3")]).toEqual([
      21.5,
      true,
      2_000,
    ]);
  });

  test("is refused with its type if it is another value, and malformed if it cannot be read", () => {
    for (const value of ["5", NaN, Infinity, true, null])
      expect(wireOf(number, value)).toBe("! must be a number");
    expect(wireOf(boolean, "true")).toBe("! must be a boolean");
    for (const wire of ["", " 5", "05", "0x5", "five", "1e999"])
      expect(valueOf(number, wire)).toBe("malformed: is not a number");
    expect(valueOf(boolean, "True")).toBe("malformed: is not a boolean");
  });
});
