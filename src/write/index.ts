export { checkOutput, type OutdatedFile } from "./check.js";
export { compareOutput } from "./compare.js";
export { defaultFolder, linkedAway } from "./default-folder.js";
export { generatorDigest } from "./digest.js";
export { format, type FinishedFile } from "./format.js";
export { MANIFEST } from "./manifest.js";
export { isOutputPath } from "./output-folder.js";
export { save, type Saved } from "./save.js";
export { inputDigests, upToDateInputs } from "./up-to-date.js";
