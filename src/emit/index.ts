export { emit } from "./emit.js";
export type { OutputFile } from "./module.js";
