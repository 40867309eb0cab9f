export {
  defineConfig,
  type Config,
  type Emitter,
  type EmitterFile,
  type JobConfig,
  type MockSettings,
  type OutputSettings,
  type SharedSettings,
} from "./config.js";
export { CONFIG_ENDINGS, findConfigs, packageRoot } from "./find-config.js";
export type { Job, JobOrigin, LoadedConfig } from "./load-config.js";
export { firstLine, resolveSettings, type ResolvedSettings } from "./resolve-settings.js";
export { runEmitters } from "./run-emitters.js";
export { selectPart } from "./select-part.js";
