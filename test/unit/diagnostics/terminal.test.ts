import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatText, terminalSafe, type Diagnostic } from "../../../src/diagnostics/index.js";

test.each([
  ["a C0 control character as its picture", "a\u001b[31mb\u0000\n", "a␛[31mb␀␊"],
  ["DEL as its picture", "a\u007fb", "a␡b"],
  ["a C1 control character", "a\u009b31mb", "a�31mb"],
  ["bidirectional embeddings and overrides", "\u202aa\u202bb\u202cc\u202dd\u202ee", "�a�b�c�d�e"],
  ["bidirectional isolates", "\u2066a\u2067b\u2068c\u2069d", "�a�b�c�d"],
  ["bidirectional marks", "\u200ea\u200fb\u061cc", "�a�b�c"],
  ["line and paragraph separators", "a\u2028b\u2029c", "a�b�c"],
  ["invisible characters", "a\u200bb\ufeffc\u00add\u2060e", "a�b�c�d�e"],
  ["an invisible character of two UTF-16 units as two", "a\u{e0041}b", "a��b"],
])("terminalSafe shows %s", (_, text, shown) => {
  expect(terminalSafe(text)).toBe(shown);
});

test("terminalSafe keeps tabs, joiners, emoji and all scripts", () => {
  const text = "\tnaïve 価格 سلام नमस्\u200dते 👩\u200d🔧";
  expect(terminalSafe(text)).toBe(text);
});

test("terminalSafe leaves no character that a terminal obeys, and keeps the number of UTF-16 units", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = terminalSafe(text);
      expect(shown.replaceAll(/[\t\u200c\u200d]/g, "")).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(shown).toHaveLength(text.length);
    }),
  );
});

test("formatText shows control characters in messages, file names and code frames", () => {
  const range = { file: "a\u001b.yaml", line: 1, column: 1, endLine: 1, endColumn: 2 };
  const item: Diagnostic = { code: "missing-file", severity: "error", message: "\u202eno", range };
  const sources = new Map([[range.file, "\u001b]0;title\u0007: x"]]);
  expect(formatText([item], { sources, color: false })).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
});
