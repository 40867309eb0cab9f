export { createSchemaSet, type SchemaSet, type ValidationErrorLike } from "./schema-set.js";
export { wordsOf, type SchemaDefinition } from "./definitions.js";
export type { SchemaCode, SchemaProblem } from "./problems.js";
export { ALL_APPLICATORS } from "./dialect.js";
export { selfContained } from "./self-contained.js";
export { referencesOf, targetsOf } from "./references.js";
export type { SchemaDocument, SchemaIndex, SchemaLocation } from "./schema-index.js";
export type { TupleStyle } from "./types/tuples.js";
export { judgePattern, runnablePattern } from "./check/judge-pattern.js";
