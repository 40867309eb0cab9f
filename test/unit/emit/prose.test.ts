import { expect, it } from "vitest";
import { topicOf } from "../../../src/emit/prose.js";
import type { ResourceModel } from "../../../src/model/index.js";

it.each([
  ["none", "a/{b}"],
  ["required", "a/{b}/{requestId}"],
  ["optional", "a/{b}[/{requestId}]"],
] as const)("the topic in prose of a resource with requestId: %s is %s", (requestId, topic) => {
  // Only these two properties are read.
  expect(topicOf({ template: "a/{b}[/{requestId}]", requestId } as ResourceModel)).toBe(topic);
});
