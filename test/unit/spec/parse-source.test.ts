import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseSource } from "../../../src/spec/parse-source.js";
import type { Path, SourceFile } from "../../../src/spec/index.js";
import { DiagnosticCollector } from "../../../src/spec/diagnostic-collector.js";
import { applyEdits } from "../../../src/spec/schema-builder.js";

function parse(text: string): { readonly file: SourceFile; readonly problems: DiagnosticCollector } {
  const problems = new DiagnosticCollector();
  return { file: parseSource({ path: "f.yaml", id: "f.yaml", text }, problems), problems };
}

/** The text of a range. */
function textAt(file: SourceFile, path: Path, at?: "key" | "value"): string {
  const range = file.rangeOf(path, at);
  const lines = file.text.split("\n").slice(range.line - 1, range.endLine);
  const end = (lines.at(-1) ?? "").slice(0, range.endColumn - 1);
  return [...lines.slice(0, -1), end].join("\n").slice(range.column - 1);
}

/** Every path to a value in data. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) return [path, ...value.flatMap((item, index) => pathsOf(item, [...path, index]))];
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]))];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (parent, level) => Object.getOwnPropertyDescriptor(parent, level)?.value,
    value,
  );
}

describe("parseSource", () => {
  const data = fc.jsonValue({ stringUnit: "grapheme" });

  test("rangeOf returns the range of every value and of every key in a JSON text", () => {
    fc.assert(
      fc.property(data, fc.constantFrom(0, 2, "\t"), (value, indent) => {
        const { file, problems } = parse(JSON.stringify({ value }, undefined, indent));
        expect(problems.diagnostics).toEqual([]);
        for (const path of pathsOf(file.data)) {
          expect(JSON.parse(textAt(file, path))).toEqual(valueAt(file.data, path));
          const last = path.at(-1);
          if (typeof last === "string") expect(JSON.parse(textAt(file, path, "key"))).toBe(last);
        }
      }),
    );
  });

  test("reads the data that the YAML library wrote", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { file, problems } = parse(stringify({ value }, { aliasDuplicateObjects: false }));
        expect(problems.diagnostics).toEqual([]);
        expect(JSON.stringify(file.data)).toBe(JSON.stringify({ value }));
      }),
    );
  });

  test("reports ranges within the text, whose end is not before their start", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            "a",
            ":",
            " ",
            "\n",
            "-",
            "{",
            "}",
            "[",
            "]",
            "&a",
            "*a",
            "'",
            "?",
            "\t",
            "\r\n",
          ),
        }),
        (text) => {
          const { file, problems } = parse(text);
          const lines = text.split("\n");
          for (const { range } of problems.diagnostics) {
            expect(range?.line).toBeLessThanOrEqual(lines.length);
            expect(range?.column).toBeLessThanOrEqual((lines[(range?.line ?? 1) - 1] ?? "").length + 1);
            const [start, end] = [
              (range?.line ?? 0) * 1e6 + (range?.column ?? 0),
              (range?.endLine ?? 0) * 1e6 + (range?.endColumn ?? 0),
            ];
            expect(end).toBeGreaterThanOrEqual(start);
          }
          expect(file.data === undefined).toBe(problems.diagnostics.length > 0);
        },
      ),
    );
  });
});

describe("applyEdits", () => {
  test("replaces the value at a path, and no other value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, seed) => {
        const paths = pathsOf(value);
        const path = paths[seed % paths.length] ?? [];
        const before = JSON.stringify(value);
        const after = applyEdits(value, [{ path, value: "new" }]);
        expect(valueAt(after, path)).toBe("new");
        expect(JSON.stringify(value)).toBe(before);
        expect(applyEdits(after, [{ path, value: valueAt(value, path) }])).toEqual(value);
      }),
    );
  });
});
