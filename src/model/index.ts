export type * from "./api-model.js";
export { buildModel, type ModelResult } from "./build-model.js";
export { namedSchemas } from "./definitions.js";
export { constantName, fileBaseName, typeName, valueName } from "./names.js";
