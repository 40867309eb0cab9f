import { createRequire } from "node:module";
import type * as TsMorph from "ts-morph";

const require = createRequire(import.meta.url);

// An `import` would have Node search ts-morph's nine megabytes for export names first, which costs half as much as
// loading it.
const tsMorph = require("ts-morph") as typeof TsMorph;

/** What emitters use of ts-morph as values; its types are imported from it directly. */
export const { printStructure, StructureKind, VariableDeclarationKind } = tsMorph;
