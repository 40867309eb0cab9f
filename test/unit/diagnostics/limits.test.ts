import { describe, expect, test } from "vitest";
import { diagnostic, DiagnosticList, limitPerFile, type Diagnostic } from "../../../src/diagnostics/index.js";
import { loadApi } from "../../../src/load-api.js";
import { join } from "node:path";
import { EXTENSION, inFolder, ROOT } from "../spec/support.js";

const at = (line: number, file = "a.yaml") => ({ file, line, column: 1, endLine: line, endColumn: 2 });
const error = (line: number, file?: string) => diagnostic("empty-file", {}, at(line, file));
const many = (count: number, file?: string): Diagnostic[] =>
  Array.from({ length: count }, (_, index) => error(index + 1, file));
const lines = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ range }) => range?.line);

describe("limitPerFile", () => {
  test("keeps 100 diagnostics of a file", () => {
    expect(limitPerFile(many(100))).toEqual(many(100));
  });

  test("counts the diagnostics of a file beyond 100 at the first of them", () => {
    const limited = limitPerFile([...many(102), ...many(101, "b.yaml")], new Map([["b.yaml", 6]]));
    expect(limited).toHaveLength(202);
    expect(limited[100]).toEqual({
      code: "more-problems",
      severity: "error",
      message: "2 more problems in this file, the first of them here; correct those above, then run again",
      range: at(101),
    });
    expect(limited[201]?.message).toMatch(/^7 more problems in this file/);
    expect(limitPerFile(many(101))[100]?.message).toMatch(/^1 more problem in this file/);
  });

  test("prefers errors to warnings and warnings to hints, in the order of the file", () => {
    const hints = many(150).map((item): Diagnostic => ({ ...item, severity: "hint" }));
    const limited = limitPerFile([...hints, error(200), error(201)]);
    expect(limited.filter(({ severity }) => severity === "error").map(({ range }) => range?.line)).toEqual([
      200, 201,
    ]);
    expect(lines(limited).slice(0, 98)).toEqual(lines(hints).slice(0, 98));
    expect(limited.at(-1)).toMatchObject({ severity: "hint", code: "more-problems" });
  });
});

test("DiagnosticList keeps a thousand diagnostics of a file and severity, and finds no range for the rest", () => {
  const list = new DiagnosticList();
  let ranges = 0;
  for (let line = 1; line <= 2_000; line++) {
    list.addIn("a.yaml", "empty-file", {}, () => {
      ranges++;
      return at(line);
    });
  }
  list.add(
    "ambiguous-parameter",
    { name: "a", taken: [], suffixes: [], isInteger: false, pattern: "" },
    at(1),
  );
  expect(ranges).toBe(1_000);
  expect(list.diagnostics).toHaveLength(1_001);
  expect(list.omitted).toEqual(new Map([["a.yaml", 1_000]]));
});

test("A spec with 20,000 unknown keys in one mapping has 100 diagnostics and a count", async () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `  key${index}: 1\n`).join("");
  const files = {
    "root.yaml": `${ROOT}extensions:\n  ext: { $ref: ext.yaml }\n`,
    "ext.yaml": `${EXTENSION}${keys.replaceAll(/^ {2}/gm, "")}`,
  };
  await inFolder(files, async (folder) => {
    const { model, diagnostics } = await loadApi(join(folder, "root.yaml"));
    expect(model).toBeUndefined();
    expect(diagnostics).toHaveLength(101);
    expect(lines(diagnostics.slice(0, 100))).toEqual(Array.from({ length: 100 }, (_, index) => index + 3));
    expect(diagnostics[100]?.message).toMatch(/^19900 more problems in this file/);
  });
});
