export type { SpecFiles } from "./emit-testing.js";
export { emit } from "./emit.js";
export type { OutputFile } from "./module.js";
export type { EmitSettings, PackageSettings } from "./settings.js";
export { TemplateError } from "./templates.js";
