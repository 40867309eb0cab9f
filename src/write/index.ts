export { checkOutput, type Stale } from "./check.js";
export { compareOutput } from "./compare.js";
export { currentDefault, currentManifest, inputDigests } from "./current.js";
export { generatorDigest } from "./digest.js";
export { format, type FinishedFile } from "./format.js";
export { MANIFEST } from "./manifest.js";
export { save, type Saved } from "./save.js";
