/**
 * The printers of types and validators. Apart from `index.ts`, because they load compilers and read files of topicsmith,
 * and checking a schema needs neither.
 *
 * @module
 */
export { printValidators } from "./validators/print-validators.js";
export type { ValidatorExport, ValidatorModule, ValidatorRequest } from "./validators/request.js";
export { printTypes, type TypeDeclaration, type TypeRequest } from "./types/print-types.js";
