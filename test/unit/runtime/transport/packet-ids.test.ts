import { expect, test } from "vitest";
import { PacketIds } from "../../../../src/runtime/transport/packet-ids.js";

test("PacketIds hands out the ids from 1 to 65,535 in turn, without those that wait for their acknowledgement", () => {
  const ids = new PacketIds();
  ids.outgoing = { 2: {}, 65_535: {} };
  const round = Array.from({ length: 65_533 }, () => ids.allocate());
  expect(round.slice(0, 3)).toEqual([1, 3, 4]);
  expect(new Set(round).size).toBe(65_533);
  expect([ids.getLastAllocated(), ids.allocate(), ids.allocate()]).toEqual([65_534, 1, 3]);
});
