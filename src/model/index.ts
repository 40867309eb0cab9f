export type * from "./api-model.js";
export { decide, type Decision } from "./decide.js";
export { namedSchemas } from "./definitions.js";
export { constantName, fileStem, typeName, valueName } from "./names.js";
