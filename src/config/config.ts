import type { Rules } from "../diagnostics/index.js";
import type { EmitSettings } from "../emit/settings.js";
import type { ApiModel } from "../model/api-model.js";
import type { Selection } from "../model/select.js";

/** A file that an own emitter adds to the output. */
export interface EmitterFile {
  /** Path in the output folder, with `/` between levels: `src/hooks.ts`. Modules of the package are in `src/`. */
  readonly path: string;
  readonly text: string;
  /** The entry of the package by which others import the module: `./hooks`. Default: none. */
  readonly entry?: string;
}

/** Prints further files from an API. May return a promise. What it throws is reported, and nothing is written. */
export type Emitter = (api: ApiModel) => readonly EmitterFile[] | Promise<readonly EmitterFile[]>;

/** A project's choices about generated code. Each has a default. */
export interface OutputSettings extends Selection, Omit<EmitSettings, "templates" | "entries"> {
  /** `project`: format all files with the prettier and the prettier configuration of the project. Default: `topicsmith`. */
  readonly format?: "topicsmith" | "project";
  /** Folder with templates that replace topicsmith's of the same name, such as `README.md.hbs`. Default: none. */
  readonly templates?: string;
  /** Functions that add files to the output. Default: none. */
  readonly emitters?: readonly Emitter[];
}

/** The settings of `topicsmith mock` for a spec. The command's options replace them. */
export interface MockSettings {
  /** Port to listen on; 0: any free port. Default: 1883, and one more for each job before. */
  readonly port?: number;
  readonly host?: string;
  /** Port of WebSocket; true or 0: any free port. Default: none. */
  readonly ws?: number | true;
  readonly allowOrigin?: readonly string[];
  readonly deliver?: "subscribed" | "always";
  /** Module whose default export holds handlers. */
  readonly handlers?: string;
  /** YAML file of faults to inject. */
  readonly faults?: string;
}

/** The settings that several jobs can share. Paths are relative to the configuration file. */
export interface SharedSettings extends OutputSettings {
  /** Treat warnings as errors. Default: false. */
  readonly strict?: boolean;
  /** Folders whose files specs may read, beside their own folder and the git repository around it. Default: none. */
  readonly allow?: readonly string[];
  /** Severities of warnings and hints by code: `{ "open-object": "off" }`. Default: those of the catalogue. */
  readonly rules?: Rules;
  readonly mock?: MockSettings;
}

/** A spec, and the package that is generated from it. */
export interface JobConfig extends SharedSettings {
  /** Path of the spec's root file. */
  readonly spec: string;
  /** Output folder. Default: `generated/<api.name>` beside the configuration file. */
  readonly out?: string;
}

/** The configuration of a project: one job, or a list of jobs with the settings that they share. */
export type Config =
  | JobConfig
  | (SharedSettings & { readonly jobs: readonly JobConfig[]; readonly spec?: never; readonly out?: never });

/**
 * Types the default export of `topicsmith.config.ts`. Returns its argument.
 *
 * @example
 *   export default defineConfig({ spec: "api.yaml", out: "packages/client" });
 */
export function defineConfig(config: Config): Config {
  return config;
}
