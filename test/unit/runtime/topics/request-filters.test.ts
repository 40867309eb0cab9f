import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactFilters, requestFilters } from "../../../../src/runtime/topics/request-filters.js";
import { defineTopic, type Topic } from "../../../../src/runtime/topics/topic.js";
import { filterMatches } from "../../../../src/runtime/topics/topic-filter.js";
import { protocol } from "../platform-api.js";

type Values = Readonly<Record<string, string>>;

/** Topics by extension. */
function topics(templates: Readonly<Record<string, readonly string[]>>): Topic<Values>[] {
  return Object.entries(templates).flatMap(([extension, own]) =>
    own.map((template, index) =>
      defineTopic<Values>(protocol, { extension, resource: `r${index}`, template }),
    ),
  );
}

describe("requestFilters", () => {
  test.each<[string, Readonly<Record<string, readonly string[]>>, readonly string[]]>([
    [
      "one for an API whose topics start with the same level",
      {
        a: ["kp1/{v}/a/{t}/x[/{requestId}]", "kp1/{v}/a/{t}/y/{z}[/{requestId}]"],
        b: ["kp1/{v}/b/{t}/x[/{requestId}]"],
      },
      ["kp1/{v}/+/{t}/+/#"],
    ],
    ["exact where no level can follow", { a: ["r/{v}/x", "r/{v}/y"] }, ["r/{v}/+"]],
    ["the topic itself for an API with one topic", { a: ["r/x"] }, ["r/x"]],
    [
      "one per extension if the first level is a parameter",
      { a: ["{t}/a/x", "{t}/a/y/z"], b: ["{t}/b"] },
      ["{t}/a/+/#", "{t}/b"],
    ],
    ["one for all if the extensions cannot be distinguished", { a: ["{t}/{x}"], b: ["{t}/{y}"] }, ["{t}/+"]],
    [
      "one per extension if each has a different first level",
      { a: ["a/{t}"], b: ["b/{t}/x[/{requestId}]"] },
      ["a/{t}", "b/{t}/x/#"],
    ],
    ["`+` for a required id", { a: ["r/x/{requestId}"] }, ["r/x/+"]],
  ])("are %s", (_, templates, expected) => {
    const wild = expected.map((filter) => filter.replace(/\{\w\}/gu, "+"));
    expect(requestFilters(topics(templates), {})).toEqual(wild);
    // A value for the first level makes it a word that all topics begin with.
    if (expected[0]?.startsWith("{t}")) return;
    const narrow = expected.map((filter) => filter.replace("{t}", "T").replace("{v}", "V"));
    expect(requestFilters(topics(templates), { t: "T", v: "V" })).toEqual(narrow);
  });

  test("match every request, and contain no filter twice", () => {
    const level = fc.constantFrom("a", "b", "{t}", "{v}");
    const template = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("/"));
    const withId = fc
      .tuple(template, fc.boolean())
      .map(([text, id]) => (id ? `${text}[/{requestId}]` : text));
    const apis = fc.dictionary(fc.constantFrom("a", "b"), fc.array(withId, { minLength: 1, maxLength: 3 }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(apis, fc.boolean(), (templates, narrow) => {
        const values = { t: "T", v: "V" };
        const all = topics(templates);
        const filters = requestFilters(all, narrow ? values : {});
        for (const topic of all) {
          const built = topic(values);
          for (const asked of topic.template.text.endsWith("]") ? [built, `${built}/7`] : [built]) {
            expect(filters.filter((filter) => filterMatches(filter, asked))).not.toEqual([]);
          }
        }
        expect(new Set(filters).size).toBe(filters.length);
      }),
    );
  });
});

describe("exactFilters", () => {
  test.each<[string, Readonly<Record<string, readonly string[]>>, readonly string[]]>([
    ["one per variant", { a: ["r/{t}/x[/{requestId}]"] }, ["r/+/x", "r/+/x/+"]],
    ["one if one includes the other", { a: ["r/get/{requestId}", "r/get/keys"] }, ["r/get/+"]],
    ["one for two that overlap", { a: ["r/{t}/x", "r/a/{v}"] }, ["r/+/+"]],
    [
      "widened again if the widened filter overlaps with another",
      { a: ["{t}/a/b", "a/{t}/b", "c/d/b"] },
      ["+/+/b"],
    ],
  ])("are %s", (_, templates, expected) => {
    expect(exactFilters(topics(templates), {})).toEqual(expected);
  });

  test("contain the values of given parameters", () => {
    expect(exactFilters(topics({ a: ["r/{t}/x/{v}"] }), { t: "T" })).toEqual(["r/T/x/+"]);
  });
});
