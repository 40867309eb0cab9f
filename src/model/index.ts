export type * from "./api-model.js";
export { buildModel, type ModelResult } from "./build-model.js";
export { namedSchemas } from "./definitions.js";
export { fileBaseName, typeName, valueName } from "./names.js";
export {
  constantName,
  INDEX_EXPORTS,
  legalIdentifier,
  PLATFORM_EXPORTS,
  TESTING_EXPORTS,
} from "./reserved-names.js";
export { identifiersOf } from "./identifiers.js";
export { bodyOnlyParameters } from "./message-parameters.js";
export { sampleValue } from "./sample-value.js";
export { selectableNames, selectResources, type Selection } from "./select.js";
export { resourceSignature, type ResourceSignature } from "./resource-signature.js";
