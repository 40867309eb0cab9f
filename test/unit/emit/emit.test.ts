import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { ts } from "ts-morph";
import { describe, expect, it } from "vitest";
import { docOf } from "../../../src/emit/jsdoc.js";
import { specifier } from "../../../src/emit/imports.js";
import { literal } from "../../../src/emit/literal.js";
import { PACKAGE_EXPORTS } from "../../../src/model/reserved.js";

describe("literals", () => {
  it("give back the value that they were made from, whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // oxlint-disable-next-line no-implied-eval, no-new-func -- that it is an expression of JavaScript is the point
        const read: unknown = new Function(`return (${literal(value)});`)();
        expect(read).toEqual(value);
      }),
    );
  });

  it("keep a member called __proto__ a member", () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1},"class":2}');
    expect(literal(value)).toBe('{ ["__proto__"]: { a: 1 }, class: 2 }');
  });
});

describe("comments", () => {
  it("can not be ended by prose", () => {
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

  it("keep the spec's own line breaks and fold what is too long", () => {
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
  ])("lead from %s to %s", (from, to, expected) => {
    expect(specifier(from, to)).toBe(expected);
  });
});

describe("the names that every package exports", () => {
  it("are all reserved: keys of a spec can not give one of them", () => {
    const path = "../../scenarios/a-minimal-api/output/src/index.ts";
    const source = ts.createSourceFile(
      "index.ts",
      readFileSync(new URL(path, import.meta.url), "utf8"),
      ts.ScriptTarget.ES2022,
    );
    const exported = source.statements.flatMap((statement) =>
      ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)
        ? statement.exportClause.elements.map(({ name }) => name.text)
        : [],
    );
    const made = exported.filter((name) => !PACKAGE_EXPORTS.includes(name));
    // What is left is made from the names of this API, its extension and its resource.
    expect(made.filter((name) => !/panel|button/i.test(name))).toEqual([]);
    expect(exported).toEqual(expect.arrayContaining([...PACKAGE_EXPORTS]));
  });
});
