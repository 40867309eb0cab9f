import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LinkedList, type ListNode } from "../../../../src/runtime/internal/linked-list.js";

test("a linked list holds what an array would, whatever is added and removed", () => {
  const step = fc.oneof(fc.constant("add" as const), fc.nat());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const list = new LinkedList<number>();
      const nodes: ListNode<number>[] = [];
      let expected: number[] = [];
      for (const [value, action] of steps.entries()) {
        if (action === "add") {
          nodes.push(list.add(value));
          expected.push(value);
        } else {
          // Removed nodes stay in the choice: to remove one again is a no-op.
          const node = nodes[action % Math.max(nodes.length, 1)];
          list.remove(node);
          expected = expected.filter((other) => other !== node?.value);
        }
        expect(list.size).toBe(expected.length);
        expect(list.values()).toEqual(expected);
        const walked: number[] = [];
        for (let node = list.first(); node; node = list.next(node)) walked.push(node.value);
        expect(walked).toEqual(expected);
      }
    }),
  );
});
