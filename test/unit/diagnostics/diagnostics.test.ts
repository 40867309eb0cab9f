import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  diagnostic,
  didYouMean,
  formatGithub,
  formatJson,
  formatText,
  hasErrors,
  quote,
  sortDiagnostics,
  type Diagnostic,
  type SourceRange,
} from "../../../src/diagnostics/index.js";

const at = (line: number, column: number, end = column + 1, file = "a.yaml"): SourceRange => ({
  file,
  line,
  column,
  endLine: line,
  endColumn: end,
});

const missing = (file: string, range?: SourceRange) => diagnostic("missing-file", { file }, range);

function text(item: Diagnostic, source: string, color = false): string {
  return formatText([item], { sources: new Map([["a.yaml", source]]), color });
}

describe("diagnostic", () => {
  test("has the severity and the message of its code", () => {
    expect(missing("b.yaml", at(1, 2))).toEqual({
      code: "missing-file",
      severity: "error",
      message: 'the file "b.yaml" does not exist; check the path',
      range: at(1, 2),
    });
    expect(missing("b.yaml")).not.toHaveProperty("range");
  });

  test("hasErrors counts errors always, warnings if strict, hints never", () => {
    const of = (severity: Diagnostic["severity"]) => [{ ...missing("x"), severity }];
    expect([hasErrors([]), hasErrors(of("hint"), true), hasErrors(of("warning"))]).toEqual([
      false,
      false,
      false,
    ]);
    expect([hasErrors(of("error")), hasErrors(of("warning"), true)]).toEqual([true, true]);
  });

  test("sortDiagnostics sorts by file in the given order, line and column, and puts diagnostics without a range first", () => {
    const sorted = sortDiagnostics(
      [
        missing("5", at(2, 1, 2, "a")),
        missing("4", at(1, 10, 11, "a")),
        missing("6", at(1, 1, 2, "?")),
        missing("2", at(9, 9, 10, "b")),
        missing("3", at(1, 9, 10, "a")),
        missing("1"),
      ],
      ["b", "a"],
    );
    expect(sorted.map(({ message }) => /"(.)"/.exec(message)?.[1]).join("")).toBe("123456");
  });
});

describe("formatText", () => {
  test("prints a header, and the line of code with marks under the range", () => {
    expect(text(missing("b"), "x: 1")).toBe(
      'error missing-file: the file "b" does not exist; check the path\n',
    );
    expect(text(missing("b", at(2, 6, 9)), "x: 1\nref: b.c\r\n")).toBe(
      'a.yaml:2:6 - error missing-file: the file "b" does not exist; check the path\n  2 | ref: b.c\n    |      ^^^\n',
    );
  });

  test("separates diagnostics by a blank line, and prints nothing for none", () => {
    const options = { sources: new Map(), color: false };
    expect(formatText([], options)).toBe("");
    expect(formatText([missing("a"), missing("b")], options)).toMatch(/path\n\nerror.*path\n$/);
  });

  test("marks a range of several lines up to the end of the first, and an empty range with one mark", () => {
    const range = { ...at(1, 3), endLine: 2, endColumn: 1 };
    expect(text(missing("b", range), "abcde\nf")).toContain("  1 | abcde\n    |   ^^^\n");
    expect(text(missing("b", at(1, 3, 3)), "ab")).toContain("  1 | ab\n    |   ^\n");
  });

  test("prints no frame for a range without a line of text", () => {
    expect(text(missing("b", at(7, 1)), "x")).not.toContain("|");
    expect(text(missing("b", at(1, 1, 2, "other.yaml")), "x")).not.toContain("|");
  });

  test("keeps tabs before the marks, and counts wide characters as two columns", () => {
    expect(text(missing("b", at(1, 4)), "\ta\tb")).toContain("  1 | \ta\tb\n    | \t \t^\n");
    expect(text(missing("b", at(1, 3)), "名前x")).toContain("    |     ^\n");
  });

  test("prints the part of a long line around the range", () => {
    const long = `${"a".repeat(1000)}X${"b".repeat(1000)}`;
    const [, line = "", marks = ""] = text(missing("b", at(1, 1001)), long).split("\n");
    expect(line.length).toBeLessThan(140);
    expect(line[marks.indexOf("^")]).toBe("X");
    expect(line).toMatch(/\| …a+Xb+…$/);
  });

  test("makes control and bidirectional characters visible", () => {
    const hostile = "x: \u001b[31m\u202e\u0085";
    const printed = text(missing("\u202e", { ...at(1, 1) }), hostile);
    expect(printed).toContain("x: ␛[31m\ufffd\ufffd");
    expect(printed.replaceAll("\n", "")).not.toMatch(/\p{Cc}|\u202e/u);
  });

  test("adds only colours with color: true", () => {
    const colored = text(missing("b", at(1, 1)), "x: 1", true);
    expect(colored).toContain("\u001b[31merror\u001b[39m");
    expect(stripVTControlCharacters(colored)).toBe(text(missing("b", at(1, 1)), "x: 1"));
  });

  test("prints any text and any range", () => {
    const number = fc.integer({ min: 1, max: 300 });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), number, number, number, (source, line, column, length) => {
        const printed = text(missing("b", at(line % 5, column, column + length)), source);
        expect(printed.startsWith(`a.yaml:${line % 5}:${column} - error`)).toBe(true);
      }),
    );
  });
});

describe("formatJson and formatGithub", () => {
  test("formatJson prints the diagnostics unchanged", () => {
    const all = [missing("a", at(1, 2)), missing("b")];
    expect(JSON.parse(formatJson(all))).toEqual(all);
    expect(formatJson([])).toBe("[]\n");
  });

  test("formatGithub prints one workflow command per line", () => {
    expect(formatGithub([missing("a", at(1, 2)), { ...missing("b"), severity: "hint" }])).toBe(
      '::error file=a.yaml,line=1,col=2,title=missing-file::the file "a" does not exist; check the path\n' +
        '::notice title=missing-file::the file "b" does not exist; check the path\n',
    );
  });

  test("formatGithub escapes characters that would end a workflow command or start another", () => {
    const item = { ...missing("x", at(1, 2, 3, "a,b:c%.yaml")), message: "100%\r\n::error::forged" };
    expect(formatGithub([item])).toBe(
      "::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=missing-file::100%25%0D%0A::error::forged\n",
    );
  });
});

describe("didYouMean", () => {
  const keys = ["path", "parameters", "requestId", "request", "response", "description", "qos"];

  test.each([
    ["pth", "path"],
    ["requestid", "requestId"],
    ["requst", "request"],
    ["desc", "description"],
    ["qso", "qos"],
    ["PATH", "path"],
  ])("suggests for %s: %s", (word, meant) => {
    expect(didYouMean(word, keys)).toBe(meant);
  });

  test("suggests nothing that is too different, and never the word itself", () => {
    expect(didYouMean("url", keys)).toBeUndefined();
    expect(didYouMean("", keys)).toBeUndefined();
    expect(didYouMean("path", ["path"])).toBeUndefined();
  });

  test("suggests the word if one letter is missing", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(11), (word, index) => {
        const misspelled = word.slice(0, index % word.length) + word.slice((index % word.length) + 1);
        expect(didYouMean(misspelled, [word])).toBe(word);
      }),
    );
  });
});

test("quote prints a value on one line, truncated if it is long", () => {
  expect(quote('a"b\n')).toBe('"a\\"b\\n"');
  expect(quote("x".repeat(200))).toMatch(/^"x{78}…"$/);
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(quote(value)).not.toMatch(/\n/);
      expect(quote(value).length).toBeLessThanOrEqual(82);
    }),
  );
});
