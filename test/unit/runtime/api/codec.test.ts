import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { decode, encode, formatErrors, type PayloadDefinition } from "../../../../src/runtime/index.js";
import { validator } from "../greenhouse-api.js";

const json: PayloadDefinition = { type: "json" };
const options = { maxDepth: 1_000 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What is sent, or what is wrong. */
function sent(value: unknown, definition = json): string {
  const encoded = encode(definition, value);
  return encoded.errors ? `! ${formatErrors(encoded.errors)}` : new TextDecoder().decode(encoded.body);
}

describe("encode", () => {
  test("encodes every JSON value so that decode returns it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const encoded = encode(json, value);
        expect(encoded.errors).toBeUndefined();
        const normal: unknown = JSON.parse(JSON.stringify(value));
        expect(decode(json, encoded.errors ? bytes("") : encoded.body, options)).toEqual({ value: normal });
      }),
    );
  });

  test("agrees with JSON.stringify on every value that it accepts", () => {
    const odd = fc.constantFrom(
      undefined,
      new Date(0),
      Object.create({ inherited: 1 }),
      new Map([[1, 2]]),
      Object("boxed"),
      Object(1),
      Object(false),
      -0,
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), odd)), (value) => {
        expect(sent(value)).toBe(JSON.stringify(value));
      }),
    );
  });

  test.each([
    [undefined, "! (the whole value) must not be undefined"],
    [{ a: [1, Number.NaN] }, "! /a/1 must not be NaN"],
    [{ "x/y~z": -Infinity }, "! /x~1y~0z must not be -Infinity"],
    [[undefined], "! /0 must not be undefined"],
    // oxlint-disable-next-line no-sparse-arrays -- that is the case
    [[1, , 3], "! /1 must not be undefined"],
    [{ a: { b: 10n } }, "! /a/b must not be a bigint"],
    [{ a: () => 1 }, "! /a must not be a function"],
    [{ a: Symbol("s") }, "! /a must not be a symbol"],
    [{ a: { toJSON: () => Number.NaN } }, "! /a must not be NaN"],
    [{ a: { toJSON: () => undefined, b: 1 } }, "{}"],
    [{ a: undefined, b: null, c: 0, d: "", e: false }, '{"b":null,"c":0,"d":"","e":false}'],
    [{ toJSON: (key: string) => ({ key }) }, '{"key":""}'],
    [JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
  ])("of %o", (value, expected) => {
    expect(sent(value)).toBe(expected);
  });

  test("refuses cycles with the path, but accepts the same object twice", () => {
    const cycle: { a: unknown[] } = { a: [] };
    cycle.a.push(1, cycle);
    const twice = { b: 1 };
    expect(sent(cycle)).toBe("! /a/1 must not contain itself");
    expect(sent([twice, twice])).toBe('[{"b":1},{"b":1}]');
  });

  test("refuses values with throwing getters, and values that are nested too deep", () => {
    const throwing = Object.defineProperty({}, "a", {
      enumerable: true,
      get() {
        throw new Error("secret");
      },
    });
    expect(sent({ x: throwing })).toBe("! /x cannot be read: it throws");
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(sent(deep)).toContain("must not be nested deeper than 1000 levels");
  });

  test("validates the JSON value that is sent, not the value that was passed", () => {
    const seen: unknown[] = [];
    const validate = validator((value) => (seen.push(value), true), "");
    encode({ type: "json", validate }, { at: new Date(0), none: undefined });
    expect(seen).toEqual([{ at: "1970-01-01T00:00:00.000Z" }]);
    expect(Object.keys(seen[0] as object)).toEqual(["at"]);
  });

  test("accepts strings, and finite numbers as strings", () => {
    const text: PayloadDefinition = { type: "text" };
    expect([sent("", text), sent("47%", text), sent(21.5, text), sent(0, text)]).toEqual([
      "",
      "47%",
      "21.5",
      "0",
    ]);
    for (const value of [Number.NaN, null, {}, "\ud800"]) expect(sent(value, text)).toMatch(/^!/);
  });

  test("accepts bytes, and `undefined` for an absent or optional payload", () => {
    expect(encode({ type: "binary" }, new Uint8Array([1]))).toEqual({ body: new Uint8Array([1]) });
    const reused = Buffer.from([1, 2]);
    const encoded = encode({ type: "binary" }, reused);
    reused.fill(0);
    expect(encoded).toEqual({ body: new Uint8Array([1, 2]) });
    expect(encode({ type: "binary" }, "text")).toMatchObject({
      errors: [{ message: "must be a Uint8Array" }],
    });
    expect(encode(undefined, { ignored: true })).toEqual({ body: new Uint8Array() });
    expect(encode({ type: "json", optional: true }, undefined)).toEqual({ body: new Uint8Array() });
    expect(sent(null, { type: "json", optional: true })).toBe("null");
  });
});

describe("decode", () => {
  test.each([
    ["[".repeat(1_000_000), "is nested deeper than 1000 levels"],
    [`${"[".repeat(1_001)}${"]".repeat(1_001)}`, "is nested deeper than 1000 levels"],
    ['{"a":', "is not JSON"],
    ["", "is not JSON"],
    ["\ufeff1", "is not JSON"],
    ["1e999", "contains a number that is too large"],
    ["-1E+0999", "contains a number that is too large"],
    ['{"a": [1, {"b": -1e400}]}', "contains a number that is too large"],
    [`[${"9".repeat(309)}]`, "contains a number that is too large"],
    [`${"9".repeat(210)}e99`, "contains a number that is too large"],
    [`1${"0".repeat(300)}.5e9`, "contains a number that is too large"],
  ])("finds %.20s malformed", (text, message) => {
    expect(decode(json, bytes(text), options)).toMatchObject({ fault: "malformed", errors: [{ message }] });
  });

  test("accepts a JSON number if it is finite, and refuses it otherwise", () => {
    const digits = fc.oneof(fc.stringMatching(/^[1-9][0-9]{0,320}$/), fc.constantFrom("0", "1"));
    const exponent = fc.oneof(fc.constant(""), fc.stringMatching(/^[eE][+-]?0{0,2}[0-9]{1,3}$/));
    const fraction = fc.oneof(fc.constant(""), fc.stringMatching(/^\.[0-9]{1,320}$/));
    fc.assert(
      fc.property(fc.tuple(digits, fraction, exponent), (parts) => {
        const text = parts.join("");
        const finite = Number.isFinite(Number(text));
        expect(decode(json, bytes(`{"a":[${text}]}`), options)).toMatchObject(
          finite ? { value: { a: [Number(text)] } } : { fault: "malformed" },
        );
      }),
      { numRuns: 1_000 },
    );
  });

  test("accepts text that looks like a number that is too large inside a string", () => {
    expect(decode(json, bytes('{"1e999": "1e999"}'), options)).toEqual({ value: { "1e999": "1e999" } });
  });

  test("counts nested brackets outside of strings only", () => {
    const text = JSON.stringify(['[\\"['.repeat(2_000)]);
    expect(decode(json, bytes(text), options)).toMatchObject({ value: [expect.any(String)] });
    expect(decode(json, bytes(`${"[".repeat(1_000)}${"]".repeat(1_000)}`), options)).not.toHaveProperty(
      "fault",
    );
  });

  test("never throws, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom("json", "text", "binary"), (body, type) => {
        decode({ type }, body, options);
      }),
    );
  });

  test("decodes text only if it is UTF-8, and keeps a byte order mark", () => {
    expect(decode({ type: "text" }, new Uint8Array([0xc0, 0x80]), options)).toMatchObject({
      fault: "malformed",
    });
    expect(decode({ type: "text" }, bytes("\ufeffa"), options)).toEqual({ value: "\ufeffa" });
    expect(decode({ type: "text" }, bytes(""), options)).toEqual({ value: "" });
  });

  test("returns the errors of the schema and the invalid value", () => {
    const definition: PayloadDefinition = {
      type: "json",
      validate: validator((value) => value === 1, "must be 1"),
    };
    expect(decode(definition, bytes("2"), options)).toMatchObject({
      fault: "invalid",
      value: 2,
      errors: [{ message: "must be 1" }],
    });
    expect(decode(definition, bytes("2"), { ...options, responses: "off" })).toEqual({ value: 2 });
  });

  test("decodes empty bodies as undefined", () => {
    const definition: PayloadDefinition = {
      type: "json",
      optional: true,
      emptyWhen: validator((value) => value === null, ""),
    };
    expect(decode(definition, bytes(""), options)).toEqual({ value: undefined });
    expect(decode(definition, bytes("null"), options)).toEqual({ value: undefined });
    expect(decode("empty", bytes("whatever"), options)).toEqual({ value: undefined });
    for (const [text, value] of [
      ["false", false],
      ["0", 0],
      ['""', ""],
    ]) {
      expect(decode(definition, bytes(String(text)), options)).toEqual({ value });
    }
  });
});

describe("formatErrors", () => {
  test("returns one line per problem with its JSON pointer and details", () => {
    const error = { schemaPath: "#", params: {} };
    expect(
      formatErrors([
        { ...error, instancePath: "/a/0", keyword: "type", message: "must be number" },
        {
          ...error,
          instancePath: "",
          keyword: "additionalProperties",
          params: { additionalProperty: "colour" },
          message: "must NOT have additional properties",
        },
        {
          ...error,
          instancePath: "/b",
          keyword: "enum",
          params: { allowedValues: [1, "x"] },
          message: "must be equal to one of the allowed values",
        },
        { ...error, instancePath: "/c", keyword: "custom" },
      ]),
    ).toBe(
      [
        "/a/0 must be number",
        '(the whole value) must NOT have additional properties: "colour"',
        '/b must be equal to one of the allowed values: [1,"x"]',
        "/c fails custom",
      ].join("\n"),
    );
    expect(formatErrors(undefined)).toBe("");
  });
});

describe("on a platform without a strict TextDecoder, such as React Native", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** The codec, loaded where the constructor of a strict decoder throws. */
  async function codecWithoutDecoder() {
    vi.resetModules();
    const create = vi.fn(() => {
      throw new RangeError("fatal is not supported");
    });
    vi.stubGlobal("TextDecoder", create);
    const codec = await import("../../../../src/runtime/api/codec.js");
    expect(create).not.toHaveBeenCalled();
    return codec;
  }

  test.each(["", "plain", "\ufeffwith a mark", "\u0000\u{1f600} and \u00e9"])("decodes %j", async (text) => {
    const { decode: decodeThere } = await codecWithoutDecoder();
    expect(decodeThere({ type: "text" }, new TextEncoder().encode(text), { maxDepth: 10 })).toEqual({
      value: text,
    });
  });

  test.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]]])(
    "refuses the bytes %j, which are not UTF-8",
    async (body) => {
      const { decode: decodeThere } = await codecWithoutDecoder();
      const decoded = decodeThere({ type: "text" }, new Uint8Array(body), { maxDepth: 10 });
      expect(decoded).toMatchObject({ fault: "malformed", errors: [{ message: "is not UTF-8" }] });
    },
  );
});
