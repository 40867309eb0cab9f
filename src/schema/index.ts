export { createSchemaSet, type SchemaSet, type ValidationErrorLike } from "./schema-set.js";
export { wordsOf, type SchemaDefinition } from "./definitions.js";
export type { SchemaCode, SchemaProblem } from "./problems.js";
export { ALL_APPLICATORS } from "./dialect.js";
export { referencesOf, targetsOf } from "./references.js";
export type { SchemaDocument, SchemaIndex, SchemaLocation } from "./schema-index.js";
export { printValidators } from "./validators/print-validators.js";
export type { ValidatorExport, ValidatorModule, ValidatorRequest } from "./validators/request.js";
export { printTypes, type TypeDeclaration, type TypeRequest } from "./types/print-types.js";
