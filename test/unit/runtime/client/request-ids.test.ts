import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { IdScope } from "../../../../src/runtime/client/request-ids.js";

afterEach(() => {
  vi.restoreAllMocks();
});

interface Taker {
  id?: number;
  cancel: (() => void) | undefined;
  granted: (id: number) => void;
}

/** Takes an id, or waits for one. */
function take(scope: IdScope): Taker {
  const taker: Taker = { cancel: undefined, granted: (id) => (taker.id = id) };
  taker.cancel = scope.request(taker.granted);
  return taker;
}

describe("a scope of ids", () => {
  test("begins at a random id, grants all unused ones, then the one that has been free for longest", () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const scope = new IdScope({ minimum: 1, maximum: 5 }, 10);
    const first = Array.from({ length: 5 }, () => take(scope).id);
    expect(first).toEqual([3, 4, 5, 1, 2]);
    for (const id of [5, 3, 1]) scope.release(id);
    expect([take(scope).id, take(scope).id]).toEqual([5, 3]);
    scope.release(5);
    expect([take(scope).id, take(scope).id]).toEqual([1, 5]);
  });

  test("never grants an id twice, grants in the order of the requests, and ends idle, for any sequence of steps", () => {
    const step = fc.oneof(
      fc.constant({ do: "take" as const }),
      fc.record({ do: fc.constant("release" as const), which: fc.nat() }),
      fc.record({ do: fc.constant("cancel" as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (size, steps) => {
        const scope = new IdScope({ minimum: 10, maximum: 9 + size }, 5);
        let waiting: ReturnType<typeof take>[] = [];
        const inUse: number[] = [];
        const settle = (): void => {
          for (const waiter of waiting.filter(({ id }) => id !== undefined)) {
            // Ids are granted first in, first out.
            expect(waiting[0]).toBe(waiter);
            waiting = waiting.slice(1);
            inUse.push(waiter.id!);
          }
        };
        for (const each of steps) {
          if (each.do === "take") {
            const waiter = take(scope);
            if (waiter.cancel) waiting.push(waiter);
            else expect(waiting).toHaveLength(5);
          } else if (each.do === "release" && inUse.length > 0) {
            scope.release(inUse.splice(each.which % inUse.length, 1)[0]!);
          } else if (each.do === "cancel" && waiting.length > 0) {
            waiting.splice(each.which % waiting.length, 1)[0]!.cancel!();
          }
          settle();
          expect(new Set(inUse).size).toBe(inUse.length);
          expect(inUse.length).toBeLessThanOrEqual(size);
          expect(waiting.length === 0 || inUse.length === size).toBe(true);
          expect(scope.queued).toBe(waiting.length);
        }
        for (const waiter of waiting) waiter.cancel!();
        for (const id of inUse) scope.release(id);
        expect(scope.idle).toBe(true);
      }),
    );
  });

  test("of 2,147,483,647 ids hands them out round-robin, without repeating one of the last 10,000", () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999_999_999);
    const scope = new IdScope({ minimum: 1, maximum: 2_147_483_647 }, 1);
    const ids = Array.from({ length: 10_000 }, () => {
      const { id } = take(scope);
      scope.release(id!);
      return id;
    });
    expect(new Set(ids).size).toBe(10_000);
    expect(ids.includes(1)).toBe(true);
    expect(Math.max(...ids.map(Number))).toBe(2_147_483_647);
  });

  test("grants an id that is released at once 20,000 times without a deep stack", () => {
    const scope = new IdScope({ minimum: 1, maximum: 1 }, 20_000);
    const held = take(scope);
    let served = 0;
    for (let count = 0; count < 20_000; count += 1) {
      scope.request((id) => {
        served += 1;
        scope.release(id);
      });
    }
    scope.release(held.id!);
    expect(served).toBe(20_000);
  });
});
