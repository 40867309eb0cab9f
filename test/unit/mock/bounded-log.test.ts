import { describe, expect, test } from "vitest";
import { BoundedLog } from "../../../src/mock/bounded-log.js";

function logOf(count: number, bytes: number): BoundedLog<number> {
  const log = new BoundedLog<number>({ maxEntries: 10, maxBytes: 1_000 });
  for (let value = 1; value <= count; value += 1) log.add(value, bytes);
  return log;
}

describe("a bounded log", () => {
  test.each([
    ["keeps all values below both limits", 9, 1, 9],
    ["keeps up to twice as many values before it drops the oldest", 19, 1, 19],
    ["keeps the maximum number of values once it drops the oldest", 20, 1, 10],
    ["keeps the maximum number of bytes once it drops the oldest", 8, 250, 4],
    ["keeps no value that is larger than the maximum number of bytes", 1, 3_000, 0],
  ])("%s", (_, count, bytes, kept) => {
    const values = Array.from({ length: kept }, (_value, index) => count - kept + 1 + index);
    expect(logOf(count, bytes).values).toEqual(values);
  });

  test("is empty after its values were taken", () => {
    const log = logOf(3, 1);
    expect(log.take()).toEqual([1, 2, 3]);
    expect(log.values).toEqual([]);
    log.add(4, 1);
    expect(log.values).toEqual([4]);
  });

  test("never holds more than twice its limits", () => {
    const log = new BoundedLog<number>({ maxEntries: 10, maxBytes: 1_000 });
    for (let value = 0; value < 1_000; value += 1) {
      log.add(value, value % 300);
      const sizes = log.values.map((kept) => kept % 300);
      expect(sizes.length).toBeLessThan(20);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_000);
      expect(log.values.at(-1)).toBe(value);
    }
  });
});
