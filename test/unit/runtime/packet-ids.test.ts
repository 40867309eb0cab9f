import { describe, expect, test } from "vitest";
import { PacketIds } from "../../../src/runtime/transport/packet-ids.js";

describe("PacketIds", () => {
  test("hands out every id once, then none, then those that are free again", () => {
    const ids = new PacketIds();
    const all = Array.from({ length: 65_535 }, () => ids.allocate());
    expect(new Set(all).size).toBe(65_535);
    expect([Math.min(...(all as number[])), Math.max(...(all as number[]))]).toEqual([1, 65_535]);
    expect(ids.allocate()).toBeNull();
    ids.deallocate(7);
    ids.deallocate(7);
    expect([ids.allocate(), ids.allocate()]).toEqual([7, null]);
    expect(ids.getLastAllocated()).toBe(7);
    ids.clear();
    expect(ids.allocate()).toBe(8);
  });

  test("does not hand out an id that is registered, nor registers one twice", () => {
    const ids = new PacketIds();
    expect([ids.register(1), ids.register(1), ids.allocate()]).toEqual([true, false, 2]);
  });
});
