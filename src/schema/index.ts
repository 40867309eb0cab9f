export { openSchemas, type SchemaSet, type ValidationErrorLike } from "./open-schemas.js";
export type { SchemaDefinition } from "./definitions.js";
export type { SchemaCode, SchemaProblem } from "./problems.js";
export type { SchemaDocument } from "./schema-index.js";
