import { describe, expect, test } from "vitest";
import { hasErrors } from "../../../src/diagnostics/index.js";
import { specDiagnostics } from "../../../src/diagnostics/catalogue/spec.js";
import { REFERENCE_MISTAKES } from "./mistakes/references.js";
import { STRUCTURE_MISTAKES } from "./mistakes/structure.js";
import { TEXT_MISTAKES } from "./mistakes/text.js";
import { line, read } from "./support.js";

const MISTAKES = [...TEXT_MISTAKES, ...STRUCTURE_MISTAKES, ...REFERENCE_MISTAKES];

describe("readSpec", () => {
  test.each(MISTAKES)("reports $code if $title", async ({ code, files, allow, expected }) => {
    const { diagnostics } = await read(files, allow);
    expect(diagnostics.map(line)).toEqual(expected);
    expect(diagnostics.map((item) => item.code)).toContain(code);
    expect(hasErrors(diagnostics)).toBe(true);
  });

  test("has a case in this table for every diagnostic code of its own", () => {
    expect(new Set(MISTAKES.map(({ code }) => code))).toEqual(new Set(Object.keys(specDiagnostics)));
  });
});
