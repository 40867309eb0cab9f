import { createRequire } from "node:module";
import type * as TsMorph from "ts-morph";
import { expect, test } from "vitest";
import { constant, print, StructureKind } from "../../../src/emit/print.js";

const complete = createRequire(import.meta.url)("ts-morph") as typeof TsMorph;

const parameters = [
  { name: "a", type: "string" },
  { name: "b", type: "(c: number, d: { e: 1, f: 2 }) => void", hasQuestionToken: true },
];
const structures: readonly TsMorph.Structures[] = [
  constant({ name: "a", type: "A", initializer: 'f({ a: "/* , */", b: [1, 2] })', docs: ["One.\nTwo."] }),
  { kind: StructureKind.TypeAlias, name: "B", isExported: true, type: "A | B", docs: ["A type."] },
  {
    kind: StructureKind.Interface,
    name: "C",
    isExported: true,
    extends: ["A", "B<C>"],
    callSignatures: [{ parameters, returnType: "void" }],
    properties: [{ name: "d", type: "E", isReadonly: true, docs: ["A property."] }],
    methods: [{ name: "f", parameters, returnType: "G", typeParameters: [{ name: "H" }, { name: "I" }] }],
  },
  {
    kind: StructureKind.Function,
    name: "f",
    isExported: true,
    parameters,
    overloads: [{ parameters, returnType: "A" }],
    statements: ["return a;"],
  },
];

test("declarations are printed without the compiler as ts-morph prints them with it", () => {
  for (const structure of structures) {
    const expected = complete.printStructure(structure, { indentNumberOfSpaces: 2 }).trim();
    expect(print(structure)).toBe(expected);
  }
});

test("ts-morph has its compiler for others than the printer", () => {
  expect(
    complete.ts.createSourceFile("a.ts", "let a", complete.ts.ScriptTarget.Latest).statements,
  ).toHaveLength(1);
});
