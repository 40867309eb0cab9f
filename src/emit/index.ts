export { emit } from "./emit.js";
export type { OutputFile } from "./output-file.js";
