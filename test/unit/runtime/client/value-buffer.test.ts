import { describe, expect, test } from "vitest";
import { ValueBuffer } from "../../../../src/runtime/client/value-buffer.js";
import type { Overflow } from "../../../../src/runtime/index.js";

const done = { done: true, value: undefined };
const yielded = (value: unknown) => ({ done: false, value });

describe("a full buffer", () => {
  test.each<[overflow: Overflow, accepted: boolean, values: readonly number[]]>([
    ["drop-oldest", true, [2, 3]],
    ["drop-newest", false, [1, 2]],
    ["error", false, [1, 2]],
  ])("with overflow %s", async (overflow, accepted, values) => {
    const buffer = new ValueBuffer({ buffer: 2, overflow });
    expect([buffer.push(1), buffer.push(2), buffer.push(3)]).toEqual([true, true, accepted]);
    expect([await buffer.next(), await buffer.next()]).toEqual(values.map(yielded));
  });

  test("holds one value if its size is 0", async () => {
    const buffer = new ValueBuffer({ buffer: 0, overflow: "drop-newest" });
    expect([buffer.push(1), buffer.push(2)]).toEqual([true, false]);
    expect(await buffer.next()).toEqual(yielded(1));
  });
});

describe("calls of next()", () => {
  test("that wait get the values in the order of the calls, and the end", async () => {
    const buffer = new ValueBuffer({ buffer: 2, overflow: "error" });
    const results = [buffer.next(), buffer.next(), buffer.next()];
    buffer.push(1);
    buffer.push(2);
    buffer.end();
    expect(await Promise.all(results)).toEqual([yielded(1), yielded(2), done]);
  });

  test("after the end take the rest, then the error once", async () => {
    const buffer = new ValueBuffer({ buffer: 2, overflow: "error" });
    buffer.push(1);
    buffer.end(new Error("refused"));
    expect(await buffer.next()).toEqual(yielded(1));
    await expect(buffer.next()).rejects.toThrow("refused");
    expect(await buffer.next()).toEqual(done);
  });

  test("after clear() find neither values nor the error", async () => {
    const buffer = new ValueBuffer({ buffer: 2, overflow: "error" });
    buffer.push(1);
    buffer.end(new Error("refused"));
    buffer.clear();
    expect(await buffer.next()).toEqual(done);
  });
});
