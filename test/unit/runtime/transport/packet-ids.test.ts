import { afterEach, expect, test, vi } from "vitest";
import { PacketIds } from "../../../../src/runtime/transport/packet-ids.js";

afterEach(() => void vi.restoreAllMocks());

test("PacketIds hands out the ids from 1 to 65,535 in turn, without those that wait for their acknowledgement", () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const ids = new PacketIds();
  ids.outgoing = { 2: {}, 65_535: {} };
  const round = Array.from({ length: 65_533 }, () => ids.allocate());
  expect(round.slice(0, 3)).toEqual([1, 3, 4]);
  expect(new Set(round).size).toBe(65_533);
  expect([ids.getLastAllocated(), ids.allocate(), ids.allocate()]).toEqual([65_534, 1, 3]);
});

test("PacketIds begins at random, because a broker may hold the ids of an earlier process", () => {
  const firsts = new Set(Array.from({ length: 20 }, () => new PacketIds().allocate()));
  expect(firsts.size).toBeGreaterThan(1);
  vi.spyOn(Math, "random").mockReturnValue(0.999_999_9);
  expect(new PacketIds().allocate()).toBe(65_535);
});
