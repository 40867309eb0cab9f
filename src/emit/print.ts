import type { Structures } from "ts-morph";
import { tsMorph } from "./ts-morph.js";

const { printStructure, VariableDeclarationKind } = tsMorph;

/** ts-morph's names of kinds of declarations. */
export const { StructureKind } = tsMorph;

/** Declarations as text, a blank line between them. Each structure is printed once; nothing is parsed again. */
export function print(...structures: readonly Structures[]): string {
  return structures
    .map((structure) => printStructure(structure, { indentNumberOfSpaces: 2 }).trim())
    .join("\n\n");
}

/** Import and export lines as text, without blank lines between them. */
export function printLines(structures: readonly Structures[]): string {
  return structures.map((structure) => namesLine(structure) ?? print(structure)).join("\n");
}

/** A line that imports or exports names only; undefined for others. ts-morph takes a third of all printing for these. */
function namesLine(structure: Structures): string | undefined {
  if (structure.kind === StructureKind.ImportDeclaration) {
    const { namedImports, moduleSpecifier, isTypeOnly = false, ...others } = structure;
    if (!Array.isArray(namedImports) || Object.keys(others).length > 1) return undefined;
    const names = namedImports.map((item) => {
      if (typeof item !== "object") return undefined;
      const { name, alias, isTypeOnly: isType = false } = item;
      return `${isType ? "type " : ""}${name}${alias === undefined ? "" : ` as ${alias}`}`;
    });
    return names.includes(undefined)
      ? undefined
      : `import${isTypeOnly ? " type" : ""} { ${names.join(", ")} } from "${moduleSpecifier}";`;
  }
  if (structure.kind !== StructureKind.ExportDeclaration) return undefined;
  const { namedExports, moduleSpecifier, isTypeOnly = false, ...others } = structure;
  if (!Array.isArray(namedExports) || moduleSpecifier === undefined || Object.keys(others).length > 1)
    return undefined;
  const isPlain = namedExports.every((name) => typeof name === "string");
  return isPlain
    ? `export${isTypeOnly ? " type" : ""} { ${namedExports.join(", ")} } from "${moduleSpecifier}";`
    : undefined;
}

/** `export const name: type = initializer;` */
export function constant(declared: {
  readonly name: string;
  readonly initializer: string;
  readonly type?: string;
  readonly docs?: string[];
  readonly isExported?: boolean;
}): Structures {
  return {
    kind: StructureKind.VariableStatement,
    isExported: declared.isExported ?? true,
    declarationKind: VariableDeclarationKind.Const,
    docs: declared.docs ?? [],
    declarations: [
      {
        name: declared.name,
        initializer: declared.initializer,
        ...(declared.type !== undefined && { type: declared.type }),
      },
    ],
  };
}

/** `export { a, b } from "./module.js";`, and one with `type` for types. */
export function reexport(
  moduleSpecifier: string,
  values: readonly string[],
  types: readonly string[],
): Structures[] {
  const lines: Structures[] = [];
  if (values.length > 0) {
    lines.push({ kind: StructureKind.ExportDeclaration, moduleSpecifier, namedExports: [...values] });
  }
  if (types.length > 0) {
    lines.push({
      kind: StructureKind.ExportDeclaration,
      moduleSpecifier,
      isTypeOnly: true,
      namedExports: [...types],
    });
  }
  return lines;
}
