import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatTemplate,
  levelProblem,
  parseRequestId,
  parseTemplate,
  templateProblem,
  trailingParameters,
  variantsOf,
} from "../../../../src/runtime/topics/grammar.js";

describe("a topic template", () => {
  test("is parsed into literals, parameters and the request id, optional or not", () => {
    expect(parseTemplate("a/{b}[/{c}][/{requestId}]")).toEqual([
      { kind: "literal", text: "a", optional: false },
      { kind: "parameter", text: "b", optional: false },
      { kind: "parameter", text: "c", optional: true },
      { kind: "requestId", text: "requestId", optional: true },
    ]);
  });

  test("is valid exactly if its levels are formatted to the same text", () => {
    const piece = fc.constantFrom(
      "a",
      "b-1",
      "$x",
      "/",
      "[",
      "]",
      "{",
      "}",
      "{p}",
      "[/{q}]",
      "/{requestId}",
      "/c",
    );
    let valid = 0;
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 7 }), (pieces) => {
        const template = pieces.join("");
        const problem = templateProblem(template);
        if (problem === undefined) valid += 1;
        // The parser takes any name.
        if (problem?.includes("parameter name")) return;
        expect(formatTemplate(parseTemplate(template)) === template).toBe(problem === undefined);
      }),
      { numRuns: 3_000 },
    );
    expect(valid).toBeGreaterThan(100);
  });

  test.each([
    ["", "it is empty"],
    ["/a", "it has an empty level"],
    ["a//b", "it has an empty level"],
    ["a/", "it has an empty level"],
    ["a/{1b}", '"1b" is not a valid parameter name'],
    ["a/{}", '"" is not a valid parameter name'],
    ["a/b{c}", 'the level "b{c}" mixes text and brackets'],
    ["a[/b]", 'expected "/" or "[/{name}]" after "a"'],
    ["a[/{b}", 'expected "/" or "[/{name}]" after "a"'],
    ["a/{b}[/{c}]d", 'expected "/" or "[/{name}]" after "a/{b}[/{c}]"'],
    ["a/b+", 'the level "b+" must not contain'],
  ])("%j is refused: %s", (template, problem) => {
    expect(templateProblem(template)).toContain(problem);
  });

  test.each([
    ["a/{b}", ["a/{b}"]],
    ["a/{requestId}", ["a/{requestId}"]],
    ["a[/{b}][/{requestId}]", ["a", "a[/{requestId}]", "a[/{b}]", "a[/{b}][/{requestId}]"]],
    ["a[/{b}][/{c}]", ["a", "a[/{b}]", "a[/{b}][/{c}]"]],
  ])("%s has the variants %j", (template, variants) => {
    expect(variantsOf(parseTemplate(template)).map(formatTemplate)).toEqual(variants);
  });

  test.each([
    ["a/{b}/c", []],
    ["a/{b}", ["b"]],
    ["{a}[/{b}][/{c}][/{requestId}]", ["a", "b", "c"]],
    ["{a}/{b}/{requestId}", []],
  ])("%s can end in the parameters %j", (template, names) => {
    expect([...trailingParameters(parseTemplate(template))]).toEqual(names);
  });
});

test("the value of a trailing parameter must be neither a number nor a response suffix", () => {
  const trailing = { requestId: {}, suffixLevels: new Set(["ok"]) };
  expect(levelProblem("007", { trailing })).toContain("must not be a number");
  expect(levelProblem("ok", { trailing })).toBe("must not be a response suffix (ok)");
  expect(levelProblem("7", { trailing: { suffixLevels: new Set() } })).toBeUndefined();
  expect(levelProblem("ok", {})).toBeUndefined();
});

test.each([
  ["0", 0],
  ["42", 42],
  ["042", undefined],
  ["-1", undefined],
  ["101", undefined],
  ["1e1", undefined],
  ["", undefined],
])("the request id %j is parsed as %j in the range 0 to 100", (text, id) => {
  expect(parseRequestId(text, { minimum: 0, maximum: 100 })).toBe(id);
});

test("a request id beyond the exact integers is not parsed, whatever the range", () => {
  const range = { minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
  expect(parseRequestId("9007199254740991", range)).toBe(Number.MAX_SAFE_INTEGER);
  expect(parseRequestId("9007199254740993", range)).toBeUndefined();
  expect(parseRequestId("7", undefined)).toBeUndefined();
});
