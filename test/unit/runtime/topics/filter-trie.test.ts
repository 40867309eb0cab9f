import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TopicFilterTrie } from "../../../../src/runtime/topics/filter-trie.js";
import { filtersOverlap } from "../../../../src/runtime/topics/topic-filter.js";
import { filterMatches } from "../../../../src/runtime/topics/topic-filter.js";

const word = fc.constantFrom("a", "b", "", "$x");
const topic = fc.array(word, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/"));
const filter = fc
  .tuple(fc.array(fc.oneof(word, fc.constant("+")), { maxLength: 4 }), fc.boolean())
  .filter(([levels, everything]) => everything || levels.length > 0)
  .map(([levels, everything]) => [...levels, ...(everything ? ["#"] : [])].join("/"));

describe("TopicFilterTrie", () => {
  test("matches the same filters as comparing each of them", () => {
    fc.assert(
      fc.property(fc.uniqueArray(filter, { maxLength: 12 }), fc.array(topic), (filters, topics) => {
        const tree = new TopicFilterTrie<string>();
        for (const each of filters) tree.set(each, each);
        for (const each of topics) {
          const expected = filters.filter((one) => filterMatches(one, each));
          expect(tree.match(each).toSorted()).toEqual(expected.toSorted());
        }
      }),
      { numRuns: 500 },
    );
  });

  test("matches no deleted filter, and every other one", () => {
    fc.assert(
      fc.property(fc.uniqueArray(filter, { maxLength: 12 }), topic, fc.nat(), (filters, asked, seed) => {
        const tree = new TopicFilterTrie<string>();
        for (const each of filters) tree.set(each, each);
        const kept = filters.filter((_, index) => (seed >> index) % 2 === 0);
        for (const each of filters) if (!kept.includes(each)) tree.delete(each);
        const expected = kept.filter((one) => filterMatches(one, asked));
        expect(tree.match(asked).toSorted()).toEqual(expected.toSorted());
      }),
    );
  });

  test("matches the filters that overlap with a filter with `+` levels", () => {
    fc.assert(
      fc.property(fc.uniqueArray(filter, { maxLength: 12 }), topic, fc.nat(15), (filters, asked, mask) => {
        const tree = new TopicFilterTrie<string>();
        for (const each of filters) tree.set(each, each);
        const levels = asked.split("/");
        fc.pre(!asked.startsWith("$"));
        const wild = levels.map((level, index) => ((mask >> index) % 2 === 1 ? "+" : level)).join("/");
        const expected = filters.filter((one) => filtersOverlap(one, wild) && !one.startsWith("$"));
        const found = tree.match(wild).filter((one) => !one.startsWith("$"));
        expect(found.toSorted()).toEqual(expected.toSorted());
      }),
      { numRuns: 500 },
    );
  });

  test("has one value per filter, and can be cleared", () => {
    const tree = new TopicFilterTrie<number>();
    tree.set("a/+", 1);
    tree.set("a/+", 2);
    tree.set("a", 3);
    expect([tree.get("a/+"), tree.get("a"), tree.get("a/b"), tree.get("")]).toEqual([
      2,
      3,
      undefined,
      undefined,
    ]);
    tree.delete("a/b/c");
    expect(tree.match("a/b")).toEqual([2]);
    tree.clear();
    expect(tree.match("a/b")).toEqual([]);
  });
});
