import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SubscriptionTable } from "../../../../src/runtime/client/subscription-table.js";
import { filtersOverlap, widenFilters } from "../../../../src/runtime/topics/topic-filter.js";

function tableOf(...filters: string[]): SubscriptionTable {
  const table = new SubscriptionTable();
  for (const filter of filters) table.add(filter);
  return table;
}

const filtersIn = (table: SubscriptionTable): string[] => Array.from(table.values(), ({ filter }) => filter);

describe("SubscriptionTable.widen and add", () => {
  test.each([
    { existing: [], filter: "a/b", widened: "a/b", replaced: [] },
    { existing: ["a/b"], filter: "a/b", widened: "a/b", replaced: ["a/b"] },
    { existing: ["a/b"], filter: "a/c", widened: "a/c", replaced: [] },
    { existing: ["a/b"], filter: "a/b/c", widened: "a/b/c", replaced: [] },
    { existing: ["a/+"], filter: "a/b", widened: "a/+", replaced: ["a/+"] },
    { existing: ["a/b", "a/c", "d/e"], filter: "a/+", widened: "a/+", replaced: ["a/b", "a/c"] },
    { existing: ["a/+/c"], filter: "+/b/c", widened: "+/+/c", replaced: ["a/+/c"] },
    // Joining the first two reaches the third.
    { existing: ["a/+/c", "x/y/c"], filter: "+/b/c", widened: "+/+/c", replaced: ["a/+/c", "x/y/c"] },
  ])("$filter beside $existing becomes $widened", ({ existing, filter, widened, replaced }) => {
    const table = tableOf(...existing);
    expect(table.widen(filter)).toBe(widened);
    const result = table.add(widened);
    expect(result.added).toMatchObject({ filter: widened, ready: false, subscribedOnConnection: undefined });
    expect(result.replaced.map((old) => old.filter)).toEqual(replaced);
    expect(new Set(filtersIn(table))).toEqual(
      new Set([...existing.filter((other) => !replaced.includes(other)), widened]),
    );
    expect(result.replaced.map((old) => table.has(old))).toEqual(replaced.map(() => false));
    expect(table.has(result.added)).toBe(true);
  });

  const filters = fc.array(fc.constantFrom("a", "b", "+"), { minLength: 3, maxLength: 3 });

  test("keep filters from overlapping, and cover every filter that was added", () => {
    fc.assert(
      fc.property(fc.array(filters, { maxLength: 12 }), (wanted) => {
        const table = new SubscriptionTable();
        for (const levels of wanted) {
          const widened = table.widen(levels.join("/"));
          if (!table.get(widened)) table.add(widened);
        }
        const all = filtersIn(table);
        expect(table.size).toBe(all.length);
        for (const [index, one] of all.entries())
          for (const other of all.slice(index + 1)) expect(filtersOverlap(one, other)).toBe(false);
        for (const levels of wanted) {
          const filter = levels.join("/");
          expect(all.filter((other) => widenFilters(other, filter) === other)).toHaveLength(1);
        }
      }),
    );
  });
});

test("SubscriptionTable.remove and clear leave nothing that can be found", () => {
  const table = tableOf("a/+", "b/c");
  const removed = table.get("a/+")!;
  table.remove(removed);
  expect([table.has(removed), table.get("a/+"), table.overlapping("a/b")]).toEqual([false, undefined, []]);
  expect(filtersIn(table)).toEqual(["b/c"]);
  table.clear();
  expect([table.size, table.overlapping("b/c")]).toEqual([0, []]);
});

test("SubscriptionTable.has tells a subscription from its successor of the same filter", () => {
  const table = tableOf("a");
  const first = table.get("a")!;
  table.remove(first);
  const { added } = table.add("a");
  expect([table.has(first), table.has(added)]).toEqual([false, true]);
});

describe("SubscriptionTable.pin", () => {
  test("keeps a filter out of the widening of others, and of its own", () => {
    const table = tableOf("a/+/c");
    table.pin("a/#");
    table.pin("a/b/+");
    expect([table.widen("a/#"), table.widen("a/b/+")]).toEqual(["a/#", "a/b/+"]);
    expect([table.add("a/#").replaced, table.add("a/b/+").replaced]).toEqual([[], []]);
    expect(table.widen("a/b/d")).toBe("a/b/d");
    expect(table.widen("+/b/c")).toBe("+/+/c");
    table.add("+/+/c");
    expect(filtersIn(table).toSorted()).toEqual(["+/+/c", "a/#", "a/b/+"]);
  });

  test("takes over a filter that is there already, until it is removed", () => {
    const table = new SubscriptionTable();
    const { added } = table.add("a/b");
    table.pin("a/b");
    expect([table.get("a/b"), table.overlapping("a/+")]).toEqual([added, []]);
    expect(table.widen("a/+")).toBe("a/+");
    table.remove(added);
    table.add("a/b");
    expect(table.overlapping("a/+").map(({ filter }) => filter)).toEqual(["a/b"]);
  });
});
