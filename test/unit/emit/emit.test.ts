import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { docOf } from "../../../src/emit/jsdoc.js";
import { specifier } from "../../../src/emit/imports.js";
import { literal } from "../../../src/emit/literal.js";

describe("literals", () => {
  it("a literal evaluates to its value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // oxlint-disable-next-line no-implied-eval, no-new-func -- that it is an expression of JavaScript is the point
        const read: unknown = new Function(`return (${literal(value)});`)();
        expect(read).toEqual(value);
      }),
    );
  });

  it("a property called __proto__ stays a property", () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1},"class":2}');
    expect(literal(value)).toBe('{ ["__proto__"]: { a: 1 }, class: 2 }');
  });
});

describe("comments", () => {
  it("prose cannot end a comment", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom("*", "/", "a", "\n", "@", "`", " ") })),
        (prose) => {
          const text = docOf(prose, prose).join("");
          expect(text).not.toContain("*/");
        },
      ),
    );
  });

  it("comments keep the line breaks of the spec and wrap long lines", () => {
    expect(docOf(["one\ntwo", `${"word ".repeat(30)}end`])[0]).toBe(
      `one\ntwo\n\n${"word ".repeat(22).trim()}\n${"word ".repeat(8)}end`,
    );
  });
});

describe("module specifiers", () => {
  it.each([
    ["extensions/cex/command", "protocol", "../../protocol.js"],
    ["extensions/cex/command", "extensions/cex/result", "./result.js"],
    ["index", "runtime/index", "./runtime/index.js"],
    ["extensions/cex/index", "extensions/cmx/index", "../cmx/index.js"],
  ])("the specifier in %s of %s is %s", (from, to, expected) => {
    expect(specifier(from, to)).toBe(expected);
  });
});
