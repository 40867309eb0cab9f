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

/** The text at a place. */
function textAt(file: SourceFile, path: Path, at?: "key" | "value"): string {
  const place = file.rangeOf(path, at);
  const lines = file.text.split("\n").slice(place.line - 1, place.endLine);
  const end = (lines.at(-1) ?? "").slice(0, place.endColumn - 1);
  return [...lines.slice(0, -1), end].join("\n").slice(place.column - 1);
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

describe("places", () => {
  const data = fc.jsonValue({ stringUnit: "grapheme" });

  test("what stands at the place of a value in JSON text is that value, and of a key that key", () => {
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

  test("data is read from YAML as it was written to it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { file, problems } = parse(stringify({ value }, { aliasDuplicateObjects: false }));
        expect(problems.diagnostics).toEqual([]);
        expect(JSON.stringify(file.data)).toBe(JSON.stringify({ value }));
      }),
    );
  });

  test("a place lies within the text, and its end is not before its start", () => {
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
          for (const { range: place } of problems.diagnostics) {
            expect(place?.line).toBeLessThanOrEqual(lines.length);
            expect(place?.column).toBeLessThanOrEqual((lines[(place?.line ?? 1) - 1] ?? "").length + 1);
            const [start, end] = [
              (place?.line ?? 0) * 1e6 + (place?.column ?? 0),
              (place?.endLine ?? 0) * 1e6 + (place?.endColumn ?? 0),
            ];
            expect(end).toBeGreaterThanOrEqual(start);
          }
          expect(file.data === undefined).toBe(problems.diagnostics.length > 0);
        },
      ),
    );
  });
});

describe("rewriting", () => {
  test("changes what it is told, and nothing else", () => {
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
