import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FilterTree } from "../../../src/runtime/filter-tree.js";
import { filterMatches } from "../../../src/runtime/topic-filter.js";

const word = fc.constantFrom("a", "b", "", "$x");
const topic = fc.array(word, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/"));
const filter = fc
  .tuple(fc.array(fc.oneof(word, fc.constant("+")), { maxLength: 4 }), fc.boolean())
  .filter(([levels, everything]) => everything || levels.length > 0)
  .map(([levels, everything]) => [...levels, ...(everything ? ["#"] : [])].join("/"));

describe("a tree of filters", () => {
  test("finds what looking at each of them finds", () => {
    fc.assert(
      fc.property(fc.uniqueArray(filter, { maxLength: 12 }), fc.array(topic), (filters, topics) => {
        const tree = new FilterTree<string>();
        for (const each of filters) tree.set(each, each);
        for (const each of topics) {
          const expected = filters.filter((one) => filterMatches(one, each));
          expect(tree.matching(each).toSorted()).toEqual(expected.toSorted());
        }
      }),
      { numRuns: 500 },
    );
  });

  test("finds nothing that was taken out again, and everything else", () => {
    fc.assert(
      fc.property(fc.uniqueArray(filter, { maxLength: 12 }), topic, fc.nat(), (filters, asked, seed) => {
        const tree = new FilterTree<string>();
        for (const each of filters) tree.set(each, each);
        const kept = filters.filter((_, index) => (seed >> index) % 2 === 0);
        for (const each of filters) if (!kept.includes(each)) tree.delete(each);
        const expected = kept.filter((one) => filterMatches(one, asked));
        expect(tree.matching(asked).toSorted()).toEqual(expected.toSorted());
      }),
    );
  });

  test("tells values of one filter apart by their keys", () => {
    const tree = new FilterTree<number>();
    tree.set("a/+", 1, "one");
    tree.set("a/+", 2, "two");
    tree.set("a/+", 3, "two");
    expect(tree.matching("a/b")).toEqual([1, 3]);
    tree.delete("a/+", "one");
    tree.delete("a/+", "unknown");
    expect(tree.matching("a/b")).toEqual([3]);
    tree.clear();
    expect(tree.matching("a/b")).toEqual([]);
  });
});
