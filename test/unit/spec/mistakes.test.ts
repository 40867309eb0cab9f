import { describe, expect, test } from "vitest";
import { hasErrors } from "../../../src/diagnostics/index.js";
import { specDiagnostics } from "../../../src/diagnostics/catalogue/spec.js";
import { REFERENCE_MISTAKES } from "./mistakes/references.js";
import { SHAPE_MISTAKES } from "./mistakes/shape.js";
import { TEXT_MISTAKES } from "./mistakes/text.js";
import { line, read } from "./support.js";

const MISTAKES = [...TEXT_MISTAKES, ...SHAPE_MISTAKES, ...REFERENCE_MISTAKES];

describe("every mistake is told once, exactly where it is", () => {
  test.each(MISTAKES)("$code: $title", async ({ code, files, says }) => {
    const { diagnostics } = await read(files);
    expect(diagnostics.map(line)).toEqual(says);
    expect(diagnostics.map((item) => item.code)).toContain(code);
    expect(hasErrors(diagnostics)).toBe(true);
  });

  test("the table knows every code of reading", () => {
    expect(new Set(MISTAKES.map(({ code }) => code))).toEqual(new Set(Object.keys(specDiagnostics)));
  });
});
