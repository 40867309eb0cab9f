export { codeOf, kindOf, readRegularFile, type FileContent } from "./read-regular-file.js";
export { ReadableFolders } from "./readable-folders.js";
export { realPath } from "./real-path.js";
export { runModule, type RunModule } from "./run-module.js";
