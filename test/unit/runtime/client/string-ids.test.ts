import { describe, expect, test } from "vitest";
import { StringIds } from "../../../../src/runtime/client/string-ids.js";

function take(ids: StringIds, count: number): string[] {
  const taken: string[] = [];
  for (let index = 0; index < count; index += 1) ids.request((id) => taken.push(id));
  return taken;
}

describe("request ids that are texts", () => {
  test("are all different, also between clients, and are at most as long as they may be", () => {
    const clients = Array.from({ length: 20 }, () => new StringIds(64));
    const ids = clients.flatMap((client) => take(client, 500));
    expect(new Set(ids).size).toBe(10_000);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]{17,24}$/);
  });

  test.each([1, 2, 3, 8, 16, 20, 24, 1_000, undefined])("have at most %s characters", (maxLength) => {
    for (const id of take(new StringIds(maxLength), 40)) {
      expect(id.length).toBeGreaterThan(0);
      expect(id.length).toBeLessThanOrEqual(maxLength ?? 24);
    }
  });

  test("are recognized by the client that has made them", () => {
    const [own, other] = [new StringIds(64), new StringIds(64)];
    const ids = take(own, 100);
    expect(ids.every((id) => own.isOwn(id))).toBe(true);
    expect(ids.some((id) => other.isOwn(id))).toBe(false);
    for (const id of [
      "",
      "a",
      `${ids[0]}0`,
      `${ids[5]!}.1`,
      `${ids[99]!.slice(0, -2)}2s`,
      ids[0]!.toUpperCase(),
    ])
      expect(own.isOwn(id), id).toBe(false);
  });
});
